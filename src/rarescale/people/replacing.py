"""Putting a file in the place of another one as a whole, one change at a time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def put_in_place(path: Path, data: bytes) -> None:
    """Write a file that its owner alone can read, and give it the name once it is complete. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.absolute().parent)  # 0600 from the start
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileNotFoundError, PermissionError, AttributeError):
                was = path.stat()
                # So that root's change leaves it to the user of the service. By the handle: that user may own the
                # folder, and could put a link to a file of root's under the name.
                os.fchown(file.fileno(), was.st_uid, was.st_gid)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock on the folder of a file: the file is replaced, so a lock on it would be lost.

    A file of its own for the lock would stay behind as root's where root made the first change.
    """
    try:
        import fcntl
    except ImportError:  # where there is no such lock, one person at a time has to change the file
        yield
        return
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
