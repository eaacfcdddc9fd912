"""The replies that a language model may give, as closed types: anything else is repaired once or is a named failure."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rarescale.record import Likelihood

MOST = 20
"""Entries of a list that are read at all; more is no differential."""

Name = Annotated[str, Field(min_length=1, max_length=200)]
Sentence = Annotated[str, Field(max_length=2000)]


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Thought(_Reply):
    """A disease and one sentence."""

    name: Name
    why: Sentence


class Verdict(_Reply):
    """What becomes of one candidate."""

    name: Name
    keep: bool
    why: Sentence


class Conclusion(_Reply):
    """One final diagnosis."""

    name: Name
    likelihood: Likelihood
    reasons: list[Sentence] = Field(max_length=MOST)
    quotes: list[Sentence] = Field(max_length=MOST)


class OnePass(_Reply):
    """The answer where no candidates were shown."""

    first_pass: list[Thought] = Field(min_length=1, max_length=MOST)
    diagnoses: list[Conclusion] = Field(max_length=MOST)


class TwoPass(_Reply):
    """The answer where candidates were shown; the order of the fields is the order of thought."""

    first_pass: list[Thought] = Field(min_length=1, max_length=MOST)
    candidate_pass: list[Verdict] = Field(min_length=1, max_length=MOST)
    diagnoses: list[Conclusion] = Field(max_length=MOST)


class RareList(_Reply):
    """A model's own rare candidates."""

    candidates: list[Thought] = Field(max_length=MOST)
