"""A corpus of chats written by a language model: the folder of `simulate_chats`, live or in batch rounds.

Cases, splits, assignments and chat lines are those of the offline writers. Live, a stopped run goes on where the
cache behind the model was; in rounds, each start goes as far as the replies allow. The cases wait in ``work`` until the
corpus is complete.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

from rarescale.errors import UsageError
from rarescale.jobs import Progress, item_seed, write_manifest
from rarescale.knowledge import Knowledge
from rarescale.llm import Model, Prices, Rounds
from rarescale.record import SCHEMA_VERSION
from rarescale.simulation.assigning import Assigner
from rarescale.simulation.cases import simulate_cases
from rarescale.simulation.chat_lines import chat_line
from rarescale.simulation.chat_settings import ChatSettings
from rarescale.simulation.settings import SimulationSettings
from rarescale.simulation.splits import SAME_TOLD, Split, Told, split_of, without_duplicates
from rarescale.simulation.stats import Tally as Table
from rarescale.simulation.writers import Assignment
from rarescale.simulation.writers.llm_lanes import Result, Written
from rarescale.simulation.writers.llm_run import VERSION, llm_writer, write_live, write_rounds
from rarescale.simulation.writers.llm_settings import LlmSettings
from rarescale.simulation.writers.llm_tally import Tally


@dataclass(frozen=True)
class Live:
    """Ask `model` now, with `workers` threads."""

    model: Model
    workers: int = 8


@dataclass(frozen=True)
class Batch:
    """Ask through the files of `folder`. `prices`, `limit` and `token_field` are those of `run_rounds`."""

    folder: Path
    prices: Prices | None = None
    limit: float | None = None
    token_field: str = "max_tokens"


@dataclass(frozen=True)
class _Ordered:
    """A chat to write: its case line, split and assignment."""

    case: dict[str, Any]
    split: Split
    assignment: Assignment


def simulate_llm_chats(
    knowledge: Knowledge,
    count: int,
    seed: int,
    folder: Path,
    writer: str,
    llm: LlmSettings,
    through: Live | Batch,
    *,
    settings: ChatSettings | None = None,
    case_settings: SimulationSettings | None = None,
    diseases: Iterable[str] | None = None,
    workers: int = 1,
    progress: Progress = lambda _done, _all: None,
    on_chat: Progress = lambda _done, _all: None,
) -> dict[str, Any] | Rounds[Any]:
    """Draw `count` cases and have a chat of each written into `folder`.

    Gives the facts of the manifest, or where the rounds stand while replies are missing (no chat is written then). Of
    `settings` the shares of the splits count. `workers` draw the cases, told to `progress`; chats are told to
    `on_chat`. Raises UsageError as `simulate_cases` does, for an unknown writer and for batch files inside `folder`;
    ModelError as the model does.
    """
    llm_writer(writer)
    if isinstance(through, Batch) and through.folder.resolve().is_relative_to(folder.resolve()):
        raise UsageError(
            f"batch folder {through.folder} is inside {folder}, whose .jsonl files are the corpus; move it"
        )
    settings, case_settings = settings or ChatSettings(), case_settings or SimulationSettings()
    cases, listed = folder / "work" / "cases", None if diseases is None else list(diseases)
    asked = [count, seed, case_settings.fingerprint(), listed, knowledge.release.hash]
    if not _drawn(cases, asked):
        simulate_cases(
            knowledge, count, seed, cases, settings=case_settings, diseases=listed, workers=workers, progress=progress
        )
    case_facts = json.loads((cases / "manifest.json").read_text(encoding="utf-8"))
    repeated: list[list[str]] = []
    ordered = _ordered(Assigner(knowledge), cases / "cases.jsonl", seed, settings, repeated)
    tally = Tally()
    written = _through(through, writer, ordered, llm, tally)
    if isinstance(written, Rounds):
        return written
    table = _write(_told(written, case_facts["cases"], on_chat), writer, folder, cases / "dropped.tsv", repeated)
    facts = _facts(case_facts, table, tally, len(repeated), writer, llm, settings)
    write_manifest(folder, facts, [folder / "chats.jsonl", folder / "dropped.tsv"])
    shutil.rmtree(folder / "work")
    return facts


def _drawn(cases: Path, asked: list[Any]) -> bool:
    """Whether an earlier start has drawn these cases. Raises UsageError where it was asked for others."""
    note = cases / "asked.json"
    if not note.is_file():
        cases.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps(asked), encoding="utf-8")
    elif note.read_text(encoding="utf-8") != json.dumps(asked):
        raise UsageError(
            f"{cases.parent} holds an unfinished run with other options; remove it or choose another folder"
        )
    return (cases / "manifest.json").is_file()


def _ordered(
    assigner: Assigner, cases: Path, seed: int, settings: ChatSettings, repeated: list[list[str]]
) -> Iterator[_Ordered]:
    """What is to be written, disease by disease, with seeds and splits of the offline writers."""
    with cases.open(encoding="utf-8") as stream:
        for disease, group in groupby(map(json.loads, stream), key=lambda line: str(line["diagnosis"][0])):
            lines = list(group)
            kept = without_duplicates(lines)
            known = {line["id"] for line in kept}
            repeated += [_dropped(line, "the same case again") for line in lines if line["id"] not in known]
            splits = split_of(len(kept), settings.shares, Random(item_seed(seed, "split", disease)))
            for line, split in zip(kept, splits, strict=True):
                chat_seed = item_seed(seed, "chat", line["id"])
                yield _Ordered(line, split, assigner.assignment(line, chat_seed, {}))


def _through(
    through: Live | Batch, writer: str, ordered: Iterator[_Ordered], llm: LlmSettings, tally: Tally
) -> Iterable[tuple[_Ordered, Result]] | Rounds[Any]:
    """What was ordered with its result, or where the rounds stand."""
    if isinstance(through, Live):
        return _live(writer, ordered, through, llm, tally)
    everything = list(ordered)
    standing, results = write_rounds(
        writer,
        [one.assignment for one in everything],
        through.folder,
        llm,
        tally,
        prices=through.prices,
        limit=through.limit,
        token_field=through.token_field,
    )
    return zip(everything, results, strict=True) if standing.done else standing


def _live(
    writer: str, ordered: Iterator[_Ordered], live: Live, llm: LlmSettings, tally: Tally
) -> Iterator[tuple[_Ordered, Result]]:
    waiting: deque[_Ordered] = deque()

    def assignments() -> Iterator[Assignment]:
        for one in ordered:
            waiting.append(one)
            yield one.assignment

    for result in write_live(writer, assignments(), live.model, llm, tally, workers=live.workers):
        yield waiting.popleft(), result


def _told(pairs: Iterable[tuple[_Ordered, Result]], count: int, on_chat: Progress) -> Iterator[tuple[_Ordered, Result]]:
    for number, pair in enumerate(pairs, 1):
        yield pair
        on_chat(number, count)


def _write(
    pairs: Iterable[tuple[_Ordered, Result]], writer: str, folder: Path, dropped: Path, repeated: list[list[str]]
) -> Table:
    """Write chats.jsonl and dropped.tsv; the chats in numbers. `repeated` is complete once `pairs` has ended."""
    table, part = Table(), folder / "chats.part"
    (folder / "manifest.json").unlink(missing_ok=True)
    drops = [dropped.read_text(encoding="utf-8")]
    told: dict[str, Told] = defaultdict(Told)
    with part.open("w", encoding="utf-8", newline="\n") as chats:
        for one, result in pairs:
            if isinstance(result, Written):
                line = chat_line(one.case, one.assignment, result.messages, writer, one.split)
                if told[line["diagnosis"][0]].in_another(line, one.split):
                    repeated.append(_dropped(one.case, SAME_TOLD))
                    continue
                table.add(line)
                chats.write(json.dumps(line, ensure_ascii=False) + "\n")
            else:
                drops.append("\t".join(_dropped(one.case, f"{result.failure.kind}: {result.failure}")) + "\n")
    drops += ["\t".join(row) + "\n" for row in repeated]
    (folder / "dropped.tsv").write_text("".join(drops), encoding="utf-8", newline="\n")
    part.replace(folder / "chats.jsonl")
    return table


def _dropped(case: Mapping[str, Any], reason: str) -> list[str]:
    """A row of dropped.tsv."""
    cells = (case["diagnosis"][0], case["diagnosis_name"], "", "", "", f"chat of {case['id']}: {reason}")
    return [" ".join(str(cell).split()) for cell in cells]


def _facts(
    case_facts: Mapping[str, Any],
    table: Table,
    tally: Tally,
    repeated: int,
    writer: str,
    llm: LlmSettings,
    settings: ChatSettings,
) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "simulated chats",
        "chats": table.chats,
        "asked": case_facts["asked"],
        "warning": _warning(case_facts, table.chats, tally),
        "cases": case_facts["cases"],
        "dropped_chats": tally.asked - tally.written + repeated,
        "seed": case_facts["seed"],
        "diseases": case_facts["diseases"],
        "eligible": case_facts["eligible"],
        "judged": case_facts["judged"],
        "writers": {writer: VERSION},
        "table": table.rows(),
        "llm": tally.to_data(),
        "knowledge": case_facts["knowledge"],
        "settings": {
            "llm": asdict(llm),
            "chats": {"val": settings.val, "test": settings.test},
            "cases": case_facts["settings"],
        },
    }


def _warning(case_facts: Mapping[str, Any], chats: int, tally: Tally) -> str | None:
    if chats >= case_facts["asked"]:
        return None
    reasons = ", ".join(f"{n} {kind}" for kind, n in sorted(tally.dropped.items())) or "none"
    return (
        f"{chats} chats instead of {case_facts['asked']}: of {case_facts['cases']} accepted cases {tally.asked} are"
        f" different, and {tally.asked - tally.written} chats were dropped ({reasons}; dropped.tsv says why)"
    )
