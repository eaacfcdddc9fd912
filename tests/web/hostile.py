"""Three hundred ways to be unkind to a form or an API. Every one carries the word `MARK`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MARK = "qzxmark"

TEXTS = [
    f"<script>alert('{MARK}')</script>",
    f"<img src=x onerror=alert('{MARK}')>",
    f'"><svg onload=alert("{MARK}")>',
    f"'><iframe srcdoc='<script>{MARK}</script>'>",
    f"</textarea><script>{MARK}</script>",
    f"</title><b>{MARK}</b>",
    f"javascript:alert('{MARK}')",
    f"{{{{ 7*7 }}}} {{% include '/etc/passwd' %}} {MARK}",
    f"${{7*7}} #{{7*7}} <%= 7*7 %> {MARK}",
    f"'; DROP TABLE patients; -- {MARK}",
    f'" OR "1"="1" /* {MARK} */',
    f"1 UNION SELECT password FROM users WHERE '{MARK}'='{MARK}'",
    f"../../../../etc/passwd {MARK}",
    f"..%2f..%2f..%2fetc%2fpasswd {MARK}",
    f"file:///etc/passwd {MARK}",
    f"C:\\windows\\system32\\{MARK}",
    f"%00%0d%0aSet-Cookie: {MARK}=1",
    f"line\r\nSet-Cookie: {MARK}=1\r\n\r\n<b>",
    f"NUL \x00 inside {MARK}",
    f"\x07\x08\x1b[31m{MARK}\x1b[0m",
    f"\u202e{MARK}\u202c \u200b\u200d\ufeff",
    f"\ud800{MARK}".encode("utf-8", "replace").decode(),
    f"Z{'̀' * 3000} {MARK}",
    f"{'😀' * 2000} {MARK}",
    f"{MARK} " * 3_000,
    "a" * 300_000 + MARK,
    "(" * 20_000 + MARK,
    f"Doctor: {MARK}\nPatient: <u>{MARK}</u>\n" * 300,
    f"<!DOCTYPE html><html><body>{MARK}</body></html>",
    f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;{MARK}</a>',
    f"HP:0001250 HP:9999999 HP:{MARK}",
    f"&lt;b&gt;{MARK}&lt;/b&gt; &#60;script&#62;",
    f"|{MARK} & ping -c 1 localhost; $(reboot) `reboot`",
    f"=cmd|'/c calc'!A1 {MARK}",
]


def _nested(depth: int, inner: str) -> str:
    return '{"present":' + "[" * depth + inner + "]" * depth + "}"


DOCUMENTS = [
    "{",
    "}{",
    f'{{"id": "{MARK}"',
    f'{{"present": {{"{MARK}": 1}}}}',
    f'{{"present": ["<b>{MARK}</b>"], "absent": [null, 1, {{}}]}}',
    f'{{"messages": "{MARK}"}}',
    f'{{"messages": [{{"role": "{MARK}", "content": 5}}]}}',
    f'{{"messages": [{{"role": "patient", "content": "<script>{MARK}</script>"}}]}}',
    f'{{"id": "<script>{MARK}</script>", "present": ["HP:0001250"]}}',
    f'{{"present": ["HP:0001250"], "sex": "{MARK}", "age": "<b>"}}',
    f'{{"present": ["HP:0001250"], "age": "P{"9" * 400}Y"}}',
    f'{{"present": ["HP:0001250"], "age": 1e999, "x": "{MARK}"}}',
    f'{{"present": ["HP:0001250"], "age": NaN, "x": "{MARK}"}}',
    f'{{"a": {"9" * 5000}, "present": ["{MARK}"]}}',
    f'{{"present": ["\\ud800{MARK}"]}}',
    f'{{"present": ["\\u0000{MARK}"]}}',
    f'{{"__proto__": {{"x": 1}}, "constructor": "{MARK}", "present": []}}',
    f'{{"phenotypicFeatures": "{MARK}"}}',
    f'{{"phenotypicFeatures": [{{"type": "{MARK}"}}], "subject": []}}',
    f'{{"resourceType": "<b>{MARK}</b>"}}',
    f'{{"proband": {{"proband": {{"{MARK}": 1}}}}}}',
    f'{{"members": [{{"{MARK}": 1}}, null, 5]}}',
    f'[{{"present": ["{MARK}"]}}, {{"present": []}}]',
    f'"{MARK}"',
    "null",
    "[]",
    _nested(200, f'"{MARK}"'),
    _nested(100_000, f'"{MARK}"'),
    '{"a":' * 5000 + f'"{MARK}"' + "}" * 5000,
    json.dumps({"present": [f"{MARK}{k}" for k in range(3000)]}),
    json.dumps({f"{MARK}{k}": k for k in range(5000)}),
    json.dumps({"messages": [{"role": "patient", "content": MARK}] * 2000}),
]

STATES = [
    "{",
    "[]",
    "null",
    f'"{MARK}"',
    f'{{"{MARK}": 1}}',
    f'{{"talk": {{"id": "{MARK}"}}}}',
    f'{{"talk": {{"id": "a", "text": "tremor <b>{MARK}</b>", "extra": {{"x": {"[" * 500}{"]" * 500}}}}}}}',
    f'{{"case": {{"id": "a", "findings": [{{"text": "<b>{MARK}</b>", "id": "../../x", "span": [5, -9]}}]}}}}',
    '{"edits": [{"id": "HP:0001250", "change": "explode"}]}',
    '{"edits": [{"id": "HP:9999999", "change": "present"}]}',
    f'{{"edits": [{{"id": "{MARK}<b>", "change": "present"}}]}}',
    f'{{"edits": [{{"id": "HP:0001250", "change": "present", "asked": "<script>{MARK}</script>"}}]}}',
    f'{{"edits": [{{"id": "HP:0001250", "change": "onset", "onset": "<b>{MARK}</b>"}}]}}',
    '{"edits": [{"id": "HP:0001250", "change": "present", "asked": "x", "at": 99999}]}',
    json.dumps({"edits": [{"id": "HP:0001250", "change": "present"}] * 501}),
    f'{{"patient": "../{MARK}"}}',
    '{"compared": ["HP:1", "a:b"]}',
    '{"shown": ["x"], "before": [7]}',
    '{"age": 1e308}',
    '{"age": -1}',
    "[" * 100_000,
    '{"talk": {"id": "a", "messages": [{"role": "patient", "content": "tremor"}]}, "edits": []}',
    '{"case": {"id": "a", "findings": [{"text": "HP:0001250", "message": 7, "span": [0, 3]}]}}',
]

BUTTONS = [
    f"mark:present:{MARK}",
    f"mark:{MARK}:HP:0001250",
    "mark:present:HP:9999999",
    "mark:present:RSC:0001",
    "mark",
    "",
    f"{MARK}",
    "onset:HP:0001250",
    f"onset:<b>{MARK}</b>",
    "compare:../../x",
    "compare:OMIM:9",
    "among:everything",
    "answer:present",
    "answer:maybe:HP:0001250",
    "ask:HP:0001250",
    f"ask:{MARK}",
    "undo",
    "undo:1:2:3",
    "person",
    "reveal",
    "search",
    "say",
    "__class__",
    "default:x",
]

PATHS = [
    "/diseases/{}",
    "/findings/{}",
    "/v1/diseases/{}",
    "/v1/findings/{}",
    "/v1/jobs/{}",
    "/v1/jobs/{}/results",
    "/runs/{}",
    "/static/{}/app.css",
    "/static/x/{}",
    "/workbench/examples/{}",
    "/workbench/patients/{}",
    "/{}",
]

PATH_PARTS = [
    f"%3Cscript%3E{MARK}%3C%2Fscript%3E",
    f"..%2f..%2f..%2fetc%2fpasswd%00{MARK}",
    f"%ff%fe{MARK}",
    f"{MARK}" * 200,
    f"HP:{MARK}'%20OR%201=1--",
]

TYPES = [
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=" + "y" * 500,
    "text/html",
    "application/xml",
    "application/json; charset=utf-16",
    "application/json, text/plain",
    MARK,
    "",
]


@dataclass(frozen=True)
class Attempt:
    """One request."""

    method: str
    path: str
    options: dict[str, Any] = field(default_factory=dict)


def attempts() -> Iterator[Attempt]:
    """All of them."""
    for text in TEXTS:
        data = text.encode("utf-8", "replace")
        yield Attempt("POST", "/v1/diagnose", {"content": data, "headers": {"Content-Type": "text/plain"}})
        yield Attempt("POST", "/workbench/read", {"data": {"text": text}})
        yield Attempt("POST", "/workbench/search", {"data": {"q": text, "state": text}})
        yield Attempt("POST", "/workbench/read", {"files": {"file": ("a.txt", data)}, "data": {"text": text}})
    for document in DOCUMENTS:
        data = document.encode()
        yield Attempt("POST", "/v1/read", {"content": data, "headers": {"Content-Type": "application/json"}})
        yield Attempt("POST", "/v1/next-questions", {"content": data, "headers": {"Content-Type": "application/json"}})
        yield Attempt("POST", "/workbench/read", {"data": {"text": document}})
        yield Attempt("POST", "/v1/jobs", {"content": data, "headers": {"Content-Type": "application/x-ndjson"}})
    for state in STATES:
        yield Attempt("POST", "/workbench", {"data": {"state": state, "do": "undo"}})
        yield Attempt("POST", "/workbench/export/json", {"data": {"state": state}})
    good = '{"talk": {"id": "a", "text": "She has a tremor."}}'
    for button in BUTTONS:
        fields = {"state": good, "do": button, "say": f"<b>{MARK}</b>", "age": "1e5", "sex": MARK}
        yield Attempt("POST", "/workbench", {"data": fields})
        yield Attempt(
            "POST", "/workbench", {"data": {"state": good.replace("{", '{"patient": "x", ', 1), "do": button}}
        )
    for path in PATHS:
        for part in PATH_PARTS:
            yield Attempt("GET", path.format(part))
    for kind in TYPES:
        for path in ("/v1/diagnose", "/workbench/read", "/workbench", "/v1/jobs"):
            yield Attempt("POST", path, {"content": f"--x\r\n{MARK}".encode(), "headers": {"Content-Type": kind}})
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "GET"):
        yield Attempt(method, f"/v1/diagnose?text={MARK}")
        yield Attempt(method, "/workbench/read")
    yield Attempt("POST", "/workbench", {"data": {f"{MARK}{k}": "x" for k in range(2500)}})
    yield Attempt("POST", "/v1/diagnose", {"content": b"x" * 2_100_000, "headers": {"Content-Type": "text/plain"}})
    yield Attempt("POST", "/workbench/read", {"data": {"text": "x" * 1_500_000}})
    run_on = f"and then she had {MARK} tremor in her hands with no end of it " * 1_500
    yield Attempt("POST", "/v1/diagnose", {"content": run_on.encode(), "headers": {"Content-Type": "text/plain"}})
    yield Attempt("POST", "/workbench/read", {"data": {"text": run_on}})
    yield Attempt("GET", "/diseases", {"params": {"q": f"<script>{MARK}</script>"}})
    yield Attempt("GET", "/v1/findings", {"params": {"q": f"<script>{MARK}</script>" * 50}})
    yield Attempt("GET", f"/v1/findings?q=%ff%00{MARK}&limit=-1")
