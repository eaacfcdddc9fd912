"""Joins the tellings of `runs/tellings/` into one table that can be trained on.

    python runs/make_tellings.py runs/tellings OUT.tsv

A telling is how one patient puts a disease into words: sentences with the findings that each tells or denies. In the
sources the findings are numbers into the list beside them (`NAME.keys`). The table has a line a sentence: disease,
number of the telling, style (plain, indirect), sentence, findings (ids, denied ones with a minus), reserved (one
telling in ten, by hash: never learned from, so that what was learned can be measured).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

from rarescale.knowledge import open_knowledge


def keys_of(path: Path) -> dict[str, dict[str, str]]:
    """Disease -> number -> id."""
    found: dict[str, dict[str, str]] = {}
    disease = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if "\t" in line:
            number, term = line.split("\t")
            found[disease][number] = term
        elif line:
            disease = line
            found[disease] = {}
    return found


def rows_of(path: Path) -> Iterator[tuple[str, str, int, str, str]]:
    """Disease, style, number of the telling in the file, sentence, findings."""
    keys = keys_of(path.with_suffix(".keys"))
    disease = style = ""
    telling = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            disease, style = line[1:].split()
            telling += 1
        elif line.strip():
            sentence, _, numbers = line.partition("\t")
            found = [("-" if n[0] == "-" else "") + keys[disease][n.removeprefix("-")] for n in numbers.split()]
            yield disease, style, telling, " ".join(sentence.split()), " ".join(found)


def main() -> None:
    """Parse, join, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    ontology = open_knowledge().ontology
    lines = ["disease\ttelling\tstyle\tsentence\tfindings\treserved"]
    for path in sorted(options.folder.glob("*.txt")):
        for disease, style, number, sentence, findings in rows_of(path):
            unknown = [i for i in findings.split() if ontology.index(i.removeprefix("-")) is None]
            if unknown:
                raise SystemExit(f"{path}: {', '.join(unknown)} unknown in telling {number} of {disease}")
            name = f"{path.stem}-{number}"
            reserved = "reserved" if crc32(f"{disease} {name}".encode()) % 10 == 0 else ""
            lines.append("\t".join((disease, name, style, sentence, findings, reserved)))
    options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines) - 1} sentences in {options.out}")  # noqa: T201


if __name__ == "__main__":
    main()
