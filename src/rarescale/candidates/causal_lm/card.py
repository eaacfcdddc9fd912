"""The model card of a fine-tuned language model, from its figures."""

from __future__ import annotations

from typing import Any

_TEXT = """---
language: en
pipeline_tag: text-generation
base_model: {base}
tags: [rare-disease, differential-diagnosis, medical]
---
# Candidate model (causal language model)

Reads a conversation between a patient and a doctor and writes at most {names} disease names, likeliest first:
{base}, {how}. The weights stand under the licence of the base model.

**Intended use.** Research and education by health professionals, as one part of rarescale. Not for patients' own use,
not for emergencies, not a medical device, not clinically validated. It proposes; it does not weigh.

**Trained on** {train} simulated conversations ({corpora}), written from {release} and the project's own tables. No
patient's data. It read {read}. Answer: the expert's differential, {targets} diseases in all; the loss counts the
answer alone.

**Figures**, greedy decoding, disease of the case by id, conversations of the same writers (real patients differ):

| conversations | n | Top-1 | Top-5 | MRR | names of no known disease |
|---|---|---|---|---|---|
{rows}

Fitting took {fit} s. Settings: {settings}.

**Limits.** It can only write; a name that means no disease of the knowledge is reported and dropped. Diseases are as
frequent in it as in its corpus, not as in life. English only. What the base model has read is not known to us.

**Sources.** Human Phenotype Ontology and its annotations ({release}), Orphanet data (CC BY 4.0); see NOTICE.
"""


def lm_card(metrics: dict[str, Any]) -> str:
    """Markdown with a YAML head, as model hubs read it."""
    settings = metrics["settings"]
    rows = "\n".join(
        f"| {name} | {v['n']} | {v['top1'] * 100:.1f} | {v['top5'] * 100:.1f} | {v['mrr']:.3f} |"
        f" {v['unresolved']} of {v['names']} |"
        for name, v in metrics["judged"].items()
    )
    return _TEXT.format(
        base=settings["base_model"],
        names=settings["names"],
        how=f"LoRA of rank {settings['lora_rank']}" if settings["lora_rank"] else "all weights fine-tuned",
        train=metrics["chats"]["train"],
        corpora="; ".join(f"{c['chats']} chats by {', '.join(sorted(c['writers']))}" for c in metrics["corpora"]),
        release=metrics["knowledge"]["release"],
        read="the whole conversation" if settings["turns"] == "all" else "the patient's messages after sex and age",
        targets=metrics["targets"],
        rows=rows or "| none | 0 | n/a | n/a | n/a | n/a |",
        fit=metrics["seconds"]["fit"],
        settings=", ".join(f"{k} {v}" for k, v in settings.items()),
    )
