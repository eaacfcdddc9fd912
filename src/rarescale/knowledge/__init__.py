"""What is known: terms, diseases, frequencies, of one dated and hashed release.

`open_knowledge` is the way in; it compiles hp.obo and phenotype.hpoa once and memory-maps the result.
"""

from rarescale.knowledge.arrayfile import Strings, pack_strings, unpack_strings
from rarescale.knowledge.base import Knowledge, open_knowledge
from rarescale.knowledge.cache import Progress, cache_folder, no_progress
from rarescale.knowledge.card import CardLine, DiseaseCard, FindingCard, disease_card, finding_card
from rarescale.knowledge.check import check
from rarescale.knowledge.compile import PHENOTYPE_ROOT
from rarescale.knowledge.curated import (
    AGES,
    ANSWERABLE,
    BANDS,
    RARITIES,
    URGENCIES,
    VOICES,
    RedFlag,
    read_red_flags,
    read_table,
)
from rarescale.knowledge.diff import (
    Changed,
    DiseaseChange,
    Entry,
    KnowledgeDiff,
    Obsoleted,
    Renamed,
    diff_knowledge,
)
from rarescale.knowledge.disease_lookup import Lookup, Synonyms, shipped_synonyms
from rarescale.knowledge.disease_names import Name, parse_name
from rarescale.knowledge.diseases import Annotation, Diseases
from rarescale.knowledge.fetch import Fetched, Patience
from rarescale.knowledge.frequency import UNSTATED_PROBABILITY, Frequency, Origin, parse_frequency
from rarescale.knowledge.hpoa import ASPECTS, EVIDENCE
from rarescale.knowledge.issues import Issue
from rarescale.knowledge.obo import SYNONYM_KINDS
from rarescale.knowledge.ontology import FACTOR_PREFIX, LayName, Ontology, Relation, TermName
from rarescale.knowledge.release_check import Floors
from rarescale.knowledge.resolve import Resolution, Resolver
from rarescale.knowledge.search import Hit, search
from rarescale.knowledge.sources import Sources, find_sources
from rarescale.knowledge.touched import Touched
from rarescale.knowledge.update import (
    RELEASE_ADDRESS,
    Installed,
    held_releases,
    releases_folder,
    update_knowledge,
)

__all__ = [
    "AGES",
    "ANSWERABLE",
    "ASPECTS",
    "BANDS",
    "EVIDENCE",
    "FACTOR_PREFIX",
    "PHENOTYPE_ROOT",
    "RARITIES",
    "RELEASE_ADDRESS",
    "SYNONYM_KINDS",
    "UNSTATED_PROBABILITY",
    "URGENCIES",
    "VOICES",
    "Annotation",
    "CardLine",
    "Changed",
    "DiseaseCard",
    "DiseaseChange",
    "Diseases",
    "Entry",
    "Fetched",
    "FindingCard",
    "Floors",
    "Frequency",
    "Hit",
    "Installed",
    "Issue",
    "Knowledge",
    "KnowledgeDiff",
    "LayName",
    "Lookup",
    "Name",
    "Obsoleted",
    "Ontology",
    "Origin",
    "Patience",
    "Progress",
    "RedFlag",
    "Relation",
    "Renamed",
    "Resolution",
    "Resolver",
    "Sources",
    "Strings",
    "Synonyms",
    "TermName",
    "Touched",
    "cache_folder",
    "check",
    "diff_knowledge",
    "disease_card",
    "find_sources",
    "finding_card",
    "held_releases",
    "no_progress",
    "open_knowledge",
    "pack_strings",
    "parse_frequency",
    "parse_name",
    "read_red_flags",
    "read_table",
    "releases_folder",
    "search",
    "shipped_synonyms",
    "unpack_strings",
    "update_knowledge",
]
