"""How well chats are read: recall, precision and polarity of the findings against labelled chats.

    python benchmarks/reading.py CHATS.jsonl [MORE.jsonl ...] [--misses]

A labelled finding counts where its id is known to the knowledge; labels without an id (exposures) do not. A finding
hits a label when it is the same term, its parent or its child.

* recall: share of the labels that are present in the patient and are found present;
* precision: share of our present findings that hit a label of the chat that is present, of all and of HPO terms only
  (labels of exposures have no id, so that a factor of ours that is right counts as wrong);
* polarity: of the labels, present and absent, that are named in any state, the share found in the right state.

Labels are not complete, so precision is a lower bound. With --halves each file is parted in two by the CRC-32 of the
chats' ids: thresholds are chosen on the even half, the odd one is for reporting. Nothing is written.
"""

from __future__ import annotations

import argparse
import statistics
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rarescale.formats import read_inputs
from rarescale.knowledge import Knowledge, Ontology, open_knowledge
from rarescale.reading import Reader, open_reader
from rarescale.record import Chat, Finding, State, Unreadable


@dataclass
class Counts:
    """Sums over the chats of one file; `milliseconds` one per chat."""

    labels: int = 0
    recalled: int = 0
    ours: int = 0
    right: int = 0
    ours_hpo: int = 0
    right_hpo: int = 0
    named: int = 0
    same_state: int = 0
    milliseconds: list[float] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)


def near(ontology: Ontology, a: str, b: str) -> bool:
    """Whether two terms are the same, or one is the direct parent of the other."""
    first, second = ontology.index(a), ontology.index(b)
    if first is None or second is None:
        return False
    return first == second or second in ontology.parents[first] or first in ontology.parents[second]


def count(counts: Counts, chat: Chat, findings: tuple[Finding, ...], ontology: Ontology) -> None:
    """Add one chat to `counts`."""
    labels = [f for m in chat.messages for f in m.labels if f.id and ontology.index(f.id) is not None]
    present = [f for f in labels if f.state is State.PRESENT]
    ours = [f for f in findings if f.state is State.PRESENT]
    for label in labels:
        hits = [f for f in findings if f.id and label.id and near(ontology, f.id, label.id)]
        recalled = any(f.state is State.PRESENT for f in hits)
        if label.state is State.PRESENT:
            counts.labels += 1
            counts.recalled += recalled
        if hits:
            counts.named += 1
            good = any(f.state is label.state for f in hits)
            counts.same_state += good
            if not good:
                counts.misses.append(f"polarity {chat.id}: {label.label} is {label.state}, read {hits[0].quote!r}")
    for finding in ours:
        right = any(finding.id and f.id and near(ontology, finding.id, f.id) for f in present)
        counts.ours += 1
        counts.right += right
        if finding.id and finding.id.startswith("HP:"):
            counts.ours_hpo += 1
            counts.right_hpo += right
        if not right:
            counts.misses.append(f"precision {chat.id}: {finding.label} from {finding.quote!r} ({finding.text})")


def measure(path: Path, knowledge: Knowledge, reader: Reader, half: int | None = None) -> Counts:
    """Read the chats of `path`, or one half of them. Warm timings: one reading before the measured one."""
    counts = Counts()
    for chat in chats(path):
        if half is not None and zlib.crc32(chat.id.encode()) % 2 != half:
            continue
        bare = chat.model_copy(update={"messages": tuple(m.model_copy(update={"labels": ()}) for m in chat.messages)})
        reader.read(bare)
        start = time.perf_counter()
        reading = reader.read(bare)
        counts.milliseconds.append(1000 * (time.perf_counter() - start))
        count(counts, chat, reading.findings, knowledge.ontology)
    return counts


def chats(path: Path) -> Iterator[Chat]:
    """The chats of a file; other inputs in it are passed over. Exits with the reason where one cannot be read."""
    for source in read_inputs([str(path)]):
        if isinstance(source, Unreadable):
            raise SystemExit(source.message)
        if isinstance(source, Chat):
            yield source


def share(part: int, whole: int) -> str:
    """A share with its n, "n/a" for none."""
    return f"{part / whole:.3f} (n {whole})" if whole else "n/a"


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth", nargs="+", type=Path, help="chat lines with findings under the patient's messages")
    parser.add_argument("--misses", action="store_true", help="also list wrong states and findings without a label")
    parser.add_argument("--halves", action="store_true", help="report the even and the odd half of each file")
    options = parser.parse_args()
    knowledge = open_knowledge()
    reader = open_reader(knowledge)
    for path in options.truth:
        for half in (0, 1) if options.halves else (None,):
            counts = measure(path, knowledge, reader, half)
            print(path.name if half is None else f"{path.name}, {('even', 'odd')[half]} half")
            report(counts)
            if options.misses:
                print(*sorted(counts.misses), sep="\n")


def report(counts: Counts) -> None:
    """The lines of one file or half."""
    print(f"  recall     {share(counts.recalled, counts.labels)}")
    print(f"  precision  {share(counts.right, counts.ours)}")
    print(f"  of HPO     {share(counts.right_hpo, counts.ours_hpo)}")
    print(f"  polarity   {share(counts.same_state, counts.named)}")
    if counts.milliseconds:
        print(f"  ms a chat  {statistics.median(counts.milliseconds):.1f} (n {len(counts.milliseconds)})")


if __name__ == "__main__":
    main()
