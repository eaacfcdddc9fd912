"""How well reserved tellings are read: recall and precision of findings, by stage, with and without an option.

    python benchmarks/tellings.py TELLINGS.tsv [--context] [--context-model FILE] [--every N] [--misses]

TELLINGS.tsv is made by `runs/make_tellings.py`; only its reserved rows are read, from which nothing was learned. Each
telling is a chat of its sentences, three a message. A finding is right where it is told or denied in the telling:
exactly, or as a parent or child. Labels are not complete, so precision is a lower bound. Nothing is written.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import time
from collections import Counter
from itertools import groupby
from pathlib import Path

from rarescale.knowledge import open_knowledge
from rarescale.reading import READS_IN_CONTEXT, open_reader
from rarescale.record import Chat, Finding, Message, Role, State
from reading import near

STAGES = ("dictionary", "all stages")
A_MESSAGE = 3
"""Sentences of one."""


def chats_of(path: Path, every: int) -> list[tuple[Chat, dict[str, State]]]:
    """Every N-th reserved telling as a chat, with the states of the findings it tells and denies."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [r for r in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE) if r["reserved"]]
    found = []
    for name, group in groupby(rows, key=lambda row: (row["disease"], row["telling"])):
        told = list(group)
        messages = tuple(
            Message(role=Role.PATIENT, content=" ".join(row["sentence"] for row in told[k : k + A_MESSAGE]))
            for k in range(0, len(told), A_MESSAGE)
        )
        labels = {
            i.removeprefix("-"): State.ABSENT if i[0] == "-" else State.PRESENT
            for row in told
            for i in row["findings"].split()
        }
        found.append((Chat(id=" ".join(name), messages=messages), labels))
    return found[::every]


def main() -> None:
    """Parse, read, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tellings", type=Path)
    parser.add_argument("--context", action=argparse.BooleanOptionalAction, default=READS_IN_CONTEXT)
    parser.add_argument("--context-model", type=Path, metavar="FILE")
    parser.add_argument("--every", type=int, default=1, help="read each N-th telling")
    parser.add_argument("--misses", action="store_true", help="list wrong findings of the last stage")
    options = parser.parse_args()
    knowledge = open_knowledge()
    ontology = knowledge.ontology
    reader = open_reader(knowledge, context=options.context_model or options.context)
    labels = polar = 0
    exact: Counter[str] = Counter()
    close: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    right: Counter[str] = Counter()
    same: Counter[str] = Counter()
    taken: list[float] = []
    read = chats_of(options.tellings, options.every)
    for chat, told in read:
        start = time.process_time()
        reading = reader.read(chat)
        taken.append(1000 * (time.process_time() - start))
        findings = reading.findings
        for f in reading.uncertain:
            good = any(near(ontology, f.id or "", term) for term in told)
            source = f"uncertain {f.source}"
            ours[source] += 1
            right[source] += good
            same[source] += f.id in told
        for term, state in told.items():
            hits: list[Finding] = [f for f in findings if f.id and near(ontology, f.id, term)]
            labels += 1
            for stages in STAGES:
                own = [f for f in hits if stages == STAGES[-1] or f.source != "context"]
                exact[stages] += any(f.id == term for f in own)
                close[stages] += bool(own)
            polar += any(f.state is state for f in hits)
        for f in findings:
            good = any(near(ontology, f.id or "", term) for term in told)
            for source in ("all", *(["all but context"] if f.source != "context" else []), f.source):
                ours[source] += 1
                right[source] += good
                same[source] += f.id in told
            if options.misses and f.source == "context" and not good:
                print(f"wrong {f.confidence} {f.label} from {f.quote!r}")
    print(
        f"{len(read)} tellings, {labels} findings told or denied; {statistics.median(taken):.0f} ms of processor each"
    )
    for stages in STAGES:
        print(f"recall {stages:<20} exact {exact[stages] / labels:.3f}, near {close[stages] / labels:.3f}")
    print(f"recall in the right state {polar / labels:.3f}")
    for source, n in sorted(ours.items()):
        print(f"precision {source:<18} exact {same[source] / n:.3f}, near {right[source] / n:.3f} (n {n})")


if __name__ == "__main__":
    main()
