"""One disease, many ids: which OMIM, Orphanet and DECIPHER entries are the same disease.

MONDO's SSSOM decides when the user gives it; else the reviewed table that ships with the package, where there
is one; else equal names. Subtypes of one family are different diseases, so names keep their numbers and
letters. Over-merging flatters scores, so a name that fits several entries of one source joins nothing, nor
does the bare name of a numbered series ("Sotos syndrome" beside "Sotos syndrome 2"): there one source may
mean the family and the other its first member.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rarescale.errors import KnowledgeError

_TYPE = re.compile(r"\b(?:type|typus)\s+(?=[0-9ivx]+[a-z]?\b|[a-z]\b)")
_MEMBER = re.compile(r"^(.+?) (?:[0-9]+[a-z]?|[a-z])$")
_EPONYM = re.compile(r"\b[A-Z][\w']*[a-z](?:-[A-Z][\w']*[a-z])+\b")
_ROMAN = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}
_PREFIXES = {"orphanet": "ORPHA", "orpha": "ORPHA", "mim": "OMIM", "omim": "OMIM"}
_SAME = {"deficit": "deficiency", "tumour": "tumor", "anaemia": "anemia", "leukaemia": "leukemia"}
_EMPTY = {"a", "an", "and", "by", "due", "form", "in", "of", "or", "the", "to", "type", "with"} | {
    "disease",
    "disorder",
    "syndrome",
}


def normal_name(name: str) -> str:
    """A disease name for comparison: lower case, accents, punctuation and possessives gone, "type IV" as "4"."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"'s\b|\bs'(?=\s)", "", text)
    text = re.sub(r"[^a-z0-9]+", " ", text).strip()
    text = _TYPE.sub("", text)
    words = [w if k == 0 else _ROMAN.get(w, w) for k, w in enumerate(text.split())]
    return " ".join(_SAME.get(w, w) for w in words)


def name_key(name: str) -> str:
    """A name as its set of telling words, so that word order and "syndrome" for "disease" do not matter.

    The order within an eponym does: Goldberg-Shprintzen and Shprintzen-Goldberg are two diseases. Measured
    against Orphanet's exact OMIM pairs: see docs/decisions.
    """
    joined = _EPONYM.sub(lambda m: m[0].replace("-", ""), name)
    words = normal_name(joined).split()
    return " ".join(sorted(set(words) - _EMPTY)) or " ".join(words)


def merge_by_name(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pairs of ids of different sources with equal normalised names; `names` maps id to name.

    A name that two entries of one source share, or that heads a numbered series, is ambiguous and joins nothing.
    """
    by_name: dict[str, list[str]] = defaultdict(list)
    for disease, name in names.items():
        by_name[name_key(name)].append(disease)
    series = {name_key(m[1]) for name in names.values() if (m := _MEMBER.match(normal_name(name)))}
    pairs = []
    for name, ids in by_name.items():
        sources = [i.partition(":")[0] for i in ids]
        if len(ids) > 1 and len(set(sources)) == len(ids) and name not in series:
            pairs += [(ids[0], other) for other in ids[1:]]
    return pairs


def read_mondo(path: Path) -> list[tuple[str, str]]:
    """Pairs (OMIM or ORPHA id, MONDO id) of the exact matches in MONDO's SSSOM file.

    Raises KnowledgeError where the file has no SSSOM columns.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader((line for line in stream if not line.startswith("#")), delimiter="\t")
        if not {"subject_id", "predicate_id", "object_id"} <= set(rows.fieldnames or ()):
            raise KnowledgeError(
                f"{path} is not an SSSOM table; expected the columns subject_id, predicate_id, object_id"
            )
        return [
            (_curie(row["object_id"]), row["subject_id"])
            for row in rows
            if row["predicate_id"] == "skos:exactMatch"
            and _curie(row["object_id"]).startswith(("OMIM:", "ORPHA:", "DECIPHER:"))
        ]


def _curie(text: str) -> str:
    """Orphanet's and OMIM's other prefixes in the spelling of phenotype.hpoa."""
    prefix, _, local = text.partition(":")
    return f"{_PREFIXES.get(prefix.lower(), prefix)}:{local}"


def clusters(ids: Sequence[str], pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The ids grouped by the closure of `pairs`, groups and members in the order of `ids`.

    Ids of pairs that are not in `ids` link groups but do not appear.
    """
    parent: dict[str, str] = {}

    def root(x: str) -> str:
        while parent.setdefault(x, x) != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for a, b in pairs:
        parent[root(a)] = root(b)
    groups: dict[str, list[str]] = {}
    for i in ids:
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())


_PREFERENCE = {"OMIM": 0, "ORPHA": 1, "DECIPHER": 2, "RSC": 3}


def preference(disease: str) -> tuple[int, int, str]:
    """Sort key of ids: OMIM before ORPHA before DECIPHER before our own, each by number."""
    prefix, _, local = disease.partition(":")
    return _PREFERENCE.get(prefix, 9), int(local) if local.isdigit() else 0, disease


def preferred_order(ids: Iterable[str]) -> list[str]:
    """The ids by `preference`; the first is the disease's main id."""
    return sorted(ids, key=preference)
