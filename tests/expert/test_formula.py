"""The sparse arithmetic of the expert against a literal restatement of its formulas, and the laws it keeps."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarescale.expert import ProbabilisticExpert, Query, Settings, best, reasons_of
from rarescale.knowledge import Knowledge, Origin
from rarescale.record import Sex

S = Settings.default()


class Literal:
    """The formulas of rarescale.expert.evidence written down once more, with dictionaries and loops."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.k = knowledge
        self.size = len(knowledge.diseases)
        self.f = {d: self.direct(d) for d in range(self.size)}

    def direct(self, disease: int) -> dict[int, float]:
        pooled: dict[int, list[float]] = {}
        affirmed = set()
        for a in self.k.diseases.annotations(disease):
            if not self.k.ontology.is_finding[a.term] or (a.negative and a.frequency == "not stated"):
                continue
            if not a.negative:
                affirmed.add(a.term)
            m = {Origin.COUNT: a.m, Origin.UNSTATED: S.unstated_patients}.get(a.origin, S.class_patients)
            p = S.unstated_frequency if a.origin is Origin.UNSTATED else a.probability
            known = pooled.setdefault(a.term, [0.0, 0.0])
            known[0] += m * p
            known[1] += m
        return {t: (n + S.beta_a) / (m + S.beta_a + S.beta_b) for t, (n, m) in pooled.items() if t in affirmed}

    @cache  # noqa: B019 - lives as long as the test
    def spread(self, term: int, disease: int) -> float:
        below = set(self.k.ontology.descendants[term].tolist())
        return max((f for t, f in self.f[disease].items() if t in below), default=0.0)

    def information(self, term: int) -> float:
        if not self.k.ontology.is_finding[term]:
            return 0.0
        share = sum(self.spread(term, d) > 0 for d in range(self.size)) / self.size
        return -math.log(max(share, 0.5 / self.size))

    def surprise(self, term: int) -> float:
        return -math.log(max(sum(self.spread(term, d) for d in range(self.size)) / self.size, 1e-6))

    def ancestors(self, term: int) -> set[int]:
        return set(self.k.ontology.ancestors[term].tolist())

    def common(self, one: int, other: int) -> float:
        return max((self.information(a) for a in self.ancestors(one) & self.ancestors(other)), default=0.0)

    def independence(self, query: list[int]) -> list[float]:
        weights = []
        for t in query:
            total = 1.0
            for u in query:
                if u != t:
                    mean = (max(self.information(t), 1e-9) + max(self.information(u), 1e-9)) / 2
                    total += min(self.common(t, u) / mean, 1.0) ** S.redundancy_power
            weights.append(1 / total)
        return weights

    def likelihood(self, query: list[int], disease: int) -> float:
        weights = self.independence(query)
        mass = max(0.3, sum(weights))
        total = 0.0
        for t, w in zip(query, weights, strict=True):
            best = 0.0
            for a in self.ancestors(t):
                if (f := self.spread(a, disease)) > 0:
                    loss = S.detour_loss * (a != t)
                    best = max(best, f * math.exp(self.surprise(a) - loss))
            total += w * math.log(S.noise + best)
        return total / mass**S.likelihood_count_power

    def cosine(self, query: list[int], disease: int) -> float:
        closure = set().union(*(self.ancestors(t) for t in query))
        lengths = [
            math.sqrt(
                sum(
                    self.information(a) ** S.information_power * self.spread(a, d) ** 2
                    for a in range(len(self.k.ontology))
                )
            )
            for d in range(self.size)
        ]
        length = lengths[disease] + S.cosine_length * sum(lengths) / self.size
        number = sum(self.information(a) ** S.information_power * self.spread(a, disease) for a in closure)
        own = math.sqrt(sum(self.information(a) ** S.information_power for a in closure))
        mass = max(0.3, sum(self.independence(query)))
        return math.log(number / max(own, 1e-9) / length + S.cosine_floor) * mass**S.cosine_count_power

    def coverage(self, query: list[int], disease: int) -> float:
        met = sum(
            f * max(self.common(u, t) for t in query) / max(self.information(u), 0.1)
            for u, f in self.f[disease].items()
        )
        return met / (sum(self.f[disease].values()) + S.coverage_shrink)


@pytest.fixture(scope="module")
def expert(toy: Knowledge) -> ProbabilisticExpert:
    return ProbabilisticExpert(toy)


@pytest.fixture(scope="module")
def literal(toy: Knowledge) -> Literal:
    return Literal(toy)


FINDINGS = [
    "HP:0000478",
    "HP:0000505",
    "HP:0000618",
    "HP:0000707",
    "HP:0001250",
    "HP:0002373",
    "HP:0001337",
    "HP:0002240",
    "HP:0001744",
    "HP:0000103",
]
queries = st.lists(st.sampled_from(FINDINGS), min_size=1, max_size=6, unique=True)


def indices(toy: Knowledge, terms: list[str]) -> list[int]:
    return [i for t in terms if (i := toy.ontology.index(t)) is not None]


@settings(max_examples=40, deadline=None)
@given(terms=queries)
def test_the_sparse_arithmetic_equals_the_formulas(
    toy: Knowledge, expert: ProbabilisticExpert, literal: Literal, terms: list[str]
) -> None:
    query = sorted(indices(toy, terms))
    evidence = expert.model.weigh(np.array(query, np.int32))
    for d in range(len(toy.diseases)):
        assert evidence.likelihood[d] == pytest.approx(literal.likelihood(query, d), abs=1e-4)
        assert evidence.cosine[d] == pytest.approx(literal.cosine(query, d), abs=1e-4)
        assert evidence.coverage[d] == pytest.approx(literal.coverage(query, d), abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(terms=queries, absent=queries, sex=st.sampled_from([None, *Sex]), age=st.none() | st.floats(0, 90))
def test_reasons_and_a_prior_that_no_finding_changes_add_up_to_the_score(
    toy: Knowledge, terms: list[str], absent: list[str], sex: Sex | None, age: float | None
) -> None:
    expert = ProbabilisticExpert(toy, replace(S, absent_weight=0.3, absent_threshold=0.2))
    gone = tuple(i for i in indices(toy, absent) if i not in indices(toy, terms))
    ranking = expert.rank(Query(tuple(indices(toy, terms)), gone, sex, age))
    mass = ranking.evidence.mass
    constant = expert.settings.cosine_weight * expert.model.count_factor(mass) * math.log(expert.settings.cosine_floor)
    for d in range(len(toy.diseases)):
        total = sum(r.weight for r in reasons_of(ranking.told(d)))
        assert ranking.scores[d] - total == pytest.approx(expert.prior[d] + constant, abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(terms=queries, data=st.data())
def test_the_order_of_findings_does_not_matter(
    toy: Knowledge, expert: ProbabilisticExpert, terms: list[str], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(terms))
    one = expert.rank(Query(tuple(indices(toy, terms))))
    other = expert.rank(Query(tuple(indices(toy, list(shuffled)))))
    np.testing.assert_allclose(one.scores, other.scores)


@settings(max_examples=25, deadline=None)
@given(terms=queries)
def test_probabilities_and_none_of_these_add_up_to_one(
    toy: Knowledge, expert: ProbabilisticExpert, terms: list[str]
) -> None:
    ranking = expert.rank(Query(tuple(indices(toy, terms))))
    assert ranking.probabilities.sum() + ranking.none_of_these == pytest.approx(1.0)
    assert (ranking.probabilities >= 0).all()
    assert 0 <= ranking.none_of_these <= 1
    order = np.argsort(-ranking.scores)
    assert (np.diff(ranking.probabilities[order]) <= 1e-12).all(), "a better score never has a lower probability"


@settings(max_examples=25, deadline=None)
@given(terms=queries, kept=st.lists(st.booleans(), min_size=6, max_size=6))
def test_diseases_left_out_are_never_listed(
    toy: Knowledge, expert: ProbabilisticExpert, terms: list[str], kept: list[bool]
) -> None:
    ranking = expert.rank(Query(tuple(indices(toy, terms))), np.array(kept))
    listed = best(ranking, 10)
    assert sorted(listed) == [d for d, keep in enumerate(kept) if keep]
    assert ranking.probabilities[~np.array(kept)].sum() == 0


def test_counts_are_pooled_over_rows(toy: Knowledge, expert: ProbabilisticExpert) -> None:
    """Tremor in Copperfield disease: 9/10, 3/10 and "very frequent" as ten patients, with a Beta(1, 1) prior."""
    tremor = toy.ontology.index("HP:0001337")
    offsets = expert.profiles["pair.offsets"]
    terms = expert.profiles["pair.term"][offsets[0] : offsets[1]].tolist()
    frequency = expert.profiles["pair.frequency"][terms.index(tremor)]
    assert frequency == pytest.approx((9 + 3 + 8.95 + 1) / (10 + 10 + 10 + 2))


def test_what_is_denied_in_every_row_is_not_in_the_profile(toy: Knowledge, expert: ProbabilisticExpert) -> None:
    for disease, finding in (("OMIM:100002", "HP:0000618"), ("ORPHA:13", "HP:0001250"), ("ORPHA:13", "HP:0002240")):
        d = toy.diseases.index(disease)
        assert d is not None
        offsets = expert.profiles["pair.offsets"]
        assert toy.ontology.index(finding) not in expert.profiles["pair.term"][offsets[d] : offsets[d + 1]]


def test_settings_refuse_unknown_and_missing_names() -> None:
    from rarescale.errors import UsageError

    with pytest.raises(UsageError, match="magic"):
        Settings.from_dict({"magic": 1})
