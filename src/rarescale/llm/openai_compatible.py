"""Any service that speaks chat completions: OpenAI, Ollama, vLLM, llama.cpp, a LiteLLM proxy.

The openai package (extra ``[llm]``) connects, authenticates and reports statuses; the body is read here, so that a
deadline holds for slow bodies too and a broken answer is kept as it came. Its own retries are off: every HTTP
request is accounted for by whoever wraps this model.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
import time
import weakref
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from rarescale.llm.failures import ModelError
from rarescale.llm.messages import Reply, Request
from rarescale.llm.stream import collect
from rarescale.llm.switch import check_network, is_this_machine
from rarescale.llm.wire import FORMS, Form, body_of, garbage, reply_of, status_error

OPENAI_URL = "https://api.openai.com/v1"
BODY_BYTES = 16 * 1024 * 1024
"""A longer answer is taken for garbage."""


class OpenAICompatible:
    """Asks one service. Safe to share between threads.

    A service that refuses a JSON Schema is asked for JSON of any shape, then in plain words, and that is remembered
    for each model. Raises ModelError.
    """

    def __init__(
        self,
        base_url: str = OPENAI_URL,
        *,
        key_env: str = "OPENAI_API_KEY",
        timeout_s: float = 120.0,
        stream: bool = False,
        token_field: str = "max_tokens",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`key_env` names the environment variable with the key (not needed on this machine).

        `timeout_s` is both the longest silence and the time after which no further part of an answer is waited
        for, so a call ends within twice as long. `stream` asks for the answer in parts. Some models want their
        limit in another `token_field` (``max_completion_tokens``).
        """
        check_network(base_url)
        self._url = base_url
        self._where = f"The service at {base_url}"
        self._timeout = timeout_s
        self._stream = stream
        self._token_field = token_field
        self._clock = clock
        self._forms: dict[str, Form] = {}
        self._openai = _sdk()
        self._broken = _transport_errors()
        self._client = self._connect(key_env)
        # The client that is given to openai is not closed by it.
        self._finalizer = weakref.finalize(self, self._client.close)

    def _connect(self, key_env: str) -> Any:
        local = is_this_machine(self._url)
        key = os.environ.get(key_env, "")
        if not key and not local:
            raise ModelError(
                f"{self._where} needs a key; expected one in the environment variable {key_env}, found none. "
                f"Set {key_env}.",
                kind="auth",
            )
        # This machine is reached directly, whatever proxy the environment names, and leads nowhere else.
        http = self._openai.DefaultHttpxClient(trust_env=False, follow_redirects=False) if local else None
        return self._openai.OpenAI(
            api_key=key or "none", base_url=self._url, timeout=self._timeout, max_retries=0, http_client=http
        )

    def close(self) -> None:
        """Close the connections now; otherwise they go with this object."""
        self._finalizer()

    def complete(self, request: Request) -> Reply:
        """Ask once (again only to step down from a schema that the service does not take)."""
        check_network(self._url)
        calls = 0
        while True:
            form = self._forms.get(request.model, FORMS[0])
            calls += 1
            try:
                reply = self._call(request, form)
            except ModelError as error:
                if not self._steps_down(request, form, error):
                    raise error.changed(attempts=calls) from error
                continue
            return Reply(reply.text, reply.key, reply.model, reply.usage, reply.finish, calls=calls)

    def _steps_down(self, request: Request, form: Form, error: ModelError) -> bool:
        about_form = re.search(r"response_format|json_schema|json_object|schema|grammar", error.raw, re.IGNORECASE)
        if error.kind != "refused" or request.schema is None or form == FORMS[-1] or not about_form:
            return False
        self._forms[request.model] = FORMS[FORMS.index(form) + 1]
        return True

    def _call(self, request: Request, form: Form) -> Reply:
        body = body_of(request, form, self._token_field)
        if self._stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        create = self._client.chat.completions.with_streaming_response.create
        received: list[bytes] = []
        deadline = self._clock() + self._timeout
        try:
            # The same key on every attempt: a service that honours it never charges one request twice.
            with create(**body, extra_headers={"Idempotency-Key": request.key}) as response:
                self._receive(response, received, deadline)
        except self._openai.APIStatusError as error:
            raise self._status(error) from error
        except (self._openai.APITimeoutError, *self._broken.timeouts) as error:
            raise self._late(received) from error
        except (self._openai.APIConnectionError, *self._broken.others) as error:
            raise self._cut(received, error) from error
        return self._read(b"".join(received).decode("utf-8", "replace"), request)

    def _receive(self, response: Any, received: list[bytes], deadline: float) -> None:
        size = 0
        for part in response.iter_bytes():
            received.append(part)
            size += len(part)
            if size > BODY_BYTES:
                raise garbage(self._where, f"at most {BODY_BYTES} bytes", _text(received))
            if self._clock() > deadline:
                raise self._late(received)

    def _read(self, text: str, request: Request) -> Reply:
        if self._stream:
            return reply_of(collect(text, self._where), request, self._where, text)
        try:
            completion = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise garbage(self._where, "JSON", text) from error
        return reply_of(completion, request, self._where, text)

    def _status(self, error: Any) -> ModelError:
        headers = error.response.headers
        return status_error(error.status_code, error.response.text, self._where, retry_after(headers))

    def _late(self, received: list[bytes]) -> ModelError:
        return ModelError(
            f"{self._where}: expected a complete answer in {self._timeout:g} s, found {sum(map(len, received))} bytes. "
            "Allow more time or ask for fewer tokens.",
            kind="timeout",
            raws=(_text(received),),
        )

    def _cut(self, received: list[bytes], error: Exception) -> ModelError:
        cause = error.__cause__ or error
        return ModelError(
            f"{self._where}: the connection broke after {sum(map(len, received))} bytes "
            f"({type(cause).__name__}: {str(cause)[:120]}). Check that the service runs and try again.",
            kind="cut",
            raws=(_text(received),),
        )


def _text(received: list[bytes]) -> str:
    return b"".join(received)[:80_000].decode("utf-8", "replace")[:20_000]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait as the service asks (RFC 9110, 10.2.3); a date counts from the service's own ``Date``."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    try:
        until = parsedate_to_datetime(headers.get("retry-after", ""))
        return max(0.0, (until - parsedate_to_datetime(headers.get("date", ""))).total_seconds())
    except (ValueError, TypeError):
        return None


def _sdk() -> Any:
    try:
        return importlib.import_module("openai")
    except ImportError as error:
        raise ModelError(
            "Asking a language model over HTTP needs the openai package, which is not installed. "
            "Install it with: pip install 'rarescale[llm]'",
            kind="not-installed",
        ) from error


class _Broken:
    """The transport errors that can surface while a body is read."""

    def __init__(self, timeouts: tuple[type[Exception], ...], others: tuple[type[Exception], ...]) -> None:
        self.timeouts = timeouts
        self.others = others


def _transport_errors() -> _Broken:
    # Releases of openai stand on different generations of its HTTP library; take the one it loaded.
    found = [sys.modules[name] for name in ("httpx", "httpx2") if name in sys.modules]
    return _Broken(tuple(m.TimeoutException for m in found), tuple(m.HTTPError for m in found))
