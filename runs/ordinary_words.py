"""Builds `reading/ordinary.txt.gz`, the ordinary words that reading never takes for misspelt, from this project's texts.

    python runs/ordinary_words.py [FILE_OR_FOLDER ...] [--out ordinary.txt.gz]

Without arguments it reads what was written for the project: lay expressions, tables, tellings, tests, prose and code
comments. Counted are words of three letters or more in plain letters. A word seen only once is left out where it may
be a slip itself: one step away from a word that is seen often (`_OFTEN` times).
"""

from __future__ import annotations

import argparse
import gzip
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from rarescale.reading import one_step_away

ROOT = Path(__file__).parents[1]
SOURCES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs", "runs", "src", "tests", "benchmarks")
KINDS = (".md", ".txt", ".tsv", ".jsonl", ".py", ".html", ".toml")
LEFT_OUT = ("test_typos.py", "slips.py", "test_slips.py", "injection-drill.txt", "lexicon.py")
"""Files that hold misspelt words on purpose."""
_LETTERS = re.compile(r"(?<![^\W_])[A-Za-z]{3,40}(?![^\W_])")
_OFTEN = 20


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """The text files at and below `paths`, in order."""
    for path in paths:
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (p for p in found if p.suffix in KINDS and p.name not in LEFT_OUT and p.is_file())


def words(text: str) -> Iterator[str]:
    """The words of `text` in lower case; those with a capital inside are names of code."""
    for match in _LETTERS.finditer(text):
        word = match.group()
        if word[1:].islower():
            yield word.lower()


def ordinary(counts: Counter[str]) -> list[str]:
    """The words of `counts` in order, without those that look like slips."""
    often = {word for word, count in counts.items() if count >= _OFTEN}
    return sorted(word for word, count in counts.items() if count > 1 or not one_step_away(word, often))


def main() -> None:
    """Parse, count, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / source for source in SOURCES])
    parser.add_argument("--out", type=Path, default=ROOT / "src/rarescale/reading/ordinary.txt.gz")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    for path in files(options.paths):
        counts.update(words(path.read_text(encoding="utf-8")))
    kept = ordinary(counts)
    options.out.write_bytes(gzip.compress("\n".join(kept).encode("ascii"), 9, mtime=0))
    print(f"{len(kept)} words of {len(counts)} in {options.out}")


if __name__ == "__main__":
    main()
