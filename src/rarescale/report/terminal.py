"""The terminal view: findings with their quotes, the ranked table, and why.

Rank, band and reasons come before any probability. Colour is never the only sign: for is `+`, against is `-`.
"""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rarescale.record import Candidate, Differential, Failure, Finding, Reason, State, Understanding

INTENDED_USE = (
    "For research and education by health professionals; not for patients' own use or emergencies, "
    "not a medical device, not clinically validated."
)

BANDS = ((0.5, "strong"), (0.2, "good"), (0.05, "fair"), (0.01, "weak"), (0.0, "remote"))
"""Lowest probability of each band, falling."""

EXPLAINED = 3
"""How many diseases of the list are explained finding by finding."""

REASONS = 8
"""How many reasons of one disease are shown, the heaviest first."""

BAR = 10
"""Length of the longest bar in characters."""


def terminal(stream: TextIO) -> Console:
    """A console on `stream`; 100 columns where the stream is not a terminal, so that files look the same."""
    width = None if stream.isatty() else 100
    return Console(file=stream, width=width, highlight=False, emoji=False, soft_wrap=False)


def print_answer(answer: Understanding | Failure, console: Console) -> None:
    """Show one answer."""
    if isinstance(answer, Failure):
        console.print(
            Text.assemble((f"{answer.id}: ", "bold"), ("could not be read. ", "bold red"), answer.error.message)
        )
        return
    _print_patient(answer, console)
    if isinstance(answer, Differential):
        _print_differential(answer, console)
    for warning in answer.warnings:
        console.print(Text(f"note: {warning}", "yellow"))
    console.print(
        Text(
            f"{answer.engine.name} {answer.engine.version} · {answer.knowledge.release} · {answer.knowledge.hash[:12]}",
            "dim",
        )
    )
    console.print(Text(INTENDED_USE, "dim"))


def band(probability: float) -> str:
    """The word for a probability; see `BANDS`."""
    return next(word for least, word in BANDS if probability >= least)


def _print_patient(answer: Understanding, console: Console) -> None:
    who = [answer.id]
    if answer.sex is not None:
        who.append(answer.sex.value.partition("_")[0].lower())
    if answer.age is not None:
        who.append(_age(answer.age))
    console.print(Text(", ".join(who), "bold"))
    for flag in answer.red_flags:
        console.print(Text(f"RED FLAG: {flag}", "bold red"))
    console.print(Text("What was understood", "bold underline"))
    if not answer.findings:
        console.print("  no finding")
    for finding in answer.findings:
        console.print(_finding(finding))
    if answer.uncertain:
        guesses = ", ".join(dict.fromkeys(_guess(f) for f in answer.uncertain))
        console.print(Text(f"  perhaps: {guesses}", "dim"))
    for title, texts in (("not resolved", answer.unresolved), ("not understood", answer.not_understood)):
        if texts:
            console.print(Text(f"  {title}: {'; '.join(texts)}", "dim"))


def _guess(finding: Finding) -> str:
    return finding.label if finding.state is State.PRESENT else f"no {finding.label}"


def _age(age: float) -> str:
    return f"{age:.0f} years" if age >= 3 else f"{age * 12:.0f} months"


def _finding(finding: Finding) -> Text:
    sign, style = ("+", "green") if finding.state is State.PRESENT else ("-", "red")
    line = Text.assemble("  ", (f"{sign} ", style), finding.label, (f"  {finding.id}", "dim"))
    if finding.state is State.ABSENT:
        line.append("  absent", "red")
    if finding.quote:
        line.append(f"  “{finding.quote}”", "italic")
    return line


def _print_differential(answer: Differential, console: Console) -> None:
    if not answer.differential:
        return
    console.print()
    console.print(Text("Differential", "bold underline"))
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    table.add_column("#", justify="right")
    table.add_column("disease", ratio=1)
    table.add_column("id", no_wrap=True)
    table.add_column("class")
    table.add_column("band")
    table.add_column("prob.", justify="right")
    table.add_column("for", no_wrap=True)
    table.add_column("against", no_wrap=True)
    longest = max((max(_sums(c)) for c in answer.differential), default=1.0) or 1.0
    for c in answer.differential:
        gain, loss = _sums(c)
        table.add_row(
            str(c.rank),
            Text.assemble((c.name, "bold"), (" not to be missed", "bold red") if c.not_to_be_missed else ""),
            "\n".join(c.ids[:2]),
            c.rarity,
            band(c.probability),
            f"{c.probability:.0%}" if c.probability >= 0.01 else "<1%",
            Text("+" * round(BAR * gain / longest), "green"),
            Text("-" * round(BAR * loss / longest), "red"),
        )
    console.print(table)
    if answer.beside:
        rest = "; ".join(f"{c.name} ({c.id}, {c.rank}.)" for c in answer.beside)
        console.print(Text(f"rare, not to be forgotten: {rest}", "dim"))
    console.print(Text(f"none of these and of all other candidates: {answer.none_of_these:.0%}", "dim"))
    for c in answer.differential[:EXPLAINED]:
        _print_reasons(c, console)
    console.print()


def _sums(candidate: Candidate) -> tuple[float, float]:
    """Total weight for and total weight against, both >= 0."""
    weights = [r.weight for r in candidate.reasons]
    return sum(w for w in weights if w > 0), -sum(w for w in weights if w < 0)


def _print_reasons(candidate: Candidate, console: Console) -> None:
    console.print()
    console.print(Text.assemble((f"{candidate.rank}. {candidate.name}", "bold"), "  why"))
    reasons = sorted(candidate.reasons, key=lambda r: -abs(r.weight))
    for reason in reasons[:REASONS]:
        console.print(_reason(reason))
    if len(reasons) > REASONS:
        console.print(Text(f"  and {len(reasons) - REASONS} lighter reasons; --json lists all", "dim"))
    if candidate.clues:
        clues = ", ".join(f"{clue.text} {clue.weight:+.1f}" for clue in candidate.clues)
        line = Text.assemble("  ", (f"{candidate.learned:+5.1f} ", "bold"), "the trained model, by ")
        console.print(line.append(clues, "italic"))


def _reason(reason: Reason) -> Text:
    style = "green" if reason.weight >= 0 else "red"
    line = Text.assemble(
        "  ", (f"{reason.weight:+5.1f} ", style), reason.label or reason.finding, (f"  {reason.kind}", "dim")
    )
    if reason.uncertain:
        line.append(", perhaps", "dim")
    if reason.matched and reason.matched != reason.finding:
        line.append(f": {reason.matched_label or reason.matched}")
    details = ", ".join(x for x in (reason.frequency, reason.source) if x)
    if details:
        line.append(f"  [{details}]", "dim")
    return line
