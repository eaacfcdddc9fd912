"""Listening: a socket taken before anything slow, and uvicorn on it with a log that knows no text."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import logging
import socket
import sys

from fastapi import FastAPI
from threadpoolctl import threadpool_limits

from rarescale.errors import UsageError
from rarescale.service.settings import ServiceSettings

BACKLOG = 64
GRACE = 20.0
"""Seconds that running requests have when the service is told to end."""

GARBAGE = 10_000
"""New objects until the collector looks; a page makes some thousands."""

SWITCH_S = 0.0005
ARENAS = 2
_M_ARENA_MAX = -8
"""From malloc.h of glibc; other C libraries take no notice."""

log = logging.getLogger("rarescale.service")


def bind(settings: ServiceSettings) -> socket.socket:
    """The listening socket. Raises UsageError where the address cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise UsageError(_why(settings, error)) from error
    listener.listen(BACKLOG)
    return listener


def _why(settings: ServiceSettings, error: Exception) -> str:
    where = f"{settings.host}:{settings.port}"
    if getattr(error, "errno", None) == errno.EADDRINUSE:
        return f"{where}: found another program listening there; expected a free port. Give --port, or 0 for any."
    if getattr(error, "errno", None) == errno.EACCES:
        return f"{where}: found a port that needs rights; expected one from 1024 on. Give --port."
    return f"{where}: found no such address on this machine ({error}); expected 127.0.0.1. Check --host and --port."


def address_of(settings: ServiceSettings, listener: socket.socket) -> str:
    """Where a browser finds the workbench."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    scheme = "https" if settings.tls_cert else "http"
    return f"{scheme}://{host}:{listener.getsockname()[1]}/workbench"


def serve(app: FastAPI, listener: socket.socket, settings: ServiceSettings, *, grace: float = GRACE) -> bool:
    """Answer until told to end; whether all requests that had begun were answered. The log says where it is.

    SIGTERM, SIGINT or SIGHUP: new requests are refused at once, running ones have `grace` seconds. A second signal
    ends the process on the spot.
    """
    from rarescale.service.server import Server, config_of

    def started() -> None:
        log.info("%s   (Ctrl-C ends it)", address_of(settings, listener))

    _settle()
    server = Server(config_of(app, settings), app, grace, started)
    # Several requests calculate at once already; more threads for each only wait for one another (docs/decisions).
    with threadpool_limits(1):
        server.run(sockets=[listener])
    return server.finished


def _settle() -> None:
    """Make this process one that serves many for long; measured in docs/decisions/2026-11-26-load.md."""
    # What is loaded stays for good; else the collector walks through all of it every few seconds, while all wait.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, 20, 20)
    # A thread that calculates lets the others in after this time; 5 ms are too long where one of them takes requests.
    sys.setswitchinterval(SWITCH_S)
    # glibc gives every thread a heap of its own, and each keeps what it needed once.
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
