"""Listening: a socket taken before anything slow, and uvicorn on it with a log that knows no text."""

from __future__ import annotations

import errno
import logging
import socket

from fastapi import FastAPI

from rarescale.errors import UsageError
from rarescale.service.settings import ServiceSettings

BACKLOG = 64


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


def serve(app: FastAPI, listener: socket.socket) -> None:
    """Answer until interrupted."""
    import uvicorn

    logging.getLogger("rarescale.access").setLevel(logging.INFO)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, limit_concurrency=200, timeout_keep_alive=15
    )
    uvicorn.Server(config).run(sockets=[listener])
