"""Joins the tellings of `runs/tellings/` into one table that can be trained on.

    python runs/make_tellings.py runs/tellings OUT.tsv [--chats CHATS.jsonl]

A telling is how one patient puts a disease into words: sentences with the findings that each tells or denies. In the
sources the findings are numbers into the list beside them (`NAME.keys`). The table has a line a sentence: disease,
number of the telling, style (plain, indirect), sentence, findings (ids, denied ones with a minus), reserved (one
telling in ten, by a hash of what it tells: never learned from, so that what was learned can be measured). With
`--chats` each telling is also a chat line of one to three sentences a message, for `rarescale train`; the reserved ones
are its test split.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any
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


def chats(rows: list[list[str]]) -> Iterator[dict[str, Any]]:
    """The tellings as chat lines; the clinician only says "Go on."."""
    for (disease, name), group in groupby(rows, key=lambda row: (row[0], row[1])):
        told = list(group)
        rng = Random(f"{disease} {name}")
        judged = crc32(f"val {disease} {sorted({i for row in told for i in row[4].split()})}".encode()) % 20 == 0
        messages: list[dict[str, Any]] = []
        while told:
            count = rng.randint(1, 3)
            part, told = told[:count], told[count:]
            reserved = part[0][5]
            findings = [
                {"id": i.removeprefix("-"), "label": "", "present": i[0] != "-"} for row in part for i in row[4].split()
            ]
            messages += [
                {"role": "clinician", "content": "Go on."},
                {"role": "patient", "content": " ".join(row[3] for row in part), "findings": findings},
            ]
        split = "test" if reserved else "val" if judged else "train"
        yield {
            "schema_version": "1",
            "id": f"telling-{name}",
            "messages": messages,
            "diagnosis": [disease],
            "writer": "telling",
            "split": split,
        }


def main() -> None:
    """Parse, join, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--chats", type=Path)
    options = parser.parse_args()
    ontology = open_knowledge().ontology
    lines = ["disease\ttelling\tstyle\tsentence\tfindings\treserved"]
    for path in sorted(options.folder.glob("*.txt")):
        for number, group in groupby(rows_of(path), key=lambda row: row[2]):
            told = list(group)
            said = sorted({i for row in told for i in row[4].split()})
            if unknown := [i for i in said if ontology.index(i.removeprefix("-")) is None]:
                raise SystemExit(f"{path}: {', '.join(unknown)} unknown in telling {number} of {told[0][0]}")
            reserved = "reserved" if crc32(f"{told[0][0]} {said}".encode()) % 10 == 0 else ""
            lines += [
                "\t".join((disease, f"{path.stem}-{number}", style, sentence, findings, reserved))
                for disease, style, _, sentence, findings in told
            ]
    options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if options.chats:
        with options.chats.open("w", encoding="utf-8") as stream:
            for chat in chats([line.split("\t") for line in lines[1:]]):
                stream.write(json.dumps(chat, ensure_ascii=False) + "\n")
    print(f"{len(lines) - 1} sentences in {options.out}")  # noqa: T201


if __name__ == "__main__":
    main()
