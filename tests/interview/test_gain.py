from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.expert import ProbabilisticExpert, Query
from rarescale.interview import InterviewSettings, Mode
from rarescale.interview.gain import Forecaster, divergence, expected_gain
from rarescale.interview.modes import mode_for, problem, view
from rarescale.interview.outlook import Outlook, entropy
from rarescale.knowledge import Knowledge

weights = st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4)


def distribution(values: list[float]) -> np.ndarray:
    return np.array(values) / sum(values)


@given(weights, weights)
def test_divergence_is_never_negative_and_nothing_for_no_change(a: list[float], b: list[float]) -> None:
    assert divergence(distribution(a), distribution(b)) >= 0
    assert divergence(distribution(a), distribution(a)) == pytest.approx(0, abs=1e-9)


@given(weights, st.lists(st.floats(0.01, 0.99), min_size=4, max_size=4))
def test_under_bayes_rule_the_gain_is_the_mutual_information(prior: list[float], given_d: list[float]) -> None:
    p, f = distribution(prior), np.array(given_d)
    yes = float(p @ f)
    gain = expected_gain(p, yes, p * f / yes, p * (1 - f) / (1 - yes))
    mutual = float(entropy(np.array([yes]))[0] - p @ entropy(f))
    assert gain == pytest.approx(mutual, abs=1e-6)


def test_an_answer_that_all_diseases_give_tells_nothing() -> None:
    p = np.array([0.5, 0.3, 0.2])
    assert expected_gain(p, 0.7, p, p) == pytest.approx(0, abs=1e-9)


def test_the_forecast_of_a_no_is_what_the_expert_says_after_a_no(toy: Knowledge) -> None:
    expert = ProbabilisticExpert(toy)
    tremor, seizure = toy.ontology.index("HP:0001337"), toy.ontology.index("HP:0001250")
    assert tremor is not None
    assert seizure is not None
    query = Query((tremor,))
    found = Forecaster(expert, query, expert.rank(query)).forecast(seizure, 0.5)
    assert found.after_no == pytest.approx(expert.rank(Query((tremor,), (seizure,))).probabilities)
    assert found.after_yes == pytest.approx(expert.rank(Query((tremor, seizure))).probabilities)
    assert (found.after_no != expert.rank(query).probabilities).any()


def literal(outlook: Outlook, expert: ProbabilisticExpert, p: np.ndarray, term: int) -> tuple[float, float]:
    """P(yes) and mutual information, disease by disease, as the module text says."""
    s, profiles = outlook.settings, expert.profiles
    rate = min(s.background * float(np.exp(-profiles["surprise"][term])), 0.5)
    given_d = np.full(len(p), rate)
    part = slice(profiles["spread.offsets"][term], profiles["spread.offsets"][term + 1])
    frequency = np.minimum(s.reported * profiles["spread.frequency"][part], 0.95)
    given_d[profiles["spread.disease"][part]] = np.maximum(frequency, rate)
    p = np.append(p, 1 - p.sum())
    given_d = np.append(given_d, min(s.reported * float(np.exp(-profiles["surprise"][term])), 0.5))
    yes = float(p @ given_d)
    return yes, float(entropy(np.array([yes]))[0] - p @ entropy(given_d))


def test_expected_answers_are_those_of_the_formula(toy: Knowledge) -> None:
    expert = ProbabilisticExpert(toy)
    outlook = Outlook(expert, InterviewSettings())
    tremor = toy.ontology.index("HP:0001337")
    assert tremor is not None
    p = expert.rank(Query((tremor,))).probabilities
    expected = outlook.expect(p)
    for term in np.flatnonzero(toy.ontology.is_finding).tolist():
        yes, mutual = literal(outlook, expert, p, term)
        assert expected.yes[term] == pytest.approx(yes, abs=1e-6)
        assert expected.gain[term] == pytest.approx(max(mutual, 0), abs=1e-6)


def test_what_brought_no_yes_counts_against_the_diseases_that_have_it(toy: Knowledge) -> None:
    expert = ProbabilisticExpert(toy)
    outlook = Outlook(expert, InterviewSettings())
    tremor, seizure = toy.ontology.index("HP:0001337"), toy.ontology.index("HP:0001250")
    assert tremor is not None
    assert seizure is not None
    p = expert.rank(Query((tremor,))).probabilities
    after = outlook.without(p, [seizure])
    assert after.sum() == pytest.approx(p.sum())
    fitful, thirst = toy.diseases.index("ORPHA:12"), toy.diseases.index("DECIPHER:1")
    assert after[fitful] < p[fitful]
    assert after[thirst] > p[thirst]
    assert outlook.without(p, []) == pytest.approx(p)


def test_competitors_are_near_and_explain_more_or_less_of_the_same() -> None:
    probability = np.array([0.4, 0.3, 0.2, 0.01])
    explains = np.array([[1, 1, 0, 1], [1, 0, 1, 1], [0, 0, 1, 0]], bool)
    # The second explains part of what the leader explains; the third explains something else beside; the last is far.
    assert problem(probability, explains, 0.1).tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("size", "mode"), [(1, Mode.PURSUE), (2, Mode.DISCRIMINATE), (4, Mode.DISCRIMINATE), (5, Mode.RULE_OUT)]
)
def test_the_mode_follows_the_size_of_the_problem(size: int, mode: Mode) -> None:
    assert mode_for(size, InterviewSettings()) is mode


@given(weights)
def test_every_view_is_a_distribution(values: list[float]) -> None:
    p = distribution(values)
    for mode in Mode:
        assert view(p, mode, np.array([2, 0])).sum() == pytest.approx(1)
    assert view(p, Mode.PURSUE, np.array([2, 0]))[0] == pytest.approx(p[2])
