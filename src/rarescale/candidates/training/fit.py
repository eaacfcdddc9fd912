"""Fits the compact model to blocks of features, on the CPU or a GPU; needs torch.

Softmax over all diseases of the training split, target: most of the mass on the seed disease, the rest on the expert's
differential (RareScale trains on the differential). Words, findings and, now and then, a whole tower are left out at
random, so that neither tower leans on the other. Each step compares with a sample of the diseases. Stops early when
the validation split no longer gets better, and keeps the best epoch.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rarescale.candidates.compact import packed, packed_lines, rows_of
from rarescale.candidates.features import FindingSpace
from rarescale.candidates.training.blocks import Block, owners, parts_of
from rarescale.candidates.training.checks import SPLITS
from rarescale.candidates.training.extract import WRITERS
from rarescale.candidates.training.settings import FitSettings
from rarescale.knowledge import Knowledge

Array = np.ndarray
Log = Callable[[dict[str, Any]], None]


class Data:
    """Blocks with rows of vocabularies in place of keys, codes and diseases; row 0 stands for nothing."""

    def __init__(self, block: Block, words: Array, codes: Array, diseases: Array, space: int) -> None:
        """`words` sorted keys, `codes` finding codes and `diseases` indices that the model has."""
        self.block = block
        self.words = (rows_of(words, block.words) + 1).astype(np.int32)
        rows = np.zeros(space, np.int32)
        rows[codes] = np.arange(1, len(codes) + 1)
        self.codes = rows[block.codes]
        top = int(max(diseases.max(initial=0), block.disease.max(initial=0), block.targets.max(initial=0))) + 2
        classes = np.full(top, -1, np.int32)
        classes[diseases] = np.arange(len(diseases))
        self.disease = classes[block.disease]
        self.targets = classes[block.targets]

    def bags(self, rows: Array, rng: np.random.Generator | None, settings: FitSettings) -> tuple[Array, ...]:
        """Words with offsets and weights, findings with offsets and weights, both scaled as the model scales them."""
        w_at, w_off = parts_of(self.block.word_ends, rows)
        f_at, f_off = parts_of(self.block.code_ends, rows)
        words, codes = self.words[w_at], self.codes[f_at]
        w_weight = (words > 0).astype(np.float32)
        f_weight = self.block.weights[f_at].astype(np.float32) * (codes > 0)
        w_row, f_row = owners(w_off, len(w_at)), owners(f_off, len(f_at))
        if rng is not None:
            share = rng.random(len(rows)) * 2 * settings.drop_words
            w_weight *= rng.random(len(words)) >= share[w_row]
            f_weight *= rng.random(len(codes)) >= settings.drop_findings
            tower = rng.random(len(rows))
            w_weight *= (tower >= settings.drop_tower)[w_row]
            f_weight *= (tower < 1.0 - settings.drop_tower)[f_row]
        w_weight /= np.sqrt(1.0 + np.bincount(w_row, w_weight, len(rows)))[w_row]
        f_weight /= np.sqrt(1.0 + np.bincount(f_row, f_weight, len(rows)))[f_row]
        return words, w_off, w_weight.astype(np.float32), codes, f_off, f_weight.astype(np.float32)


class Net(torch.nn.Module):
    """The two towers."""

    def __init__(self, words: int, codes: int, diseases: int, width: int) -> None:
        """Random vectors; row 0 of words and codes stays zero."""
        super().__init__()
        self.words = torch.nn.EmbeddingBag(words + 1, width, mode="sum", padding_idx=0)
        self.codes = torch.nn.EmbeddingBag(codes + 1, width, mode="sum", padding_idx=0)
        self.toward = torch.nn.Parameter(torch.randn(diseases, 2 * width) * 0.1)
        self.bias = torch.nn.Parameter(torch.zeros(diseases))
        for bag in (self.words, self.codes):
            torch.nn.init.normal_(bag.weight, std=0.1)
            with torch.no_grad():
                bag.weight[0] = 0

    def patient(self, bags: tuple[Array, ...], device: torch.device) -> torch.Tensor:
        """The two sums beside each other, (b, 2 width)."""
        w, wo, ww, f, fo, fw = (torch.from_numpy(np.ascontiguousarray(a)).to(device) for a in bags)
        return torch.cat(
            [self.words(w.long(), wo, per_sample_weights=ww), self.codes(f.long(), fo, per_sample_weights=fw)], 1
        )


def vocabulary(block: Block, train: Array, settings: FitSettings) -> tuple[Array, Array, Array]:
    """Sorted word keys, finding codes and diseases of the training rows."""
    w_at, _ = parts_of(block.word_ends, train)
    keys, counts = np.unique(block.words[w_at], return_counts=True)
    keys, counts = keys[counts >= settings.least], counts[counts >= settings.least]
    if len(keys) > settings.words:
        keys = keys[np.argsort(-counts, kind="stable")[: settings.words]]
    f_at, _ = parts_of(block.code_ends, train)
    codes, counts = np.unique(block.codes[f_at], return_counts=True)
    return np.sort(keys), codes[counts >= settings.least], np.unique(block.disease[train])


def fit(
    block: Block, knowledge: Knowledge, settings: FitSettings, folder: Path, log: Log, *, threads: int = 1
) -> dict[str, Array]:
    """Arrays of the model as `rarescale.candidates.compact` lays them out.

    `folder` keeps a checkpoint after each epoch; a run that was stopped goes on from it. `log` gets a line per epoch.
    """
    torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(settings.seed)
    train = np.flatnonzero(block.split == SPLITS.index("train"))
    val = np.flatnonzero(block.split == SPLITS.index("val"))
    space = FindingSpace(knowledge.ontology)
    words, codes, diseases = vocabulary(block, train, settings)
    others = train[block.writer[train] == len(WRITERS)]
    train = np.concatenate([train, np.repeat(others, max(0, settings.repeat_others - 1))])
    data = Data(block, words, codes, diseases, len(space))
    net = Net(len(words), len(codes), len(diseases), settings.width).to(device)
    _Trainer(net, data, train, val, settings, folder, device, log).run()
    return _arrays(
        net, words, [space.name(int(c)) for c in codes], [knowledge.diseases.ids(int(d))[0] for d in diseases]
    )


def _arrays(net: Net, words: Array, names: list[str], ids: list[str]) -> dict[str, Array]:
    width = net.words.weight.shape[1]
    toward = net.toward.detach().cpu().numpy()
    return {
        "words": words.astype(np.uint32),
        "findings": packed_lines(names),
        "diseases": packed_lines(ids),
        "bias": net.bias.detach().cpu().numpy().astype(np.float16),
        **packed("word", net.words.weight.detach().cpu().numpy()[1:]),
        **packed("finding", net.codes.weight.detach().cpu().numpy()[1:]),
        **packed("toward_word", toward[:, :width]),
        **packed("toward_finding", toward[:, width:]),
    }


class _Trainer:
    """Epochs, validation, checkpoints."""

    def __init__(
        self,
        net: Net,
        data: Data,
        train: Array,
        val: Array,
        settings: FitSettings,
        folder: Path,
        device: torch.device,
        log: Log,
    ) -> None:
        self.net, self.data, self.train, self.val = net, data, train, val
        self.settings, self.folder, self.device, self.log = settings, folder, device, log
        self.steps = max(1, len(train) // settings.batch)
        self.optimizer = torch.optim.Adam(net.parameters(), lr=settings.rate, betas=(0.9, 0.99))
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, settings.rate, total_steps=settings.epochs * self.steps + 1, pct_start=0.15
        )
        self.best, self.best_epoch, self.first = -1.0, -1, 0

    def run(self) -> None:
        self._resume()
        for epoch in range(self.first, self.settings.epochs):
            loss = self._epoch(epoch)
            measured = self.measure(self.val)
            self.log({"epoch": epoch, "loss": round(loss, 4), **measured})
            if measured["mrr"] > self.best:
                self.best, self.best_epoch = measured["mrr"], epoch
                torch.save(self.net.state_dict(), self.folder / "best.pt")
            self._checkpoint(epoch)
            if epoch - self.best_epoch >= self.settings.patience:
                break
        if (self.folder / "best.pt").exists():
            self.net.load_state_dict(torch.load(self.folder / "best.pt", weights_only=True))

    def _epoch(self, epoch: int) -> float:
        rng = np.random.default_rng([self.settings.seed, epoch])
        order = rng.permutation(self.train)
        total = 0.0
        self.net.train()
        for step in range(self.steps):
            rows = order[step * self.settings.batch : (step + 1) * self.settings.batch]
            loss = self._loss(rows, rng)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.schedule.step()
            total += float(loss.detach())
        return total / self.steps

    def _loss(self, rows: Array, rng: np.random.Generator) -> torch.Tensor:
        s = self.settings
        patient = self.net.patient(self.data.bags(rows, rng, s), self.device)
        seeds, targets = self.data.disease[rows], self.data.targets[rows]
        count = len(self.net.bias)
        if not s.sampled or s.sampled >= count:
            chosen = np.arange(count)
        else:
            chosen = np.unique(np.concatenate([seeds, rng.integers(0, count, s.sampled)]))
        place = np.full(count + 1, -1)
        place[chosen] = np.arange(len(chosen))
        at = torch.from_numpy(chosen).to(self.device)
        logits = patient @ self.net.toward[at].T + self.net.bias[at]
        logs = torch.log_softmax(logits, 1)
        own = logs.gather(1, torch.from_numpy(place[seeds]).to(self.device)[:, None])[:, 0]
        others = place[np.where((targets >= 0) & (targets != seeds[:, None]), targets, count)]
        there = torch.from_numpy((others >= 0).astype(np.float32)).to(self.device)
        shared = logs.gather(1, torch.from_numpy(np.maximum(others, 0)).to(self.device))
        rest = (shared * there).sum(1) / there.sum(1).clamp(min=1.0)
        share = torch.where(there.sum(1) > 0, s.seed_share, 1.0)
        loss: torch.Tensor = -(share * own + (1.0 - share) * rest).mean()
        return loss + s.decay * (patient**2).sum(1).mean()

    @torch.no_grad()
    def measure(self, rows: Array) -> dict[str, float]:
        """Top-1, top-5, top-10 and mean reciprocal rank over `rows`; ties count against."""
        self.net.eval()
        ranks = []
        for start in range(0, len(rows), 1024):
            part = rows[start : start + 1024]
            patient = self.net.patient(self.data.bags(part, None, self.settings), self.device)
            logits = patient @ self.net.toward.T + self.net.bias
            place = self.data.disease[part].astype(np.int64)
            own = logits.gather(1, torch.from_numpy(np.maximum(place, 0)).to(self.device)[:, None])
            rank = (logits >= own).sum(1).cpu().numpy().astype(float)
            ranks.append(np.where(place >= 0, rank, np.inf))
        rank = np.concatenate(ranks) if ranks else np.array([np.inf])
        return {
            **{f"top{k}": round(float((rank <= k).mean()), 4) for k in (1, 5, 10)},
            "mrr": round(float((1.0 / rank).mean()), 4),
        }

    def _checkpoint(self, epoch: int) -> None:
        state = {
            "net": self.net.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "epoch": epoch,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "settings": json.dumps(asdict(self.settings), sort_keys=True),
        }
        part = self.folder / "checkpoint.part"
        torch.save(state, part)
        part.replace(self.folder / "checkpoint.pt")

    def _resume(self) -> None:
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        if state["settings"] != json.dumps(asdict(self.settings), sort_keys=True):
            return
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.first, self.best, self.best_epoch = state["epoch"] + 1, state["best"], state["best_epoch"]
