"""What goes wrong around the service: killed, disk full, database gone, two tabs, a clock that jumps. One line a drill.

    python benchmarks/fault_drill.py [--times 100] [--store sqlite|postgresql|both] [--only kill,full,gone,tabs,clock]

All on a real `rarescale serve` over the toy knowledge, with people and a store of its own:

kill   kill -9 of the server while two clinicians save without pause, started again: what was acknowledged is there, no
       revision is half there, and what was not acknowledged, sent again with its one-time id, is there once
full   the store on a file system of a few MB (tmpfs, needs root) that is filled up: 503 with a sentence, the work stays
       on the page, the server lives, and saves again when there is room
gone   PostgreSQL is stopped and started, the SQLite file moved away and back: as `full`, and /readyz says 503
tabs   two tabs of Chromium edit one case: 409, and nothing is overwritten
clock  the time of day jumps forward and back (libfaketime): sessions, keys, history, retention and limits stay right

Exit code 1 when anything does not hold. A drill that this machine cannot do says so.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from house import TOY, Browser, House, databases, opened, parser

from rarescale.errors import UsageError
from rarescale.people import Role
from rarescale.store import open_store

STAFF = {"ann": Role.CLINICIAN, "bob": Role.CLINICIAN}
ENVIRONMENT = {"RARESCALE_KNOWLEDGE": str(TOY)}
TEXT = "I have a tremor and hepatomegaly."
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
CHROMIUM = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)


class Skipped(Exception):
    """This machine cannot do the drill."""


@contextmanager
def at_work(kind: str, **environment: str) -> Iterator[tuple[House, Any]]:
    """A house over a new database of a kind, and the database's server."""
    with tempfile.TemporaryDirectory() as folder, databases(kind, Path(folder)) as (url, server):
        with opened(Path(folder), url, STAFF, **ENVIRONMENT, **environment) as house:
            yield house, server
        faults = house.faults()
        assert not faults, f"{len(faults)} faults in the log, the first: {faults[0][:300]}"


class Saver:
    """One clinician who saves without pause: new cases, and up to three revisions of each."""

    def __init__(self, house: House, name: str) -> None:
        self.house, self.name = house, name
        self.kept: dict[str, list[str]] = {}
        """Case -> titles of its acknowledged revisions."""
        self.sent: tuple[str, str] | None = None
        """Case and title of a save that was sent and not answered."""

    def save(self, http: httpx2.Client, case: str, title: str) -> None:
        """One save, remembered before it is sent; sent again, it is the same request."""
        self.sent = (case, title)
        revision = len(self.kept.get(case, []))
        wanted = {"If-Match": f'"{revision}"'} if revision else {"If-None-Match": "*"}
        body = {"id": "p", "title": title, "present": ["HP:0001337"], "note": "word " * 2000}
        answer = http.put(f"/v1/cases/{case}", json=body, headers=wanted)
        assert answer.status_code in (200, 201), (answer.status_code, answer.text[:300])
        assert answer.json()["revision"] == revision + 1, "a save was done twice"
        self.kept.setdefault(case, []).append(title)
        self.sent = None

    def until_killed(self) -> None:
        """Save until nobody answers."""
        try:
            with self.house.client(self.name) as http:
                while True:
                    case = next((c for c, titles in self.kept.items() if len(titles) < 3), uuid.uuid4().hex)
                    self.save(http, case, f"{self.name} {uuid.uuid4().hex}")
                    time.sleep(0.1)
        except httpx2.TransportError:
            return

    def check(self) -> int:
        """Send again what was not answered, then look at every case. Returns how many saves were seen."""
        with self.house.client(self.name) as http:
            if self.sent:
                self.save(http, *self.sent)
            listed = all_cases(http)
            assert sorted(c["case"] for c in listed) == sorted(self.kept), "a case is missing, or there twice"
            last = {c["case"]: (c["revision"], c["title"]) for c in listed}
            for case, titles in self.kept.items():
                assert last[case] == (len(titles), titles[-1]), "a save is lost"
        return sum(map(len, self.kept.values()))


def all_cases(http: httpx2.Client) -> list[dict[str, Any]]:
    """Every case of whoever asks, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        page = http.get(f"/v1/cases?start={len(found)}&most=200").raise_for_status().json()["cases"]
        found += page
        if len(page) < 200:
            return found


def half_saved(url: str) -> int:
    """Cases with a revision that lacks a part, or whose lines of the log are not there; read past the service."""
    half = 0
    with open_store(url) as store:
        for line in store.cases():
            parts = [(e.revision, e.kind) for e in store.history(line.case)]
            wanted = {(r, kind) for r in range(1, line.revision + 1) for kind in ("content", "edits", "differential")}
            saved = [a for a in store.audit_log(case=line.case) if a.what == "save-case" and a.outcome == "done"]
            half += set(parts) != wanted or len(parts) != len(wanted) or len(saved) != line.revision
    return half


def kill(kind: str, times: int) -> str:
    rng, unheard, seen = random.Random(1), 0, 0
    with at_work(kind) as (house, _):
        savers = [Saver(house, name) for name in STAFF]
        for _ in range(times):
            threads = [threading.Thread(target=saver.until_killed) for saver in savers]
            for thread in threads:
                thread.start()
            time.sleep(rng.uniform(0.2, 0.8))
            house.kill()
            for thread in threads:
                thread.join()
            unheard += sum(saver.sent is not None for saver in savers)
            house.start()
            seen = sum(saver.check() for saver in savers)
        assert not (half := half_saved(house.store)), f"{half} cases are half-saved"
    return f"{seen} saves, {unheard} cut off and sent again: none lost, none doubled, none half there"


def refused_and_back(house: House, browser: Browser, client: httpx2.Client, heal: Callable[[], object]) -> None:
    """While the store cannot be written: sentences, no fault, the work stays; after `heal` it works again."""
    before = browser.bench
    page = browser.post("/workbench/save", do="save", title="t")
    assert page.status_code == 503 and 'id="problem"' in page.text, (page.status_code, page.text[:500])
    assert "nothing of this step was saved" in page.text
    assert browser.bench["talk"] == before["talk"] and browser.bench["edits"] == before["edits"], "work was lost"
    answer = client.post("/v1/cases", json={"id": "p", "present": ["HP:0001337"]})
    assert answer.status_code == 503 and answer.json()["error"]["kind"] == "store-unavailable", answer.text
    assert client.post("/v1/diagnose", json={"id": "p", "present": ["HP:0001337"]}).status_code == 200
    assert browser.post("/workbench", do="mark:pause:HP:0001337").status_code == 200
    heal()
    until = time.monotonic() + 20
    while browser.http.get("/readyz").status_code != 200:
        assert time.monotonic() < until, "it is not ready again"
        time.sleep(0.1)
    page = browser.post("/workbench/save", do="save", title="t")
    assert page.status_code == 200 and browser.bench["kept"]["revision"] == 2, page.text[:500]
    assert client.post("/v1/cases", json={"id": "p", "present": ["HP:0001337"]}).status_code == 201


def saved_once(house: House) -> Browser:
    """Somebody with a case that is saved, and an edit that is not."""
    browser = Browser(house, "ann")
    browser.post("/workbench/read", text=TEXT)
    assert browser.post("/workbench/save", do="save", title="t").status_code == 200
    assert browser.post("/workbench", do="mark:absent:HP:0002240").status_code == 200
    return browser


def full(kind: str, _: int) -> str:
    size = {"sqlite": "3m", "postgresql": "128m"}[kind]
    with tempfile.TemporaryDirectory() as folder, _small(Path(folder), size) as small:
        before, tempfile.tempdir = tempfile.tempdir, str(small)  # the folder of PostgreSQL is a temporary one
        with databases(kind, small) as (url, _server):
            tempfile.tempdir = before
            with opened(Path(folder), url, STAFF, **ENVIRONMENT) as house:
                browser, client = saved_once(house), house.client("ann")
                filler = small / "filler"
                _fill(filler)
                _until_full(client)
                refused_and_back(house, browser, client, filler.unlink)
                assert not house.faults(), house.faults()[0]
    return f"a tmpfs of {size} filled up: 503 with a sentence, the work stayed, saves again once there is room"


@contextmanager
def _small(folder: Path, size: str) -> Iterator[Path]:
    """A file system of `size`."""
    small = folder / "small"
    small.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "tmpfs", str(small)]
    if os.getuid() or subprocess.run(made, capture_output=True, check=False).returncode:
        raise Skipped("no tmpfs can be mounted here (it needs root)")
    folder.chmod(0o755)  # PostgreSQL runs as another user
    try:
        yield small
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"0" * 4096)
        except OSError:
            return


def _until_full(client: httpx2.Client) -> None:
    """A database has room left in the files it made; save until that is used up."""
    for words in (5000, 100, 1, 1, 1):
        for _ in range(1000):
            body = {"id": "p", "present": ["HP:0001337"], "note": uuid.uuid4().hex * words}
            if client.post("/v1/cases", json=body).status_code == 503:
                break
        else:
            raise AssertionError("the database did not become full")


def gone(kind: str, _: int) -> str:
    with at_work(kind) as (house, server):
        browser, client = saved_once(house), house.client("ann")
        if server is not None:
            server.stop(signal.SIGQUIT)
            heal = server.start
        else:
            heal = _moved_away(house.folder)
        time.sleep(1.1)  # an answer of the store stands for a second
        ready = client.get("/readyz")
        assert ready.status_code == 503 and ready.json()["reason"] == "store", ready.text
        assert client.get("/healthz").status_code == 200
        refused_and_back(house, browser, client, heal)
    what = "PostgreSQL stopped at once and started" if server is not None else "the files moved away and back"
    return f"{what}: /readyz 503, 503 with a sentence, the work stayed, saves again without a restart"


def _moved_away(folder: Path) -> Callable[[], object]:
    """Move the files of SQLite away. Returns what brings them back."""
    away = folder / "away"
    away.mkdir()
    files = list(folder.glob("cases.sqlite*"))
    for file in files:
        file.rename(away / file.name)
    return lambda: [(away / file.name).rename(file) for file in files]


def tabs(kind: str, _: int) -> str:
    if CHROMIUM is None:
        raise Skipped("no Chromium is installed")
    from playwright.sync_api import sync_playwright

    with at_work(kind) as (house, _server), sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(base_url=house.address)
        one = context.new_page()
        one.goto("/login")
        one.fill("[name=key]", house.keys["ann"])
        one.locator("main button[type=submit]").first.click()
        one.wait_for_url("**/workbench")
        one.fill("#text", TEXT)
        one.get_by_role("button", name="Read and rank").click()
        one.wait_for_selector(".ddx")
        _press(one, "save")
        two = context.new_page()
        two.goto(one.url)
        _press(one, "m-HP_0001337-absent", "/workbench")
        assert _press(one, "save") == 200
        _press(two, "m-HP_0002240-absent", "/workbench")
        assert _press(two, "save") == 409
        assert "revision 2" in two.get_by_role("alert").inner_text()
        assert two.locator("#f-HP_0002240.absent").count() == 1, "the work of the second tab is gone"
        with house.client("ann") as http:
            (line,) = all_cases(http)
            edits = http.get(f"/v1/cases/{line['case']}").json()["edits"]
        assert line["revision"] == 2 and [e["finding"] for e in edits] == ["HP:0001337"], "the first was overwritten"
        browser.close()
    return "two tabs of Chromium on one case: the second is told 409 and keeps its work, nothing is overwritten"


def _press(page: Any, id: str, path: str = "/workbench/save") -> int:
    """Press a button and wait for the step; its status."""
    with page.expect_response(lambda answer: answer.url.endswith(path)) as waiting:
        page.locator(f"#{id}").click()
    status = int(waiting.value.status)
    busy = "!!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')"
    while page.evaluate(busy):
        page.wait_for_timeout(10)
    return status


def clock(kind: str, _: int) -> str:
    if FAKETIME is None:
        raise Skipped("libfaketime is not installed; apt-get install libfaketime")
    with tempfile.TemporaryDirectory() as folder:
        shift = Path(folder) / "shift"
        shift.write_text("+0d")
        fake = {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(shift),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        with at_work(kind, **fake) as (house, _server):
            browser, client = saved_once(house), house.client("ann")
            for revision, days in enumerate(("+2d", "-3d", "+1d"), 2):
                _jump(shift, days)
                page = browser.post("/workbench/save", do="save", title=f"t{revision}")
                assert page.status_code == 200 and browser.bench["kept"]["revision"] == revision, (days, page.text)
            _history_holds(house, client)
            _jump(shift, "+40d")
            assert client.get("/v1/cases").status_code == 401, "a key is good after its time"
            assert browser.post("/workbench", do="undo").status_code == 401
            _jump(shift, "+0d")
            assert client.get("/v1/cases").status_code == 200
            _limits_hold(house, shift)
    return "+2, -3, +1 and +40 days: sessions, history, retention, the end of keys and limits of rate stay right"


def _jump(shift: Path, days: str) -> None:
    """Move the time of day, and wait until the people file is looked at again."""
    shift.write_text(days)
    time.sleep(1.1)


def _history_holds(house: House, client: httpx2.Client) -> None:
    (line,) = all_cases(client)
    history = client.get(f"/v1/cases/{line['case']}/history").json()["entries"]
    revisions = [e["revision"] for e in history]
    assert revisions == sorted(revisions) and {*revisions} == {1, 2, 3, 4}, revisions
    ahead = datetime.fromisoformat(line["saved"]) - datetime.now(UTC)
    assert timedelta(days=1) < ahead < timedelta(days=2, minutes=1), f"the last save was moved by the clock: {ahead}"
    with open_store(house.store) as store:
        try:
            store.retention(1, by="drill", at=datetime.now(UTC))
        except UsageError:
            return
    raise AssertionError("retention went by a clock before the last save")


def _limits_hold(house: House, shift: Path) -> None:
    """A jump of the day neither fills nor empties what somebody may ask."""
    with house.client("bob") as http:
        until = time.monotonic() + 60
        while http.get("/v1/nothing").status_code != 429:
            assert time.monotonic() < until, "there is no limit"
        for days in ("+5d", "-5d"):
            shift.write_text(days)
            wait = int(http.get("/v1/nothing").headers.get("Retry-After", "0"))
            assert wait <= 2, f"a jump of {days} makes somebody wait {wait} s"
        begun = time.monotonic()
        answered = sum(http.get("/v1/nothing").status_code != 429 for _ in range(60))
        assert answered <= 15 + 10 * (time.monotonic() - begun), "a jump of the day filled the bucket"


DRILLS: dict[str, Callable[[str, int], str]] = {"kill": kill, "full": full, "gone": gone, "tabs": tabs, "clock": clock}


def main() -> int:
    options = parser(__doc__)
    options.add_argument("--times", type=int, default=100, help="how often the server is killed")
    options.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    options.add_argument("--only", default=",".join(DRILLS))
    chosen = options.parse_args()
    kinds = ("sqlite", "postgresql") if chosen.store == "both" else (chosen.store,)
    wrong = 0
    for name in chosen.only.split(","):
        for kind in kinds:
            begun = time.perf_counter()
            try:
                result = DRILLS[name](kind, chosen.times)
            except Skipped as reason:
                result = f"NOT DONE: {reason}"
            except AssertionError as error:
                wrong, result = wrong + 1, f"WRONG: {error}"
            often = chosen.times if name == "kill" else 1
            print(f"{name:6} {kind:10} {often:4} x {time.perf_counter() - begun:6.0f} s  {result}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
