"""What it takes to know a finding: asking, looking, or testing.

What a patient can notice is asked. For the rest `costs.tsv` names branches of HPO (the closest branch above a
finding decides) and words of labels that need a test; what remains is seen by a clinician.
"""

from __future__ import annotations

import csv
import re
from importlib.resources import files

import numpy as np

from rarescale.interview.contract import Cost
from rarescale.knowledge import FACTOR_PREFIX, Ontology

COSTS = tuple(Cost)
"""The position is the code."""


def cost_codes(ontology: Ontology) -> np.ndarray:
    """uint8 (n,): position in `COSTS` per term. Lines about terms that this ontology lacks are passed over."""
    text = (files("rarescale.interview") / "costs.tsv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t"))
    codes = np.full(len(ontology), COSTS.index(Cost.EXAM), np.uint8)
    branches = [
        (i, Cost(r["cost"])) for r in rows if r["kind"] == "branch" and (i := ontology.index(r["term"])) is not None
    ]
    # A branch below another has more ancestors, so it comes later and overwrites.
    for index, cost in sorted(branches, key=lambda b: len(ontology.ancestors[b[0]])):
        codes[ontology.descendants[index]] = COSTS.index(cost)
    tested = re.compile(rf"\b(?:{'|'.join(r['label'] for r in rows if r['kind'] == 'word')})", re.IGNORECASE)
    for index, (name, label) in enumerate(zip(ontology.ids, ontology.labels.tolist(), strict=True)):
        if name.startswith(FACTOR_PREFIX) or ontology.answerable(index) == "symptom":
            codes[index] = COSTS.index(Cost.ASK)
        elif tested.search(label):
            codes[index] = COSTS.index(Cost.TEST)
    return codes
