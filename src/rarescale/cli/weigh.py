"""`rarescale weigh`: the final differential by a language model that is shown candidates."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rarescale.cli import exits
from rarescale.cli.options import Format, Inputs, Json, KnowledgeFolder
from rarescale.cli.progress import CompileProgress
from rarescale.cli.weigh_door import BaseUrl, Batch, Cache, Door, Limit, PriceOf, Record, Replay, Service, Workers
from rarescale.errors import InputError
from rarescale.record import Differential, Failure, Input, Problem, Unreadable

if TYPE_CHECKING:
    from rarescale.candidates import CandidateModel
    from rarescale.diagnose import Diagnoser
    from rarescale.differential import CandidateName, CaseBank
    from rarescale.llm import Outcome


class ArmName(StrEnum):
    """Whose candidates the model is shown."""

    NONE = "none"
    SELF = "self"
    RARESCALE = "rarescale"
    EXPERT = "expert"


def weigh_command(
    inputs: Inputs,
    model: Annotated[str, typer.Option("--model", help="The model's name, as the service knows it.")],
    arm: Annotated[
        ArmName,
        typer.Option(
            "--arm", help="Candidates shown: none, the model's own, those of this program, the expert's alone."
        ),
    ] = ArmName.EXPERT,
    candidates: Annotated[
        Path | None,
        typer.Option("--candidates", help="For --arm rarescale: lines of id and differential (or candidates)."),
    ] = None,
    candidate_model: Annotated[
        Path | None, typer.Option("--candidate-model", help="For --arm rarescale: a model of `rarescale train`.")
    ] = None,
    base_url: BaseUrl = None,
    service: Service = "openai",
    replay: Replay = None,
    record: Record = None,
    llm_cache: Cache = None,
    llm_batch: Batch = None,
    price: PriceOf = None,
    limit: Limit = None,
    workers: Workers = 8,
    read: Annotated[bool, typer.Option("--read", help="Have the model read chats and notes, too.")] = False,
    examples: Annotated[
        Path | None, typer.Option("--examples", help="Solved case lines; the most alike ones go into the prompt.")
    ] = None,
    shots: Annotated[int, typer.Option("--shots", min=1, max=20, help="How many examples.")] = 3,
    top: Annotated[int, typer.Option("--top", min=1, help="Diseases listed where the model gives no answer.")] = 10,
    max_tokens: Annotated[int, typer.Option("--max-tokens", min=1, help="Longest reply.")] = 3000,
    free_temperature: Annotated[
        bool, typer.Option("--service-temperature", help="Leave the temperature to the service instead of 0.")
    ] = False,
    json: Json = False,
    format: Format = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Have a language model weigh each patient: its own diagnoses first, then the candidates, then the best five.

    Text that addresses the model is withheld, every name is looked up, every quote is checked; where the model gives
    nothing usable, the differential computed without it stands in, marked.

    Example: rarescale weigh examples/chat.jsonl --model llama3.1 --base-url http://localhost:11434/v1 --arm expert
    """
    from rarescale.diagnose import open_diagnoser
    from rarescale.differential import Settings
    from rarescale.formats import read_inputs
    from rarescale.weighing import Weigher

    sources = list(read_inputs(inputs, format=format, stdin=sys.stdin.buffer))
    diagnoser = open_diagnoser(knowledge, progress=CompileProgress())
    settings = Settings(model, arm.value, None if free_temperature else 0.0, max_tokens, top=top)
    weigher = Weigher(
        diagnoser,
        settings,
        candidates=_candidates(candidates),
        proposer=_proposer(candidate_model, diagnoser),
        bank=_bank(examples, diagnoser),
        shots=shots,
        read=read,
    )
    tasks = {_key(k, s): partial(weigher.task, s) for k, s in enumerate(sources) if not isinstance(s, Unreadable)}
    door = Door(model, base_url, service, replay, record, llm_cache, llm_batch, workers, price, limit)
    with exits.leaving_politely():
        raise typer.Exit(_show(list(_answers(sources, door.through(tasks))), json))


def _key(number: int, source: Input) -> str:
    """A task id that is unique also where ids repeat, and sorts as the inputs stand."""
    return f"{number:06d}-{source.id}"


def _answers(
    sources: Sequence[Input], outcomes: Mapping[str, Outcome[Differential]]
) -> Iterator[Differential | Failure]:
    for k, source in enumerate(sources):
        if isinstance(source, Unreadable):
            yield Failure(id=source.id, error=Problem(kind=source.kind, message=source.message))
            continue
        outcome = outcomes[_key(k, source)]
        if outcome.value is not None:
            yield outcome.value
        else:
            kind = outcome.failure.kind if outcome.failure is not None else "error"
            yield Failure(id=source.id, error=Problem(kind=kind, message=str(outcome.failure)))


def _show(answers: list[Differential | Failure], json: bool) -> int:
    """Print all answers and give the exit code."""
    if json:
        for answer in answers:
            sys.stdout.write(answer.model_dump_json(by_alias=True) + "\n")
    else:
        from rarescale.report import print_answer, terminal

        console = terminal(sys.stdout)
        for answer in answers:
            print_answer(answer, console)
            if isinstance(answer, Differential):
                typer.echo(_weighing_text(answer))
    failed = sum(isinstance(a, Failure) for a in answers)
    fallen = sum(isinstance(a, Differential) and a.weighing is not None and a.weighing.fallback for a in answers)
    if failed or fallen:
        typer.echo(
            f"rarescale: {len(answers)} patients: {failed} could not be read, and for {fallen} the model gave nothing "
            "usable, so that their differential was computed without it",
            err=True,
        )
    return exits.NOTHING if failed == len(answers) else exits.SOME_FAILED if failed or fallen else exits.OK


def _weighing_text(answer: Differential) -> str:
    weighing = answer.weighing
    if weighing is None or weighing.fallback:
        return f"  No differential by the model: {'' if weighing is None else weighing.outcome}"
    lines = [f"  {weighing.model}, shown candidates: {weighing.arm}"]
    for rank, diagnosis in enumerate(weighing.diagnoses, 1):
        known = diagnosis.id or "not in the knowledge"
        lines.append(f"  {rank}. {diagnosis.name} ({known}), likelihood {diagnosis.likelihood}")
        lines += [f"     {reason}" for reason in diagnosis.reasons]
        lines += [f"     “{' '.join(quote.split())}”" for quote in diagnosis.quotes]
    return "\n".join(lines)


def _proposer(path: Path | None, diagnoser: Diagnoser) -> CandidateModel | None:
    if path is None:
        return None
    from rarescale.candidates import load_compact

    return load_compact(path, diagnoser.knowledge)


def _candidates(path: Path | None) -> dict[str, tuple[CandidateName, ...]]:
    if path is None:
        return {}
    from rarescale.differential import read_candidates

    return read_candidates(path)


def _bank(path: Path | None, diagnoser: Diagnoser) -> CaseBank | None:
    if path is None:
        return None
    from rarescale.differential import CaseBank
    from rarescale.expert import ProbabilisticExpert
    from rarescale.formats import read_inputs
    from rarescale.record import Case

    cases = [c for c in read_inputs([str(path)]) if isinstance(c, Case)]
    expert = diagnoser.expert if isinstance(diagnoser.expert, ProbabilisticExpert) else None
    profiles = (expert or ProbabilisticExpert(diagnoser.knowledge)).profiles
    bank = CaseBank(diagnoser.knowledge, cases, profiles["information"])
    if not len(bank):
        raise InputError(f"{path}: expected solved case lines with a diagnosis and known findings, found none")
    return bank
