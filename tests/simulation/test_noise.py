"""Noise changes what is told, never into something impossible or contradictory; a preset says how much."""

from __future__ import annotations

import numpy as np
import pytest

from rarescale.errors import KnowledgeError, UsageError
from rarescale.expert import ProbabilisticExpert
from rarescale.knowledge import Knowledge, open_knowledge
from rarescale.record import Sex
from rarescale.simulation import SimulatedCase, SimulationSettings, Simulator, read_properties
from rarescale.simulation.chance import Stream

WILSON = "OMIM:277900"
FEW = {
    "attempts": 40,
    "needed": 5,
    "accept": "any",
    "rival_share": 0.0,
    "foreign": 0,
    "ancestor": 0.0,
    "incidental": 0.0,
}


def simulated(knowledge: Knowledge, count: int = 60, disease: str = WILSON, **values: object) -> list[SimulatedCase]:
    simulator = Simulator(knowledge, SimulationSettings.from_dict({**FEW, **values}))
    index = knowledge.diseases.index(disease)
    assert index is not None
    return [c for c in simulator.cases(simulator.profile(index), list(range(count))) if c is not None]


def annotated(knowledge: Knowledge, disease: str = WILSON) -> set[int]:
    index = knowledge.diseases.index(disease)
    assert index is not None
    p = ProbabilisticExpert(knowledge).profiles
    return set(p["pair.term"][p["pair.offsets"][index] : p["pair.offsets"][index + 1]].tolist())


def share(knowledge: Knowledge, cases: list[SimulatedCase], kind: str) -> float:
    """Share of present findings that stand so to the annotated ones."""
    own, above = annotated(knowledge), knowledge.ontology.ancestor_set
    more_general = set().union(*(above(t) for t in own))
    told = [t for c in cases for t in c.present]
    is_kind = {
        "exact": lambda t: t in own,
        "general": lambda t: t not in own and t in more_general,
        "specific": lambda t: t not in own and t not in more_general and bool(above(t) & own),
        "other": lambda t: t not in more_general and not above(t) & own,
    }[kind]
    return sum(is_kind(t) for t in told) / len(told)


def test_without_noise_only_annotated_findings_are_told(hpo: Knowledge) -> None:
    cases = simulated(hpo)
    assert len(cases) == 60
    assert share(hpo, cases, "exact") == 1.0


@pytest.mark.parametrize(
    ("rate", "kind"),
    [("ancestor", "general"), ("specific", "specific"), ("cousin", "other"), ("unrelated", "other")],
)
def test_each_kind_of_noise_makes_its_kind_of_finding(hpo: Knowledge, rate: str, kind: str) -> None:
    some, more = (simulated(hpo, **{rate: value}) for value in (0.1, 0.6))
    assert 0 < share(hpo, some, kind) < share(hpo, more, kind)
    assert share(hpo, more, "exact") < share(hpo, some, "exact")


def test_missing_findings_are_not_told(hpo: Knowledge) -> None:
    whole, cut = simulated(hpo), simulated(hpo, missing=0.5, least_present=1)
    assert sum(len(c.present) for c in cut) < 0.65 * sum(len(c.present) for c in whole)


def test_nothing_told_contradicts_or_repeats_something_else(hpo: Knowledge) -> None:
    noisy = dict.fromkeys(("ancestor", "specific", "cousin", "incidental", "absent_unrelated"), 0.25)
    cases = simulated(hpo, world="closed", unrelated=1.0, unevenness=0.5, absents=8.0, absents_tail=0.5, **noisy)
    above = hpo.ontology.ancestor_set
    for case in cases:
        for term in case.present:
            assert above(term).isdisjoint(case.absent)
            assert not above(term) & (set(case.present) - {term})


def test_noise_respects_sex_and_age(hpo: Knowledge) -> None:
    limits = read_properties(hpo).limits
    cases = simulated(hpo, 150, unrelated=4.0, near=0.0, absents=10.0)
    assert {c.sex for c in cases} == {Sex.MALE, Sex.FEMALE}
    for case in cases:
        told = set().union(*(hpo.ontology.ancestor_set(t) for t in (*case.present, *case.absent)))
        assert not [limit for limit in limits if limit.term in told and limit.bars(case.sex, case.age)]


def test_the_number_of_absent_findings_is_the_one_set(hpo: Knowledge) -> None:
    none = simulated(hpo, world="closed", absents=6.0, absents_none=1.0)
    some = simulated(hpo, world="closed", absents=6.0)
    assert not [c for c in none if c.absent]
    assert 5 <= np.median([len(c.absent) for c in some]) <= 6


def test_findings_near_the_told_ones_share_their_body_systems(hpo: Knowledge) -> None:
    root = hpo.ontology.index("HP:0000118")
    systems = {t for t in range(len(hpo.ontology)) if root in hpo.ontology.parents[t].tolist()}

    def spread(near: float) -> float:
        cases = simulated(hpo, unrelated=1.5, near=near)
        return float(np.mean([len(systems & set().union(*map(hpo.ontology.ancestor_set, c.present))) for c in cases]))

    assert spread(1.0) < spread(0.0)


def test_realistic_cases_are_of_all_kinds_and_need_not_be_found(hpo: Knowledge) -> None:
    simulator = Simulator(hpo, SimulationSettings.preset("realistic"))
    index = hpo.diseases.index(WILSON)
    assert index is not None
    cases = simulator.cases(simulator.profile(index), list(range(80)))
    assert all(cases)
    made = [c for c in cases if c is not None]
    assert 0 < sum(c.differential[0] == index for c in made) < 80
    lengths = [len(c.present) for c in made]
    assert min(lengths) <= 4
    assert max(lengths) >= 15
    assert {"unknown", "symptom"} <= {hpo.ontology.answerable(t) for c in made for t in c.present}
    assert made[3:5] == simulator.cases(simulator.profile(index), [3, 4])


def test_presets_and_settings_refuse_nonsense() -> None:
    assert SimulationSettings.preset("chat") == SimulationSettings()
    with pytest.raises(UsageError, match="realistic"):
        SimulationSettings.preset("real")
    with pytest.raises(UsageError, match="scope"):
        SimulationSettings.from_dict({"scope": "some"})
    with pytest.raises(UsageError, match="unrelated"):
        SimulationSettings(unrelated=-1.0)


def test_noise_alone_does_not_change_which_diseases_are_eligible() -> None:
    assert SimulationSettings(ancestor=0.3).drawing() == SimulationSettings().drawing()
    assert SimulationSettings(foreign=3).drawing() != SimulationSettings().drawing()


def test_streams_draw_what_they_are_named_for() -> None:
    """Odds of a false alarm: means of 4,000 draws are more than 5 standard errors off in less than 1 of 10^6 runs."""
    chance = Stream(7, 1)
    assert abs(np.mean([chance.next() for _ in range(4000)]) - 0.5) < 5 * 0.29 / 4000**0.5
    assert abs(np.mean([chance.normal() for _ in range(4000)])) < 5 / 4000**0.5
    assert abs(np.mean([chance.poisson(2.5) for _ in range(4000)]) - 2.5) < 5 * 2.5**0.5 / 4000**0.5
    assert Stream(7, 1).next() != Stream(7, 2).next()


def test_a_broken_line_of_the_properties_is_named(toy_copy: object) -> None:
    table = toy_copy / "curated" / "properties.tsv"  # type: ignore[operator]
    table.write_text("kind\tterm\tlabel\tother\tother_label\tvalue\tnote\nimpossible\tHP:0001250\tx\t\t\tsex=NONE\t\n")
    with pytest.raises(KnowledgeError, match=r"line 2.*sex=NONE"):
        read_properties(open_knowledge(toy_copy))  # type: ignore[arg-type]
