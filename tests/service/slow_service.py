"""A service that reads nothing before a file is there: python slow_service.py GATE GRACE."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from rarescale.diagnose import Diagnoser
from rarescale.knowledge import open_knowledge
from rarescale.reading import Reader, open_reader
from rarescale.record import Chat, Note, Reading
from rarescale.service import ServiceSettings, bind, create_app, serve, server, set_up_logs


class Slow:
    """Reads as `inner` does once the gate is there; the warm-up of the service does not wait."""

    name = "slow"

    def __init__(self, inner: Reader, gate: Path) -> None:
        self._inner, self._gate = inner, gate

    def read(self, source: Chat | Note) -> Reading:
        while source.id != "warm" and not self._gate.exists():
            time.sleep(0.01)
        return self._inner.read(source)


def main(gate: Path, grace: float) -> None:
    server.HEADER_SECONDS = float(os.environ.get("SLOW_HEADER_SECONDS", server.HEADER_SECONDS))
    server.CONNECTIONS = int(os.environ.get("SLOW_CONNECTIONS", server.CONNECTIONS))
    set_up_logs("json")
    knowledge = open_knowledge()
    settings = ServiceSettings(port=0, body_seconds=float(os.environ.get("SLOW_BODY_SECONDS", 60)))
    with bind(settings) as listener:
        app = create_app(Diagnoser(knowledge, reader=Slow(open_reader(knowledge), gate)), settings)
        finished = serve(app, listener, settings, grace=grace)
    sys.exit(0 if finished else 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
