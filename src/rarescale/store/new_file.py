"""Writing a file that appears under its name only when it is complete, and never in the place of another one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rarescale.errors import UsageError


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Hand out a file beside `path`, readable by its owner only, and name it `path` at the end.

    Raises UsageError when there is such a file already or the folder cannot be written to.
    """
    if path.exists():
        raise UsageError(f"{path}: there is a file of this name already; give a new name")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.absolute().parent)
    except OSError as error:
        raise UsageError(f"{path}: no file can be made there ({error.strerror}); give another folder") from None
    os.close(handle)
    part = Path(name)
    try:
        yield part
        _to_disk(part)
        try:
            os.link(part, path)  # unlike a rename, never replaces a file made meanwhile
        except FileExistsError:
            raise UsageError(f"{path}: a file of this name was made meanwhile; give a new name") from None
        _to_disk(path.absolute().parent)
    finally:
        part.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
