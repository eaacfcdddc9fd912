"""A reply is untrusted: a validated value, or a named failure with all raw texts."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationInfo, field_validator

from rarescale.llm import ModelError, Reply, Scripted, ask
from rarescale.llm.jsontext import json_values

from .helpers import question


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    rank: int = Field(ge=1)
    rarity: Literal["rare", "common"] = "rare"

    @field_validator("name")
    @classmethod
    def _known(cls, name: str, info: ValidationInfo) -> str:
        if info.context is not None and name not in info.context:
            raise ValueError(f"{name} is not on the list")
        return name


GOOD = '{"name": "Wilson disease", "rank": 1}'


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"\n {GOOD}\n",
        f"```json\n{GOOD}\n```",
        f"Here you are:\n```\n{GOOD}\n```\nGood luck!",
        f"Sure! {GOOD} Anything else?",
        f'<think>maybe {{\'x\': 1}} or {{"name": "x", "rank": 2}}</think>\n{GOOD}',
        f"{GOOD}\n{GOOD}",
        f"In set notation {{a, b}}: {GOOD}",
    ],
)
def test_json_is_found_bare_fenced_or_amid_prose(text: str) -> None:
    answer = ask(Scripted([text]), question(), Wanted)
    assert (answer.value, answer.repaired) == (Wanted(name="Wilson disease", rank=1), False)


BAD = {
    "no json": ("I do not know.", "found none"),
    "empty": ("", "empty reply"),
    "cut": (GOOD[:-4], "found none"),
    "wrong type": ('{"name": "x", "rank": "first"}', "rank: "),
    "out of range": ('{"name": "x", "rank": 0}', "greater than or equal to 1"),
    "missing": ('{"rank": 1}', "name: Field required"),
    "extra": ('{"name": "x", "rank": 1, "cure": true}', "cure: "),
    "not a choice": ('{"name": "x", "rank": 1, "rarity": "No"}', "rarity: "),
    "array": (f"[{GOOD}]", "the value: "),
    "not a number": ('{"name": "x", "rank": NaN}', "found none"),
    "key named twice": ('{"name": "x", "rank": 1, "rank": 2}', "found none"),
    "two different answers": (f'{GOOD} or {{"name": "y", "rank": 1}}', "2 different"),
    "deep": ("[" * 100_000, "found none"),
    "huge integer": ('{"name": "x", "rank": ' + "9" * 5000 + "}", "found none"),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=list(BAD))
def test_a_bad_reply_is_repaired_once_with_its_problem_named(text: str, words: str) -> None:
    script = Scripted([text, GOOD])
    answer = ask(script, question(tag="dx@1"), Wanted)
    assert answer.repaired and answer.value.name == "Wilson disease"
    again = script.history[1]
    assert [m.role for m in again.messages] == ["user", "assistant", "user"]
    assert words in again.messages[2].content and again.messages[1].content == (text.strip() or "(empty)")
    assert '"rank"' in again.messages[2].content and again.tag == "dx@1+repair@1"


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=list(BAD))
def test_a_reply_that_stays_bad_is_a_named_failure_with_both_raw_texts(text: str, words: str) -> None:
    script = Scripted(["first nonsense", text, GOOD])
    with pytest.raises(ModelError) as caught:
        ask(script, question(tag="dx@1"), Wanted)
    assert caught.value.kind == "invalid-reply" and caught.value.raws == ("first nonsense", text)
    assert words in str(caught.value) and "dx@1" in str(caught.value) and len(script.history) == 2


def test_a_reply_cut_at_its_limit_is_told_so() -> None:
    script = Scripted([Reply(GOOD[:-4], "", "toy", finish="length"), GOOD])
    ask(script, question(max_tokens=9), Wanted)
    assert "cut at the limit of 9 tokens" in script.history[1].messages[-1].content


def test_a_failure_in_the_repair_turn_keeps_the_first_raw_text() -> None:
    with pytest.raises(ModelError) as caught:
        ask(Scripted(["nonsense", ModelError("late", kind="timeout", raws=("par",))]), question(), Wanted)
    assert (caught.value.kind, caught.value.raws) == ("timeout", ("nonsense", "par"))


def test_a_failure_of_the_model_is_not_repaired() -> None:
    script = Scripted([ModelError("late", kind="timeout"), GOOD])
    with pytest.raises(ModelError):
        ask(script, question(), Wanted)
    assert len(script.history) == 1


def test_what_may_be_answered_can_be_given_along() -> None:
    script = Scripted(['{"name": "Gout", "rank": 1}', GOOD])
    assert ask(script, question(), Wanted, context={"Wilson disease"}).repaired
    assert "Gout is not on the list" in script.history[1].messages[-1].content


def test_the_schema_goes_with_the_request_unless_it_has_one() -> None:
    script = Scripted([GOOD, GOOD])
    ask(script, question(), Wanted)
    ask(script, question(schema={"type": "object"}), Wanted)
    assert [r.schema for r in script.history] == [Wanted.model_json_schema(), {"type": "object"}]


@pytest.mark.parametrize("text", ["null", "0", "[]", "{}", '""', "false"])
def test_empty_values_are_values(text: str) -> None:
    wanted: TypeAdapter[object] = TypeAdapter(object)
    answer = ask(Scripted([text]), question(), wanted)
    assert answer.value == json.loads(text) and not answer.repaired


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc`{}[]", max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(JSON)
def test_any_json_is_read_back_bare_or_fenced(value: object) -> None:
    text = json.dumps(value)
    assert json_values(text) == [value]
    assert json_values(f"Well:\n```json\n{text}\n```\n") == [value]


@settings(deadline=None)
@given(st.dictionaries(st.text("abc{}[]", max_size=4), JSON, max_size=4))
def test_an_object_amid_prose_is_read_back(value: dict[str, object]) -> None:
    assert json_values(f"I say {json.dumps(value)}, finally.") == [value]


@settings(deadline=None)
@given(st.text('{}[]",:0a`\n', max_size=200))
def test_hostile_text_never_breaks_the_reader(text: str) -> None:
    assert isinstance(json_values(text), list)
