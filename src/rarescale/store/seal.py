"""Patient text at rest: as it is, or sealed with AES-256-GCM under a key that is kept in a file elsewhere.

Each body is bound to its place (table, case, entry), so that sealed bodies can't be exchanged unnoticed.
Names of people, times, case ids and knowledge releases stay readable.
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import Protocol

from rarescale.errors import UsageError
from rarescale.store.errors import WrongKey

_MARK = "sealed1:"
_NONCE = 12
_KEY = 32


class Seal(Protocol):
    """Turns text into what is stored and back; `place` is the same both times."""

    def close(self, text: str, place: str) -> str:
        """What is stored."""
        ...

    def open(self, stored: str, place: str) -> str:
        """The text. Raises WrongKey where the key does not fit."""
        ...


class Plain:
    """No key: text is stored as it is."""

    def close(self, text: str, place: str) -> str:
        """The text itself."""
        return text

    def open(self, stored: str, place: str) -> str:
        """The text itself. Raises WrongKey when it is sealed."""
        if stored.startswith(_MARK):
            raise WrongKey(f"{place} is encrypted and no key was given; give the file with its key (--key FILE)")
        return stored


class Sealed:
    """AES-256-GCM with a random 96-bit nonce for each body (NIST SP 800-38D, 8.2.2)."""

    def __init__(self, key: bytes) -> None:
        """`key` are 32 bytes."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(key)

    def close(self, text: str, place: str) -> str:
        """The sealed text: mark, then base64 of nonce and ciphertext."""
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())
        return _MARK + base64.b64encode(sealed).decode()

    def open(self, stored: str, place: str) -> str:
        """The text. Raises WrongKey when the key is another one or the stored text was changed."""
        from cryptography.exceptions import InvalidTag

        if not stored.startswith(_MARK):
            raise WrongKey(f"{place} is not encrypted, but a key was given; leave the key out")
        try:
            sealed = base64.b64decode(stored.removeprefix(_MARK), validate=True)
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise WrongKey(
                f"{place} cannot be opened with this key: it is another key than the store was made with, or the "
                "stored text was damaged. Give the right key file; if it is right, restore a backup"
            ) from None


def seal_of(key: bytes | None) -> Seal:
    """The seal for a key of 32 bytes, or none."""
    return Plain() if key is None else Sealed(key)


def new_key_file(path: Path) -> bytes:
    """Make a random key and write it to a new file that only its owner can read. Returns the key."""
    key = os.urandom(_KEY)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageError(f"{path}: the key file cannot be made ({error.strerror}); give a new name") from None
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(key) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def read_key_file(path: Path) -> bytes:
    """The key in a file: base64 of 32 bytes. Raises WrongKey when there is none."""
    try:
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except OSError as error:
        raise WrongKey(f"{path}: the key file cannot be read ({error.strerror})") from None
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY:
        raise WrongKey(f"{path}: expected a key file, one line of base64 that stands for {_KEY} bytes")
    return key
