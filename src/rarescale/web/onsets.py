"""Onsets a clinician can give a finding, earliest first: HPO's own terms."""

from __future__ import annotations

from rarescale.record import years

ONSETS = (
    ("HP:0030674", "before birth"),
    ("HP:0003577", "at birth"),
    ("HP:0003623", "first month"),
    ("HP:0003593", "first year"),
    ("HP:0011463", "childhood"),
    ("HP:0003621", "teenage years"),
    ("HP:0011462", "young adult"),
    ("HP:0003596", "middle age"),
    ("HP:0003584", "late"),
)
"""(term id, plain word)."""


def onset_word(onset: str) -> str:
    """An onset as people say it: ``childhood``, ``at 10 years``; as it is where it is neither listed nor a duration."""
    known = dict(ONSETS).get(onset)
    if known is not None:
        return known
    try:
        age = years(onset)
    except ValueError:
        return onset
    return f"at {age:.0f} years" if age >= 3 else f"at {age * 12:.0f} months"
