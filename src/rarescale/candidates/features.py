"""A patient as sparse numbers: words, pairs of neighbouring words, findings with all that is above them, sex and age.

Words are those that the learned stage of reading keeps (persons, articles and auxiliaries are left out, all denials are
one word), folded to stems. A feature of words is known by a 32-bit hash. Findings are known by id, so that a model
outlives the release it was trained on; a denied finding is a feature of its own, without what is above it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from rarescale.candidates.contract import Talk
from rarescale.knowledge import Ontology
from rarescale.reading import kept_words, pair_key, word_keys
from rarescale.record import Sex

AGES = (0.08, 1.0, 5.0, 12.0, 18.0, 40.0, 65.0)
"""Upper edges in years of the age bands; the last band is open."""

DENIED = "-"
"""Stands before the id of a denied finding."""


def word_features(messages: Iterable[str]) -> dict[int, str]:
    """Key -> how it reads, of each distinct word and pair of the patient's messages."""
    found: dict[int, str] = {}
    for message in messages:
        forms = kept_words(message)
        for form in forms:
            for key in word_keys(form):
                found.setdefault(key, form)
        for first, second in pairwise(forms):
            found.setdefault(pair_key(first, second), f"{first} {second}")
    return found


def finding_features(talk: Talk, ontology: Ontology) -> dict[str, float]:
    """Id (denied ones after `DENIED`, sex and age as ``sex:F``, ``age:3``) -> weight 0..1."""
    found: dict[str, float] = {}
    for term, sure in talk.present.items():
        for above in ontology.ancestors[term].tolist():
            if ontology.is_finding[above]:
                name = ontology.ids[above]
                found[name] = max(found.get(name, 0.0), sure)
    for term, sure in talk.absent.items():
        found[DENIED + ontology.ids[term]] = sure
    if talk.sex in (Sex.FEMALE, Sex.MALE):
        found["sex:F" if talk.sex is Sex.FEMALE else "sex:M"] = 1.0
    if talk.age is not None:
        found[f"age:{sum(talk.age >= edge for edge in AGES)}"] = 1.0
    return found
