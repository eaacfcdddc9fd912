"""Exit codes, and leaving politely when we are interrupted or nobody reads any more."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

OK = 0
"""Everything was answered."""

SOME_FAILED = 1
"""At least one case or input failed; others may have worked."""

NOTHING = 2
"""No case could be read at all: usage, no such file, empty input, broken knowledge."""

INTERRUPTED = 130
"""Ctrl-C."""

CLOSED = 141
"""Whoever read our output closed it, as the shell reports a SIGPIPE."""


@contextmanager
def leaving_politely() -> Iterator[None]:
    """Ctrl-C ends with a sentence, a closed standard output without one; neither with a traceback."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone (`| head`). Python would complain when it flushes at exit, so let it flush nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(CLOSED) from None
    except KeyboardInterrupt:
        typer.echo("rarescale: interrupted; the answers printed so far are complete", err=True)
        raise typer.Exit(INTERRUPTED) from None
