"""The evidence of one query for all diseases: three ways to compare what is found with what is known.

For a query of phenotypes t (at most `MANY`, the most informative ones) and a disease d with annotated terms u:

* likelihood  A = sum_t w_t S(t, d) / W^likelihood_count_power, W = sum_t w_t, with
  S(t, d) = ln(noise + max over a of f(a, d) / b(a) * e^(-detour_loss [a != t])),
  a running over the ancestors of t, itself included, f the largest annotated frequency at or below a, b its mean
  over diseases. The finding may be the annotated term, more general (a = t) or more specific (a above t) than it;
  `noise` is the likelihood ratio of a finding that the disease does not answer. w_t = 1 / sum over the query of
  Lin similarity^redundancy_power, so that five words for one thing count about once.
* cosine      C = ln(cos + floor) W^count_power: how alike the two ancestor-closed profiles are, terms
  weighted by information^information_power, diseases by frequency.
* coverage    M = sum_u f(u, d) I(u, query) / I(u) / (sum_u f(u, d) + shrink): how much of the disease's usual
  picture is there, I the information content of the best ancestor that u shares with the query.

Sums run over sparse rows of `profiles`; a query costs about a millisecond for 12,000 diseases.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from rarescale.expert.profiles import Arrays
from rarescale.expert.ragged import slices
from rarescale.expert.settings import Settings
from rarescale.knowledge import Ontology

MANY = 400
"""More findings than this are cut to the most informative ones: no record of one patient has more."""

KEPT = 512
"""How many rows over all diseases are kept of those that were worked out last."""

_DENSE_ROWS = 160
"""The longest spread rows are also kept dense: nearly every query needs them."""

_AT_ONCE = 1_000_000
"""How many entries of pairs of findings and ancestors are compared in one step."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What `EvidenceModel.weigh` found; arrays over diseases are (g,), over findings (k,), over the closure (c,).

    `closure` are all phenotype ancestors of the findings by rising information, `member` bool (k, c) tells which
    finding has which. `owner` int32 (n,) is the position of the finding that best meets each term, `shared`
    float32 (n,) the information they share.
    """

    findings: np.ndarray
    weights: np.ndarray
    mass: float
    closure: np.ndarray
    member: np.ndarray
    owner: np.ndarray
    shared: np.ndarray
    likelihood: np.ndarray
    cosine: np.ndarray
    coverage: np.ndarray


class EvidenceModel:
    """Compares queries with the profiles of one knowledge."""

    def __init__(self, ontology: Ontology, profiles: Arrays, settings: Settings) -> None:
        """Precompute what every query shares."""
        self.settings = settings
        self._ontology = ontology
        self.offsets = profiles["spread.offsets"]
        self.diseases = profiles["spread.disease"]
        self.frequencies = profiles["spread.frequency"]
        self.information = profiles["information"]
        self.surprise = profiles["surprise"]
        self._pair_offsets = profiles["pair.offsets"]
        self._pair_terms = np.append(profiles["pair.term"], np.int32(0))  # a last one for diseases without any
        self._bare = self._pair_offsets[1:] == self._pair_offsets[:-1]
        self._size = len(self._pair_offsets) - 1
        self.importance = self.information**settings.information_power
        importance = np.repeat(self.importance, np.diff(self.offsets))
        length = np.sqrt(np.bincount(self.diseases, importance * self.frequencies**2, self._size))
        self._length = (length + settings.cosine_length * length.mean()).astype(np.float32)
        self._inverse_length = (1.0 / np.maximum(self._length, 1e-9)).astype(np.float32)
        pair_frequency = np.asarray(profiles["pair.frequency"])
        self.pair_weight = np.append(
            pair_frequency / np.maximum(self.information[profiles["pair.term"]], 0.1), np.float32(0)
        )
        usual = np.bincount(np.repeat(np.arange(self._size), np.diff(self._pair_offsets)), pair_frequency, self._size)
        self.picture = (1.0 / (usual + settings.coverage_shrink)).astype(np.float32)
        self.most_coverage = (usual * self.picture).astype(np.float32)
        self._dense = self._dense_rows()
        self._answers = lru_cache(KEPT)(self._answer)

    def _dense_rows(self) -> dict[int, np.ndarray]:
        longest = np.argsort(-np.diff(self.offsets), kind="stable")[:_DENSE_ROWS]
        rows = {}
        for term in longest.tolist():
            row = np.zeros(self._size, np.float32)
            part = slice(self.offsets[term], self.offsets[term + 1])
            row[self.diseases[part]] = self.frequencies[part]
            rows[term] = row
        return rows

    def weigh(self, present: np.ndarray) -> Evidence:
        """The evidence of phenotype terms `present` int (k,), each once, k >= 1."""
        present = self.informative(present)
        closure, member = self.closure(present)
        weights, mass = self.independence(present, closure, member)
        owner, shared = self._meet(closure, member)
        likelihood = self.likelihood(present, weights, mass)
        cosine = self.cosine(closure, mass)
        coverage = self._coverage(shared)
        return Evidence(present, weights, mass, closure, member, owner, shared, likelihood, cosine, coverage)

    def informative(self, present: np.ndarray) -> np.ndarray:
        """The findings that count: at most `MANY`."""
        if len(present) <= MANY:
            return present
        return np.sort(present[np.argsort(-self.information[present], kind="stable")[:MANY]])

    def likelihood(self, present: np.ndarray, weights: np.ndarray, mass: float) -> np.ndarray:
        """A of the module text, float32 (g,)."""
        likelihood = np.zeros(self._size, np.float32)
        for term, weight in zip(present.tolist(), weights.tolist(), strict=True):
            likelihood += np.float32(weight) * self.answer(term)
        likelihood /= np.float32(mass**self.settings.likelihood_count_power)
        return likelihood

    def closure(self, present: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ancestors with information, by rising information, and which finding has which."""
        above = [self._ontology.ancestors[t] for t in present.tolist()]
        owner, items = np.repeat(np.arange(len(above)), [len(a) for a in above]), np.concatenate(above)
        informed = self.information[items] > 0
        owner, items = owner[informed], items[informed]
        met = np.zeros(len(self.information), bool)
        met[items] = True
        closure = np.flatnonzero(met)
        closure = closure[np.argsort(self.information[closure], kind="stable")]
        position = np.empty(len(self.information), np.int32)
        position[closure] = np.arange(len(closure), dtype=np.int32)
        member = np.zeros((len(present), len(closure)), bool)
        member[owner, position[items]] = True
        return closure, member

    def independence(self, present: np.ndarray, closure: np.ndarray, member: np.ndarray) -> tuple[np.ndarray, float]:
        """w_t of the module text, float64 (k,), and W."""
        information = np.maximum(self.information[present], 1e-9)
        common = np.zeros((len(present), len(present)), np.float32)
        step = max(1, _AT_ONCE // max(1, member.size))
        for start in range(0, len(present) if len(closure) else 0, step):
            both = member[start : start + step, None, :] & member[None, :, :]
            common[start : start + step] = np.where(both, self.information[closure], 0).max(axis=2)
        lin = common / ((information[:, None] + information[None, :]) / 2)
        power = np.minimum(lin, 1.0) ** self.settings.redundancy_power
        np.fill_diagonal(power, 1.0)
        weights: np.ndarray = 1.0 / power.sum(axis=1)
        return weights, max(0.3, float(weights.sum()))

    def _meet(self, closure: np.ndarray, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Per ontology term the finding that shares most with it, and how much information they share."""
        shared = np.zeros(len(self.information), np.float32)
        owner = np.full(len(self.information), -1, np.int32)
        first = member.argmax(axis=0).tolist() if len(closure) else []
        for term, value, finding in zip(closure.tolist(), self.information[closure].tolist(), first, strict=True):
            below = self._ontology.descendants[term]
            shared[below] = value
            owner[below] = finding
        return owner, shared

    def answer(self, term: int) -> np.ndarray:
        """S(t, d) for all diseases, float32 (g,); kept, since the same findings come again and again."""
        return self._answers(term)

    def _answer(self, term: int) -> np.ndarray:
        best = np.zeros(self._size, np.float32)
        for a, ratio in zip(*self._ratios(term), strict=True):
            dense = self._dense.get(a)
            if dense is not None:
                np.maximum(best, dense * np.float32(ratio), out=best)
            else:
                part = slice(self.offsets[a], self.offsets[a + 1])
                where = self.diseases[part]
                best[where] = np.maximum(best[where], self.frequencies[part] * np.float32(ratio))
        best += np.float32(self.settings.noise)
        return np.log(best, out=best)

    def _ratios(self, term: int) -> tuple[list[int], list[float]]:
        """The ancestors of a finding and what f is multiplied with at each: 1/b(a), less the loss of a detour."""
        ancestors = self._ontology.ancestors[term]
        ratio = np.exp(self.surprise[ancestors] - self.settings.detour_loss * (ancestors != term))
        return ancestors.tolist(), ratio.tolist()

    def shared(self, closure: np.ndarray) -> np.ndarray:
        """How much information each term shares with the query, float32 (n,); see `Evidence.shared`."""
        shared = np.zeros(len(self.information), np.float32)
        for term, value in zip(closure.tolist(), self.information[closure].tolist(), strict=True):
            shared[self._ontology.descendants[term]] = value
        return shared

    def _coverage(self, shared: np.ndarray) -> np.ndarray:
        """M of the module text from the information each term shares with the query."""
        met = np.take(shared, self._pair_terms, mode="clip")
        met *= self.pair_weight
        coverage = np.add.reduceat(met, self._pair_offsets[:-1])
        coverage[self._bare] = 0
        scaled: np.ndarray = coverage * self.picture
        return scaled

    def coverage_of(self, shared: np.ndarray, diseases: np.ndarray) -> np.ndarray:
        """M for a few diseases, float32 (len(diseases),), bit by bit as `weigh` finds it."""
        coverage = np.zeros(len(diseases), np.float32)
        having = np.flatnonzero(~self._bare[diseases])
        if not len(having):
            return coverage
        chosen = diseases[having]
        # The last disease's sum runs over the entry at the end too, as in `_coverage`: same grouping, same rounding.
        lengths = self._pair_offsets[chosen + 1] - self._pair_offsets[chosen] + (chosen == self._size - 1)
        starts = np.cumsum(lengths) - lengths
        pairs = np.arange(int(lengths.sum())) + np.repeat(self._pair_offsets[chosen] - starts, lengths)
        met = shared[self._pair_terms[pairs]] * self.pair_weight[pairs]
        coverage[having] = np.add.reduceat(met, starts) * self.picture[chosen]
        return coverage

    def more_coverage(self, shared: np.ndarray, new: np.ndarray) -> np.ndarray:
        """What M gains, float32 (g,), where the closure of a query that shares `shared` grows by the terms `new`."""
        after = shared.copy()
        for term, value in zip(new.tolist(), self.information[new].tolist(), strict=True):
            below = self._ontology.descendants[term]
            after[below] = np.maximum(after[below], np.float32(value))
        grown = np.flatnonzero(after > shared)
        offsets, diseases, weights = self._pairs_by_term
        pairs, owner = slices(offsets, grown)
        gain = (after - shared)[grown][owner] * weights[pairs]
        total = np.bincount(diseases[pairs], gain, self._size).astype(np.float32)
        scaled: np.ndarray = total * self.picture
        return scaled

    @cached_property
    def _pairs_by_term(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pairs in the order of their terms: where those of each term begin, their diseases and their weights."""
        terms = self._pair_terms[:-1]
        order = np.argsort(terms, kind="stable")
        diseases = np.repeat(np.arange(self._size), np.diff(self._pair_offsets))
        counts = np.bincount(terms, minlength=len(self.information))
        return np.concatenate([[0], np.cumsum(counts)]), diseases[order], self.pair_weight[order]

    def cosine(self, closure: np.ndarray, mass: float) -> np.ndarray:
        """C of the module text, float32 (g,)."""
        return self.cosine_of(self.common(closure), closure, mass)

    def common(self, terms: np.ndarray) -> np.ndarray:
        """How much of the profile of each disease lies in `terms`, by importance, float32 (g,)."""
        number = np.zeros(self._size, np.float32)
        parts, values = [], []
        for term, weight in zip(terms.tolist(), self.importance[terms].tolist(), strict=True):
            dense = self._dense.get(term)
            if dense is not None:
                number += np.float32(weight) * dense
            else:
                part = slice(self.offsets[term], self.offsets[term + 1])
                parts.append(self.diseases[part])
                values.append(self.frequencies[part] * np.float32(weight))
        if parts:
            number += np.bincount(np.concatenate(parts), np.concatenate(values), self._size).astype(np.float32)
        return number

    def cosine_of(self, common: np.ndarray, closure: np.ndarray, mass: float) -> np.ndarray:
        """C from what each disease has in common with the closure."""
        length = max(float(np.sqrt(self.importance[closure].sum())), 1e-9)
        cosine = common * self._inverse_length / np.float32(length)
        scaled: np.ndarray = np.log(cosine + np.float32(self.settings.cosine_floor)) * np.float32(
            self.count_factor(mass)
        )
        return scaled

    def count_factor(self, mass: float) -> float:
        """W^count_power."""
        return float(mass**self.settings.cosine_count_power)
