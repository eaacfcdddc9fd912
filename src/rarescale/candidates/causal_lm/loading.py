"""From the folder of a run to the candidate model in it."""

from __future__ import annotations

import json
from pathlib import Path

from rarescale.candidates.causal_lm.model import CausalLm, Decoding
from rarescale.candidates.causal_lm.names import TrainedNames, load_targets
from rarescale.candidates.causal_lm.settings import load_settings
from rarescale.candidates.causal_lm.shares import rank_shares
from rarescale.errors import KnowledgeError, UsageError
from rarescale.knowledge import Knowledge

SETTINGS, TARGETS, SHARES = "settings.json", "diseases.tsv", "shares.json"


def load_causal_lm(
    run: Path,
    knowledge: Knowledge,
    *,
    decoding: Decoding | None = None,
    base_model: str | None = None,
    batch: int = 16,
    version: str = "1",
) -> CausalLm:
    """The model that `train_causal_lm` wrote into `run`; greedy unless `decoding` says otherwise.

    `base_model`: where the base of an adapter is now, if not where it was. Raises KnowledgeError where the folder is
    missing or no such run, UsageError where transformers or the base model is not there.
    """
    try:
        settings = load_settings(run / SETTINGS)
        counts = json.loads((run / SHARES).read_text(encoding="utf-8"))
        shares = rank_shares(counts["hits"], counts["judged"])
        names = TrainedNames(knowledge, load_targets(run / TARGETS))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise KnowledgeError(
            f"{run}: {error}; expected a run of `rarescale train --kind causal-lm`; train one, or leave the option out"
        ) from error
    needs_lm_libraries()
    from rarescale.candidates.causal_lm.decoding import open_writer

    writer = open_writer(run, settings, base_model=base_model, batch=batch)
    return CausalLm(writer, names, shares, turns=settings.turns, decoding=decoding, version=version)


def needs_lm_libraries() -> None:
    """Raises UsageError where the libraries of language models are not installed."""
    try:
        import peft  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise UsageError(
            f"a language model needs torch, transformers and peft ({error}); install them with:"
            " pip install 'rarescale[train-llm]'"
        ) from error
