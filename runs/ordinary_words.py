"""Builds `reading/ordinary.txt.gz`, the words that reading never takes for misspelt, from this project's texts.

    python runs/ordinary_words.py [FILE_OR_FOLDER ...] [--out ordinary.txt.gz]

Without arguments it reads what was written for the project: lay expressions, tables, tellings, tests, prose and code
comments, and `runs/everyday_words.txt`, common words that the others happen to lack. Kept are words of three letters
or more in plain letters.
"""

from __future__ import annotations

import argparse
import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "src/rarescale"
SOURCES = (
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs", "runs", "benchmarks", "tests", PACKAGE),
    *(f"{PACKAGE}/knowledge/curated/{table}.tsv" for table in ("lay", "factors", "red_flags")),
    *(f"{PACKAGE}/{folder}" for folder in ("simulation/data", "reading", "reading/talk")),
)
KINDS = (".md", ".txt", ".jsonl", ".py", ".html", ".toml")
"""Endings of what is read below a folder; a table of words is read where it or its own folder is named."""
LEFT_OUT = ("test_typos.py", "slips.py", "injection-drill.txt", "lexicon.py", "prose.jsonl")
"""Files with misspelt words, and clinical prose, whose adjectives are forms of names that are to be found."""
_LETTERS = re.compile(r"(?<![^\W_])[A-Za-z]{3,40}(?![^\W_])")
_ESCAPES = re.compile(r"\\[nrt]")


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """The text files at and below `paths`, in order."""
    for path in paths:
        if path.is_dir():
            below = (p for p in path.rglob("*") if p.suffix in KINDS and p.name not in LEFT_OUT)
            yield from sorted({*below, *path.glob("*.tsv")})
        else:
            yield path


def text_of(path: Path) -> str:
    """The text of a file; of the lay expressions without the terms they belong to."""
    text = _ESCAPES.sub(" ", path.read_text(encoding="utf-8"))
    if path.name != "lay.tsv":
        return text
    return "\n".join(line.split("\t")[2] for line in text.splitlines() if line.count("\t") > 1)


def words(text: str) -> Iterator[str]:
    """The words of `text` in lower case; those with a capital inside are names of code."""
    for match in _LETTERS.finditer(text):
        word = match.group()
        if word[1:].islower():
            yield word.lower()


def main() -> None:
    """Parse, count, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / source for source in SOURCES])
    parser.add_argument("--out", type=Path, default=ROOT / "src/rarescale/reading/ordinary.txt.gz")
    options = parser.parse_args()
    found = sorted({word for path in files(options.paths) for word in words(text_of(path))})
    options.out.write_bytes(gzip.compress("\n".join(found).encode("ascii"), 9, mtime=0))
    print(f"{len(found)} words in {options.out}")  # noqa: T201


if __name__ == "__main__":
    main()
