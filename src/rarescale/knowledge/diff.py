"""What changed between two releases: terms, diseases, annotations, and which of our own tables that touches.

Both releases are compared as their files say it, before entries of one disease are merged. An annotation is a term
and aspect of a disease; where several rows speak of it (other papers), their frequencies are compared together, a
denial being one. An old term that the new release merged into another counts as that other, so that a merge is told
once, among the terms, and not again at every disease. References, onset, sex and modifiers are not compared.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rarescale.knowledge.hpoa import AnnotationRow, read_hpoa
from rarescale.knowledge.obo import TermRow, read_obo
from rarescale.knowledge.sources import Sources, find_sources
from rarescale.knowledge.touched import Change, Touched, touched_lines


@dataclass(frozen=True, slots=True)
class Entry:
    """A term or disease by its id and name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Obsoleted:
    """A term that was current. `successor` is what it was merged into or replaced by, else ''; `consider` are hints."""

    id: str
    name: str
    successor: str
    consider: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Renamed:
    """A term or disease whose name changed."""

    id: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Changed:
    """An annotation whose frequencies changed; both sides sorted, in words ("7/12", "not stated", "NOT 0/3")."""

    term: str
    name: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DiseaseChange:
    """The annotations of one disease that is in both releases; only where something changed."""

    id: str
    name: str
    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    changed: tuple[Changed, ...]

    @property
    def size(self) -> int:
        """How many annotations differ."""
        return len(self.added) + len(self.removed) + len(self.changed)


@dataclass(frozen=True, slots=True)
class KnowledgeDiff:
    """All differences, each list ordered by id; `touched` are lines of our own tables (see `touched_lines`)."""

    old: str
    new: str
    terms_added: tuple[Entry, ...]
    terms_obsoleted: tuple[Obsoleted, ...]
    terms_renamed: tuple[Renamed, ...]
    diseases_added: tuple[Entry, ...]
    diseases_gone: tuple[Entry, ...]
    diseases_renamed: tuple[Renamed, ...]
    diseases_changed: tuple[DiseaseChange, ...]
    touched: tuple[Touched, ...]


_Key = tuple[str, str]  # term and aspect
_Profile = dict[_Key, list[str]]


@dataclass(frozen=True, slots=True)
class _Release:
    """One release as read from its files; `successor` leads from every id that was replaced to its replacement."""

    name: str
    current: dict[str, TermRow]
    successor: dict[str, str]
    obsolete: dict[str, TermRow]
    names: dict[str, str]
    rows: list[AnnotationRow]


def diff_knowledge(old: str | os.PathLike[str], new: str | os.PathLike[str]) -> KnowledgeDiff:
    """The differences between the releases in the folders `old` and `new`.

    Raises KnowledgeError for a folder or file that is missing or broken. Our tables are those of `new`, or of the
    package where `new` has none.
    """
    sources = find_sources(new)
    before, after = _release(find_sources(old)), _release(sources)
    obsoleted = _obsoleted(before, after)
    renamed = tuple(
        Renamed(i, t.label, after.current[i].label)
        for i, t in sorted(before.current.items())
        if i in after.current and after.current[i].label != t.label
    )
    gone = _entries(before.names, after.names)
    return KnowledgeDiff(
        old=before.name,
        new=after.name,
        terms_added=_entries(_labels(after), _labels(before)),
        terms_obsoleted=obsoleted,
        terms_renamed=renamed,
        diseases_added=_entries(after.names, before.names),
        diseases_gone=gone,
        diseases_renamed=tuple(
            Renamed(i, name, after.names[i])
            for i, name in sorted(before.names.items())
            if after.names.get(i, name) != name
        ),
        diseases_changed=tuple(_diseases(before, after)),
        touched=tuple(_touched(sources.curated, obsoleted, renamed, gone)),
    )


def _release(sources: Sources) -> _Release:
    ontology, terms = read_obo(sources.ontology)
    annotations, rows = read_hpoa(sources.annotations)
    ontology = ontology.rpartition("/")[2] or "undated"
    current = {t.id: t for t in terms if not t.obsolete}
    successor = {a: t.id for t in current.values() for a in t.alternatives if a not in current}
    obsolete = {t.id: t for t in terms if t.obsolete}
    successor |= {i: t.replaced_by for i, t in obsolete.items() if t.replaced_by}
    return _Release(
        f"HPO {ontology}" if annotations in (ontology, "") else f"HPO {ontology}, annotations {annotations}",
        current,
        successor,
        obsolete,
        {r.disease: r.name for r in reversed(rows)},
        rows,
    )


def _labels(release: _Release) -> dict[str, str]:
    return {i: t.label for i, t in release.current.items()}


def _entries(these: dict[str, str], not_those: dict[str, str]) -> tuple[Entry, ...]:
    return tuple(Entry(i, these[i]) for i in sorted(these.keys() - not_those.keys()))


def _present(term: str, release: _Release) -> str:
    """The current term that an id stands for in `release`; the id itself where there is none."""
    seen: set[str] = set()
    found = term
    while found in release.successor and found not in seen:
        seen.add(found)
        found = release.successor[found]
    return found if found in release.current else term


def _obsoleted(before: _Release, after: _Release) -> tuple[Obsoleted, ...]:
    found = []
    for id in sorted(before.current.keys() - after.current.keys()):
        successor, row = _present(id, after), after.obsolete.get(id)
        consider = tuple(row.consider) if row is not None else ()
        found.append(Obsoleted(id, before.current[id].label, "" if successor == id else successor, consider))
    return tuple(found)


def _diseases(before: _Release, after: _Release) -> Iterator[DiseaseChange]:
    old, new = _profiles(before.rows, after), _profiles(after.rows, after)
    labels = _labels(before) | _labels(after)
    for disease in sorted(old.keys() & new.keys()):
        change = _change(disease, after.names[disease], old[disease], new[disease], labels)
        if change.size:
            yield change


def _profiles(rows: Iterable[AnnotationRow], release: _Release) -> dict[str, _Profile]:
    """Disease -> (term, aspect) -> the frequencies of its rows in words, sorted."""
    profiles: dict[str, _Profile] = {}
    present: dict[str, str] = {}
    for row in rows:
        if (term := present.get(row.term)) is None:
            term = present[row.term] = _present(row.term, release)
        said = f"NOT {row.frequency.words}" if row.negative else row.frequency.words
        profiles.setdefault(row.disease, {}).setdefault((term, row.aspect), []).append(said)
    for profile in profiles.values():
        for said_of_one in profile.values():
            said_of_one.sort()
    return profiles


def _change(disease: str, name: str, old: _Profile, new: _Profile, labels: dict[str, str]) -> DiseaseChange:
    def entries(keys: Iterable[_Key]) -> tuple[Entry, ...]:
        return tuple(Entry(term, labels.get(term, "")) for term, _ in sorted(keys))

    changed = tuple(
        Changed(key[0], labels.get(key[0], ""), tuple(old[key]), tuple(new[key]))
        for key in sorted(old.keys() & new.keys())
        if old[key] != new[key]
    )
    return DiseaseChange(disease, name, entries(new.keys() - old.keys()), entries(old.keys() - new.keys()), changed)


def _touched(
    curated: Path, obsoleted: Iterable[Obsoleted], renamed: Iterable[Renamed], gone: Iterable[Entry]
) -> Iterable[Touched]:
    changes = {
        t.id: Change("replaced", t.successor) if t.successor else Change("obsolete", " ".join(t.consider))
        for t in obsoleted
    }
    changes |= {t.id: Change("renamed", t.new, t.old) for t in renamed}
    changes |= {d.id: Change("gone", "") for d in gone}
    return touched_lines(curated, changes)
