"""What the expert derives from the knowledge once: disease profiles with frequencies, spread over ancestors.

Arrays (n terms, g diseases, p direct pairs, q spread pairs):

| name             | shape          | meaning                                                                    |
|------------------|----------------|----------------------------------------------------------------------------|
| pair.offsets     | int64 (g + 1,) | the direct pairs of a disease; phenotypes that some row says do occur        |
| pair.term        | int32 (p,)     | annotated term                                                             |
| pair.frequency   | float32 (p,)   | posterior mean frequency, in (0, 1)                                        |
| pair.row         | int32 (p,)     | the annotation row that speaks for the pair (most patients, else the first)  |
| spread.offsets   | int64 (n + 1,) | the spread pairs of a term, by rising disease                               |
| spread.disease   | int32 (q,)     | a disease annotated with the term or below it                                |
| spread.frequency | float32 (q,)   | the largest frequency of those annotations                                  |
| spread.pair      | int32 (q,)     | the direct pair that frequency comes from                                   |
| information      | float32 (n,)   | -ln(share of diseases annotated with the term or below), nats; 0 off phenotypes |
| surprise         | float32 (n,)   | -ln(mean frequency over all diseases), nats                                 |
| prior.cohort     | float32 (g,)   | largest m of any n/m                                                        |
| prior.orphanet   | bool (g,)      | has an Orphanet entry                                                      |
| onset.least      | float32 (g,)   | earliest annotated onset in years, -1 before birth, NaN = none annotated       |
| onset.term       | int32 (g,)     | the term that says so, -1 = none                                            |
| linked.recessive | bool (g,)      | inherited X-linked recessively and in no other way                           |
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rarescale.expert.settings import Settings
from rarescale.knowledge import ASPECTS, Knowledge, Origin

PROFILES_VERSION = "1"

ONSETS = {
    "HP:0030674": -1.0,  # antenatal
    "HP:0003577": 0.0,  # congenital
    "HP:0003623": 0.0,  # neonatal
    "HP:0410280": 0.0,  # paediatric
    "HP:4000040": 0.0,  # puerpural to infantile
    "HP:0003593": 1 / 12,  # infantile, after 28 days
    "HP:0011463": 1.0,  # childhood
    "HP:0003621": 5.0,  # juvenile
    "HP:0011462": 16.0,  # young adult
    "HP:0003581": 16.0,  # adult
    "HP:0025708": 16.0,  # early young adult
    "HP:0025709": 19.0,  # intermediate young adult
    "HP:0025710": 25.0,  # late young adult
    "HP:0003596": 40.0,  # middle age
    "HP:0003584": 60.0,  # late
}
"""HPO onset term -> the youngest age in years it stands for (HPO's definitions)."""

X_RECESSIVE = ("HP:0001419", "HP:0001417")
OTHER_INHERITANCE = ("HP:0000006", "HP:0000007", "HP:0001423")

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Pairs:
    """Direct pairs, ordered by disease and term."""

    disease: np.ndarray
    term: np.ndarray
    frequency: np.ndarray
    row: np.ndarray


def build_profiles(knowledge: Knowledge, settings: Settings, rows: np.ndarray | None = None) -> Arrays:
    """All arrays of the module text, from all annotation rows or from those with the ascending numbers `rows` alone."""
    rows = np.arange(len(knowledge.diseases.row_disease)) if rows is None else rows
    pairs = direct_pairs(knowledge, settings, rows)
    arrays: Arrays = {
        "pair.offsets": offsets_of(pairs.disease, len(knowledge.diseases)),
        "pair.term": pairs.term,
        "pair.frequency": pairs.frequency,
        "pair.row": pairs.row,
    }
    arrays |= spread(knowledge, pairs)
    arrays |= term_weights(knowledge, arrays["spread.offsets"], arrays["spread.frequency"])
    return arrays | facts(knowledge, rows) | _listed(knowledge)


def term_weights(knowledge: Knowledge, offsets: np.ndarray, frequency: np.ndarray) -> Arrays:
    """`information` and `surprise` from the offsets and frequencies of the spread pairs."""
    diseases, terms = len(knowledge.diseases), len(knowledge.ontology)
    counts = np.diff(offsets)
    share = np.maximum(counts / diseases, 0.5 / diseases)
    mean = np.bincount(np.repeat(np.arange(terms), counts), frequency, terms) / diseases
    return {
        "information": np.where(knowledge.ontology.is_finding, -np.log(share), 0.0).astype(np.float32),
        "surprise": -np.log(np.maximum(mean, 1e-6)).astype(np.float32),
    }


def facts(knowledge: Knowledge, rows: np.ndarray) -> Arrays:
    """Cohort, onset and inheritance of all diseases, by the annotation rows `rows`."""
    return _cohort(knowledge, rows) | _onset(knowledge, rows) | _inheritance(knowledge, rows)


def offsets_of(owners: np.ndarray, count: int) -> np.ndarray:
    """Where the items of each of `count` owners begin and end, int64 (count + 1,), once they are sorted by owner."""
    return np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=count))]).astype(np.int64)


def direct_pairs(knowledge: Knowledge, settings: Settings, at: np.ndarray) -> Pairs:
    """Pool the rows `at` of each (disease, term): counts add up, other spellings count as a few patients.

    A row with the qualifier NOT says nothing about how often; 0 of n does. A pair that no row affirms is left out.
    """
    rows, owners = knowledge.diseases.rows, knowledge.diseases.row_disease
    stated = (rows["origin"][at] != Origin.UNSTATED) & ~(rows["probability"][at] > 0)
    used = at[(~rows["negative"][at] | stated) & knowledge.ontology.is_finding[rows["term"][at]]]
    origin, probability = rows["origin"][used], rows["probability"][used].astype(float)
    patients = np.select(
        [origin == Origin.COUNT, origin == Origin.UNSTATED],
        [rows["m"][used].astype(float), settings.unstated_patients],
        settings.class_patients,
    )
    affected = patients * np.where(origin == Origin.UNSTATED, settings.unstated_frequency, probability)
    key = owners[used].astype(np.int64) * len(knowledge.ontology) + rows["term"][used]
    unique, inverse = np.unique(key, return_inverse=True)
    n, m = np.bincount(inverse, affected), np.bincount(inverse, patients)
    frequency = (n + settings.beta_a) / (m + settings.beta_a + settings.beta_b)
    affirmed = np.bincount(inverse, ~rows["negative"][used]) > 0
    row = _speaking_row(used, inverse, patients * ~rows["negative"][used], len(unique))
    disease, term = np.divmod(unique, len(knowledge.ontology))
    keep = affirmed
    return Pairs(
        disease[keep].astype(np.int32),
        term[keep].astype(np.int32),
        frequency[keep].astype(np.float32),
        row[keep].astype(np.int32),
    )


def _speaking_row(rows: np.ndarray, pair: np.ndarray, weight: np.ndarray, count: int) -> np.ndarray:
    """Per pair the row with the largest weight, the first of equals."""
    order = np.lexsort((rows, -weight, pair))
    first = np.searchsorted(pair[order], np.arange(count))
    speaking: np.ndarray = rows[order[first]]
    return speaking


def spread(knowledge: Knowledge, pairs: Pairs) -> Arrays:
    """Each direct pair counts for all ancestors of its term; per (term, disease) the most frequent one stands."""
    ancestors = knowledge.ontology.ancestors
    lengths = np.diff(ancestors.offsets)[pairs.term]
    source = np.repeat(np.arange(len(pairs.term)), lengths)
    within = np.arange(len(source)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    term = ancestors.items[np.repeat(ancestors.offsets[:-1][pairs.term], lengths) + within]
    key = term.astype(np.int64) * len(knowledge.diseases) + pairs.disease[source]
    order = np.lexsort((-pairs.frequency[source], key))
    key, source = key[order], source[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    term, disease = np.divmod(key[first], len(knowledge.diseases))
    return {
        "spread.offsets": offsets_of(term, len(knowledge.ontology)),
        "spread.disease": disease.astype(np.int32),
        "spread.frequency": pairs.frequency[source[first]],
        "spread.pair": source[first].astype(np.int32),
    }


def _listed(knowledge: Knowledge) -> Arrays:
    diseases = knowledge.diseases
    listed = [any(i.startswith("ORPHA:") for i in diseases.ids(d)) for d in range(len(diseases))]
    return {"prior.orphanet": np.array(listed)}


def _cohort(knowledge: Knowledge, at: np.ndarray) -> Arrays:
    diseases = knowledge.diseases
    cohort = np.zeros(len(diseases), np.float32)
    np.maximum.at(cohort, diseases.row_disease[at], diseases.rows["m"][at].astype(np.float32))
    return {"prior.cohort": cohort}


def _onset(knowledge: Knowledge, at: np.ndarray) -> Arrays:
    """Earliest onset per disease, from onset rows and from the onset column of findings."""
    ontology, diseases = knowledge.ontology, knowledge.diseases
    rows, owners = diseases.rows, diseases.row_disease[at]
    youngest = {index: age for term, age in ONSETS.items() if (index := ontology.index(term)) is not None}
    least = np.full(len(diseases), np.nan, np.float32)
    told = np.full(len(diseases), -1, np.int32)
    course = rows["aspect"][at] == ASPECTS.index("C")
    for column in (np.where(course, rows["term"][at], -1), rows["onset"][at]):
        for row in np.flatnonzero(np.isin(column, list(youngest)) & ~rows["negative"][at]):
            disease, term = owners[row], int(column[row])
            if not youngest[term] >= least[disease]:
                least[disease], told[disease] = youngest[term], term
    return {"onset.least": least, "onset.term": told}


def _inheritance(knowledge: Knowledge, at: np.ndarray) -> Arrays:
    affirmed = at[~knowledge.diseases.rows["negative"][at]]
    found, owners = knowledge.diseases.rows["term"][affirmed], knowledge.diseases.row_disease[affirmed]

    def having(terms: tuple[str, ...]) -> np.ndarray:
        wanted = [i for t in terms if (i := knowledge.ontology.index(t)) is not None]
        mask = np.zeros(len(knowledge.diseases), bool)
        mask[owners[np.isin(found, wanted)]] = True
        return mask

    return {"linked.recessive": having(X_RECESSIVE) & ~having(OTHER_INHERITANCE)}
