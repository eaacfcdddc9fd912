"""Many clinicians at work at once on a real service: how long they wait, what fails, how much memory it takes.

    python benchmarks/load_drill.py [--clinicians 50] [--seconds 60] [--store sqlite|postgresql] [--toy]

A closed loop: each clinician has a key, signs in once, and goes through patients one after the other: open the
workbench, read a chat, three edits, answer the first question, save, open the saved case again, list the cases, and
once by program /v1/diagnose; before each request 1 to 3 s pass, evenly. So of 10 requests 5 rank anew. No two
patients say the same: each is 4 to 8 sentences drawn from the vignettes of the tests. They begin one
after the other within the first 30 s (--warm), which are not counted, or all would do the same at once. The clients
run in a process of their own on the same machine. Exit code 1 for an error, or a p95 over the target.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import httpx2
from house import ROOT, TOY, House, databases, opened, parser

from rarescale.people import Role

TARGET_MS = 500.0
THINK_S = (1.0, 3.0)
EVERY_S = 10.0
STATE = re.compile(r'name="state" value="([^"]*)"')
TOKEN = re.compile(r'name="token" value="([^"]*)"')
CSRF = re.compile(r"X-CSRF(?:&#34;|\"): (?:&#34;|\")([\w-]+)")
CHIP = re.compile(r'id="f-(HP_\d+)"')
QUESTION = re.compile(r'value="answer:present:(HP:\d+)"')


class Over(Exception):
    """The time of the drill."""


@dataclass
class Tally:
    """What was measured: milliseconds by kind, errors, and of the server by second: MB of memory, resident and its own
    of that, without pages of mapped files, and seconds of processor time."""

    begun: float
    warm: float
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[int, float, float]] = field(default_factory=list)
    worked: list[tuple[float, float]] = field(default_factory=list)

    def note(self, kind: str, seconds: float) -> None:
        if time.perf_counter() - self.begun > self.warm:
            self.took[kind].append(seconds * 1e3)


@dataclass
class Clinician:
    """One person at one browser."""

    house: House
    name: str
    rng: random.Random
    sentences: list[str]
    tally: Tally
    until: float

    async def work(self) -> None:
        headers = {"HX-Request": "true"}
        async with httpx2.AsyncClient(base_url=self.house.address, timeout=60, headers=headers) as self.http:
            await asyncio.sleep(self.rng.uniform(0.0, self.tally.warm))
            page = await self.http.get("/login")
            form = {"token": unescape(TOKEN.findall(page.text)[0]), "key": self.house.keys[self.name]}
            await self.http.post("/login", data=form)
            page = await self.http.get("/workbench", headers={"HX-Request": "false"})
            self.http.headers["X-CSRF"] = CSRF.findall(page.text)[0]
            with suppress(Over):
                while True:
                    await self.patient()

    async def patient(self) -> None:
        said = ". ".join(self.rng.sample(self.sentences, self.rng.randint(4, 8)))
        chat = f"Doctor: What brings you here?\nPatient: {said}\nDoctor: Any fever?\nPatient: No."
        await self.ask("open", "GET", "/workbench")
        page = await self.ask("read", "POST", "/workbench/read", data={"text": chat})
        for _ in range(3):
            found = CHIP.findall(page) or ["HP_0001250"]
            change = self.rng.choice(("absent", "present", "pause"))
            page = await self.step("step", page, do=f"mark:{change}:{self.rng.choice(found).replace('_', ':')}")
        asked = QUESTION.findall(page)
        page = await self.step("ask next", page, do=f"answer:present:{asked[0]}" if asked else "default")
        page = await self.step("save", page, "/workbench/save", do="save", title="drill")
        case = re.search(r"/workbench/saved/([0-9a-f]{32})/history", page)
        if case:
            await self.ask("reopen", "GET", f"/workbench/saved/{case[1]}")
        bearer = {"Authorization": f"Bearer {self.house.keys[self.name]}"}
        await self.ask("/v1/cases", "GET", "/v1/cases", headers=bearer)
        chat_line = json.dumps({"id": "d", "messages": [{"role": "patient", "content": f"{said}. And I am tired."}]})
        bearer["Content-Type"] = "application/json"
        await self.ask("/v1/diagnose", "POST", "/v1/diagnose", headers=bearer, content=chat_line)

    async def step(self, kind: str, page: str, path: str = "/workbench", **fields: str) -> str:
        state = STATE.findall(page)
        return await self.ask(kind, "POST", path, data={"state": unescape(state[0]) if state else "", **fields})

    async def ask(self, kind: str, method: str, path: str, **more: object) -> str:
        await asyncio.sleep(self.rng.uniform(*THINK_S))
        if time.perf_counter() >= self.until:
            raise Over
        begun = time.perf_counter()
        try:
            answer = await self.http.request(method, path, **more)
        except httpx2.HTTPError as error:
            self.tally.wrong[f"{kind}: {type(error).__name__}"] += 1
            return ""
        self.tally.note(kind, time.perf_counter() - begun)
        if answer.status_code != 200:
            self.tally.wrong[f"{kind}: {answer.status_code}"] += 1
        return answer.text


async def watch(house: House, tally: Tally, until: float) -> None:
    """The memory and processor time of the server at each step of `EVERY_S`."""
    assert house.process is not None
    while True:
        status = Path(f"/proc/{house.process.pid}/status").read_text()
        rss, own = (int(re.findall(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)[0]) for name in ("VmRSS", "RssAnon"))
        at = time.perf_counter() - tally.begun
        tally.memory.append((round(at), rss / 1024, own / 1024))
        after_name = Path(f"/proc/{house.process.pid}/stat").read_text().rpartition(")")[2].split()
        tally.worked.append((at, sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")))
        if time.perf_counter() >= until:
            return
        await asyncio.sleep(min(EVERY_S, max(0.1, until - time.perf_counter())))


async def drill(house: House, clinicians: int, warm: float, seconds: float, seed: int) -> Tally:
    """All clinicians for so many counted seconds."""
    lines = (ROOT / "tests" / "diagnose" / "vignettes.jsonl").read_text(encoding="utf-8").splitlines()
    sentences = [s.strip() for line in lines for s in json.loads(line)["text"].split(".") if len(s.split()) > 3]
    tally = Tally(time.perf_counter(), warm)
    until = tally.begun + warm + seconds
    people = [
        Clinician(house, f"c{n}", random.Random(f"{seed}-{n}"), sentences, tally, until) for n in range(clinicians)
    ]
    await asyncio.gather(watch(house, tally, until), *(p.work() for p in people))
    return tally


def percentile(values: list[float], share: float) -> float:
    """By nearest rank."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def report(tally: Tally, seconds: float) -> bool:
    """Print the table; whether the target is met."""
    every = [t for times in tally.took.values() for t in times]
    print(f"{'kind':14} {'requests':>8} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8}")
    for kind, times in [*tally.took.items(), ("all", every)]:
        shares = " ".join(f"{percentile(times, share):8.0f}" for share in (0.5, 0.95, 0.99))
        print(f"{kind:14} {len(times):8} {shares}")
    print(f"requests a second: {len(every) / seconds:.1f}")
    print(f"errors: {sum(tally.wrong.values())} {dict(tally.wrong)}")
    (begun, before), (ended, after) = max(w for w in tally.worked if w[0] <= tally.warm), tally.worked[-1]
    busy = (after - before) / (ended - begun)
    print(f"the server used {busy:.2f} processors, {busy / (len(every) / seconds) * 1e3:.0f} ms a request")
    memory = ", ".join(f"{rss:.0f} ({own:.0f}) at {at}" for at, rss, own in tally.memory)
    print(f"memory of the server, MB resident (without mapped files) at second: {memory}")
    return not tally.wrong and percentile(every, 0.95) <= TARGET_MS


def main() -> int:
    options = parser(__doc__)
    options.add_argument("--clinicians", type=int, default=50)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--warm", type=float, default=30.0, help="seconds before it is counted")
    options.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--toy", action="store_true", help="over the toy knowledge: for a test of the drill itself")
    chosen = options.parse_args()
    environment = {"RARESCALE_KNOWLEDGE": str(TOY)} if chosen.toy else {}
    people = {f"c{n}": Role.CLINICIAN for n in range(chosen.clinicians)}
    with (
        tempfile.TemporaryDirectory() as folder,
        databases(chosen.store, Path(folder)) as (url, _),
        opened(Path(folder), url, people, **environment) as house,
    ):
        print(f"{chosen.clinicians} clinicians, {chosen.store}, load average at the start {os.getloadavg()[0]:.1f}")
        tally = asyncio.run(drill(house, chosen.clinicians, chosen.warm, chosen.seconds, chosen.seed))
        tally.wrong["faults in the log"] += len(house.faults())
        tally.wrong = +tally.wrong  # without what is 0
    return 0 if report(tally, chosen.seconds) else 1


if __name__ == "__main__":
    sys.exit(main())
