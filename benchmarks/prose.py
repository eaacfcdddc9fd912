"""Clinical prose: 60 sentences in the manner of case reports, written without sight of the reader.

    python benchmarks/prose.py [SENTENCES.jsonl] [--misses]

Lines hold `text`, `present` and `absent` term ids. A finding hits a label when it is the same term, its parent or
its child.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rarescale.knowledge import open_knowledge
from rarescale.reading import open_reader
from rarescale.record import Finding, Note, State
from reading import near

SHIPPED = Path(__file__).parent.parent / "tests" / "reading" / "prose.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sentences", type=Path, nargs="?", default=SHIPPED)
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    base = open_knowledge()
    reader, ontology = open_reader(base), base.ontology
    labels = found = ours = right = polar = 0
    for line in options.sentences.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        read = reader.read(Note(id=row["id"], text=row["text"])).findings
        for state, terms in ((State.PRESENT, row["present"]), (State.ABSENT, row["absent"])):
            for term in terms:
                hits: list[Finding] = [f for f in read if f.id and near(ontology, f.id, term)]
                labels += 1
                found += bool(hits)
                polar += any(f.state is state for f in hits)
                if options.misses and not any(f.state is state for f in hits):
                    print(f"missed {row['id']} {ontology.label(term)} {state}: {row['text']}")
        for f in read:
            good = any(near(ontology, f.id or "", t) for t in row["present"] + row["absent"])
            ours, right = ours + 1, right + good
            if options.misses and not good:
                print(f"wrong {row['id']} {f.label} {f.source} from {f.quote!r}")
    shares = f"recall {found / labels:.3f} (n {labels})  precision {right / ours:.3f} (n {ours})"
    print(f"{shares}  polarity of found {polar / max(found, 1):.3f}")


if __name__ == "__main__":
    main()
