"""A corpus as a Hugging Face dataset folder: data files by split, and a card with licence and figures."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

from rarescale.errors import UsageError
from rarescale.jobs import write_manifest
from rarescale.simulation.chat_lines import read_chats
from rarescale.simulation.splits import SPLITS

_ROWS = 5_000
_FILES = {"train": "train", "val": "validation", "test": "test"}
"""Our splits under the names that dataset libraries expect."""


def write_dataset(corpus: Path, out: Path) -> dict[str, Any]:
    """Write the corpus of folder `corpus` as a dataset into `out`; gives the facts of its manifest.

    JSON lines always; Parquet beside them, and preferred by the card, where pyarrow is installed. Raises UsageError
    where `corpus` has no manifest (it is unfinished), or `out` is not empty.
    """
    manifest = corpus / "manifest.json"
    if not manifest.is_file():
        raise UsageError(f"{corpus} has no manifest.json; expected a finished corpus of `rarescale simulate chats`")
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty; choose another folder for the dataset")
    facts: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    data = out / "data"
    data.mkdir(parents=True)
    counts = _write_lines(corpus, data)
    files = [data / f"{_FILES[s]}.jsonl" for s in SPLITS if counts[s]]
    parquet = _write_parquet(files)
    card = out / "README.md"
    card.write_text(_card(facts, counts, suffix="parquet" if parquet else "jsonl"), encoding="utf-8")
    own = {
        "kind": "dataset of simulated chats",
        "splits": counts,
        "corpus": {k: v for k, v in facts.items() if k != "files"},
    }
    write_manifest(out, own, [*files, *parquet, card])
    return own


def _write_lines(corpus: Path, data: Path) -> dict[str, int]:
    """The lines of each split in a file of its own; empty splits get none."""
    counts = dict.fromkeys(SPLITS, 0)
    with ExitStack() as stack:
        streams: dict[str, Any] = {}
        for line in read_chats(corpus):
            split = line["split"]
            if split not in streams:
                path = data / f"{_FILES[split]}.jsonl"
                streams[split] = stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))
            streams[split].write(json.dumps(_flat(line), ensure_ascii=False) + "\n")
            counts[split] += 1
    return {str(s): n for s, n in counts.items()}


def _write_parquet(files: list[Path]) -> list[Path]:
    """Each file as Parquet, a few thousand rows at a time; nothing without pyarrow."""
    try:
        arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        return []
    written = []
    for path in files:
        target, writer = path.with_suffix(".parquet"), None
        for rows in _batches(path):
            table = arrow.Table.from_pylist(rows, schema=None if writer is None else writer.schema)
            writer = writer or parquet.ParquetWriter(target, table.schema)
            writer.write_table(table)
        if writer is not None:
            writer.close()
            written.append(target)
    return written


def _batches(path: Path) -> Iterator[list[dict[str, Any]]]:
    with path.open(encoding="utf-8") as stream:
        while lines := list(islice(stream, _ROWS)):
            yield [json.loads(line) for line in lines]


def _flat(line: dict[str, Any]) -> dict[str, Any]:
    """The same columns in every row: clinicians have an empty list of findings."""
    messages = [
        {"role": m["role"], "content": m["content"], "findings": m.get("findings") or []} for m in line["messages"]
    ]
    return {**line, "messages": messages}


def _card(facts: dict[str, Any], counts: dict[str, int], *, suffix: str) -> str:
    total = sum(counts.values())
    paths = "".join(f"  - split: {_FILES[s]}\n    path: data/{_FILES[s]}.{suffix}\n" for s in SPLITS if counts[s])
    rows = "".join(_table_row(row) for row in facts["table"])
    release = facts["knowledge"]
    return f"""---
license: cc-by-4.0
language:
- en
task_categories:
- text-classification
- text-generation
tags:
- medical
- rare-diseases
- synthetic
size_categories:
- {_size(total)}
configs:
- config_name: default
  data_files:
{paths}---

# Simulated history-taking chats

{total:,} conversations between a clinician and a simulated patient (or a parent, partner or child of one), written
without a language model from structured cases of {facts["diseases"]:,} diseases. Each patient message carries the
findings that it expresses, present or absent. Nobody in it is real. For research and education; not validated
clinically, not for use with patients.

Made by `rarescale simulate chats`, seed {facts["seed"]}, knowledge {release["release"]} (hash {release["hash"][:16]}).

| writer | split | chats | findings | messages |
|---|---|---|---|---|
{rows}
Columns: `messages` (role, content, findings with id, label and present), `diagnosis` (all ids of the truth) and
`diagnosis_name`, `class` and `category` of the disease, `differential` (the expert system's ranked list: the training
target), `writer`, `split`, `case`, `seed`, `persona`.

Splits are made by structured case: cases with the same disease, present and absent findings are one and stand in one
split; every disease is shared out over the splits.

Licence: CC BY 4.0. Terms are those of the Human Phenotype Ontology, disease names those of OMIM, Orphanet and
rarescale; their own licences apply to them.
"""


def _table_row(row: dict[str, Any]) -> str:
    cells = (f"{row[m]['mean']:.2f} ± {row[m]['sd'] or 0.0:.2f}" for m in ("findings", "messages"))
    return f"| {row['writer']} | {_FILES.get(row['split'], row['split'])} | {row['chats']:,} | {' | '.join(cells)} |\n"


def _size(count: int) -> str:
    limits = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
    return next((name for limit, name in limits if count < limit), "1M<n<10M")
