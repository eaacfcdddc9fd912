"""Simulated cases: their laws on a slice of the installed knowledge, and the folder they are written to."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rarescale.errors import UsageError
from rarescale.expert import ProbabilisticExpert, Query, best
from rarescale.knowledge import Knowledge
from rarescale.record import Sex
from rarescale.simulation import SimulationSettings, Simulator, simulate_cases
from rarescale.simulation.properties import Limit, Properties
from rarescale.simulation.relations import Relations

SLICE = ["OMIM:277900", "OMIM:154700", "ORPHA:905", "OMIM:219700", "OMIM:162200", "OMIM:310200"]
SETTINGS = SimulationSettings(attempts=40, needed=5)


@pytest.fixture(scope="module")
def lines(hpo: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    folder = tmp_path_factory.mktemp("cases")
    simulate_cases(hpo, 60, 1, folder, settings=SETTINGS, diseases=SLICE)
    return [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines()]


def indices(knowledge: Knowledge, ids: object) -> tuple[int, ...]:
    assert isinstance(ids, list)
    return tuple(i for t in ids if (i := knowledge.ontology.index(t)) is not None)


def test_the_expert_finds_the_seed_strictly_first(hpo: Knowledge, lines: list[dict[str, object]]) -> None:
    expert = ProbabilisticExpert(hpo)
    for line in lines[::6]:
        years, months = str(line["age"])[1:-1].split("Y")
        age = int(years) + int(months) / 12
        asked = Query(indices(hpo, line["present"]), indices(hpo, line["absent"]), Sex(str(line["sex"])), age)
        ranking = expert.rank(asked)
        first, second = best(ranking, 2)
        assert hpo.diseases.ids(first)[0] in line["diagnosis"]  # type: ignore[operator]
        assert ranking.scores[first] > ranking.scores[second]


def test_cases_have_a_sensible_shape(hpo: Knowledge, lines: list[dict[str, object]]) -> None:
    assert len(lines) == 60
    assert len({line["seed"] for line in lines}) == 60
    for line in lines:
        present, absent = indices(hpo, line["present"]), indices(hpo, line["absent"])
        assert 6 <= len(present) + len(absent) <= 18
        assert 1 <= len(line["differential"]) <= 5  # type: ignore[arg-type]
        assert all(hpo.ontology.ids[t].startswith("RSF") or hpo.ontology.answerable(t) != "no" for t in present)
        for p in present:
            assert hpo.ontology.ancestor_set(p).isdisjoint(absent)


@pytest.mark.parametrize("expert", ["expert", "qmr"])
def test_impossible_pairs_never_meet(hpo: Knowledge, expert: str) -> None:
    disease = hpo.diseases.index("OMIM:277900")
    assert disease is not None
    plain = Simulator(hpo, SETTINGS, Properties())
    a, b, c = plain.profiler.own(disease)[0][:3].tolist()
    properties = Properties(((a, b),), (Limit(c, sex=Sex.MALE),))
    simulator = Simulator(
        hpo, SimulationSettings.from_dict({"expert": expert, "attempts": 40, "needed": 5}), properties
    )
    cases = [c for c in simulator.cases(simulator.profile(disease), list(range(30))) if c is not None]
    assert cases
    assert not [case for case in cases if a in case.present and b in case.present]
    assert not [case for case in cases if case.sex is Sex.MALE and c in (*case.present, *case.absent)]


def test_a_case_depends_on_its_own_seed_alone(hpo: Knowledge) -> None:
    simulator = Simulator(hpo, SETTINGS)
    disease = hpo.diseases.index("OMIM:154700")
    assert disease is not None
    profile = simulator.profile(disease)
    together = simulator.cases(profile, [5, 6, 7])
    assert together == [simulator.cases(profile, [s])[0] for s in (5, 6, 7)]
    assert len({c.present for c in together if c}) > 1


def test_noise_keeps_the_seed_first(hpo: Knowledge) -> None:
    noisy = SimulationSettings(attempts=40, needed=5, ancestor=0.3, missing=0.2, incidental=1.0)
    simulator = Simulator(hpo, noisy)
    disease = hpo.diseases.index("OMIM:277900")
    assert disease is not None
    profile = simulator.profile(disease)
    cases = [c for c in simulator.cases(profile, list(range(8))) if c is not None]
    assert cases
    assert all(c.differential[0] == disease for c in cases)
    assert any(not set(c.present) <= set(profile.terms.tolist()) for c in cases)


def test_the_same_lines_for_any_number_of_workers_and_others_for_another_seed(hpo: Knowledge, tmp_path: Path) -> None:
    for name, seed, workers in (("a", 1, 1), ("b", 1, 2), ("c", 2, 1)):
        simulate_cases(hpo, 40, seed, tmp_path / name, settings=SETTINGS, diseases=SLICE, workers=workers)
    files = {name: (tmp_path / name / "cases.jsonl").read_bytes() for name in "abc"}
    assert files["a"] == files["b"]
    assert files["a"] != files["c"]
    assert {p.name for p in (tmp_path / "a").iterdir()} == {"cases.jsonl", "dropped.tsv", "manifest.json"}


def test_a_disease_without_tellable_findings_is_dropped_with_a_reason(toy: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no finding that a patient can tell"):
        simulate_cases(toy, 3, 1, tmp_path, settings=SimulationSettings(answerable=("no",)))


def test_fewer_cases_than_asked_for_are_told_about(hpo: Knowledge, tmp_path: Path) -> None:
    once = SimulationSettings(attempts=1, needed=1, missing=0.4)
    facts = simulate_cases(hpo, 60, 1, tmp_path / "once", settings=once, diseases=SLICE)
    assert 0 < facts["cases"] < 60
    assert f"{60 - facts['cases']} of 60 cases are missing" in facts["warning"]
    assert json.loads((tmp_path / "once" / "manifest.json").read_text())["warning"] == facts["warning"]
    assert simulate_cases(hpo, 6, 1, tmp_path / "all", settings=SETTINGS, diseases=SLICE)["warning"] is None


def test_without_a_more_general_finding_a_more_specific_one_is_settled(hpo: Knowledge) -> None:
    """What is implied absent follows from its own absence or that of something more general, not more specific."""
    general, a, specific = (hpo.ontology.index(i) for i in ("HP:0000152", "HP:0000234", "HP:0000271"))
    other = hpo.ontology.index("HP:0001824")
    assert None not in (general, a, specific, other)
    related = Relations(hpo.ontology, Properties(implied=((a, other),))).over(np.array([general, a, specific, other]))
    assert related.without[:, 3].tolist() == [True, True, False, True]


def test_settings_refuse_nonsense() -> None:
    with pytest.raises(UsageError, match="attempts"):
        SimulationSettings(attempts=0)
    with pytest.raises(UsageError, match="lenght"):
        SimulationSettings.from_dict({"lenght": 3})
    assert np.isclose(SimulationSettings().length, 12)
