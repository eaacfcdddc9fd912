"""The parts of GA4GH Phenopacket v2 JSON that are read, in camelCase or in the snake_case of the protobuf files.

Source: https://phenopacket-schema.readthedocs.io (schema 2.0). Unknown keys are ignored, null counts as absent.
"""

from __future__ import annotations

from typing import Any

from pydantic import AliasChoices, AliasGenerator, BaseModel, ConfigDict, StrictBool, StrictFloat, StrictInt, StrictStr
from pydantic.alias_generators import to_camel

Text = StrictStr | None


class Part(BaseModel):
    """Base of the messages."""

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        alias_generator=AliasGenerator(validation_alias=lambda name: AliasChoices(to_camel(name), name)),
    )


class OntologyClass(Part):
    """A term with its label."""

    id: Text = None
    label: Text = None


class Age(Part):
    """An age; the key is written without capitals in both spellings."""

    iso8601duration: Text = None


class AgeRange(Part):
    """An age known between two bounds."""

    start: Age | None = None
    end: Age | None = None


class TimeElement(Part):
    """A time in a life: one of several ways to say it."""

    age: Age | StrictStr | None = None
    age_range: AgeRange | None = None
    ontology_class: OntologyClass | None = None
    timestamp: Text = None
    gestational_age: Any = None


class Individual(Part):
    """The patient."""

    id: StrictStr | StrictInt | StrictFloat | None = None
    sex: Any = None
    date_of_birth: Text = None
    time_at_last_encounter: TimeElement | None = None


class PhenotypicFeature(Part):
    """A finding, excluded or not."""

    type: OntologyClass | None = None
    excluded: StrictBool | None = None
    onset: TimeElement | None = None


class Disease(Part):
    """A disease of the patient, excluded or not."""

    term: OntologyClass | None = None
    excluded: StrictBool | None = None


class Diagnosis(Part):
    """The disease an interpretation arrives at."""

    disease: OntologyClass | None = None


class Interpretation(Part):
    """The state of a diagnostic work-up."""

    progress_status: Any = None
    diagnosis: Diagnosis | None = None


class Phenopacket(Part):
    """One patient."""

    id: StrictStr | StrictInt | StrictFloat | None = None
    subject: Individual | None = None
    phenotypic_features: list[PhenotypicFeature] | None = None
    measurements: list[Any] | None = None
    diseases: list[Disease] | None = None
    interpretations: list[Interpretation] | None = None
    meta_data: dict[str, Any] | None = None
