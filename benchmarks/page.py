"""How fast the workbench is: first load, a toggled finding, a pasted conversation, two clients at once.

    python benchmarks/page.py [CHATS.jsonl]

In Chromium over the shipped knowledge, medians of several runs on this machine. The conversation is the example that
ships, or the first of CHATS.jsonl with 20 messages or more. The stated peer is the same browser on a page of one word.
"""

from __future__ import annotations

import json
import shutil
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import httpx2
import uvicorn
from playwright.sync_api import sync_playwright

from rarescale.diagnose import open_diagnoser
from rarescale.service import ServiceSettings, bind, create_app

REPEATS = 9
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
EXAMPLE = Path(__file__).parent.parent / "examples" / "chat.jsonl"
LOADED = "performance.getEntriesByType('navigation')[0].duration"
TOGGLED = """(selector) => new Promise((resolve) => {
  const start = performance.now();
  const drawn = () => requestAnimationFrame(() => resolve(performance.now() - start));
  document.addEventListener("htmx:afterSettle", drawn, { once: true });
  document.querySelector(selector).click();
})"""


def conversation(path: Path) -> str:
    """A transcript of at least 20 messages; the example is repeated until it has as many."""
    for line in path.read_text(encoding="utf-8").splitlines():
        messages = json.loads(line)["messages"]
        if len(messages) >= 20 or path == EXAMPLE:
            messages = (messages * 2)[: max(20, len(messages))]
            return json.dumps({"messages": [{k: m[k] for k in ("role", "content")} for m in messages]})
    raise SystemExit(f"{path}: no conversation of 20 messages")


def show(what: str, value: float, unit: str, budget: str = "") -> None:
    print(f"{what:58} {value:8.0f} {unit:10} {budget}", flush=True)


def loads(browser: Any, address: str, path: str) -> tuple[float, int]:
    """Milliseconds until loaded, with nothing cached, and bytes of bodies and headers."""
    times, sizes = [], []
    for _ in range(REPEATS):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        answers: list[Any] = []
        page.on("response", lambda answer, all=answers: all.append(answer))
        page.goto(address + path, wait_until="load")
        times.append(page.evaluate(LOADED))
        sizes.append(
            sum(
                (0 if a.url.startswith("data:") else len(a.body()))
                + sum(len(k) + len(v) + 4 for k, v in a.all_headers().items())
                for a in answers
            )
        )
        context.close()
    return median(times), int(median(sizes))


def main() -> None:
    """Measure and print."""
    text = conversation(Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLE)
    listener = bind(ServiceSettings(port=0))
    app = create_app(open_diagnoser())
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        with sync_playwright() as tools:
            browser = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            in_browser(browser, address, text)
            browser.close()
        two_clients(address, text)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def in_browser(browser: Any, address: str, text: str) -> None:
    """What a person waits for."""
    peer, _ = loads(browser, "data:text/html,word", "")
    show("a page of one word (peer)", peer, "ms")
    took, size = loads(browser, address, "/workbench")
    show("first load, bytes with headers", size / 1000, "kB", "<= 100")
    show("first load", took, "ms", "<= 1000")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    work = page.context.new_cdp_session(page)
    work.send("Performance.enable", {"timeDomain": "threadTicks"})

    def browser_work() -> float:
        return float({m["name"]: m["value"] for m in work.send("Performance.getMetrics")["metrics"]}["TaskDuration"])

    pasted, toggled, ours, theirs = [], [], [], []
    for number in range(REPEATS):
        page.goto(f"{address}/workbench")
        page.fill("#text", text)
        with page.expect_navigation(wait_until="load"):
            page.click("text=Read and rank")
        pasted.append(page.evaluate(LOADED))
        kind = ("absent", "present")[number % 2]
        page.wait_for_timeout(300)
        before = time.process_time(), browser_work()
        toggled.append(page.evaluate(TOGGLED, f".chip .marks button[id$='-{kind}'][aria-pressed='false']"))
        ours.append((time.process_time() - before[0]) * 1e3)
        theirs.append((browser_work() - before[1]) * 1e3)
    show("20 messages pasted to differential drawn", median(pasted), "ms", "<= 600")
    show("a finding toggled to differential redrawn", median(toggled), "ms", "<= 300")
    show("... work of the program and of driving the browser", median(ours), "ms of CPU")
    show("... work of the browser", median(theirs), "ms of CPU")


def two_clients(address: str, text: str) -> None:
    """POST /v1/diagnose by one client and by two at once."""
    body = {"content": text, "headers": {"Content-Type": "application/json"}}

    def many(count: int) -> list[float]:
        times = []
        with httpx2.Client(base_url=address) as client:
            for _ in range(count):
                start = time.perf_counter()
                client.post("/v1/diagnose", **body).raise_for_status()
                times.append((time.perf_counter() - start) * 1e3)
        return times

    many(5)
    show("POST /v1/diagnose of 20 messages, one client", median(many(60)), "ms")
    with ThreadPoolExecutor(2) as pool:
        start = time.perf_counter()
        both = [t for times in pool.map(many, (60, 60)) for t in times]
        took = time.perf_counter() - start
    show("... two clients at once, each request", median(both), "ms")
    show("... two clients at once, together", 120 / took, "a second")


if __name__ == "__main__":
    main()
