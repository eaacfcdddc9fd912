"""A real browser on a real server over the shipped knowledge."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from rarescale.diagnose import Diagnoser
from rarescale.service import ServiceSettings, bind, create_app

CHROMIUM = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def serving(diagnoser: Diagnoser, app: FastAPI | None = None, **settings: Any) -> Iterator[str]:
    """The address of the service, or of one made otherwise, while it runs in a thread."""
    chosen = ServiceSettings(port=0, **settings)
    config = uvicorn.Config(app or create_app(diagnoser, chosen), log_level="error", access_log=False)
    server = uvicorn.Server(config)
    with bind(chosen) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the service did not start"
                time.sleep(0.02)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def axe_source() -> str:
    """axe-core, as the development tools bring it."""
    return Path(str(files("axe_playwright_python") / "axe.min.js")).read_text(encoding="utf-8")


def violations(page: Any) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and good practice, one line each."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(axe_source())
    options = json.dumps({"runOnly": RULES, "resultTypes": ["violations"]})
    found = page.evaluate(f"axe.run(document, {options}).then(r => r.violations)")
    return [f"{v['id']}: {v['help']}: {n['html'][:200]}" for v in found for n in v["nodes"]]
