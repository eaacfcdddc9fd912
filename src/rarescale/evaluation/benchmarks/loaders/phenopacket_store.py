"""The release archive of phenopacket-store: TAG/COHORT/*.json, GA4GH phenopackets of version 2."""

from __future__ import annotations

import zipfile
from pathlib import Path

from rarescale.evaluation.benchmarks.contract import Loaded, Source
from rarescale.evaluation.benchmarks.damage import damaged
from rarescale.formats import read_inputs
from rarescale.record import Case, Input, Unreadable

DATASET = "phenopacket_store"


def load_phenopacket_store(source: Source) -> Loaded:
    """All packets that name a disease. A packet that cannot be read keeps its place as a miss; a broken archive, or
    one without any packet, is refused."""
    tag = _release(source.file)
    found = list(read_inputs([str(source.file)], format="phenopacket"))
    broken = [f for f in found if isinstance(f, Unreadable) and f.kind == "broken-archive"]
    if broken:
        raise damaged(broken[0].origin, found=broken[0].message, expected="a whole archive")
    cases = [_marked(f) for f in found if isinstance(f, Unreadable) or f.diagnosis]
    if not any(isinstance(c, Case) for c in cases):
        why = next((f.message for f in found if isinstance(f, Unreadable)), "no packet names a disease")
        raise damaged(source.file.name, found=why, expected="phenopackets that name a disease")
    unread = sum(isinstance(c, Unreadable) for c in cases)
    remarks = [f"release {tag}", f"{len(found) - len(cases)} packets name no disease and are left out"]
    remarks += [f"{unread} packets cannot be read and count as misses"] if unread else []
    return Loaded(len(found), cases=tuple(source.draw(cases)), remarks=tuple(remarks))


def _marked(source: Input) -> Input:
    if isinstance(source, Unreadable):
        return source
    return source.model_copy(update={"extra": {**source.extra, "dataset": DATASET}})


def _release(path: Path) -> str:
    """The release tag: the only folder at the top of the archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [n for n in archive.namelist() if n.endswith(".json")]
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        raise damaged(path.name, found=f"a broken zip archive ({error})", expected="a whole archive") from error
    tops = {n.split("/")[0] for n in names if n.count("/") >= 2}
    if len(tops) != 1:
        raise damaged(
            path.name,
            found=f"{len(names)} .json members under {len(tops)} release folders",
            expected="members named TAG/COHORT/NAME.json under one TAG",
        )
    return tops.pop()
