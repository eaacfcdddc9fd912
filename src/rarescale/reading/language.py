"""Whether a text is English, by the share of the commonest English words in it."""

from __future__ import annotations

from collections.abc import Iterable

from rarescale.reading.wordlists import word_set

_COMMON = word_set(
    """
    the a an and or but of in on at to for with by from is are was were be been am has have had do does did not no
    n't i he she it we they you his her my our their your me him this that these there what when which who if so as
    very also since can can't will would 's 'm 've yes all some any more than about up out then just because
    """
)
_ENOUGH = 12
_LEAST_SHARE = 0.15


def english_share(words: Iterable[str]) -> float | None:
    """Share of `words` (lower case) that are common English words; None where there are too few to tell."""
    listed = [word for word in words if word[:1].isalpha() or word[:1] == "'"]
    if len(listed) < _ENOUGH:
        return None
    return sum(word in _COMMON for word in listed) / len(listed)


def language_warning(words: Iterable[str]) -> str | None:
    """A warning for a text that does not look like English, else None. Notes in telegram style pass as English."""
    share = english_share(words)
    if share is None or share >= _LEAST_SHARE:
        return None
    return (
        f"text: expected English, found {share:.0%} common English words; findings may be missed, "
        "translate the text or give HPO terms"
    )
