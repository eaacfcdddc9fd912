"""Onsets a clinician can give a finding, earliest first: HPO's own terms."""

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
