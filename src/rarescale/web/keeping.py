"""What a workbench knows of its saved case: its id and revision, and whether anything was changed since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256

from rarescale.web.bench import LONGEST_TITLE, SAVED, Bench, Kept


def prepared(bench: Bench, form: Mapping[str, str], new_id: Callable[[], str]) -> Bench:
    """The bench with the title as typed. One that has no case yet gets the id that it will be saved under.

    The id is given before saving, so that a save that is sent twice is one case.
    """
    kept = bench.kept or Kept(case=new_id())
    title = form.get("title", kept.title).strip()[:LONGEST_TITLE]
    return bench.model_copy(update={"kept": kept.model_copy(update={"title": title})})


def as_saved(bench: Bench, case: str, revision: int, by: str, at: datetime, title: str) -> Bench:
    """The bench as it stands in the store."""
    kept = Kept(case=case, revision=revision, by=by, at=at, title=title)
    bench = bench.model_copy(update={"kept": kept})
    return bench.model_copy(update={"kept": kept.model_copy(update={"mark": _mark(bench)})})


def as_new(bench: Bench, case: str) -> Bench:
    """The bench as a case that is not saved yet, under the id `case`."""
    title = bench.kept.title if bench.kept else ""
    return bench.model_copy(update={"kept": Kept(case=case, title=title)})


def changed(bench: Bench) -> bool:
    """Whether the bench differs from what was saved."""
    return bench.kept is not None and bench.kept.mark != _mark(bench)


def _mark(bench: Bench) -> str:
    """A short hash of all that is saved."""
    title = bench.kept.title if bench.kept else ""
    return sha256(f"{title}\n{bench.model_dump_json(include=SAVED)}".encode()).hexdigest()[:16]
