"""Named numpy arrays in one file, memory-mapped back, so that a start costs no parsing.

Layout: 8 bytes magic; 8 bytes little-endian length of the header; the header, JSON with the key of the
content, the CRC-32 of the payload and per array dtype, shape and offset; padding; the arrays, each aligned
to 64 bytes. A file is written under another name and moved into place, so a reader never sees a half
of one. numpy's own .npz cannot be memory-mapped, and a folder of .npy files cannot be replaced atomically.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import zlib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np

from rarescale.errors import KnowledgeError

Arrays = Mapping[str, np.ndarray]

_MAGIC = b"rarescA1"
_ALIGN = 64


class ArrayFileError(KnowledgeError):
    """The file is truncated, damaged or foreign; the caller rebuilds it."""

    kind = "cache"


def write_arrays(path: Path, key: str, arrays: Arrays) -> None:
    """Write `arrays` under `key`, atomically. Raises OSError where the folder cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    contiguous = {name: np.ascontiguousarray(a) for name, a in arrays.items()}
    entries, offset, crc = {}, 0, 0
    for name, a in contiguous.items():
        padded = _padded(a)
        entries[name] = {"dtype": a.dtype.str, "shape": list(a.shape), "offset": offset}
        crc = zlib.crc32(padded, crc)
        offset += len(padded)
    header = json.dumps(
        {"key": key, "byteorder": sys.byteorder, "size": offset, "crc": crc, "arrays": entries}
    ).encode()
    header += b" " * (-(len(_MAGIC) + 8 + len(header)) % _ALIGN)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(_MAGIC + len(header).to_bytes(8, "little") + header)
            for a in contiguous.values():
                out.write(_padded(a))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _padded(array: np.ndarray) -> bytes:
    raw = array.tobytes()
    return raw + b"\0" * (-len(raw) % _ALIGN)


def read_arrays(path: Path, key: str) -> dict[str, np.ndarray]:
    """Memory-map the arrays of `path`, checked against `key`, the file's size and its checksum.

    Raises FileNotFoundError where there is none, ArrayFileError where it is not what `key` says.
    """
    raw = np.memmap(path, dtype=np.uint8, mode="r") if path.stat().st_size else np.zeros(0, np.uint8)
    head = len(_MAGIC) + 8
    if raw.size < head or raw[: len(_MAGIC)].tobytes() != _MAGIC:
        raise ArrayFileError(f"{path} is not a compiled knowledge file; delete it, it is rebuilt at the next start")
    start = head + int.from_bytes(raw[len(_MAGIC) : head].tobytes(), "little")
    try:
        header = json.loads(raw[head:start].tobytes())
        payload = raw[start : start + header["size"]]
        complete = payload.size == header["size"] and zlib.crc32(payload.data) == header["crc"]
        same = header["key"] == key and header["byteorder"] == sys.byteorder
    except (ValueError, KeyError, TypeError) as error:
        raise ArrayFileError(f"{path} has a damaged header ({error}); delete it, it is rebuilt") from error
    if not same:
        raise ArrayFileError(f"{path} was compiled for {header['key']!r}, expected {key!r}; it is rebuilt")
    if not complete:
        raise ArrayFileError(f"{path} is truncated or damaged; it is rebuilt")
    return {name: _view(payload, e["dtype"], e["shape"], e["offset"]) for name, e in header["arrays"].items()}


def _view(payload: np.ndarray, dtype: str, shape: list[int], offset: int) -> np.ndarray:
    size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    return np.asarray(payload[offset : offset + size]).view(dtype).reshape(shape)


class Strings:
    """A read-only list of texts kept as one UTF-8 blob and n + 1 offsets, decoded one at a time."""

    def __init__(self, blob: np.ndarray, offsets: np.ndarray) -> None:
        """`blob` uint8 (bytes,), `offsets` int64 (n + 1,)."""
        self._blob, self._offsets = blob, offsets

    def __len__(self) -> int:
        """Number of texts."""
        return len(self._offsets) - 1

    def __getitem__(self, index: int) -> str:
        """Text number `index`; negative indices count from the end."""
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._blob[self._offsets[index] : self._offsets[index + 1]].tobytes().decode()

    def tolist(self) -> list[str]:
        """All texts, decoded in one pass."""
        data, ends = self._blob.tobytes(), self._offsets.tolist()
        return [data[a:b].decode() for a, b in pairwise(ends)]


def pack_strings(name: str, texts: list[str]) -> dict[str, np.ndarray]:
    """Two arrays, `<name>.blob` and `<name>.offsets`, that `unpack_strings` turns back into `texts`."""
    raw = [t.encode() for t in texts]
    offsets = np.zeros(len(raw) + 1, np.int64)
    np.cumsum([len(r) for r in raw], out=offsets[1:])
    return {f"{name}.blob": np.frombuffer(b"".join(raw), np.uint8), f"{name}.offsets": offsets}


def unpack_strings(name: str, arrays: Arrays) -> Strings:
    """The texts packed under `name`."""
    return Strings(arrays[f"{name}.blob"], arrays[f"{name}.offsets"])
