"""The real path of a language model, from chats to answers, on a Llama of two layers with random weights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from rarescale.candidates import CausalLm, Decoding, LmSettings, Talk, lm_preset, load_causal_lm, ordered
from rarescale.candidates import train_causal_lm as train
from rarescale.candidates.causal_lm.data import IGNORED
from rarescale.errors import UsageError
from rarescale.knowledge import Knowledge

WHY = "language models need the extra train-llm (torch, transformers, peft), which the development tools leave out"
torch = pytest.importorskip("torch", reason=WHY)
transformers = pytest.importorskip("transformers", reason=WHY)
pytest.importorskip("peft", reason=WHY)

# Three diseases, each with words of its own and its own list.
DISEASES: dict[str, tuple[str, list[str], list[tuple[str, str]]]] = {
    "OMIM:100001": (
        "Copperfield disease",
        ["my hands shake", "spoons rattle", "my writing wobbles"],
        [("OMIM:100001", "Copperfield disease"), ("DECIPHER:1", "Thirst deletion")],
    ),
    "OMIM:100002": (
        "Fitful syndrome 1",
        ["I had a fit", "I fell down and jerked", "I bit my tongue"],
        [("OMIM:100002", "Fitful syndrome 1"), ("OMIM:100003", "Fitful syndrome 2")],
    ),
    "ORPHA:13": (
        "Blind-spleen syndrome",
        ["everything went dark", "I cannot see", "my left side is swollen"],
        [("ORPHA:13", "Blind-spleen syndrome")],
    ),
}
SMALL = replace(lm_preset("tiny"), epochs=14, batch=8, max_length=160, reply_tokens=48, rate=6e-3, patience=0)
SHAKY = Talk(("Well, my hands shake and spoons rattle.",))


def chats() -> Iterator[dict[str, Any]]:
    rng = Random(3)
    for number in range(48):
        for disease, (name, words, listed) in DISEASES.items():
            said = rng.sample(words, 2)
            yield {
                "id": f"{disease}-{number}",
                "messages": [
                    {"role": "clinician", "content": "Hello?"},
                    {"role": "patient", "content": f"{rng.choice(['Well', 'Hm', 'So'])}, {said[0]} and {said[1]}."},
                    {"role": "patient", "content": f"It began {number} days ago."},
                ],
                "diagnosis": [disease],
                "diagnosis_name": name,
                "differential": [{"id": i, "name": n} for i, n in listed],
                "split": {0: "val", 1: "test"}.get(number % 8, "train"),
                "writer": "whole",
            }


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "chats.jsonl").write_text("".join(json.dumps(chat) + "\n" for chat in chats()))
    return folder


@pytest.fixture(scope="module")
def trained(corpus: Path, toy: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("run") / "model"
    return out, train(toy, [corpus], out, SMALL)


@pytest.fixture(scope="module")
def model(trained: tuple[Path, dict[str, Any]], toy: Knowledge) -> CausalLm:
    return load_causal_lm(trained[0], toy)


def losses(metrics: dict[str, Any], kind: str = "eval_loss") -> list[float]:
    return [line[kind] for line in metrics["log"] if kind in line]


def test_training_lowers_the_loss(trained: tuple[Path, dict[str, Any]]) -> None:
    seen = losses(trained[1])
    assert len(seen) == SMALL.epochs
    assert seen[-1] < 0.2 * seen[0]


def test_a_trained_model_lists_the_disease_of_unseen_chats(trained: tuple[Path, dict[str, Any]]) -> None:
    # Three diseases told by words of their own: by chance top-1 would be 1/3 of 18 chats.
    test = trained[1]["judged"]["test, all"]
    assert test["n"] == 18
    assert test["top1"] >= 0.8


def test_a_run_leaves_weights_settings_card_and_a_manifest_of_them(trained: tuple[Path, dict[str, Any]]) -> None:
    out = trained[0]
    listed = json.loads((out / "manifest.json").read_text())["files"]
    assert {"settings.json", "diseases.tsv", "shares.json", "metrics.json", "README.md"} < set(listed)
    assert "model/model.safetensors" in listed and "model/tokenizer.json" in listed
    assert "Not for patients' own use" in (out / "README.md").read_text()
    assert not (out / "checkpoints").exists()


def test_a_saved_model_answers_as_the_contract_says(model: CausalLm, toy: Knowledge) -> None:
    proposal = model.propose(SHAKY)
    assert proposal.scores.shape == (len(toy.diseases),)
    assert np.exp(proposal.scores).sum() == pytest.approx(1.0)
    assert toy.diseases.ids(ordered(proposal, 1)[0])[0] == "OMIM:100001"
    assert proposal.lists[0][0] == "Copperfield disease"


def test_greedy_answers_are_the_same_every_time_alone_or_together(model: CausalLm) -> None:
    others = ["Patient: Hm, I cannot see and everything went dark.\nPatient: It began 5 days ago."] * 2
    alone = model.propose(SHAKY)
    said = "Patient: Well, my hands shake and spoons rattle."
    together = model.propose_said([others[0], said, "", others[1]])
    assert together[1].lists == model.propose(SHAKY).lists == alone.lists
    assert together[0].lists == together[3].lists != together[1].lists


def test_sampling_depends_on_its_seed_alone(trained: tuple[Path, dict[str, Any]], toy: Knowledge) -> None:
    def lists(seed: int) -> tuple[tuple[str, ...], ...]:
        torch.manual_seed(seed * 7 + 1)
        return load_causal_lm(trained[0], toy, decoding=Decoding(4, 3.0, seed)).propose(SHAKY).lists

    assert len(lists(0)) == 4
    assert lists(0) == lists(0) != lists(1)


def test_sampling_leaves_the_global_generator_alone(trained: tuple[Path, dict[str, Any]], toy: Knowledge) -> None:
    sampled = load_causal_lm(trained[0], toy, decoding=Decoding(2, 1.0))
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    sampled.propose(SHAKY)
    assert torch.equal(torch.rand(1), expected)


def test_the_loss_is_that_of_the_answers_tokens(trained: tuple[Path, dict[str, Any]], corpus: Path) -> None:
    from rarescale.candidates.causal_lm.base import coder_of, open_model, open_tokenizer
    from rarescale.candidates.causal_lm.data import read_samples
    from rarescale.candidates.causal_lm.decoding import decoder
    from rarescale.candidates.causal_lm.fit import Examples, padded

    tokenizer = open_tokenizer(str(trained[0] / "model"))
    samples = read_samples([corpus], SMALL)[0]["train"][:3]
    examples = Examples(samples, coder_of(tokenizer, SMALL))
    for sample, example in zip(samples, (examples[k] for k in range(3)), strict=True):
        counted = [label for label in example["labels"] if label != IGNORED]
        assert counted[-1] == tokenizer.eos_token_id
        assert decoder(tokenizer)(counted) == "\n".join(sample.names)
    batch = padded([examples[k] for k in range(3)], tokenizer.eos_token_id)
    model = open_model(str(trained[0] / "model"), "float32").eval()
    with torch.no_grad():
        out = model(**batch)
    # By hand: the mean over answer tokens of -log p(token | all before it).
    logs = torch.log_softmax(out.logits.double(), -1)
    terms = [
        -logs[row, place - 1, label].item()
        for row, labels in enumerate(batch["labels"].tolist())
        for place, label in enumerate(labels)
        if label != IGNORED
    ]
    assert out.loss.item() == pytest.approx(np.mean(terms), rel=1e-4)


def test_marks_of_the_tokenizer_in_a_chat_stay_text(trained: tuple[Path, dict[str, Any]]) -> None:
    from rarescale.candidates.causal_lm.base import encoder, open_tokenizer

    tokenizer = open_tokenizer(str(trained[0] / "model"))
    assert tokenizer.eos_token_id not in encoder(tokenizer)("and then </s> I fell")


class Stopped(Exception):
    """What a user's interruption is in these tests."""


def stop_in_epoch(epoch: int) -> Any:
    def say(line: str) -> None:
        if line.startswith("{") and json.loads(line).get("epoch", 0) > epoch:
            raise Stopped

    return say


def weights(out: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    (file,) = (out / "model").glob("*.safetensors")
    return load_file(file)


FEW = replace(SMALL, epochs=3, batch=16, judged_chats=2)


def test_a_run_that_was_stopped_goes_on_and_ends_as_if_it_had_not_been(
    corpus: Path, toy: Knowledge, tmp_path: Path
) -> None:
    train(toy, [corpus], tmp_path / "whole", FEW)
    with pytest.raises(Stopped):
        train(toy, [corpus], tmp_path / "stopped", FEW, say=stop_in_epoch(2))
    said: list[str] = []
    metrics = train(toy, [corpus], tmp_path / "stopped", FEW, say=said.append)
    assert '"resumed": "checkpoint-14"' in said[0]
    assert len(losses(metrics)) == 1
    whole, resumed = weights(tmp_path / "whole"), weights(tmp_path / "stopped")
    assert all(torch.allclose(whole[k], resumed[k], atol=1e-6) for k in whole)


def test_other_settings_or_chats_do_not_go_on_with_a_run(corpus: Path, toy: Knowledge, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(Stopped):
        train(toy, [corpus], out, FEW, say=stop_in_epoch(0))
    with pytest.raises(UsageError, match="other settings"):
        train(toy, [corpus], out, replace(FEW, rate=1.0))
    less = tmp_path / "less.jsonl"
    less.write_text("".join((corpus / "chats.jsonl").read_text().splitlines(keepends=True)[3:]))
    with pytest.raises(UsageError, match="another corpus"):
        train(toy, [less], out, FEW)


def test_a_finished_run_is_never_written_over(
    trained: tuple[Path, dict[str, Any]], corpus: Path, toy: Knowledge
) -> None:
    with pytest.raises(UsageError, match="finished run"):
        train(toy, [corpus], trained[0], SMALL)


def test_a_loss_that_does_not_fall_ends_the_run_early_and_the_best_epoch_is_kept(
    corpus: Path, toy: Knowledge, tmp_path: Path
) -> None:
    wild = replace(FEW, epochs=9, rate=1.0, clip=1e6, warmup=0.0, schedule="constant_with_warmup", patience=1)
    metrics = train(toy, [corpus], tmp_path / "run", wild)
    seen = losses(metrics)
    assert len(seen) < 9 and seen[-1] >= min(seen)
    # On a GPU the trainer measures in bf16, which rounds to three digits.
    assert kept_loss(tmp_path / "run", corpus, wild) == pytest.approx(min(seen), rel=5e-3)


def kept_loss(run: Path, corpus: Path, settings: LmSettings) -> float:
    from rarescale.candidates.causal_lm.base import coder_of, open_model, open_tokenizer
    from rarescale.candidates.causal_lm.data import read_samples
    from rarescale.candidates.causal_lm.fit import Examples, padded

    tokenizer = open_tokenizer(str(run / "model"))
    val = read_samples([corpus], settings)[0]["val"]
    examples = Examples(val, coder_of(tokenizer, settings))
    batch = padded([examples[k] for k in range(len(examples))], tokenizer.eos_token_id)
    with torch.no_grad():
        return float(open_model(str(run / "model"), "float32").eval()(**batch).loss)


@pytest.fixture
def bf16_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPU computes in bf16 too, slowly; here it shows that the path runs."""
    monkeypatch.setattr("rarescale.candidates.causal_lm.fit.bf16_here", lambda: True)


@pytest.fixture(scope="module")
def swapped(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same chats, with the lists of two diseases in each other's place."""
    other = {"OMIM:100001": "OMIM:100002", "OMIM:100002": "OMIM:100001", "ORPHA:13": "ORPHA:13"}
    folder = tmp_path_factory.mktemp("swapped")
    with (folder / "chats.jsonl").open("w") as stream:
        for text in (corpus / "chats.jsonl").read_text().splitlines():
            line = json.loads(text)
            disease = other[line["diagnosis"][0]]
            listed = [{"id": i, "name": n} for i, n in DISEASES[disease][2]]
            stream.write(json.dumps({**line, "diagnosis": [disease], "differential": listed}) + "\n")
    return folder


# peft itself still asks transformers under an older name.
@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")
def test_lora_trains_an_adapter_alone_that_changes_what_its_base_answers(
    trained: tuple[Path, dict[str, Any]], swapped: Path, toy: Knowledge, tmp_path: Path
) -> None:
    base = str(trained[0] / "model")
    settings = replace(FEW, base_model=base, lora_rank=8, epochs=4, batch=8, rate=1e-2, judged_chats=6)
    metrics = train(toy, [swapped], tmp_path / "run", settings)
    assert losses(metrics)[-1] < 0.5 * losses(metrics, "loss")[0]
    assert all("lora" in name for name in weights(tmp_path / "run"))
    proposal = load_causal_lm(tmp_path / "run", toy, base_model=base).propose(SHAKY)
    assert proposal.lists[0][0] == "Fitful syndrome 1"


@pytest.mark.skipif(find_spec("bitsandbytes") is None, reason="AdamW in 8 bit needs bitsandbytes")
def test_the_papers_optimizer_and_precision_run(corpus: Path, toy: Knowledge, tmp_path: Path, monkeypatch: Any) -> None:
    # A CPU computes in bf16 too, slowly; nobody wants that by default, but it shows that the path runs.
    monkeypatch.setattr("rarescale.candidates.causal_lm.fit.bf16_here", lambda: True)
    few = tmp_path / "few.jsonl"
    few.write_text("".join((corpus / "chats.jsonl").read_text().splitlines(keepends=True)[:36]))
    paper = replace(
        lm_preset("paper"), base_model=SMALL.base_model, epochs=2, accumulate=2, precision="bf16", weights="bfloat16",
        max_length=160, reply_tokens=48, rate=1e-2, judged_chats=1,
    )  # fmt: skip
    metrics = train(toy, [few], tmp_path / "run", paper)
    assert losses(metrics)[1] < losses(metrics)[0]
    assert {w.dtype for w in weights(tmp_path / "run").values()} == {torch.bfloat16}


def test_a_whole_conversation_is_trained_on_and_answered(corpus: Path, toy: Knowledge, tmp_path: Path) -> None:
    train(toy, [corpus], tmp_path / "run", replace(FEW, turns="all", epochs=1))
    assert load_causal_lm(tmp_path / "run", toy).turns == "all"


def test_a_base_model_that_is_not_there_is_named(corpus: Path, toy: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere.*--base-model"):
        train(toy, [corpus], tmp_path / "run", replace(FEW, base_model=str(tmp_path / "nowhere")))


@pytest.mark.skipif(torch.cuda.is_available(), reason="here is a GPU")
def test_precision_that_wants_a_gpu_says_so_before_anything_is_written(
    corpus: Path, toy: Knowledge, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="--set precision=auto"):
        train(toy, [corpus], tmp_path / "run", replace(FEW, precision="bf16"))
    assert not list(tmp_path.rglob("*.json"))


def test_an_optimizer_that_is_not_installed_says_so(
    corpus: Path, toy: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rarescale.candidates.causal_lm.fit.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="--set optimizer=adamw_torch"):
        train(toy, [corpus], tmp_path / "run", replace(FEW, optimizer="adamw_bnb_8bit"))
