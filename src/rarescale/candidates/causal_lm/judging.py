"""How often a fine-tuned model lists the seed disease, and at which rank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rarescale.candidates.causal_lm.data import Sample
from rarescale.candidates.causal_lm.model import CausalLm
from rarescale.jobs import Progress

_TOGETHER = 64


def spread(samples: Sequence[Sample], most: int) -> list[Sample]:
    """At most `most` samples at equal distances, so that all diseases take part; 0 = all."""
    if not most or len(samples) <= most:
        return list(samples)
    return [samples[k * len(samples) // most] for k in range(most)]


def judged(model: CausalLm, samples: Sequence[Sample], progress: Progress) -> list[dict[str, Any]]:
    """For each sample its `writer`, the `rank` of the seed disease in the first list (None = not in it), and how many
    `names` were written, `unresolved` of them without a disease."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(samples), _TOGETHER):
        part = samples[start : start + _TOGETHER]
        for sample, proposal in zip(part, model.propose_said([s.said for s in part]), strict=True):
            names = proposal.lists[0] if proposal.lists else ()
            truth = {model.names.knowledge.diseases.index(i) for i in sample.truth} - {None}
            ranks = [rank for rank, name in enumerate(names, 1) if model.names.disease(name) in truth]
            found.append(
                {
                    "writer": sample.writer,
                    "rank": min(ranks, default=None),
                    "names": len(names),
                    "unresolved": len(proposal.unresolved),
                }
            )
        progress(start + len(part), len(samples))
    return found


def hits(found: Sequence[dict[str, Any]], most: int) -> list[int]:
    """How many have the seed disease at rank 1 .. `most`."""
    return [sum(f["rank"] == rank for f in found) for rank in range(1, most + 1)]


def figures(found: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """n, top-1, top-5, MRR and counts of names, of all and by writer; a miss has the reciprocal rank 0."""
    groups = {"all": list(found)}
    for writer in sorted({f["writer"] for f in found}):
        groups[writer] = [f for f in found if f["writer"] == writer]
    return {name: _figures(group) for name, group in groups.items() if group}


def _figures(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    ranks = [f["rank"] for f in found]
    return {
        "n": len(ranks),
        **{f"top{k}": round(sum(r is not None and r <= k for r in ranks) / len(ranks), 4) for k in (1, 5)},
        "mrr": round(sum(1.0 / r for r in ranks if r is not None) / len(ranks), 4),
        "names": sum(f["names"] for f in found),
        "unresolved": sum(f["unresolved"] for f in found),
    }
