"""What a clinician would expect of the order and of the reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rarescale.expert import ProbabilisticExpert, Query, Settings, best, reasons_of
from rarescale.knowledge import Knowledge
from rarescale.record import Reason, Sex


@pytest.fixture(scope="module")
def expert(toy: Knowledge) -> ProbabilisticExpert:
    return ProbabilisticExpert(toy)


def query(
    toy: Knowledge, *present: str, absent: tuple[str, ...] = (), sex: Sex | None = None, age: float | None = None
) -> Query:
    def find(terms: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(i for t in terms if (i := toy.ontology.index(t)) is not None)

    return Query(find(present), find(absent), sex, age)


def first(toy: Knowledge, expert: ProbabilisticExpert, asked: Query) -> str:
    return toy.diseases.name(best(expert.rank(asked), 1)[0])


@pytest.mark.parametrize(
    ("present", "name"),
    [
        (["HP:0001337", "HP:0002240"], "Copperfield disease"),
        (["HP:0000618", "HP:0001744"], "Blind-spleen syndrome"),
        (["HP:0000103"], "Thirst deletion"),
        (["HP:0002373", "HP:0000505"], "Fitful syndrome 2"),
    ],
)
def test_the_disease_that_explains_the_findings_comes_first(
    toy: Knowledge, expert: ProbabilisticExpert, present: list[str], name: str
) -> None:
    assert first(toy, expert, query(toy, *present)) == name


def test_an_empty_query_is_refused(toy: Knowledge, expert: ProbabilisticExpert) -> None:
    with pytest.raises(ValueError, match="present"):
        expert.rank(Query(()))


def reason(toy: Knowledge, expert: ProbabilisticExpert, asked: Query, disease: str, finding: str) -> Reason:
    index = toy.diseases.index(disease)
    assert index is not None
    (found,) = [r for r in reasons_of(expert.rank(asked).told(index)) if r.finding == finding]
    return found


@pytest.mark.parametrize(
    ("finding", "disease", "kind", "matched", "source"),
    [
        ("HP:0001337", "OMIM:100001", "exact", "HP:0001337", "PMID:1"),
        ("HP:0001250", "OMIM:100003", "descendant", "HP:0002373", "OMIM:100003"),
        ("HP:0002373", "OMIM:100002", "ancestor", "HP:0001250", "PMID:3"),
        ("HP:0001337", "OMIM:100002", "related", "HP:0001250", "PMID:3"),
        ("HP:0000103", "OMIM:100002", "unexplained", None, None),
    ],
)
def test_a_reason_names_the_annotation_that_answers_the_finding(
    toy: Knowledge,
    expert: ProbabilisticExpert,
    finding: str,
    disease: str,
    kind: str,
    matched: str | None,
    source: str | None,
) -> None:
    found = reason(toy, expert, query(toy, finding), disease, finding)
    assert (found.kind, found.matched, found.source) == (kind, matched, source)


def test_a_finding_the_disease_has_speaks_for_it_and_one_it_lacks_against(
    toy: Knowledge, expert: ProbabilisticExpert
) -> None:
    asked = query(toy, "HP:0001337", "HP:0000103")
    assert reason(toy, expert, asked, "OMIM:100001", "HP:0001337").direction == "for"
    assert reason(toy, expert, asked, "OMIM:100001", "HP:0000103").direction == "against"


def test_an_exact_match_weighs_more_than_a_match_through_an_ancestor(
    toy: Knowledge, expert: ProbabilisticExpert
) -> None:
    exact = reason(toy, expert, query(toy, "HP:0002373"), "OMIM:100003", "HP:0002373").weight
    above = reason(toy, expert, query(toy, "HP:0002373"), "OMIM:100002", "HP:0002373").weight
    assert exact > above


def test_an_absent_finding_that_is_usual_lowers_a_disease_and_says_so(toy: Knowledge) -> None:
    expert = ProbabilisticExpert(toy, replace(Settings.default(), absent_weight=0.5, absent_threshold=0.5))
    without = expert.rank(query(toy, "HP:0001337"))
    with_absence = expert.rank(query(toy, "HP:0001337", absent=("HP:0002240",)))
    copperfield, fitful = toy.diseases.index("ORPHA:11"), toy.diseases.index("OMIM:100002")
    assert copperfield is not None and fitful is not None
    assert with_absence.scores[copperfield] < without.scores[copperfield]
    assert with_absence.scores[fitful] == without.scores[fitful]
    (told,) = [r for r in reasons_of(with_absence.told(copperfield)) if r.kind == "absent"]
    assert (told.finding, told.direction, told.frequency) == ("HP:0002240", "against", "7/10")


def test_a_patient_younger_than_the_onset_speaks_against(toy: Knowledge, expert: ProbabilisticExpert) -> None:
    copperfield = toy.diseases.index("OMIM:100001")
    assert copperfield is not None
    child = expert.rank(query(toy, "HP:0001337", age=3.0))
    adult = expert.rank(query(toy, "HP:0001337", age=30.0))
    assert child.scores[copperfield] < adult.scores[copperfield]
    (told,) = [r for r in reasons_of(child.told(copperfield)) if r.kind == "age"]
    assert told.matched == "HP:0003581"
    assert not [r for r in reasons_of(adult.told(copperfield)) if r.kind == "age"]


def test_equal_scores_are_listed_by_index_and_the_count_is_kept(toy: Knowledge, expert: ProbabilisticExpert) -> None:
    ranking = expert.rank(query(toy, "HP:0001337"))
    tied = replace(ranking, scores=ranking.scores * 0)
    assert best(tied, 4) == [0, 1, 2, 3]
    assert best(tied, 100) == list(range(6))
    assert best(tied, 0) == []


def test_more_findings_than_any_record_has_are_cut_to_the_most_informative(hpo: Knowledge) -> None:
    expert = ProbabilisticExpert(hpo)
    phenotypes = hpo.ontology.is_finding.nonzero()[0].tolist()
    ranking = expert.rank(Query(tuple(phenotypes[:3000])))
    assert len(ranking.evidence.findings) == 400


def test_wilson_disease_is_found_in_the_installed_release(hpo: Knowledge) -> None:
    expert = ProbabilisticExpert(hpo)
    asked = Query(
        tuple(i for t in ("HP:0200032", "HP:0001337", "HP:0001260", "HP:0001394") if (i := hpo.ontology.index(t)))
    )
    assert "OMIM:277900" in hpo.diseases.ids(best(expert.rank(asked), 1)[0])
