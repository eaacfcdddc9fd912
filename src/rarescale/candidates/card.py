"""The model card of a trained candidate model, from its figures."""

from __future__ import annotations

from typing import Any

_TEXT = """---
license: apache-2.0
language: en
pipeline_tag: text-classification
tags: [rare-disease, differential-diagnosis, medical]
---
# Candidate model (compact)

Proposes diseases from what a patient says: two log-linear towers over words and over findings, {diseases} diseases,
numpy inference.

**Intended use.** Research and education by health professionals, as one part of rarescale. Not for patients' own use,
not for emergencies, not a medical device, not clinically validated. It proposes; it does not weigh.

**Trained on** simulated conversations only ({corpora}), written offline from {release} and the project's own tables. No
patient's data. Reserved lay expressions were left out. Target: seed disease and the expert's differential.

**Figures on its own test split** (conversations by the same writers, other structured cases; real patients differ):

| conversations | n | Top-1 | Top-5 | Top-10 | MRR |
|---|---|---|---|---|---|
{rows}

Features took {features} s, fitting {fit} s. Settings: {settings}.

**Limits.** It knows only the diseases it was trained on, each as often as any other: prevalence comes from elsewhere.
It has learned how our writers talk; see the project's README for conversations written by others. English only.

**Sources.** Human Phenotype Ontology and its annotations ({release}), Orphanet data (CC BY 4.0); see NOTICE.
"""


def model_card(metrics: dict[str, Any]) -> str:
    """Markdown with a YAML head, as model hubs read it."""
    rows = "\n".join(
        f"| {name} | {v['n']} | "
        + " | ".join(f"{v[k] * 100:.1f}" for k in ("top1", "top5", "top10"))
        + f" | {v['mrr']:.3f} |"
        for name, v in metrics["test"].items()
    )
    corpora = "; ".join(
        f"{c['chats']} chats of {c['diseases']} diseases by {', '.join(sorted(c['writers']))}"
        for c in metrics["corpora"]
    )
    return _TEXT.format(
        diseases=metrics["diseases"],
        corpora=corpora,
        release=metrics["knowledge"]["release"],
        rows=rows,
        features=metrics["seconds"]["features"],
        fit=metrics["seconds"]["fit"],
        settings=", ".join(f"{k} {v}" for k, v in metrics["settings"].items()),
    )
