"""What an input is, told from its content: layout of a file, kind of a JSON object."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

FORMATS = ("case", "chat", "phenopacket", "text")
"""The values of the option `format`."""

Layout = Literal["json", "text"]
Kind = Literal["case", "chat", "phenopacket", "phenopacket-v1", "family", "cohort", "fhir"]

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"%PDF", "PDF document"),
    (b"PK\x03\x04", "zip archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"\xd0\xcf\x11\xe0", "old Office document"),
    (b"{\\rtf", "RTF document"),
    (b"\x7fELF", "program"),
    (b"SQLite format 3", "SQLite database"),
    (b"PAR1", "Parquet table"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"7z\xbc\xaf", "7z archive"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
)
_MARKUP = re.compile(r"\s*<(\?xml|!doctype|html)", re.IGNORECASE)
# In prose, { and [ open placeholders and dates as well; only what can continue as JSON counts there.
_SURELY_JSON = re.compile(r'\s*(\{\s*(["}]|\Z)|\[\s*(["{\[\]]|\Z))')
_MAYBE_JSON = re.compile(r'\s*(\{|\[\s*(["{\[\]]|\Z))')
_PROSE_SUFFIXES = (".txt", ".md")
JSON_SUFFIXES = (".json", ".jsonl")

_PACKET_KEYS = {"phenotypicFeatures", "phenotypic_features", "metaData", "meta_data", "subject", "interpretations"}


def binary_type(head: bytes) -> str | None:
    """The kind of binary data the first bytes announce, None for text."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if b"\0" in head:
        return "NUL bytes; UTF-16 without a byte order mark looks so too"
    return None


def is_markup(head: str) -> bool:
    """Whether a text begins as XML or HTML."""
    return _MARKUP.match(head) is not None


def layout_of(head: str, suffix: str, format: str | None) -> Layout:
    """Whether a file is read as JSON or as text, from its beginning, its suffix and the option `format`."""
    if format == "text":
        return "text"
    if suffix in JSON_SUFFIXES or format in ("case", "phenopacket"):
        return "json"
    pattern = _SURELY_JSON if suffix in _PROSE_SUFFIXES else _MAYBE_JSON
    return "json" if pattern.match(head) else "text"


def kind_of(value: Mapping[str, Any], format: str | None = None) -> Kind | None:
    """The kind of a JSON object, None where no key tells; `format` decides between case, chat and packet."""
    if "resourceType" in value:
        return "fhir"
    if format == "case" or format == "chat":
        return "case" if format == "case" else "chat"
    if format is None and "messages" in value:
        return "chat"
    if format is None and ("present" in value or "absent" in value):
        return "case"
    if isinstance(value.get("proband"), dict):
        return "family"
    if isinstance(value.get("members"), list):
        return "cohort"
    if format == "phenopacket" or _PACKET_KEYS & value.keys():
        return "phenopacket-v1" if _is_v1(value) else "phenopacket"
    return None


def version_of(packet: Mapping[str, Any]) -> str | None:
    """The schema version a phenopacket states."""
    meta = packet.get("metaData", packet.get("meta_data"))
    if not isinstance(meta, Mapping):
        return None
    version = meta.get("phenopacketSchemaVersion", meta.get("phenopacket_schema_version"))
    return str(version) if version not in (None, "") else None


def _is_v1(packet: Mapping[str, Any]) -> bool:
    """Version 1 by its statement, or without one by a key that only version 1 has."""
    version = version_of(packet)
    if version is not None:
        return re.match(r"v?1(\.|$)", version.strip()) is not None
    if "genes" in packet or "variants" in packet:
        return True
    subject = packet.get("subject")
    if isinstance(subject, Mapping) and {"ageAtCollection", "age_at_collection"} & subject.keys():
        return True
    features = packet.get("phenotypicFeatures", packet.get("phenotypic_features"))
    return isinstance(features, list) and any(isinstance(f, Mapping) and "negated" in f for f in features)
