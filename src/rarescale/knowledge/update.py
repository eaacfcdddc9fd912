"""Fetch an HPO release into the user's data folder, one folder a release, checked before it is seen.

Nothing here is used by itself: a release is used where it is named, by `--knowledge DIR` or `RARESCALE_KNOWLEDGE`.
Published cases that a newer release was annotated from cannot be told from others, so measured runs stay with
the installed release.

A release is fetched into a hidden folder beside the others, checked, and renamed into place in one step. Releases
that are there are never touched.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rarescale.errors import KnowledgeError
from rarescale.knowledge.fetch import Fetched, Patience, fetch, why
from rarescale.knowledge.release_check import Floors, ReleaseFacts, check_release
from rarescale.knowledge.sources import ANNOTATION_FILE, ONTOLOGY_FILE

RELEASE_ADDRESS = "https://github.com/obophenotype/human-phenotype-ontology/releases/latest/download"
"""The newest release as the HPO project publishes it; hp.obo and phenotype.hpoa are files below it. The permanent
address http://purl.obolibrary.org/obo/hp.obo leads there (OBOFoundry/purl.obolibrary.org, config/hp.yml)."""

MANIFEST = "release.json"
LARGEST = 1_000_000_000
"""Bytes; the files of release 2025-01-16 have 10 and 34 million."""
_STALE = 24 * 3600.0

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Installed:
    """A release in the data folder. `new`: fetched now; else the same files were there. `notes` are for the reader."""

    folder: Path
    ontology_release: str
    annotations_release: str
    terms: int
    annotations: int
    diseases: int
    files: dict[str, Fetched]
    new: bool
    notes: tuple[str, ...]


def releases_folder() -> Path:
    """Where fetched releases are kept; it may not exist yet. `RARESCALE_DATA` if set, else the platform's data folder.

    Not the cache: what lies here cannot be computed again.
    """
    if given := os.environ.get("RARESCALE_DATA"):
        return Path(given).expanduser() / "knowledge"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", "~")).expanduser() / "rarescale-data"
    elif sys.platform == "darwin":
        base = Path("~/Library/Application Support/rarescale").expanduser()
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "rarescale"
    return base / "knowledge"


def held_releases(folder: Path | None = None) -> list[Path]:
    """Folders of the complete releases that were fetched, oldest first."""
    folder = folder or releases_folder()
    return sorted(p.parent for p in folder.glob(f"[0-9]*/{MANIFEST}"))


def update_knowledge(
    source: str = RELEASE_ADDRESS,
    folder: Path | None = None,
    *,
    floors: Floors | None = None,
    patience: Patience | None = None,
    told: Told = lambda _line: None,
) -> Installed:
    """Fetch hp.obo and phenotype.hpoa below `source` (address or folder) and keep them in a folder of their own.

    `folder` holds the releases (default: `releases_folder()`); `told` hears of each step. Raises KnowledgeError of
    kind "network", "disk" or "release" (the files are not a sound release), after which all is as it was.
    """
    folder = (folder or releases_folder()).expanduser().absolute()
    staging = folder / f".update-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        with _writing(folder):
            staging.mkdir(parents=True)
        _remove_stale(folder, staging)
        files = {}
        for name in (ONTOLOGY_FILE, ANNOTATION_FILE):
            told(f"fetching {name} from {source}")
            with _writing(folder):
                files[name] = fetch(source, name, staging / name, patience=patience or Patience(), largest=LARGEST)
        told("checking the release")
        facts, notes = check_release(staging, floors or Floors())
        notes += _older(facts, folder) + _unencrypted(source)
        target, new = _place(staging, folder, facts, files)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Installed(target, **asdict(facts), files=files, new=new, notes=tuple(notes))


def _older(facts: ReleaseFacts, folder: Path) -> list[str]:
    held = held_releases(folder)
    if held and held[-1].name[:10] > facts.ontology_release:
        return [f"this release is older than {held[-1]}"]
    return []


def _unencrypted(source: str) -> list[str]:
    plain = "fetched over an address without encryption: compare the checksums with those of another copy"
    return [plain] if source.startswith("http://") else []


def _place(staging: Path, folder: Path, facts: ReleaseFacts, files: dict[str, Fetched]) -> tuple[Path, bool]:
    """Rename `staging` into place; where the very same files are held already, name their folder instead."""
    for held in held_releases(folder):
        if _hashes(held) == {name: f.sha256 for name, f in files.items()}:
            return held, False
    text = json.dumps(asdict(facts) | {"files": {n: asdict(f) for n, f in files.items()}}, indent=2) + "\n"
    with _writing(folder):
        _write_through(staging / MANIFEST, text)
        _sync_folder(staging)
        target = folder / facts.ontology_release
        if target.exists():  # the same date with other content: published again, or changed here by hand
            target = folder / f"{facts.ontology_release}-{files[ANNOTATION_FILE].sha256[:8]}-{secrets.token_hex(2)}"
        staging.rename(target)
        _sync_folder(folder)
    return target, True


def _hashes(held: Path) -> dict[str, str]:
    """SHA-256 of both files as they are now; the manifest is not asked, since files can be changed by hand."""
    found = {}
    for name in (ONTOLOGY_FILE, ANNOTATION_FILE):
        try:
            with (held / name).open("rb") as stream:
                found[name] = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            continue
    return found


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses (full, read-only, a quota) into a KnowledgeError of kind "disk"."""
    try:
        yield
    except OSError as error:
        raise KnowledgeError(
            f"{folder} cannot be written: {why(error)}; expected a writable folder with 200 MB free. Nothing was"
            " changed: make room, or name another folder with --into DIR",
            kind="disk",
        ) from error


def _write_through(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut, where the platform can open a folder."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove_stale(folder: Path, own: Path) -> None:
    """Remove what killed updates left a day or more ago; a younger one may still be at work."""
    now = own.stat().st_mtime  # the file system's own clock
    for left in folder.glob(".update-*"):
        if left != own and now - left.stat().st_mtime > _STALE:
            shutil.rmtree(left, ignore_errors=True)
