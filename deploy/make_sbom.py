"""Writes deploy/sbom.cdx.json, a CycloneDX 1.5 bill of materials, from deploy/requirements.lock.

python deploy/make_sbom.py

The same lock gives the same file: there is no date in it and no random number.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

HERE = Path(__file__).parent
LOCK, SBOM, VERSION = HERE / "requirements.lock", HERE / "sbom.cdx.json", HERE.parent / "src/rarescale/_version.py"

_PINNED = re.compile(r"^([\w.-]+)==([\w.+!-]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def locked(text: str) -> dict[str, tuple[str, list[str]]]:
    """Version and hashes of each package of a lock file."""
    starts = list(_PINNED.finditer(text))
    ends = [m.start() for m in starts[1:]] + [len(text)]
    return {m[1]: (m[2], _HASH.findall(text, m.end(), end)) for m, end in zip(starts, ends, strict=True)}


def sbom(text: str, version: str) -> dict[str, Any]:
    """The bill of materials of a lock file. A package has the hashes of all its files, for every platform."""
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{UUID(bytes=sha256((version + text).encode()).digest()[:16], version=5)}",
        "version": 1,
        "metadata": {"component": _component("application", "rarescale", version)},
        "components": [
            _component("library", name, pinned) | {"hashes": [{"alg": "SHA-256", "content": h} for h in hashes]}
            for name, (pinned, hashes) in sorted(locked(text).items())
        ],
    }


def _component(kind: str, name: str, version: str) -> dict[str, Any]:
    address = f"pkg:pypi/{name}@{version}"
    return {"type": kind, "bom-ref": address, "name": name, "version": version, "purl": address}


def main() -> None:
    """Read the lock, write the bill."""
    found = re.search(r'__version__ = "(.+)"', VERSION.read_text())
    assert found is not None
    SBOM.write_text(json.dumps(sbom(LOCK.read_text(), found[1]), indent=1) + "\n")


if __name__ == "__main__":
    main()
