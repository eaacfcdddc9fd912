"""Bodies that the description of the API shows; the tests send every one of them."""

from __future__ import annotations

from typing import Any

CASE: dict[str, Any] = {
    "id": "c1",
    "sex": "MALE",
    "age": "P24Y",
    "present": ["HP:0001014", "HP:0000966", "proteinuria"],
    "absent": ["HP:0001250"],
}
CHAT: dict[str, Any] = {
    "id": "t1",
    "messages": [
        {"role": "system", "content": "Ann Lee, 34 years old, female."},
        {"role": "clinician", "content": "What brings you here? Any fits?"},
        {"role": "patient", "content": "My hands shake and my eyes have gone yellow. No fits."},
    ],
}
PHENOPACKET: dict[str, Any] = {
    "id": "p1",
    "subject": {"id": "p1", "sex": "FEMALE", "timeAtLastEncounter": {"age": {"iso8601duration": "P9Y"}}},
    "phenotypicFeatures": [
        {"type": {"id": "HP:0001250", "label": "Seizure"}},
        {"type": {"id": "HP:0002240", "label": "Hepatomegaly"}, "excluded": True},
    ],
    "metaData": {"created": "2026-01-01T00:00:00Z", "createdBy": "example", "phenopacketSchemaVersion": "2.0"},
}
NOTE = "Ann, 34 years old, female. She has tremor, dysarthria and jaundice. No fever."

PATIENTS: dict[str, Any] = {
    "case line": {"summary": "structured findings", "value": CASE},
    "chat line": {"summary": "a conversation", "value": CHAT},
    "phenopacket": {"summary": "GA4GH Phenopacket v2", "value": PHENOPACKET},
}


def body(*, lines: bool = False) -> dict[str, Any]:
    """The request body of an operation, as OpenAPI describes it."""
    json = {"schema": {"type": "object"}, "examples": PATIENTS}
    content: dict[str, Any] = {
        "application/json": json,
        "text/plain": {"schema": {"type": "string"}, "examples": {"note": {"summary": "free text", "value": NOTE}}},
    }
    if lines:
        content = {
            "application/x-ndjson": {"schema": {"type": "string"}, "description": "one patient a line"}
        } | content
    return {"requestBody": {"required": True, "content": content}}
