"""How many lay expressions are found in running sentences: those that reading knows and those it never saw.

    python benchmarks/lexicon.py [--every N] [--reserved-every N] [--misses] [--typos]
        [--context] [--context-model FILE]

Each expression stands in two carrier sentences. It is found where its term, a parent or a child of it is read from the
sentence as present (for a trap: as absent). With --typos the longest word of each known expression (five letters or
more) gets one slip: a letter left out, doubled or changed, or two swapped, never the first. Nothing is written.
"""

from __future__ import annotations

import argparse
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from rarescale.knowledge import Ontology, open_knowledge
from rarescale.reading import READS_IN_CONTEXT, Reader, names_of, open_reader
from rarescale.record import Note, State

SHORTEST = 5
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


def with_slip(text: str) -> str | None:
    """`text` with one slip in its longest word, the same at each call; None where all words are short."""
    word = max(text.split(), key=len)
    if len(word) < SHORTEST or not word.isalpha():
        return None
    seed = zlib.crc32(text.encode())
    at = 1 + seed // 4 % (len(word) - 2)
    head, tail = word[:at], word[at + 1 :]
    slips = (
        head + tail,
        head + 2 * word[at] + tail,
        head + "eaiout"[seed % 6] + tail,
        head + tail[0] + word[at] + tail[1:],
    )
    slip = slips[seed % 4]
    return None if slip == word else text.replace(word, slip, 1)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=10, help="of the known expressions read each N-th (default 10)")
    parser.add_argument("--misses", action="store_true", help="also list the sentences in which nothing was found")
    parser.add_argument("--typos", action="store_true", help="only the known expressions, right and with a slip each")
    parser.add_argument("--reserved-every", type=int, default=1, help="of the reserved ones read each N-th")
    parser.add_argument("--context", action=argparse.BooleanOptionalAction, default=READS_IN_CONTEXT)
    parser.add_argument("--context-model", type=Path, metavar="FILE")
    options = parser.parse_args()
    knowledge = open_knowledge()
    ontology, reader = knowledge.ontology, open_reader(knowledge, context=options.context_model or options.context)
    read = {(name.term, name.kind) for name in names_of(ontology)}
    listed = list(dict.fromkeys((n.term, n.text, n.voice) for n in ontology.lay()))
    known = [n for n in listed if not {(n[0], "lay"), (n[0], "denial"), (n[0], "trap")}.isdisjoint(read)]
    print(
        f"{len(listed) - len(known)} of {len(listed)} expressions are of terms for a whole organ system and never read"
    )
    seen = set(listed)
    reserved = [n for n in ontology.lay(reserved=True) if (n.term, n.text, n.voice) not in seen]
    if options.typos:
        pairs = [(n, (n[0], slip, n[2])) for n in known[:: options.every] if (slip := with_slip(n[1]))]
        report("right", *measure(reader, ontology, [right for right, _ in pairs], False))
        report("with slip", *measure(reader, ontology, [slipped for _, slipped in pairs], options.misses))
        return
    report(
        "reserved",
        *measure(
            reader, ontology, [(n.term, n.text, n.voice) for n in reserved[:: options.reserved_every]], options.misses
        ),
    )
    report("known", *measure(reader, ontology, known[:: options.every], options.misses))


if __name__ == "__main__":
    main()
