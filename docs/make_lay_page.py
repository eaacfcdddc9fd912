"""Write docs/lay-lexicon.md from the lexicon and its second reading. Run: python docs/make_lay_page.py"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

from rarescale.knowledge import Knowledge, open_knowledge

DOCS = Path(__file__).parent
SYSTEM_DEPTH = 2
"""Ancestors of a term that is an organ system: the system, "Phenotypic abnormality" and "All"."""


def systems(base: Knowledge, term: str) -> list[str]:
    """Labels of the organ systems a term belongs to; factors are one system of their own."""
    if term.startswith("RSF:"):
        return ["Exposures, contexts and plain complaints"]
    ontology = base.ontology
    index = ontology.index(term)
    found = [] if index is None else ontology.ancestors[index].tolist()
    return [ontology.labels[a] for a in found if len(ontology.ancestors[a]) == SYSTEM_DEPTH + 1]


def coverage(base: Knowledge) -> list[str]:
    """One row per organ system: answerable terms, expressions, two examples."""
    terms: dict[str, set[str]] = defaultdict(set)
    count: Counter[str] = Counter()
    examples: dict[str, list[str]] = defaultdict(list)
    for lay in base.ontology.lay(reserved=True):
        for system in systems(base, lay.term):
            if lay.term not in terms[system] and len(examples[system]) < 2 and lay.voice == "plain":
                examples[system].append(f"“{lay.text}” ({base.ontology.label(lay.term)})")
            terms[system].add(lay.term)
            count[system] += 1
    rows = ["| body system | terms | expressions | examples |", "|---|---|---|---|"]
    rows += [f"| {s} | {len(terms[s])} | {count[s]} | {'; '.join(examples[s])} |" for s in sorted(terms)]
    return rows


def agreement() -> list[str]:
    """The blind second reading, batch by batch."""
    with (DOCS / "data" / "lay_agreement.tsv").open(encoding="utf-8", newline="") as stream:
        batches = list(csv.DictReader(stream, delimiter="\t"))
    asked, same, near = (sum(int(b[k]) for b in batches) for k in ("asked", "same", "same_parent_or_child"))
    rows = ["| batch | expressions | same term | same, parent or child |", "|---|---|---|---|"]
    for b in batches:
        n = int(b["asked"])
        rows.append(f"| {b['batch']} | {n} | {int(b['same']) / n:.3f} | {int(b['same_parent_or_child']) / n:.3f} |")
    return [*rows, f"| all | {asked} | {same / asked:.3f} | {near / asked:.3f} |"]


def main() -> None:
    """Write the page."""
    base = open_knowledge()
    lay = list(base.ontology.lay(reserved=True))
    reserved = len(lay) - sum(1 for _ in base.ontology.lay())
    voices = Counter(e.voice for e in lay)
    text = [
        "# The lay lexicon",
        "",
        f"{len(lay):,} expressions in which people speak of {len({e.term for e in lay}):,} findings, written for this",
        "project (`lay.tsv` and the lay column of `factors.tsv` in `src/rarescale/knowledge/curated/`, CC BY 4.0).",
        "Not clinically validated. This page is generated from the data by `docs/make_lay_page.py`.",
        "",
        f"Voices: {', '.join(f'{v} {n:,}' for v, n in voices.most_common())}. `denial` tells a finding by denying",
        "something (“doesn't sweat”), `trap` says that it is absent (“sees like a hawk”).",
        f"{reserved:,} expressions, chosen by hash, are reserved: no measured or trained build uses them, so that",
        "what reading makes of unseen words can be measured.",
        "",
        "## Coverage by body system",
        "",
        *coverage(base),
        "",
        "A term may belong to several systems.",
        "",
        "## Second reading",
        "",
        "A tenth of the expressions of each batch was mapped back to the batch's terms (about 258) by an",
        "independent reader without sight of the answer. Expressions on which the two readers disagreed about",
        "unrelated terms were taken out.",
        "",
        *agreement(),
        "",
    ]
    (DOCS / "lay-lexicon.md").write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    main()
