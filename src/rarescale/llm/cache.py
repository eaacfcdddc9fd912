"""Answers kept on disk, one JSON file per request, so that nothing is asked twice.

A request is found by its key alone: keep one folder per service when two services use the same model name.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rarescale.llm.files import write_whole
from rarescale.llm.messages import Model, Reply, Request, reply_from_data


class Cached:
    """Looks in `folder` first; asks `model`, and keeps the reply, only when there is nothing.

    Failures are not kept. Threads with the same request wait for one answer; processes may share the folder, and
    at worst ask the same thing at the same moment. A damaged file counts as absent and is written anew.
    """

    def __init__(self, model: Model, folder: Path) -> None:
        """The folder is created when something is kept."""
        self._model = model
        self._folder = folder
        self._lock = threading.Lock()
        self._under_way: dict[str, tuple[threading.Lock, int]] = {}

    def complete(self, request: Request) -> Reply:
        """The kept reply (marked `cached`), or a new one."""
        with self._alone(request.key):
            kept = self._kept(request)
            if kept is not None:
                return replace(kept, cached=True)
            reply = self._model.complete(request)
            entry = {"schema_version": "1", "request": request.question(), "reply": reply.to_data()}
            data = json.dumps(entry, ensure_ascii=False, indent=1).encode()
            write_whole(self.path(request.key), data, durable=False)
            return reply

    def path(self, key: str) -> Path:
        """Where the reply to the request with this key is kept: two levels of folders, then one file."""
        return self._folder / key[:2] / key[2:4] / f"{key}.json"

    def _kept(self, request: Request) -> Reply | None:
        try:
            reply = reply_from_data(json.loads(self.path(request.key).read_bytes())["reply"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        return reply if reply.key == request.key else None

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        with self._lock:
            own, users = self._under_way.get(key, (threading.Lock(), 0))
            self._under_way[key] = own, users + 1
        try:
            with own:
                yield
        finally:
            with self._lock:
                own, users = self._under_way[key]
                if users == 1:
                    del self._under_way[key]
                else:
                    self._under_way[key] = own, users - 1
