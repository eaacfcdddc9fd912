"""What it takes to know a finding: asking, looking, or testing.

What a patient can notice is asked. For the rest `costs.tsv` names branches of HPO (the closest branch above a
finding decides) and words of labels that need a test; what remains is seen by a clinician.
"""

from __future__ import annotations

import csv
import re
from importlib.resources import files

from rarescale.interview.contract import Cost
from rarescale.knowledge import Ontology


class Costs:
    """Cost of each term of one ontology."""

    def __init__(self, ontology: Ontology) -> None:
        """Read the table; lines about terms that this ontology lacks are passed over."""
        self._ontology = ontology
        self._branches: dict[int, Cost] = {}
        words = []
        text = (files("rarescale.interview") / "costs.tsv").read_text(encoding="utf-8")
        for row in csv.DictReader(text.splitlines(), delimiter="\t"):
            index = ontology.index(row["term"])
            if row["kind"] == "branch" and index is not None:
                self._branches[index] = Cost(row["cost"])
            elif row["kind"] == "word":
                words.append(row["label"])
        self._words = re.compile(rf"\b(?:{'|'.join(words)})", re.IGNORECASE)

    def __call__(self, term: int) -> Cost:
        """The cost of a term index."""
        if self._ontology.answerable(term) == "symptom":
            return Cost.ASK
        if self._words.search(self._ontology.labels[term]):
            return Cost.TEST
        above = [a for a in self._ontology.ancestors[term].tolist() if a in self._branches]
        if not above:
            return Cost.EXAM
        # The closest branch is the one with the most ancestors of its own.
        return self._branches[max(above, key=lambda a: len(self._ontology.ancestors[a]))]
