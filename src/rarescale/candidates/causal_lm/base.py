"""The language model to start from: a folder, a name of the model hub, or a random one made on the spot."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rarescale.candidates.causal_lm.data import Coder, Encode
from rarescale.candidates.causal_lm.settings import RANDOM_BASES, LmSettings, Shape
from rarescale.errors import UsageError

BASE = "base"
"""Folder of a random base model inside a run."""

_BEGIN, _END = "<s>", "</s>"


def base_of(settings: LmSettings, run: Path) -> str:
    """Where the base model of a run is loaded from."""
    return str(run / BASE) if settings.base_model in RANDOM_BASES else settings.base_model


def bf16_here() -> bool:
    """Whether there is an accelerator that computes in bf16."""
    import torch

    return bool(torch.cuda.is_available() and torch.cuda.is_bf16_supported())


def open_tokenizer(source: str) -> Any:
    """The tokenizer of a model. Raises UsageError where it is not there or has no end mark."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
    except (OSError, ValueError) as error:
        raise unreachable(source, error) from error
    if tokenizer.eos_token_id is None:
        raise UsageError(f"base model {source}: its tokenizer has no end mark; choose a model that has one")
    return tokenizer


def open_model(source: str, dtype: str) -> Any:
    """The language model in "float32" or "bfloat16" on the CPU. Raises UsageError where it is not there."""
    import torch
    from transformers import AutoModelForCausalLM

    try:
        return AutoModelForCausalLM.from_pretrained(source, dtype=getattr(torch, dtype))
    except (OSError, ValueError) as error:
        raise unreachable(source, error) from error


def unreachable(source: str, error: Exception) -> UsageError:
    """What to do about a base model that cannot be loaded."""
    first = (str(error).splitlines() or [""])[0]
    return UsageError(
        f"base model {source}: {first}; expected a folder with config.json, weights and tokenizer, or the name of a"
        " model of the hub that this machine may fetch; give another with --base-model"
    )


def coder_of(tokenizer: Any, settings: LmSettings) -> Coder:
    """Texts to ids as training and use share them."""
    return Coder(
        encoder(tokenizer), tokenizer.bos_token_id, tokenizer.eos_token_id, settings.max_length, settings.reply_tokens
    )


def encoder(tokenizer: Any) -> Encode:
    """Text to ids; what looks like a special token in a conversation stays text."""

    def encode(text: str) -> list[int]:
        ids: list[int] = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
        return ids

    return encode


def write_random_base(folder: Path, texts: Iterable[str], shape: Shape, *, seed: int, max_length: int) -> None:
    """A Llama of that shape with random weights, and a byte-pair tokenizer made from `texts`."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=shape.tokens, special_tokens=[_BEGIN, _END], initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(texts, trainer)
    fast: Any = PreTrainedTokenizerFast
    tokenizer = fast(tokenizer_object=made, bos_token=_BEGIN, eos_token=_END)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.hidden,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_heads,
        max_position_embeddings=max_length,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        tie_word_embeddings=True,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
