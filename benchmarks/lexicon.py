"""How many lay expressions are found in running sentences: those that reading knows and those it never saw.

    python benchmarks/lexicon.py [--every N] [--misses]

Each expression stands in two carrier sentences. It is found where its term, a parent or a child of it is read from the
sentence as present (for a trap: as absent). Nothing is written.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable

from rarescale.knowledge import Ontology, open_knowledge
from rarescale.reading import Reader, open_reader
from rarescale.record import Note, State

CARRIERS = ("He has had {} for weeks.", "Also {}.")


def near(ontology: Ontology, a: str, b: str) -> bool:
    """Whether two terms are the same, or one is the direct parent of the other."""
    first, second = ontology.index(a), ontology.index(b)
    if first is None or second is None:
        return False
    return first == second or second in ontology.parents[first] or first in ontology.parents[second]


def found(reader: Reader, ontology: Ontology, term: str, text: str, voice: str) -> bool:
    """Whether `term` is read from `text` in the state that an expression of this voice tells."""
    wanted = State.ABSENT if voice == "trap" else State.PRESENT
    findings = reader.read(Note(id="lexicon", text=text)).findings
    return any(f.state is wanted and f.id is not None and near(ontology, f.id, term) for f in findings)


def report(title: str, voices: Counter[str], hits: Counter[str]) -> None:
    """One line for all and one for each voice."""
    whole, right = sum(voices.values()), sum(hits.values())
    print(f"{title:<10} {right / whole:.3f} (n {whole})" if whole else f"{title:<10} n/a")
    for voice, n in sorted(voices.items()):
        print(f"  {voice:<8} {hits[voice] / n:.3f} (n {n})")


def measure(
    reader: Reader, ontology: Ontology, names: Iterable[tuple[str, str, str]], misses: bool
) -> tuple[Counter[str], Counter[str]]:
    """Sentences and hits by voice, of `names` (term, text, voice)."""
    voices: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for term, text, voice in names:
        for carrier in CARRIERS:
            hit = found(reader, ontology, term, carrier.format(text), voice)
            voices[voice] += 1
            hits[voice] += hit
            if misses and not hit:
                print(f"missed {ontology.label(term)}: {carrier.format(text)}")
    return voices, hits


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=10, help="of the known expressions read each N-th (default 10)")
    parser.add_argument("--misses", action="store_true", help="also list the sentences in which nothing was found")
    options = parser.parse_args()
    knowledge = open_knowledge()
    ontology, reader = knowledge.ontology, open_reader(knowledge)
    known = list(dict.fromkeys((n.term, n.text, n.voice) for n in ontology.lay()))
    seen = set(known)
    reserved = [n for n in ontology.lay(reserved=True) if (n.term, n.text, n.voice) not in seen]
    report("reserved", *measure(reader, ontology, [(n.term, n.text, n.voice) for n in reserved], options.misses))
    report("known", *measure(reader, ontology, known[:: options.every], options.misses))


if __name__ == "__main__":
    main()
