"""Draws what tellings are to be written of: diseases with findings to tell and findings to deny.

    python runs/telling_tasks.py OUT --files 6 --diseases 170 [--seed S] [--first N] [--again c]

For each file `rN.task` (what a writer sees: a heading `## ID NAME`, numbered findings, `n1` to `n4` that the patient
does not have) and `rN.keys` (the ids behind the numbers, kept from the writer). Rare diseases that no file of
`runs/tellings` has yet, or with `--again` those that files of that letter have; of the findings that a patient can know
those come first that have been told least.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from random import Random

from make_tellings import keys_of

from rarescale.knowledge import open_knowledge
from rarescale.simulation.simulator import Simulator

MOST, LEAST = 14, 7
"""Findings of a disease."""
DENIED = [
    "HP:0001945",
    "HP:0002315",
    "HP:0002014",
    "HP:0002013",
    "HP:0012735",
    "HP:0002094",
    "HP:0100749",
    "HP:0001250",
    "HP:0000988",
    "HP:0002829",
    "HP:0012378",
    "HP:0001824",
    "HP:0002027",
    "HP:0000989",
    "HP:0002321",
    "HP:0001324",
    "HP:0000365",
    "HP:0000790",
    "HP:0002019",
    "HP:0030833",
]
TELLINGS = Path(__file__).with_name("tellings")


def main() -> None:
    """Parse, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--files", type=int, required=True)
    parser.add_argument("--diseases", type=int, required=True, help="in each file")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=1, help="number of the first file")
    parser.add_argument("--again", default="", help="letter of the files whose diseases are told once more")
    options = parser.parse_args()
    knowledge = open_knowledge()
    ontology, diseases = knowledge.ontology, knowledge.diseases
    profiler = Simulator(knowledge).profiler
    rng = Random(options.seed)
    told: Counter[str] = Counter()
    done: set[str] = set()
    again: dict[str, None] = {}
    for path in sorted(TELLINGS.glob("*.keys")):
        for disease, keys in keys_of(path).items():
            done.add(disease)
            if options.again and path.name.startswith(options.again):
                again[disease] = None
            told.update(keys.values())
    rare = [
        d
        for d in range(len(diseases))
        if diseases.rarity(d) in ("rare", "unknown") and done.isdisjoint(diseases.ids(d))
    ]
    if options.again:
        rare = [d for i in again if (d := diseases.index(i)) is not None]
    rng.shuffle(rare)
    options.out.mkdir(parents=True, exist_ok=True)
    pending, letter = iter(rare), options.again or "r"
    for number in range(options.first, options.first + options.files):
        tasks, keys = [], []
        while len(tasks) < options.diseases:
            disease = next(pending)
            terms, frequency = profiler.own(disease)
            if len(terms) < LEAST and not options.again:
                continue
            chance = {
                ontology.ids[t]: rng.random() ** (1.0 / ((0.1 + f) / (1.0 + told[ontology.ids[t]])))
                for t, f in zip(terms.tolist(), frequency.tolist(), strict=True)
            }
            own = sorted(chance, key=chance.__getitem__, reverse=True)[:MOST]
            told.update(own)
            close = {a for t in terms.tolist() for a in ontology.ancestors[t].tolist()}
            free = [i for i in DENIED if (at := ontology.index(i)) is not None and at not in close]
            numbered = {str(n): i for n, i in enumerate(own, 1)}
            numbered |= {f"n{n}": i for n, i in enumerate(rng.sample(free, min(4, len(free))), 1)}
            names = [f"{n}\t{ontology.labels[ontology.index(i) or 0]}" for n, i in numbered.items()]
            tasks.append("\n".join([f"## {diseases.ids(disease)[0]} {diseases.name(disease)}", *names]))
            keys.append("\n".join([diseases.ids(disease)[0], *(f"{n}\t{i}" for n, i in numbered.items())]))
        (options.out / f"{letter}{number}.task").write_text("\n\n".join(tasks) + "\n", encoding="utf-8")
        (options.out / f"{letter}{number}.keys").write_text("\n\n".join(keys) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
