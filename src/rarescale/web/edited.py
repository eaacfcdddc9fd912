"""What was said together with what a clinician made of it, so that both can be diagnosed as one.

An edited source is a chat or note whose findings are settled; the reader hands them over instead of reading.
"""

from __future__ import annotations

from rarescale.reading import Reader
from rarescale.record import Chat, Note, Reading


class EditedChat(Chat):
    """A chat whose findings are `reading`, whatever its words are."""

    reading: Reading


class EditedNote(Note):
    """A note whose findings are `reading`, whatever its words are."""

    reading: Reading


class EditedReader:
    """Reads as `inner` does, except what is edited."""

    def __init__(self, inner: Reader) -> None:
        """`inner` reads everything else."""
        self._inner = inner

    @property
    def name(self) -> str:
        """That of `inner`."""
        return self._inner.name

    def read(self, source: Chat | Note) -> Reading:
        """The findings of a source."""
        return source.reading if isinstance(source, EditedChat | EditedNote) else self._inner.read(source)


def edited(talk: Chat | Note, reading: Reading) -> EditedChat | EditedNote:
    """The same talk with its findings settled."""
    kind = EditedChat if isinstance(talk, Chat) else EditedNote
    return kind.model_validate(dict(talk) | {"reading": reading})
