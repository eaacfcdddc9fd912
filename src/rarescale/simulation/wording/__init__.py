"""The grammar of lay expressions: of which shape they are, and how they are said of oneself or of somebody else."""

from rarescale.simulation.wording.articles import with_article
from rarescale.simulation.wording.parsed import Parsed, Person, tokens_of
from rarescale.simulation.wording.parsing import parse
from rarescale.simulation.wording.phrases import Phrase, absent, present
from rarescale.simulation.wording.pronouns import adapted
from rarescale.simulation.wording.safety import is_safe
from rarescale.simulation.wording.vocabulary import Vocabulary, vocabulary

__all__ = [
    "Parsed",
    "Person",
    "Phrase",
    "Vocabulary",
    "absent",
    "adapted",
    "is_safe",
    "parse",
    "present",
    "tokens_of",
    "vocabulary",
    "with_article",
]
