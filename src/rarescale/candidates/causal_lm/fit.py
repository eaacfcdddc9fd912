"""Fine-tuning with the trainer of transformers: full or LoRA, the loss on the answers alone, resumable."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rarescale.candidates.causal_lm.base import bf16_here, open_model
from rarescale.candidates.causal_lm.data import IGNORED, Coder, Sample
from rarescale.candidates.causal_lm.settings import LmSettings
from rarescale.errors import UsageError

Log = Callable[[dict[str, Any]], None]

CHECKPOINTS = "checkpoints"


class Examples:
    """Samples as token ids, made when they are asked for; what a data loader wants of a data set."""

    def __init__(self, samples: Sequence[Sample], coder: Coder) -> None:
        """Keeps the texts, about 3 kB a chat."""
        self._samples, self._coder = samples, coder

    def __len__(self) -> int:
        """Number of samples."""
        return len(self._samples)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        """`input_ids` and `labels` of one sample."""
        return self._coder.example(self._samples[index])


def padded(examples: Sequence[dict[str, list[int]]], fill: int) -> dict[str, Any]:
    """Examples as tensors (n, longest): filled at the right with `fill`, which is masked and left out of the loss."""
    import torch

    width = max(len(e["input_ids"]) for e in examples)

    def block(name: str, value: int) -> Any:
        return torch.tensor([e[name] + [value] * (width - len(e[name])) for e in examples])

    mask = [[1] * len(e["input_ids"]) + [0] * (width - len(e["input_ids"])) for e in examples]
    return {
        "input_ids": block("input_ids", fill),
        "labels": block("labels", IGNORED),
        "attention_mask": torch.tensor(mask),
    }


def check_device(settings: LmSettings) -> None:
    """Raises UsageError where this machine lacks what the settings want."""
    if settings.optimizer == "adamw_bnb_8bit" and find_spec("bitsandbytes") is None:
        raise UsageError(
            "setting optimizer adamw_bnb_8bit: expected the package bitsandbytes, which is not installed; get it with"
            " pip install bitsandbytes, or use --set optimizer=adamw_torch"
        )
    if settings.precision == "bf16" and not bf16_here():
        raise UsageError(
            "setting precision bf16: expected a device that computes in bf16, found none; use --set precision=auto"
        )


def fit(
    train: Sequence[Sample],
    val: Sequence[Sample],
    settings: LmSettings,
    base: str,
    coder: Coder,
    run: Path,
    target: Path,
    log: Log,
) -> None:
    """Fine-tune `base` on `train` and save weights (of LoRA the adapter alone) under `target`.

    Goes on from the last whole checkpoint under `run`. `log` gets a line every so many steps and after each epoch.
    """
    from transformers import EarlyStoppingCallback, PrinterCallback, Trainer

    stops = bool(settings.patience and val)
    trainer = Trainer(
        model=_to_train(base, settings),
        args=_arguments(settings, run / CHECKPOINTS, len(train), judged=bool(val), stops=stops),
        train_dataset=Examples(train, coder),
        eval_dataset=Examples(val, coder) if val else None,
        data_collator=lambda examples: padded(examples, coder.end),
        callbacks=[EarlyStoppingCallback(settings.patience)] if stops else [],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(_logging(log))
    last = last_checkpoint(run / CHECKPOINTS)
    if last is not None:
        log({"resumed": last.name})
    trainer.train(resume_from_checkpoint=None if last is None else str(last))
    trainer.save_model(str(target))


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end; its state is what is written last."""
    whole = []
    for state in folder.glob("checkpoint-*/trainer_state.json"):
        try:
            whole.append((int(json.loads(state.read_text())["global_step"]), state.parent))
        except (ValueError, KeyError):
            continue
    return max(whole)[1] if whole else None


def _to_train(base: str, settings: LmSettings) -> Any:
    narrow = settings.weights == "bfloat16" and bf16_here() and settings.precision != "float32"
    model = open_model(base, "bfloat16" if narrow else "float32")
    model.config.use_cache = False
    if settings.recompute:
        # The newer name where there is one: the older warns there.
        enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
        enable({"use_reentrant": False})
    if not settings.lora_rank:
        return model
    from peft import LoraConfig, get_peft_model

    adapter = LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.lora_dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, adapter)


def _arguments(settings: LmSettings, folder: Path, chats: int, *, judged: bool, stops: bool) -> Any:
    import torch
    from transformers import TrainingArguments

    cuda = torch.cuda.is_available()
    steps = math.ceil(chats / (settings.batch * settings.accumulate)) * settings.epochs
    return TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch,
        per_device_eval_batch_size=settings.batch,
        gradient_accumulation_steps=settings.accumulate,
        learning_rate=settings.rate,
        lr_scheduler_type=settings.schedule,
        warmup_steps=round(settings.warmup * steps),
        weight_decay=settings.decay,
        max_grad_norm=settings.clip,
        optim=settings.optimizer,
        bf16=settings.precision != "float32" and bf16_here(),
        use_cpu=not cuda,
        eval_strategy="epoch" if judged else "no",
        save_strategy="epoch",
        save_total_limit=1,
        load_best_model_at_end=stops,
        metric_for_best_model="eval_loss" if stops else None,
        greater_is_better=False if stops else None,
        restore_callback_states_from_checkpoint=stops,
        logging_steps=max(1, steps // 200),
        report_to=[],
        disable_tqdm=True,
        seed=settings.seed,
        remove_unused_columns=False,
        label_names=["labels"],
        prediction_loss_only=True,
        dataloader_num_workers=settings.loaders,
        dataloader_pin_memory=cuda,
    )


def _logging(log: Log) -> Any:
    """A callback of the trainer that hands its lines to `log`."""
    from transformers import TrainerCallback

    class Logging(TrainerCallback):
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if logs:
                log({"step": state.global_step, "of": state.max_steps, **logs})

    return Logging()
