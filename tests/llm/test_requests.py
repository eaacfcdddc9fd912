"""Requests have one rendering and one key; what makes no sense is refused at once."""

from __future__ import annotations

import hashlib
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarescale.errors import UsageError
from rarescale.llm import KINDS, Message, ModelError, Reply, Request, Usage
from rarescale.llm.messages import reply_from_data, request_from_data
from rarescale.llm.wire import body_of, completion_of, reply_of, request_of

from .helpers import question

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
REQUESTS = st.builds(
    Request,
    messages=st.lists(
        st.builds(Message, st.sampled_from(["system", "user", "assistant"]), TEXT), min_size=1, max_size=4
    ),
    model=st.sampled_from(["a", "b/c:1"]),
    temperature=st.none() | st.floats(0, 2),
    max_tokens=st.integers(1, 4096),
    schema=st.none() | st.just({"type": "object", "properties": {"a": {"type": "integer"}}}),
    seed=st.none() | st.integers(0, 9),
)


def test_the_key_is_the_hash_of_the_rendering() -> None:
    request = question()
    assert request.key == hashlib.sha256(request.rendered.encode()).hexdigest()


def test_the_rendering_is_written_down() -> None:
    assert question("é").rendered == (
        '{"max_tokens":1024,"messages":[{"content":"\\u00e9","role":"user"}],"model":"toy","schema":null,"seed":null,'
        '"temperature":0.0}'
    )


@pytest.mark.parametrize(
    "other",
    [
        question("What was it?"),
        question(model="toy2"),
        question(temperature=0.5),
        question(temperature=None),
        question(max_tokens=7),
        question(schema={"type": "object"}),
        question(seed=1),
        question().then("this", "sure?"),
        Request((Message("system", "What is it?"),), "toy"),
    ],
    ids=lambda r: r.rendered[:60],
)
def test_everything_that_may_change_the_answer_changes_the_key(other: Request) -> None:
    assert other.key != question().key


def test_the_tag_is_not_part_of_the_question() -> None:
    assert question(tag="a").key == question(tag="b").key


def test_the_order_of_schema_keys_and_whole_temperatures_do_not_matter() -> None:
    one = question(schema={"type": "object", "title": "A"}, temperature=1)
    two = question(schema={"title": "A", "type": "object"}, temperature=1.0)
    assert one.key == two.key


@settings(deadline=None)
@given(REQUESTS)
def test_requests_survive_files_and_batch_bodies(request: Request) -> None:
    assert request_from_data(request.question()).key == request.key
    assert request_of(body_of(request)).key == request.key


@settings(deadline=None)
@given(TEXT, st.integers(0, 10**6), st.integers(0, 10**6))
def test_replies_survive_files_and_completions(text: str, prompt: int, completion: int) -> None:
    reply = Reply(text, question().key, "toy-1", Usage(prompt, completion))
    assert reply_from_data(reply.to_data()) == reply
    assert reply_of(completion_of(reply), question(), "test") == reply


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Request((), "toy"), "no messages"),
        (lambda: question(model=""), "names no model"),
        (lambda: question(max_tokens=0), "max_tokens is 0"),
        (lambda: question(temperature=2.1), "temperature is 2.1"),
        (lambda: question(temperature=float("nan")), "temperature is nan"),
        (lambda: Message("patient", "hello"), "role 'patient'"),  # type: ignore[arg-type]
        (lambda: question("a\ud800b"), "lone surrogate at character 1"),
    ],
)
def test_requests_that_make_no_sense_are_refused(make: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("one", "two", "total"),
    [
        (Usage(1, 2), Usage(3, 4), Usage(4, 6)),
        (Usage(1, 2, 0.5), Usage(3, 4), Usage(4, 6, 0.5)),
        (Usage(0, 0, 0.5), Usage(0, 0, 0.25), Usage(0, 0, 0.75)),
    ],
)
def test_usage_adds_up_and_an_unknown_cost_is_not_zero(one: Usage, two: Usage, total: Usage) -> None:
    assert one + two == two + one == total


@pytest.mark.parametrize("kind", KINDS)
def test_failures_survive_a_process_boundary(kind: str) -> None:
    error = ModelError("words", kind=kind, raws=("a", "b"), retry_after=2.0, attempts=3)
    assert pickle.loads(pickle.dumps(error)).to_data() == error.to_data()


def test_a_failure_has_a_known_kind() -> None:
    with pytest.raises(ValueError, match="not a kind"):
        ModelError("words", kind="bad-luck")


@pytest.mark.parametrize(
    ("completion", "kind"),
    [
        (None, "garbage"),
        ([], "garbage"),
        ("text", "garbage"),
        ({"choices": []}, "garbage"),
        ({"choices": [{"message": None}]}, "garbage"),
        ({"choices": [{"message": {"content": None}}]}, "garbage"),
        ({"choices": [{"message": {"content": ["a"]}}]}, "garbage"),
        ({"choices": [{"message": {"content": None, "refusal": "I won't"}}]}, "refused"),
        ({"choices": [{"message": {"content": "par"}, "finish_reason": "content_filter"}]}, "refused"),
    ],
)
def test_completions_of_another_shape_are_named_failures_with_the_raw_text(completion: object, kind: str) -> None:
    with pytest.raises(ModelError) as caught:
        reply_of(completion, question(), "The test", "raw words")
    assert (caught.value.kind, caught.value.raw) == (kind, "raw words")


@pytest.mark.parametrize("usage", [None, [], {"prompt_tokens": "many"}, {"prompt_tokens": -3}])
def test_missing_or_nonsensical_usage_counts_as_nothing(usage: object) -> None:
    reply = reply_of({"choices": [{"message": {"content": "yes"}}], "usage": usage}, question(), "The test")
    assert reply.usage == Usage(0, 0)


@pytest.mark.parametrize("form", ["json_object", "plain"])
def test_a_schema_that_is_not_enforced_is_said_in_words(form: str) -> None:
    schema = {"type": "object", "title": "Wanted"}
    system = Request((Message("system", "Be brief."), Message("user", "Why?")), "toy", schema=schema)
    body = body_of(system, form)  # type: ignore[arg-type]
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    assert "Be brief." in body["messages"][0]["content"] and "Wanted" in body["messages"][0]["content"]
    assert ("response_format" in body) == (form == "json_object")
