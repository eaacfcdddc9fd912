"""Findings told by two things together: a part of the body and a complaint, or a measurement and its result.

"My knee is killing me", "creatine kinase was elevated", "sats of 85". The tables beside this file say what the words
are and which HPO term each pair tells; `Talk.find` looks for the pairs in a sentence.
"""

from __future__ import annotations

from rarescale.reading.talk.pairs import Talk, Told, shipped_talk
from rarescale.reading.talk.tables import read_table, table_hash

__all__ = ["Talk", "Told", "read_table", "shipped_talk", "table_hash"]
