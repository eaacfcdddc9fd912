"""Rules that need no model: what a chat breaks, by its messages, its labels and the assignment alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rarescale.record import Message, Role, State
from rarescale.simulation.checking.naming import disease_named, folded
from rarescale.simulation.checking.opening import opening_problems
from rarescale.simulation.checking.problems import Problem
from rarescale.simulation.checking.questions import problems_of_question
from rarescale.simulation.checking.wire import find_quote
from rarescale.simulation.writers.contract import Assignment

GREETING = 1
"""The number of the message that greets."""
MOST_TOLD = 3
"""Findings told in one message of the patient (the paper's section 3.2)."""

_MACHINERY = re.compile(
    r"\b(?:HP:\d{7}|RSF:\w+|OMIM:\d+|ORPHA:\d+|as an ai|language model|json|system prompt|"
    r"ignore (?:all|any|the|previous|above|your)\b[^.]*\binstructions?|list of findings)",
    re.I,
)


def violations(assignment: Assignment, messages: Sequence[Message]) -> tuple[Problem, ...]:
    """Everything that `messages` break, in the order of the rules; empty when nothing is found."""
    return (
        *_turns(messages),
        *_opening(assignment, messages),
        *_names(assignment, messages),
        *_questions(assignment, messages),
        *_labels(assignment, messages),
        *_findings(assignment, messages),
    )


def _turns(messages: Sequence[Message]) -> Iterator[Problem]:
    roles = [m.role for m in messages]
    expected = [Role.SYSTEM, *(Role.PATIENT if k % 2 else Role.CLINICIAN for k in range(len(messages) - 1))]
    if len(messages) <= 2:
        yield Problem("turns", f"the chat has {len(messages)} messages; expected at least three")
    for number, (found, right) in enumerate(zip(roles, expected, strict=False)):
        if found is not right:
            yield Problem("turns", f"spoken by the {found.value}; expected the {right.value}", number)
            return


def _opening(assignment: Assignment, messages: Sequence[Message]) -> Iterator[Problem]:
    if [m.role for m in messages[:2]] == [Role.SYSTEM, Role.CLINICIAN]:
        yield from opening_problems(assignment.persona, messages[0].content, messages[1].content)


def _names(assignment: Assignment, messages: Sequence[Message]) -> Iterator[Problem]:
    own = set(folded(assignment.persona.name).split())
    names = [n for n in (assignment.disease_name, *assignment.forbidden) if not set(folded(n).split()) <= own]
    findings = [n for f in assignment.findings for n in (f.label, *f.names)]
    for number, message in enumerate(messages):
        if name := disease_named(message.content, names, findings):
            yield Problem("diagnosis", f"the {message.role.value} names the disease ({name})", number)
        if found := _MACHINERY.search(message.content):
            yield Problem("machinery", f"speaks of {found.group()!r}", number)


def _questions(assignment: Assignment, messages: Sequence[Message]) -> Iterator[Problem]:
    names = [(f.label, *f.names) for f in assignment.findings]
    for number, message in enumerate(messages):
        # The greeting has a rule of its own, which leaves nothing to ask or to confirm.
        if message.role is Role.CLINICIAN and number != GREETING:
            found = problems_of_question(message.content, names, assignment.persona.name)
            yield from (Problem(rule, why, number) for rule, why in found)


def _labels(assignment: Assignment, messages: Sequence[Message]) -> Iterator[Problem]:
    wanted = {f.id: f for f in assignment.findings}
    for number, message in enumerate(messages):
        if len(message.labels) > MOST_TOLD:
            yield Problem("crowded", f"tells {len(message.labels)} findings; expected at most {MOST_TOLD}", number)
        if message.labels and message.role is not Role.PATIENT:
            yield Problem("labels", f"a message of the {message.role.value} is labelled with findings", number)
        for label in message.labels:
            finding = wanted.get(str(label.id))
            if finding is None:
                yield Problem("labels", f"labelled with {label.id}, which is not on the list", number)
            elif (label.state is State.PRESENT) is not finding.present:
                right = "present" if finding.present else "absent"
                yield Problem(
                    "polarity", f"{finding.label} ({finding.id}) is told as {label.state.value}, but is {right}", number
                )
            if label.quote is not None and find_quote(label.quote, message.content) is None:
                yield Problem("labels", f"the quote {label.quote[:80]!r} is not in the message", number)


def _findings(assignment: Assignment, messages: Sequence[Message]) -> Iterator[Problem]:
    told = Counter(str(label.id) for m in messages if m.role is Role.PATIENT for label in m.labels)
    for finding in assignment.findings:
        if not told[finding.id]:
            yield Problem("missing", f"no message of the patient is labelled with {finding.label} ({finding.id})")
        elif told[finding.id] > 1:
            yield Problem("repeated", f"{finding.label} ({finding.id}) is told in {told[finding.id]} messages")
