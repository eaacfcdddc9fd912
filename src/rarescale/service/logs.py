"""Log lines that hold no text of a patient: JSON for machines, or one plain line each.

Only our own loggers and that of uvicorn's connections may speak. Other libraries put values into their messages and
exceptions quote them, so of those only the logger, the kind of error and its places are kept.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import threading
import traceback
import warnings
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from rarescale.errors import UsageError

request_id: ContextVar[str] = ContextVar("request_id", default="-")
"""That of the request being answered, in its threads too."""

FAULTS = "rarescale.faults"
_SPEAKERS = ("rarescale", "uvicorn.error")
_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLACES = 6
"""Frames of a fault that are named, the innermost first."""


def id_for(given: str) -> str:
    """The id a proxy gave, if it is 32 hexadecimal digits or a UUID, else a new one.

    Nothing freer: the id is logged, and a free text could be a patient's.
    """
    return given if _ID.fullmatch(given) else secrets.token_hex(16)


def places(error: BaseException) -> str:
    """Kind of error and where it arose, but not its message, which may quote a patient."""
    return f"{type(error).__name__} at {_places(error.__traceback__)}"


def _places(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)[-_PLACES:]
    return " < ".join(f"{f.name} {f.filename.rpartition('/')[2]}:{f.lineno}" for f in reversed(frames))


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says. A record may bring further ones: `extra={"fields": {...}}`."""
    speaks = any(record.name == s or record.name.startswith(f"{s}.") for s in _SPEAKERS)
    place = f"said something at {record.filename}:{record.lineno}"
    found: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage() if speaks else place,
    }
    if record.exc_info and record.exc_info[1] is not None:
        found["error"] = places(record.exc_info[1])
    if (id := request_id.get()) != "-":
        found["request"] = id
    return found | getattr(record, "fields", {})


class JsonLines(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The fields of a record as JSON."""
        return json.dumps(fields(record), default=str)


class TextLines(logging.Formatter):
    """One line a record: time, message, and what is not in the message."""

    def format(self, record: logging.LogRecord) -> str:
        """Control characters are escaped, so that no text can look like a line of its own."""
        found = fields(record)
        line = f"{found['time'][:19]}Z {found['message']}"
        line += "".join(f" {name}={found[name]}" for name in ("error", "request") if name in found)
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)


FORMS = {"json": JsonLines, "text": TextLines}


def set_up_logs(form: str, stream: TextIO | None = None) -> None:
    """Every line of this process goes to `stream` (standard error) in one form; for `rarescale serve` only.

    Raises UsageError for a form that is none of `FORMS`.
    """
    if form not in FORMS:
        raise UsageError(f"--log {form}: found no such form of log lines; expected one of {', '.join(FORMS)}")
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(FORMS[form]())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    # Libraries set up loggers of their own when they are loaded; what they say shall come here too.
    for logger in logging.Logger.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.propagate, logger.disabled = True, False
            logger.setLevel(logging.NOTSET)
    logging.getLogger("rarescale").setLevel(logging.INFO)
    faults = logging.getLogger(FAULTS)

    def warned(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        faults.warning("%s at %s:%d", category.__name__, filename.rpartition("/")[2], lineno)

    def died(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            faults.error("a thread ended: %s", places(args.exc_value))

    warnings.showwarning = warned
    threading.excepthook = died
