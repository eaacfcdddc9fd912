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
import re
import secrets
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from rarescale.errors import KnowledgeError
from rarescale.knowledge.fetch import Fetched, Patience, fetch, writing
from rarescale.knowledge.hpoa import AnnotationRow, read_hpoa
from rarescale.knowledge.obo import TermRow, read_obo
from rarescale.knowledge.sources import ANNOTATION_FILE, ONTOLOGY_FILE

RELEASE_ADDRESS = "https://github.com/obophenotype/human-phenotype-ontology/releases/latest/download"
"""The newest release as the HPO project publishes it; hp.obo and phenotype.hpoa are files below it. The permanent
address http://purl.obolibrary.org/obo/hp.obo leads there (OBOFoundry/purl.obolibrary.org, config/hp.yml)."""

MANIFEST = "release.json"
LARGEST = 1_000_000_000
"""Bytes; the files of release 2025-01-16 have 10 and 34 million."""
FARTHEST_APART = 62
"""Days between the dates of both files; they are published together, now and then a few weeks apart."""
MOST_UNKNOWN = 0.01
"""Share of annotations of terms that the ontology lacks; both files of one release have none."""
LEAST_OF_ANNOUNCED = 0.99
"""Share of the diseases announced in the head of phenotype.hpoa; 2025-01-16 has 12,687 of 12,689."""

_ANNOUNCED = re.compile(r'^#description:.*\[(.+)\]"', re.MULTILINE)
_STALE = 24 * 3600.0

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Floors:
    """A release with fewer current terms or annotations is refused; 2025-01-16 has 19,034 and 271,702."""

    terms: int = 18_000
    annotations: int = 250_000


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


@dataclass(frozen=True, slots=True)
class _Facts:
    ontology_release: str
    annotations_release: str
    terms: int
    annotations: int
    diseases: int


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
        with writing(folder):
            staging.mkdir(parents=True)
        _remove_stale(folder, staging)
        files = {}
        for name in (ONTOLOGY_FILE, ANNOTATION_FILE):
            told(f"fetching {name} from {source}")
            files[name] = fetch(source, name, staging / name, patience=patience or Patience(), largest=LARGEST)
        told("checking the release")
        facts, notes = _checked(staging, floors or Floors())
        notes += _older(facts, folder) + _unencrypted(source)
        target, new = _place(staging, folder, facts, files)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Installed(target, **asdict(facts), files=files, new=new, notes=tuple(notes))


def _checked(staging: Path, floors: Floors) -> tuple[_Facts, list[str]]:
    """Facts and notes of the files in `staging`. Raises KnowledgeError of kind "release" for an unsound release."""
    try:
        ontology, terms = read_obo(staging / ONTOLOGY_FILE)
        annotations, rows = read_hpoa(staging / ANNOTATION_FILE)
    except KnowledgeError as error:
        # The folder is gone by the time this is read, so its path would only mislead.
        said = str(error).replace(f"{staging}{os.sep}", "the fetched ")
        raise KnowledgeError(f"{said}. Nothing was changed", kind="release") from error
    current = sum(not t.obsolete for t in terms)
    ontology = ontology.rpartition("/")[2]
    _enough("current terms", current, floors.terms)
    _enough("annotations", len(rows), floors.annotations)
    _enough_diseases(staging / ANNOTATION_FILE, rows)
    _one_release(terms, rows)
    notes = _dates(ontology, annotations)
    return _Facts(ontology, annotations, current, len(rows), len({r.disease for r in rows})), notes


def _refused(what: str) -> KnowledgeError:
    return KnowledgeError(f"{what}. Nothing was changed: is this an unaltered HPO release?", kind="release")


def _enough(what: str, found: int, least: int) -> None:
    if found < least:
        raise _refused(f"the fetched release has {found:,} {what}; expected at least {least:,}")


def _enough_diseases(path: Path, rows: list[AnnotationRow]) -> None:
    """Compare with the head of the file, which says how many diseases of each database follow."""
    with path.open(encoding="utf-8") as stream:
        match = _ANNOUNCED.search(stream.read(4000))
    announced = sum(int(n) for n in re.findall(r"\d+", match[1])) if match else 0
    _enough("diseases", len({r.disease for r in rows}), int(announced * LEAST_OF_ANNOUNCED))


def _one_release(terms: list[TermRow], rows: list[AnnotationRow]) -> None:
    known = {t.id for t in terms} | {a for t in terms for a in t.alternatives}
    lost = sum(r.term not in known for r in rows)
    if lost > MOST_UNKNOWN * len(rows):
        raise _refused(f"{lost:,} of {len(rows):,} annotations name terms that {ONTOLOGY_FILE} lacks; expected none")


def _dates(ontology: str, annotations: str) -> list[str]:
    """Both files must be dated; a small difference is a note, a large one is refused."""
    try:
        apart = abs((date.fromisoformat(ontology) - date.fromisoformat(annotations)).days)
    except ValueError:
        raise _refused(
            f"the fetched files are dated {ontology or 'nothing'!r} and {annotations or 'nothing'!r};"
            " expected two dates such as 2025-01-16"
        ) from None
    said = f"{ONTOLOGY_FILE} is of {ontology} and {ANNOTATION_FILE} of {annotations}"
    if apart > FARTHEST_APART:
        raise _refused(f"{said}, {apart} days apart; expected both files of one release")
    return [f"{said}; both dates are named with every result"] if apart else []


def _older(facts: _Facts, folder: Path) -> list[str]:
    held = held_releases(folder)
    if held and held[-1].name[:10] > facts.ontology_release:
        return [f"this release is older than {held[-1]}"]
    return []


def _unencrypted(source: str) -> list[str]:
    plain = "fetched over an address without encryption: compare the checksums with those of another copy"
    return [plain] if source.startswith("http://") else []


def _place(staging: Path, folder: Path, facts: _Facts, files: dict[str, Fetched]) -> tuple[Path, bool]:
    """Rename `staging` into place; where the very same files are held already, name their folder instead."""
    for held in held_releases(folder):
        if _hashes(held) == {name: f.sha256 for name, f in files.items()}:
            return held, False
    text = json.dumps(asdict(facts) | {"files": {n: asdict(f) for n, f in files.items()}}, indent=2) + "\n"
    with writing(folder):
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
