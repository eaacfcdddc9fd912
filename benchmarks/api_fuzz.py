"""Ten thousand requests, made from the service's own description, by everybody who may ask and who may not.

    python benchmarks/api_fuzz.py [--requests 10000] [--seed 1]

schemathesis (MIT) makes requests that fit /openapi.json and others that do not; they go to a real `rarescale serve`
over the toy knowledge, without a key, with a wrong key, and with a key of each role. For each answer: no 5xx, the
status, type, headers and body are what the description says, and nobody gets in without the right: `RIGHTS` below is
written from docs/people.md, not from the program. In the end every refusal must be a line of the log, and of each
person and reason one must be a row of the audit log. The limits of rate stay as they are: each role has many people,
and requests come from many addresses of the loopback network. Exit code 1 when anything does not hold.
"""

from __future__ import annotations

import math
import random
import sys
import tempfile
import warnings
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import h11
import jsonschema_rs
import requests
import schemathesis
from house import TOY, House, databases, opened, parser
from hypothesis import HealthCheck, Phase, given, seed, settings
from requests.adapters import HTTPAdapter
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    status_code_conformance,
)

from rarescale.people import Role
from rarescale.store import open_store

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
]
PEOPLE_EACH = 12
NOBODY, WRONG = "no key", "wrong key"
WHO = (NOBODY, WRONG, *(str(role) for role in Role))

USE, CASES, BATCH, OPERATE = "use everything", "save cases", "send batches, see runs", "see /metrics"
RIGHTS = {
    "clinician": {USE, CASES, BATCH},
    "researcher": {USE, BATCH},
    "admin": {USE, OPERATE},
}
"""docs/people.md, its first table."""

PLACES = (
    ("/v1/cases", CASES),
    ("/v1/jobs", BATCH),
    ("/v1/", USE),
    ("/openapi.json", USE),
    ("/metrics", OPERATE),
    ("/runs", BATCH),
    ("/workbench/saved", CASES),
    ("/workbench/save", CASES),
    ("/workbench", USE),
    ("/help", USE),
    ("/diseases", USE),
    ("/findings", USE),
)
"""The beginnings of addresses and what they are about; the first that fits counts."""

SOMEBODY = {"id": "p", "title": "t", "present": ["HP:0001337"]}

REFUSALS = (401, 403, 421, 429)

FREE = ("/healthz", "/readyz", "/login")


def may(who: str, path: str) -> bool:
    """Whether docs/people.md lets somebody in there."""
    needed = next(right for beginning, right in PLACES if path.startswith(beginning))
    return needed in RIGHTS.get(who, set())


def malformed(answer: requests.Response) -> bool:
    """Whether the request was none, which its head alone tells a parser of HTTP, and was answered as such."""
    if answer.status_code != 400 or answer.json()["error"]["kind"] != "http":
        return False
    asked = answer.request
    lines = [
        f"{asked.method} {asked.path_url} HTTP/1.1",
        "Host: localhost",
        *(f"{k}: {v}" for k, v in asked.headers.items()),
    ]
    parser = h11.Connection(h11.SERVER)
    parser.receive_data("\r\n".join([*lines, "", ""]).encode("latin-1", "replace"))
    try:
        parser.next_event()
    except h11.RemoteProtocolError:
        return True
    return False


class From(HTTPAdapter):
    """Asks from one address of the loopback network, so that limits of addresses count as in a house."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, source_address=(self._address, 0), **more)


@dataclass
class Fuzz:
    """What was asked and what came of it."""

    house: House
    rng: random.Random
    document: dict[str, Any] = field(default_factory=dict)
    asked: Counter[tuple[str, int]] = field(default_factory=Counter)
    refused: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    real: dict[str, list[str]] = field(default_factory=lambda: {"case": [], "id": ["ORPHA:905", "HP:0001337"]})

    def __post_init__(self) -> None:
        names = {role: [n for n in self.house.people if n.startswith(role)] for role in map(str, Role)}
        self._names = {role: cycle(found) for role, found in names.items()}
        self._sessions: dict[str, requests.Session] = {}

    def save_some(self) -> None:
        """A case of each clinician, so that addresses lead to something."""
        for _ in range(PEOPLE_EACH):
            session, headers = self.session(str(Role.CLINICIAN))
            saved = session.post(f"{self.house.address}/v1/cases", json=SOMEBODY, headers=headers, timeout=30)
            self.real["case"].append(saved.json()["case"])

    def session(self, who: str) -> tuple[requests.Session, dict[str, str]]:
        """From where and with which key the next request of somebody comes."""
        if who in (NOBODY, WRONG):
            address = f"127.{self.rng.randint(1, 250)}.{self.rng.randint(0, 250)}.{self.rng.randint(1, 250)}"
            session = requests.Session()
            session.mount("http://", From(address))
            key = self.rng.choice(list(self.house.keys.values()))
            wrong = f"Bearer {key[:-4]}{self.rng.randint(1000, 9999)}"
            return session, {} if who == NOBODY else {"Authorization": wrong}
        name = next(self._names[who])
        if name not in self._sessions:
            self._sessions[name] = requests.Session()
            self._sessions[name].mount("http://", From(f"127.0.1.{len(self._sessions) + 1}"))
        return self._sessions[name], {"Authorization": f"Bearer {self.house.keys[name]}"}

    def note(self, what: str, case: str) -> None:
        self.wrong[what] += 1
        self.first.setdefault(what, case)

    def send(self, who: str, case: schemathesis.Case) -> None:
        session, headers = self.session(who)
        case.headers.pop("Authorization", None)
        for name in case.path_parameters or {}:
            if self.rng.random() < 0.5 and case.method != "DELETE":
                case.path_parameters[name] = self.rng.choice(self.real[name])
        answer = case.call(session=session, headers=headers, base_url=self.house.address)
        if malformed(answer):
            self.asked[who, 400] += 1
            return
        path = unquote(urlsplit(answer.request.url).path)  # as sent: `..` in a parameter leads elsewhere
        self.look(who, path, answer.status_code, f"{case.method} {case.operation.path}")
        try:
            case.validate_response(answer, checks=CHECKS, headers=headers)
        except FailureGroup as failed:
            for failure in failed.exceptions:
                label = f"{case.method} {case.operation.path}: {getattr(failure, 'title', type(failure).__name__)}"
                self.note(f"{label} ({answer.status_code})", str(failure)[:400])
        self.fits(case, answer)
        if answer.status_code == 202:  # or the places for batches are soon full
            session.delete(f"{self.house.address}/v1/jobs/{answer.json()['id']}", headers=headers, timeout=30)
        if who in (NOBODY, WRONG):
            session.close()

    def fits(self, case: schemathesis.Case, answer: Any) -> None:
        """Whether the body is what the description says.

        Not by schemathesis: it takes `prefixItems`, the pairs of OpenAPI 3.1, for a mistake.
        """
        method = self.document["paths"][case.operation.path][case.method.lower()]
        told = method["responses"].get(str(answer.status_code), {}).get("content", {}).get("application/json", {})
        if "schema" not in told:
            return
        schema = told["schema"] | {"components": self.document["components"]}
        for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(answer.json()):
            self.note(f"{case.method} {case.operation.path}: body ({answer.status_code})", str(error)[:400])
            return

    def look(self, who: str, path: str, status: int, label: str) -> None:
        """The checks that need no description."""
        self.asked[who, status] += 1
        self.refused += status in REFUSALS
        if status >= 500:
            self.note(f"{label}: {status}", who)
        if status == 429:
            return
        if who in (NOBODY, WRONG):
            if status != 401:
                self.note(f"{label}: {who} got {status} and not 401", path)
        elif may(who, path) == (status in (401, 403)) and not (status == 404 and not path.isprintable()):
            # An address with a control character is none, for anybody.
            self.note(f"{label}: {who} got {status}, and docs/people.md says otherwise", path)

    def close(self) -> None:
        for session in self._sessions.values():
            session.close()


def fuzz(house: House, count: int, number: int) -> Fuzz:
    """Everybody's share of the requests, over all operations."""
    run = Fuzz(house, random.Random(number))
    session, headers = run.session("clinician")
    run.document = session.get(f"{house.address}/openapi.json", headers=headers, timeout=30).json()
    operations = [found.ok() for found in schemathesis.openapi.from_dict(run.document).get_all_operations()]
    run.save_some()
    share = math.ceil(count / len(WHO) / len(operations) / 2)
    for who in WHO:
        for operation in operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _examples(run, who, operation, mode, share, number)
        for path in (*FREE, *(p for p, _ in PLACES if p != "/v1/")):
            _page(run, who, path)
    run.close()
    return run


def _examples(run: Fuzz, who: str, operation: Any, mode: GenerationMode, share: int, number: int) -> None:
    @seed(f"{number} {who} {operation.label} {mode}")
    @settings(
        max_examples=share, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: schemathesis.Case) -> None:
        run.send(who, case)

    one()


def _page(run: Fuzz, who: str, path: str) -> None:
    """A page or an address of operation, which the description does not name."""
    session, headers = run.session(who)
    method = "POST" if path == "/workbench/save" else "GET"
    answer = session.request(method, run.house.address + path, headers=headers, timeout=30, allow_redirects=False)
    if path in FREE:
        if answer.status_code != 200:
            run.note(f"{path}: {answer.status_code}", who)
        return
    run.look(who, path, answer.status_code, f"{method} {path}")


def denials(run: Fuzz) -> None:
    """Each refusal is in the log; of each person and reason, one is in the audit log of the store."""
    lines = [line for line in run.house.lines("rarescale.audit") if line["status"] in REFUSALS]
    if len(lines) != run.refused:
        run.note(f"{run.refused} refusals, and {len(lines)} lines of the log", "")
    with open_store(run.house.store) as store:
        rows = {(entry.who, entry.what) for entry in store.audit_log() if entry.outcome == "denied"}
    for person, reason in {(line["who"], line["reason"]) for line in lines} - rows:
        run.note(f"denied {reason}: not in the audit log of the store", person)
    for fault in run.house.faults():
        run.note("a fault in the log", fault[:600])


def main() -> int:
    options = parser(__doc__)
    options.add_argument("--requests", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    people = {f"{role}{n}": role for role in Role for n in range(PEOPLE_EACH)}
    warnings.filterwarnings("ignore", module="schemathesis")
    with (
        tempfile.TemporaryDirectory() as folder,
        databases("sqlite", Path(folder)) as (url, _),
        opened(Path(folder), url, people, RARESCALE_KNOWLEDGE=str(TOY)) as house,
    ):
        run = fuzz(house, chosen.requests, chosen.seed)
        denials(run)
    for who in WHO:
        statuses = {status: n for (name, status), n in sorted(run.asked.items()) if name == who}
        print(f"{who:12} {sum(statuses.values()):6} requests {statuses}")
    print(f"all          {sum(run.asked.values()):6} requests, {run.refused} refused")
    for what, often in run.wrong.most_common():
        print(f"WRONG {often:5} x {what}\n      {run.first[what]}")
    return 1 if run.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
