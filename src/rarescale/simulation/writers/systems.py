"""Which question a finding answers: the body system it is asked under."""

from __future__ import annotations

from rarescale.knowledge import FACTOR_PREFIX, Ontology

_ROOTS = (
    ("HP:0002321", "nerve"),
    ("HP:0000152", "head"),
    ("HP:0000478", "eye"),
    ("HP:0000598", "ear"),
    ("HP:0001608", "voice"),
    ("HP:0001574", "skin"),
    ("HP:0001626", "heart"),
    ("HP:0002086", "lung"),
    ("HP:0025031", "gut"),
    ("HP:0000119", "urine"),
    ("HP:0000769", "breast"),
    ("HP:0012759", "learn"),
    ("HP:0000707", "nerve"),
    ("HP:0040064", "limb"),
    ("HP:0033127", "bone"),
    ("HP:0001871", "blood"),
    ("HP:0002715", "immune"),
    ("HP:0000818", "hormone"),
    ("HP:0001507", "growth"),
    ("HP:0001939", "metabolism"),
    ("HP:0002664", "tumour"),
    ("HP:0001197", "birth"),
    ("HP:0025142", "general"),
    ("HP:0045027", "lung"),
)
_FIRST = ("HP:0002321", "HP:0000478", "HP:0000598", "HP:0001574", "HP:0001608")
"""Asked under these even where the head is concerned too."""


LOOKS = frozenset(("head", "ear", "limb"))
"""Systems whose findings are mostly seen, not felt."""

SHAPES = frozenset(("head", "ear", "limb", "bone", "growth", "birth", "breast", "learn"))
"""Systems whose findings are mostly how somebody is built: nobody has had them for two weeks."""


class Systems:
    """Terms to systems, found once each."""

    def __init__(self, ontology: Ontology) -> None:
        """Keep the ontology."""
        self._ontology = ontology
        ordered = sorted(_ROOTS, key=lambda pair: pair[0] not in _FIRST)
        self._roots = [(i, key) for root, key in ordered if (i := ontology.index(root)) is not None]
        factors = (("RSF:0013", "when"), *((f"RSF:02{k}", "when") for k in (40, 41, 42, 43)), ("RSF:0014", "pheno"))
        self._factors = [(i, key) for root, key in factors if (i := ontology.index(root)) is not None]
        self._known: dict[str, str] = {}

    def of(self, term: str) -> str:
        """One of the `ask:` kinds; `pheno` where nothing fits."""
        found = self._known.get(term)
        if found is None:
            found = self._known[term] = self._find(term)
        return found

    def _find(self, term: str) -> str:
        index = self._ontology.index(term)
        above = frozenset() if index is None else self._ontology.ancestor_set(index)
        if term.startswith(FACTOR_PREFIX):
            return next((key for root, key in self._factors if root in above), "factor")
        return next((key for root, key in self._roots if root in above), "pheno")
