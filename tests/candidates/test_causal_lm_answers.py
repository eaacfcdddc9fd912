"""From what a language model wrote to scores of diseases; the model is a script here, no torch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.candidates import CandidateModel, CausalLm, Decoding, Talk, load_causal_lm, ordered, talk_of
from rarescale.candidates.causal_lm.data import Sample
from rarescale.candidates.causal_lm.judging import figures, hits, judged, spread
from rarescale.candidates.causal_lm.names import Target, TrainedNames, load_targets, save_targets, targets_of
from rarescale.candidates.causal_lm.reply import Reply, names_in
from rarescale.candidates.causal_lm.shares import rank_shares, shared_out
from rarescale.errors import KnowledgeError
from rarescale.knowledge import Knowledge
from rarescale.record import Chat, Message, Reading, Role

TARGETS = [
    Target("OMIM:100001", "Copperfield disease", 6),
    Target("OMIM:100002", "Fitful syndrome 1", 3),
    Target("ORPHA:13", "Blind-spleen syndrome", 1),
]
SHAKY = Talk(("My hands keep shaking.",))


class Script:
    """Gives the same replies to every conversation and keeps what was asked."""

    def __init__(self, *texts: str, finished: bool = True) -> None:
        self.answers = [Reply(text, finished) for text in texts]
        self.asked: list[str] = []

    def replies(self, said: Sequence[str], decoding: Decoding) -> list[list[Reply]]:
        self.asked += said
        return [self.answers for _ in said]


@pytest.fixture(scope="session")
def names(toy: Knowledge) -> TrainedNames:
    return TrainedNames(toy, TARGETS)


def model(names: TrainedNames, script: Script, turns: str = "patient") -> CausalLm:
    return CausalLm(script, names, rank_shares([0] * 5, 0), turns=turns)


def index(toy: Knowledge, disease: str) -> int:
    found = toy.diseases.index(disease)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("Wilson disease\nMarfan syndrome", ("Wilson disease", "Marfan syndrome")),
        ("1. Wilson disease\n2) Marfan syndrome\n- Gout", ("Wilson disease", "Marfan syndrome", "Gout")),
        ("3-methylcrotonyl-CoA carboxylase deficiency", ("3-methylcrotonyl-CoA carboxylase deficiency",)),
        ("A\n\n  A \nB\nA", ("A", "B")),
        ("A\nB\nC\nD\nE\nF", ("A", "B", "C", "D", "E")),
        ("", ()),
        ("\n- \n", ("-",)),
    ],
)  # fmt: skip
def test_the_names_of_a_reply(text: str, listed: tuple[str, ...]) -> None:
    assert names_in(Reply(text), 5) == listed


def test_the_last_name_of_an_answer_that_was_cut_off_does_not_count() -> None:
    assert names_in(Reply("Wilson disease\nUsher syndrome", finished=False), 5) == ("Wilson disease",)


def test_scores_are_log_probabilities_and_keep_the_order_of_the_list(names: TrainedNames, toy: Knowledge) -> None:
    candidate: CandidateModel = model(names, Script("Blind-spleen syndrome\nCopperfield disease"))
    proposal = candidate.propose(SHAKY)
    assert proposal.scores.shape == (len(toy.diseases),)
    assert np.exp(proposal.scores).sum() == pytest.approx(1.0)
    assert [toy.diseases.ids(d)[0] for d in ordered(proposal, 3)] == ["ORPHA:13", "OMIM:100001", "OMIM:100002"]


def test_diseases_that_were_never_an_answer_have_no_score(names: TrainedNames, toy: Knowledge) -> None:
    scores = model(names, Script("Copperfield disease")).propose(SHAKY).scores
    assert scores[index(toy, "DECIPHER:1")] == -np.inf


def test_a_disease_of_the_knowledge_may_be_proposed_though_it_was_no_training_answer(
    names: TrainedNames, toy: Knowledge
) -> None:
    proposal = model(names, Script("thirst  Deletion")).propose(SHAKY)
    assert ordered(proposal, 1) == [index(toy, "DECIPHER:1")]
    assert proposal.unresolved == ()


def test_a_name_that_means_no_disease_is_reported_and_proposes_nothing(names: TrainedNames, toy: Knowledge) -> None:
    proposal = model(names, Script("Moonlight disease\nBlind-spleen syndrome")).propose(SHAKY)
    assert proposal.unresolved == ("Moonlight disease",)
    assert proposal.lists == (("Moonlight disease", "Blind-spleen syndrome"),)
    assert ordered(proposal, 1) == [index(toy, "ORPHA:13")]
    assert np.exp(proposal.scores).sum() == pytest.approx(1.0)


def test_what_follows_a_name_without_a_disease_keeps_its_rank() -> None:
    shares, prior = rank_shares([0] * 5, 0), np.full(100, 0.01)
    total = shared_out([[None, 7]], shares, prior)
    assert total[7] == pytest.approx(shares[1])
    assert total[8] == pytest.approx((1 - shares[1]) / 99)


def test_an_id_that_is_written_instead_of_a_name_means_nothing(names: TrainedNames) -> None:
    assert model(names, Script("OMIM:100001")).propose(SHAKY).unresolved == ("OMIM:100001",)


def test_nothing_said_gets_the_shares_of_the_training_answers_unasked(names: TrainedNames, toy: Knowledge) -> None:
    script = Script("Blind-spleen syndrome")
    scores = model(names, script).propose(Talk()).scores
    assert np.exp(scores[index(toy, "OMIM:100001")]) == pytest.approx(0.6)
    assert script.asked == []


def test_an_empty_answer_gets_the_shares_of_the_training_answers(names: TrainedNames, toy: Knowledge) -> None:
    scores = model(names, Script("")).propose(SHAKY).scores
    assert np.exp(scores[index(toy, "OMIM:100002")]) == pytest.approx(0.3)


def test_what_comes_back_more_often_weighs_more(names: TrainedNames, toy: Knowledge) -> None:
    often = model(names, Script("Fitful syndrome 1", "Blind-spleen syndrome", "Fitful syndrome 1")).propose(SHAKY)
    assert ordered(often, 2) == [index(toy, "OMIM:100002"), index(toy, "ORPHA:13")]


@pytest.mark.parametrize(("turns", "heard"), [("all", "Doctor: Well?\nPatient: Hi."), ("patient", "Patient: Hi.")])
def test_a_chat_is_told_as_the_model_was_trained(names: TrainedNames, toy: Knowledge, turns: str, heard: str) -> None:
    script = Script("")
    chat = Chat(
        id="c", messages=(Message(role=Role.CLINICIAN, content="Well?"), Message(role=Role.PATIENT, content="Hi."))
    )
    model(names, script, turns).propose(talk_of(chat, Reading(), toy.ontology))
    assert script.asked == [heard]


ranked_lists = st.lists(st.lists(st.one_of(st.none(), st.integers(0, 5)), max_size=7), max_size=4)
priors = st.lists(st.integers(0, 9), min_size=6, max_size=6).filter(any)


@given(ranked_lists, priors, st.lists(st.integers(0, 20), min_size=5, max_size=5))
def test_shares_sum_to_one_whatever_is_listed(lists: list[list[int | None]], prior: list[int], hit: list[int]) -> None:
    weights = np.array(prior, float) / sum(prior)
    total = shared_out(lists, rank_shares(hit, sum(hit) + 3), weights)
    assert total.sum() == pytest.approx(1.0) and (total >= 0).all()


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=5, unique=True),
    priors,
    st.lists(st.integers(0, 20), min_size=5, max_size=5),
)
def test_the_list_keeps_its_order_and_stays_above_all_others(
    listed: list[int], prior: list[int], hit: list[int]
) -> None:
    weights = np.array(prior, float) / sum(prior)
    total = shared_out([listed], rank_shares(hit, sum(hit) + 3), weights)
    others = np.delete(total, listed)
    assert all(total[a] >= total[b] for a, b in pairwise(listed))
    assert total[listed].min() > others.max(initial=0.0)


def test_shares_of_ranks_without_counts_fall_like_one_over_the_rank() -> None:
    shares = rank_shares([0] * 5, 0)
    assert shares.sum() == pytest.approx(0.8)
    assert shares[0] / shares[3] == pytest.approx(4.0)


def test_shares_of_ranks_go_to_the_counts() -> None:
    # (30 + 10 * 0.8 * (1 / 1) / (1 + 1 / 2)) / (90 + 10), by hand
    assert rank_shares([30, 6], 90)[0] == pytest.approx((30 + 16 / 3) / 100)


def test_names_in_training_answers_win_over_a_look_up_that_finds_several(toy: Knowledge) -> None:
    known = TrainedNames(toy, [Target("ORPHA:12", "Fitful syndrome", 1)])
    assert known.disease("Fitful syndrome") == index(toy, "ORPHA:12")
    assert known.disease("fitful SYNDROME, type 1") == index(toy, "OMIM:100002")
    assert known.disease("syndrome") is None


def test_a_knowledge_without_any_of_its_diseases_is_refused(toy: Knowledge) -> None:
    with pytest.raises(KnowledgeError, match="none of the 1 diseases"):
        TrainedNames(toy, [Target("OMIM:999999", "Elsewhere", 1)])


def test_targets_are_counted_and_come_back_from_their_file(tmp_path: Path) -> None:
    samples = [Sample(str(k), "", ("A", "B")[: k + 1], ("OMIM:1", "OMIM:2")[: k + 1], (), "w") for k in (0, 1)]
    targets = targets_of(samples)
    save_targets(tmp_path / "t.tsv", targets)
    assert load_targets(tmp_path / "t.tsv") == targets == [Target("OMIM:1", "A", 2), Target("OMIM:2", "B", 1)]


def test_another_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("id\tname\n1\t2\n")
    with pytest.raises(KnowledgeError, match="columns"):
        load_targets(tmp_path / "t.tsv")


def test_figures_count_the_seed_disease_under_any_of_its_ids(names: TrainedNames) -> None:
    script = Script("Fitful syndrome 1\nCopperfield disease\nMoonlight disease")
    samples = [
        Sample("a", "x", (), (), ("ORPHA:11", "OMIM:100001"), "whole"),
        Sample("b", "x", (), (), ("OMIM:100002",), "turns"),
        Sample("c", "x", (), (), ("ORPHA:13",), "turns"),
    ]
    found = judged(model(names, script), samples, lambda done, of: None)
    assert hits(found, 5) == [1, 1, 0, 0, 0]
    assert figures(found)["all"] == {
        "n": 3, "top1": 0.3333, "top5": 0.6667, "mrr": 0.5, "names": 9, "unresolved": 3,
    }  # fmt: skip
    assert figures(found)["turns"]["n"] == 2


def test_a_part_of_the_samples_is_taken_from_all_over() -> None:
    samples = [Sample(str(k), "", (), (), (), "w") for k in range(10)]
    assert [s.id for s in spread(samples, 3)] == ["0", "3", "6"]
    assert spread(samples, 0) == samples


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path, toy: Knowledge) -> None:
    with pytest.raises(KnowledgeError, match="causal-lm"):
        load_causal_lm(tmp_path / "nowhere", toy)


def test_the_package_comes_without_torch() -> None:
    code = "import sys, rarescale.candidates as c; c.LmSettings(); print({'torch', 'transformers'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"
