"""Take docs/images/workbench*.png: the workbench with the example conversation. Run: python docs/make_screenshots.py

Needs Chromium and the development tools. The pictures are reduced to a few colours, so that they stay small.
"""

from __future__ import annotations

import io
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from rarescale.diagnose import open_diagnoser
from rarescale.service import ServiceSettings, bind, create_app

IMAGES = Path(__file__).parent / "images"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
COLOURS = 128
SHOTS = {
    "workbench": ("/workbench/examples/chat", "light", (1360, 860)),
    "workbench-dark": ("/workbench/examples/note", "dark", (1360, 860)),
    "workbench-start": ("/workbench", "light", (1100, 900)),
}
"""Name -> address, colours, size."""


@contextmanager
def serving() -> Iterator[str]:
    """The address of the service while it runs."""
    listener = bind(ServiceSettings(port=0))
    server = uvicorn.Server(uvicorn.Config(create_app(open_diagnoser()), log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


def save(page: Page, name: str) -> None:
    """One picture."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(IMAGES / f"{name}.png", optimize=True)


def main() -> None:
    """Take all of them."""
    with serving() as address, sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (path, colours, (width, height)) in SHOTS.items():
            context = browser.new_context(color_scheme=colours, viewport={"width": width, "height": height})
            page = context.new_page()
            page.goto(address + path)
            save(page, name)
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
