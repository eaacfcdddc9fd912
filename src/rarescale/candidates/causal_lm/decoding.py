"""The language model as a writer of answers: greedy, or sampled with a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any
from zlib import crc32

from rarescale.candidates.causal_lm.base import base_of, bf16_here, coder_of, open_model, open_tokenizer
from rarescale.candidates.causal_lm.data import Coder
from rarescale.candidates.causal_lm.model import Decoding
from rarescale.candidates.causal_lm.reply import Reply
from rarescale.candidates.causal_lm.settings import LmSettings

MODEL = "model"
"""Folder of the trained weights (all, or the adapter alone) and the tokenizer inside a run."""


class LmWriter:
    """A model of transformers that answers prompts; one answer is written at a time, so threads may share it."""

    def __init__(self, model: Any, coder: Coder, decode: Callable[[list[int]], str], batch: int = 16) -> None:
        """`batch` conversations are answered together where decoding is greedy."""
        self._model, self._coder, self._decode, self._batch = model, coder, decode, batch
        self._lock = Lock()

    def replies(self, said: Sequence[str], decoding: Decoding) -> list[list[Reply]]:
        """For each conversation one reply, or `decoding.samples`, which depend on it and the seed alone."""
        prompts = [self._coder.prompt(text) for text in said]
        if decoding.samples:
            return [self._sampled(prompt, text, decoding) for prompt, text in zip(prompts, said, strict=True)]
        # Prompts of like length share a batch, so that little is padding.
        order = sorted(range(len(prompts)), key=lambda k: len(prompts[k]))
        found: dict[int, list[Reply]] = {}
        for start in range(0, len(order), self._batch):
            part = order[start : start + self._batch]
            written = self._generate([prompts[k] for k in part], do_sample=False)
            found.update({k: [reply] for k, reply in zip(part, written, strict=True)})
        return [found[k] for k in range(len(prompts))]

    def _sampled(self, prompt: list[int], said: str, decoding: Decoding) -> list[Reply]:
        import torch

        with self._lock, torch.random.fork_rng():
            torch.manual_seed(crc32(said.encode(), decoding.seed))
            return self._written(
                [prompt],
                do_sample=True,
                temperature=decoding.temperature,
                top_k=0,
                top_p=1.0,
                num_return_sequences=decoding.samples,
            )

    def _generate(self, prompts: list[list[int]], **options: Any) -> list[Reply]:
        with self._lock:
            return self._written(prompts, **options)

    def _written(self, prompts: list[list[int]], **options: Any) -> list[Reply]:
        import torch

        width = max(map(len, prompts))
        end = self._coder.end
        ids = torch.tensor([[end] * (width - len(p)) + p for p in prompts], device=self._model.device)
        mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=self._model.device)
        with torch.inference_mode():
            out = self._model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=self._coder.reply_tokens,
                pad_token_id=end,
                eos_token_id=end,
                num_beams=1,
                **options,
            )
        return [self._reply(row) for row in out[:, width:].tolist()]

    def _reply(self, ids: list[int]) -> Reply:
        finished = self._coder.end in ids
        return Reply(self._decode(ids[: ids.index(self._coder.end)] if finished else ids), finished)


def open_writer(run: Path, settings: LmSettings, *, base_model: str | None = None, batch: int = 16) -> LmWriter:
    """The trained model of a run, on the accelerator where there is one.

    An adapter is put on `base_model`, or where not given on the base that it was trained on. Raises UsageError where
    that is not there.
    """
    import torch
    from transformers import GenerationConfig

    plain: Any = GenerationConfig
    dtype = "bfloat16" if bf16_here() else "float32"
    folder = run / MODEL
    tokenizer = open_tokenizer(str(folder))
    if settings.lora_rank:
        from peft import PeftModel

        model = PeftModel.from_pretrained(open_model(base_model or base_of(settings, run), dtype), folder)
        model = model.merge_and_unload()
    else:
        model = open_model(str(folder), dtype)
    # The base's own habits (temperature, nucleus) are for talk, not for lists.
    model.generation_config = plain()
    model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
    return LmWriter(model, coder_of(tokenizer, settings), decoder(tokenizer), batch)


def decoder(tokenizer: Any) -> Callable[[list[int]], str]:
    """Ids to text, spaces as they were."""

    def decode(ids: list[int]) -> str:
        text: str = tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    return decode
