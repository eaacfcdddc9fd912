"""A real HTTP service on this machine, well and unwell."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("openai", reason="needs the openai package: pip install 'rarescale[llm]'")

from rarescale.errors import UsageError
from rarescale.llm import SWITCH, Endpoint, ModelError, OpenAICompatible, Scripted, Usage, open_model
from rarescale.llm import openai_compatible as provider
from rarescale.llm.stream import collect
from rarescale.llm.switch import check_network, is_this_machine

from .helpers import question

LONG = "a reply long enough to be sent in several parts, with é and 漢字"
STREAMS = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


@STREAMS
def test_a_reply_comes_with_text_usage_and_names(stream: bool) -> None:
    with Endpoint(Scripted([LONG])) as endpoint:
        reply = OpenAICompatible(endpoint.url, stream=stream).complete(question())
    assert (reply.text, reply.model, reply.key) == (LONG, "toy", question().key)
    assert reply.usage == Usage(3, 17) and (reply.finish, reply.calls, reply.cached) == ("stop", 1, False)


@STREAMS
@pytest.mark.parametrize(
    ("fault", "kind", "raw"),
    [
        ("rate-limit", "rate-limit", "slow down"),
        ("server", "server", "the server failed"),
        ("garbage", "garbage", '{"choices"'),
        ("hang", "timeout", ""),
        ("slow", "timeout", ""),
        ("cut", "cut", '"'),
    ],
)
def test_each_fault_has_its_name_and_keeps_what_came(fault: Any, kind: str, raw: str, stream: bool) -> None:
    with Endpoint(Scripted(lambda _: LONG), plan=lambda *_: fault) as endpoint:
        model = OpenAICompatible(endpoint.url, timeout_s=0.2 if kind == "timeout" else 60.0, stream=stream)
        with pytest.raises(ModelError) as caught:
            model.complete(question())
    assert caught.value.kind == kind and raw in caught.value.raw and endpoint.url in str(caught.value)
    assert caught.value.passing and len(endpoint.calls) == 1


def test_json_that_is_no_completion_is_garbage() -> None:
    with Endpoint(Scripted([LONG]), plan=lambda *_: "not-completion") as endpoint, pytest.raises(ModelError) as caught:
        OpenAICompatible(endpoint.url).complete(question())
    assert caught.value.kind == "garbage" and "hello" in caught.value.raw


def test_nobody_listening_is_a_broken_connection() -> None:
    with Endpoint(Scripted([])) as endpoint:
        url = endpoint.url
    with pytest.raises(ModelError) as caught:
        OpenAICompatible(url, timeout_s=1.0).complete(question())
    assert caught.value.kind == "cut"


@pytest.mark.parametrize(("wish", "seconds"), [("0", 0.0), ("2.5", 2.5), (None, None), ("soon", None), ("-1", None)])
def test_the_wish_for_a_pause_is_understood(wish: str | None, seconds: float | None) -> None:
    endpoint = Endpoint(Scripted([]), plan=lambda *_: "rate-limit", retry_after=wish)
    with endpoint, pytest.raises(ModelError) as caught:
        OpenAICompatible(endpoint.url).complete(question())
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Wed, 01 Jan 2025 00:00:30 GMT", "date": "Wed, 01 Jan 2025 00:00:00 GMT"}, 30.0),
        ({"retry-after": "Wed, 01 Jan 2025 00:00:30 GMT"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_pauses_may_be_dates_or_milliseconds(headers: dict[str, str], seconds: float | None) -> None:
    assert provider.retry_after(headers) == seconds


def test_a_service_without_schemas_is_asked_in_words_and_remembered() -> None:
    script = Scripted(lambda _: "{}")
    with Endpoint(script, plan=lambda *_: "no-schema") as endpoint:
        model = OpenAICompatible(endpoint.url)
        replies = [model.complete(question(f"q{n}", schema={"type": "object"})) for n in range(2)]
    assert [r.calls for r in replies] == [3, 1]
    assert "JSON Schema" in script.history[0].messages[0].content
    assert replies[0].key == question("q0", schema={"type": "object"}).key


def test_a_refusal_that_is_not_about_schemas_is_not_tried_in_other_forms() -> None:
    with Endpoint(Scripted([]), plan=lambda *_: None) as endpoint, pytest.raises(ModelError) as caught:
        OpenAICompatible(endpoint.url).complete(question(schema={"type": "object"}))
    assert caught.value.kind == "refused" and len(endpoint.calls) == 1 and not caught.value.passing


def test_every_attempt_of_one_request_carries_the_same_idempotency_key() -> None:
    with Endpoint(Scripted(["a", "b", "c"])) as endpoint:
        model = OpenAICompatible(endpoint.url)
        for text in ("one", "one", "two"):
            model.complete(question(text))
    keys = [h["idempotency-key"] for h in endpoint.headers]
    assert keys == [question("one").key, question("one").key, question("two").key]


def test_the_key_comes_from_the_named_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_KEY", "sesame")
    with Endpoint(Scripted(["a"])) as endpoint:
        OpenAICompatible(endpoint.url, key_env="TOY_KEY").complete(question())
    assert endpoint.headers[0]["authorization"] == "Bearer sesame"


def test_a_proxy_of_the_environment_is_not_used_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with Endpoint(Scripted(["a"])) as endpoint:
        assert OpenAICompatible(endpoint.url).complete(question()).text == "a"


def test_a_service_elsewhere_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "0")
    with pytest.raises(ModelError, match="OPENAI_API_KEY") as caught:
        OpenAICompatible("https://models.example/v1")
    assert caught.value.kind == "auth"


@pytest.mark.parametrize("make", [lambda: OpenAICompatible(), lambda: open_model("openai")], ids=["class", "address"])
def test_the_switch_forbids_calls_to_other_machines(make: Callable[[], object]) -> None:
    assert os.environ[SWITCH] == "1"
    with pytest.raises(ModelError, match=SWITCH) as caught:
        make()
    assert caught.value.kind == "network-forbidden"


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://127.0.0.1.example.org/v1", False),
        ("http://localhost@example.org/v1", False),
        ("https://api.openai.com/v1", False),
        ("http://10.0.0.1/v1", False),
        ("nonsense", False),
    ],
)
def test_this_machine_is_told_from_others(url: str, local: bool) -> None:
    assert is_this_machine(url) == local


@pytest.mark.parametrize(("value", "forbids"), [("1", True), ("yes", True), ("0", False), ("", False), (None, False)])
def test_the_switch_is_off_when_empty_or_zero(value: str | None, forbids: bool) -> None:
    environment = {} if value is None else {SWITCH: value}
    if not forbids:
        check_network("https://models.example/v1", environment)
        return
    with pytest.raises(ModelError):
        check_network("https://models.example/v1", environment)


def test_a_missing_package_is_named_with_the_way_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(ModelError, match=r"pip install 'rarescale\[llm\]'") as caught:
        OpenAICompatible("http://127.0.0.1:1/v1")
    assert caught.value.kind == "not-installed"


def delta(content: object = "a", finish: str | None = None) -> str:
    return "data: " + json.dumps({"choices": [{"delta": {"content": content}, "finish_reason": finish}]}) + "\n\n"


@pytest.mark.parametrize(
    ("events", "kind"),
    [
        ("", "cut"),
        (delta(), "cut"),
        (delta() + "data: [DONE]\n\n", "cut"),
        (delta() + delta(finish="stop")[:-9], "cut"),
        (delta() + "data: {\n\n", "garbage"),
        ("data: 3\n\n", "garbage"),
        ('data: {"choices": 3}\n\n', "garbage"),
        ('data: {"choices": ["a"]}\n\n', "garbage"),
        (delta(content=3), "garbage"),
    ],
)
def test_a_stream_without_its_end_or_with_foreign_events_is_a_named_failure(events: str, kind: str) -> None:
    with pytest.raises(ModelError) as caught:
        collect(events, "The test")
    assert (caught.value.kind, caught.value.raw) == (kind, events)


@pytest.mark.parametrize(
    "events",
    [
        delta("yes", "stop"),
        delta("y") + ": keep alive\n\n" + delta("es") + delta("", "stop") + "data: [DONE]\n\n",
        delta("y").replace("\n", "\r\n") + delta("es", "stop").replace("\n", "\r\n"),
        delta(None) + delta("yes", "stop") + 'data: {"choices": [], "usage": null}\n\n' + "data: [DONE]\n\nnoise",
    ],
)
def test_a_stream_adds_up_to_its_text(events: str) -> None:
    choice = collect(events, "The test")["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("yes", "stop")


def test_settings_of_a_service_go_through_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_KEY", "sesame")
    with Endpoint(Scripted(["a"])) as endpoint:
        open_model(f"openai:{endpoint.url}", key_env="TOY_KEY").complete(question())
    assert endpoint.headers[0]["authorization"] == "Bearer sesame"


def test_the_endpoint_says_when_it_has_not_started() -> None:
    with pytest.raises(UsageError, match="has not started"):
        _ = Endpoint(Scripted([])).url
