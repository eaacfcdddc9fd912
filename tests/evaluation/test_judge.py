from __future__ import annotations

import csv
import math
from collections import Counter
from pathlib import Path

import pytest

from rarescale.evaluation import Found, Judge, Level, NotFound, Profiles, equivalence
from rarescale.knowledge import Knowledge, shipped_synonyms

with (Path(__file__).parent / "judge_pairs.tsv").open(encoding="utf-8") as _stream:
    PAIRS = list(csv.DictReader(_stream, delimiter="\t"))


@pytest.fixture(scope="module")
def judge(hpo: Knowledge) -> Judge:
    return Judge(hpo)


@pytest.fixture(scope="module")
def judged(judge: Judge) -> list[tuple[str, str]]:
    """Per pair the level given by hand and the judge's."""
    return [(p["level"], judge.judge(p["prediction"], [p["true_id"]]).level.words) for p in PAIRS]


def agreement(pairs: list[tuple[str, str]]) -> float:
    return sum(hand == found for hand, found in pairs) / len(pairs)


def test_the_pairs_are_two_hundred_of_all_levels_each_with_a_reason(hpo: Knowledge) -> None:
    assert len({(p["true_id"], p["prediction"]) for p in PAIRS}) == 200
    counts = Counter(p["level"] for p in PAIRS)
    assert set(counts) == {level.words for level in Level}
    assert min(counts.values()) >= 30
    assert all(p["why"] for p in PAIRS)
    for pair in PAIRS:
        index = hpo.diseases.index(pair["true_id"])
        assert index is not None
        assert pair["true_name"] in hpo.diseases.names(index)


@pytest.mark.parametrize("half", [0, 1], ids=["thresholds fitted here", "held out"])
def test_the_judge_agrees_with_the_levels_given_by_hand(judged: list[tuple[str, str]], half: int) -> None:
    assert agreement(judged[half::2]) >= 0.85


def test_what_the_judge_calls_exact_is_exact(judged: list[tuple[str, str]]) -> None:
    assert {hand for hand, found in judged if found == "exact"} == {"exact"}
    assert sum(found == "exact" for _, found in judged) >= 40


def test_the_judge_is_never_wrong_by_more_than_two_levels(judged: list[tuple[str, str]]) -> None:
    order = [level.words for level in Level]
    apart = Counter(abs(order.index(a) - order.index(b)) for a, b in judged)
    assert max(apart) <= 2
    assert apart[2] <= 3


@pytest.mark.parametrize(
    ("prediction", "truth", "level"),
    [
        ("omim:277900", "ORPHA:905", Level.EXACT),
        ("Hepatolenticular degeneration", "OMIM:277900", Level.EXACT),
        ("Shprintzen-Goldberg syndrome", "OMIM:609460", Level.SOMEWHAT_RELEVANT),
        ("OMIM:999999", "OMIM:277900", Level.UNRELATED),
        ("", "OMIM:277900", Level.UNRELATED),
        ("?", "OMIM:277900", Level.UNRELATED),
        ("disease", "OMIM:277900", Level.UNRELATED),
        ("Wilson disease", "OMIM:999999", Level.UNRELATED),
        ("Alport syndrome", "OMIM:301050", Level.EXTREMELY_RELEVANT),
    ],
)
def test_some_pairs_one_by_one(judge: Judge, prediction: str, truth: str, level: Level) -> None:
    found = judge.judge(prediction, [truth])
    assert found.level is level
    assert found.why


def test_a_true_name_stands_in_for_ids_that_the_knowledge_lacks(judge: Judge) -> None:
    assert judge.judge("OMIM:277900", ["NEW:1"], "Wilson disease").level is Level.EXACT
    assert judge.judge("a brand-new syndrome 2", ["NEW:1"], "A brand new syndrome type II").level is Level.EXACT
    assert judge.judge("NEW:1", ["NEW:1"]).level is Level.EXACT


def test_a_mapping_of_ids_is_believed(hpo: Knowledge) -> None:
    mapped = Judge(hpo, disease=equivalence([("MONDO:10200", "OMIM:277900")]))
    assert mapped.judge("MONDO:10200", ["OMIM:277900"]).level is Level.EXACT


def test_given_synonyms_replace_the_shipped_ones(hpo: Knowledge) -> None:
    named = Judge(hpo, synonyms={"Copper trouble": ["OMIM:277900"]})
    assert named.judge("copper trouble", ["OMIM:277900"]).level is Level.EXACT
    assert named.judge("Hepatolenticular degeneration", ["OMIM:277900"]).level is Level.UNRELATED


def test_the_same_pair_always_gets_the_same_answer(hpo: Knowledge, judge: Judge) -> None:
    again = Judge(hpo)
    for pair in PAIRS[::10]:
        one, other = (j.judge(pair["prediction"], [pair["true_id"]], pair["true_name"]) for j in (judge, again))
        assert one == other


def test_the_rank_by_judge_is_that_of_the_first_prediction_good_enough(judge: Judge) -> None:
    listed = ["asthma", "Noonan syndrome", "OMIM:163950"]
    assert judge.outcome(listed, ["OMIM:163950"]) == Found(3)
    assert judge.outcome(listed, ["OMIM:163950"], at_least=Level.EXTREMELY_RELEVANT) == Found(2)
    assert judge.outcome(listed[:1], ["OMIM:163950"], at_least=Level.SOMEWHAT_RELEVANT) == NotFound()
    assert judge.outcome([], ["OMIM:163950"]) == NotFound()


@pytest.mark.parametrize(("relevant", "somewhat"), [(0.1, 0.2), (1.1, 0.2), (0.5, -0.1)])
def test_crossed_thresholds_are_refused(toy: Knowledge, relevant: float, somewhat: float) -> None:
    with pytest.raises(ValueError, match="expected 0 <= somewhat"):
        Judge(toy, relevant=relevant, somewhat=somewhat)


def test_every_shipped_synonym_names_diseases_of_the_release(hpo: Knowledge) -> None:
    synonyms = shipped_synonyms()
    assert len(synonyms) > 100
    unknown = {name: ids for name, ids in synonyms.items() if any(hpo.diseases.index(i) is None for i in ids)}
    assert unknown == {}


def test_a_shipped_synonym_is_resolved_to_its_disease(judge: Judge) -> None:
    missed = [name for name, ids in shipped_synonyms().items() if judge.judge(name, ids).level is not Level.EXACT]
    assert missed == []


def test_similarity_is_one_with_itself_the_same_both_ways_and_within_bounds(hpo: Knowledge) -> None:
    profiles, diseases = Profiles(hpo), [hpo.diseases.index(p["true_id"]) for p in PAIRS[::8]]
    known = [d for d in diseases if d is not None]
    for one, other in zip(known, known[1:] + known[:1], strict=True):
        there, back = profiles.similarity([one], [other]), profiles.similarity([other], [one])
        assert there == pytest.approx(back)
        assert there is not None
        assert 0.0 <= there <= 1.0
        assert profiles.similarity([one], [one]) == pytest.approx(1.0)


def test_similarity_equals_its_formula_on_the_toy_knowledge(toy: Knowledge) -> None:
    ontology, diseases = toy.ontology, toy.diseases
    spread: list[dict[int, float]] = []
    for d in range(len(diseases)):
        own: dict[int, float] = {}
        for row in diseases.annotations(d):
            if row.aspect == "P" and not row.negative and row.probability > 0 and ontology.is_finding[row.term]:
                for a in ontology.ancestor_set(row.term):
                    own[a] = max(own.get(a, 0.0), row.probability)
        spread.append(own)
    information = informations(spread)
    profiles = Profiles(toy)
    for a, one in enumerate(spread):
        for b, other in enumerate(spread):
            found, expected = profiles.similarity([a], [b]), literal_cosine(one, other, information)
            assert found == (None if expected is None else pytest.approx(expected))


def informations(spread: list[dict[int, float]]) -> dict[int, float]:
    return {t: -math.log(sum(t in own for own in spread) / len(spread)) for t in set().union(*spread)}


def literal_cosine(one: dict[int, float], other: dict[int, float], information: dict[int, float]) -> float | None:
    def product(f: dict[int, float], g: dict[int, float]) -> float:
        return sum(information[t] * f[t] * g[t] for t in f.keys() & g.keys())

    scale = (product(one, one) * product(other, other)) ** 0.5
    return product(one, other) / scale if scale > 0 else None
