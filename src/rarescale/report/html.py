"""One self-contained page for one or many answers, to read, print or file: no script, nothing loaded from elsewhere.

Red flags come first; then what was understood, with quotes; then the ranked diseases, each with a signed bar per
finding; then warnings. Knowledge release, engine and intended use stand on every page. All text is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rarescale.record import Candidate, Chat, Differential, Failure, Finding, Input, Note, Reason, Understanding
from rarescale.report.deidentify import age_band, deidentify
from rarescale.report.terminal import INTENDED_USE, band

if TYPE_CHECKING:
    from jinja2 import Template

HALF = 130
"""Length of the longest bar to either side, in units of the drawing."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a message; `finding` is what it was understood as, None = nothing."""

    text: str
    finding: Finding | None = None


@dataclass(frozen=True)
class Line:
    """One message (`speaker` empty for a note) in pieces."""

    speaker: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Bar:
    """One reason drawn from the middle line: to the right for, to the left against."""

    reason: Reason
    x: float
    width: float


@dataclass(frozen=True)
class Sheet:
    """One patient of the page."""

    number: int
    answer: Understanding | Failure
    age: str
    transcript: tuple[Line, ...]


def differential_page(
    answers: Iterable[Understanding | Failure],
    *,
    sources: Iterable[Input | None] = (),
    created: str = "",
    deidentified: bool = False,
) -> str:
    """The page as text. `sources` are the inputs of the answers, in the same order: a chat or note among them is shown
    with its findings marked. `created` is a date to print. `deidentified` leaves out what `deidentify` drops, and the
    conversation with it.
    """
    return "".join(page_parts(answers, sources=sources, created=created, deidentified=deidentified))


def page_parts(
    answers: Iterable[Understanding | Failure],
    *,
    sources: Iterable[Input | None] = (),
    created: str = "",
    deidentified: bool = False,
) -> Iterator[str]:
    """The same page in parts, as the answers come."""
    given = iter(sources)
    sheets = (_sheet(n, a, next(given, None), deidentified) for n, a in enumerate(answers, 1))
    return _template().generate(
        sheets=sheets, created=created, intended_use=INTENDED_USE, deidentified=deidentified, half=HALF
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("rarescale.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"band": band, "bars": bars, "percent": _percent}
    environment.tests |= {
        "failure": lambda a: isinstance(a, Failure),
        "differential": lambda a: isinstance(a, Differential),
    }
    return environment.get_template("differential.html")


def _sheet(number: int, answer: Understanding | Failure, source: Input | None, deidentified: bool) -> Sheet:
    age = ""
    if isinstance(answer, Understanding) and answer.age is not None:
        age = age_band(answer.age) if deidentified else _age(answer.age)
    if deidentified:
        return Sheet(number, deidentify(answer, number), age, ())
    lines = tuple(transcript(source, answer.findings)) if source and isinstance(answer, Understanding) else ()
    return Sheet(number, answer, age, lines)


def transcript(source: Input, findings: Sequence[Finding]) -> Iterator[Line]:
    """The messages of a chat, or the text of a note, cut at the spans of the findings; nothing for a case."""
    if isinstance(source, Chat):
        for number, message in enumerate(source.messages):
            own = [f for f in findings if f.message == number]
            yield Line(message.role.value, tuple(_pieces(message.content, own)))
    elif isinstance(source, Note):
        yield Line("", tuple(_pieces(source.text, findings)))


def _pieces(text: str, findings: Iterable[Finding]) -> Iterator[Piece]:
    """Of overlapping spans the first is marked."""
    at = 0
    spans = sorted(((f.span, f) for f in findings if f.span is not None), key=lambda pair: pair[0])
    for (start, end), finding in spans:
        if not at <= start < end <= len(text):
            continue
        if start > at:
            yield Piece(text[at:start])
        yield Piece(text[start:end], finding)
        at = end
    if at < len(text):
        yield Piece(text[at:])


def bars(candidate: Candidate, longest: float) -> list[Bar]:
    """The reasons, heaviest first; `longest` is the weight of a full bar."""
    drawn = []
    for reason in sorted(candidate.reasons, key=lambda r: -abs(r.weight)):
        width = max(1.0, HALF * min(1.0, abs(reason.weight) / longest)) if longest > 0 else 1.0
        drawn.append(Bar(reason, HALF if reason.weight >= 0 else HALF - width, width))
    return drawn


def _percent(probability: float) -> str:
    return f"{probability:.0%}" if probability >= 0.01 else "<1%"


def _age(age: float) -> str:
    return f"{age:.0f} years" if age >= 3 else f"{age * 12:.0f} months"
