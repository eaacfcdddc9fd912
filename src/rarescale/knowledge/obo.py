"""Read HPO's `hp.obo` into plain term rows.

Cross-references (SNOMED CT, UMLS, MedDRA) are dropped at the door: their licences do not travel with HPO's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import fastobo

from rarescale.errors import KnowledgeError

SYNONYM_KINDS = ("label", "exact", "layperson", "abbreviation", "plural", "narrow", "broad", "related")
"""Kinds of names, most trusted first; the position is the code stored in the compiled knowledge."""

_KIND_OF_TYPE = {"layperson": "layperson", "abbreviation": "abbreviation", "plural_form": "plural"}
_SKIPPED_TYPES = {"obsolete_synonym", "HP:0034334"}


@dataclass(slots=True)
class TermRow:
    """One `[Term]` frame: `names` are (text, kind) without the label; `replaced_by`/`consider` of obsolete terms."""

    id: str
    label: str = ""
    definition: str = ""
    names: list[tuple[str, str]] = field(default_factory=list)
    alternatives: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    obsolete: bool = False
    replaced_by: str = ""
    consider: list[str] = field(default_factory=list)


def read_obo(path: Path) -> tuple[str, list[TermRow]]:
    """The data version (such as ``hp/releases/2025-01-16``) and all terms, in file order.

    Raises KnowledgeError where the file is not OBO, has no terms, or a term has a parent that is not in the file.
    """
    try:
        document = fastobo.load(str(path), ordered=True, threads=1)
    except (SyntaxError, ValueError, OSError, UnicodeError) as error:
        raise KnowledgeError(
            f"{path} cannot be read as OBO: {error}; put an unaltered hp.obo of an HPO release there"
        ) from error
    version = next((str(c.version) for c in document.header if isinstance(c, fastobo.header.DataVersionClause)), "")
    rows = [_row(frame) for frame in document if isinstance(frame, fastobo.term.TermFrame)]
    if not rows:
        raise KnowledgeError(f"{path} holds no [Term]; is it complete? Put an unaltered hp.obo of an HPO release there")
    known = {row.id for row in rows}
    for row in rows:
        if missing := [p for p in row.parents if p not in known]:
            raise KnowledgeError(
                f"{path}: {row.id} has the parent {missing[0]}, which is not in the file; is it truncated?"
            )
    return version, rows


def _row(frame: fastobo.term.TermFrame) -> TermRow:
    row, term = TermRow(str(frame.id)), fastobo.term
    for clause in frame:
        if isinstance(clause, term.NameClause):
            row.label = clause.name
        elif isinstance(clause, term.SynonymClause):
            if (name := _synonym(clause.synonym)) is not None:
                row.names.append(name)
        elif isinstance(clause, term.IsAClause):
            row.parents.append(str(clause.term))
        elif isinstance(clause, term.DefClause):
            row.definition = clause.definition
        elif isinstance(clause, term.AltIdClause):
            row.alternatives.append(str(clause.alt_id))
        elif isinstance(clause, term.IsObsoleteClause):
            row.obsolete = clause.obsolete
        elif isinstance(clause, term.ReplacedByClause):
            row.replaced_by = str(clause.term)
        elif isinstance(clause, term.ConsiderClause):
            row.consider.append(str(clause.term))
    return row


def _synonym(synonym: fastobo.syn.Synonym) -> tuple[str, str] | None:
    """(text, kind); None for spellings HPO has discarded."""
    kind = str(synonym.type) if synonym.type is not None else ""
    if kind in _SKIPPED_TYPES:
        return None
    scope = synonym.scope.lower()
    if scope == "exact":
        return synonym.desc, _KIND_OF_TYPE.get(kind, "exact")
    return synonym.desc, _KIND_OF_TYPE.get(kind, scope) if kind == "abbreviation" else scope
