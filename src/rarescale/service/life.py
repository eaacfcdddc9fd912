"""Whether the service takes requests, and how many it is working on."""

from __future__ import annotations


class Life:
    """Changed by the event loop and by signals, which run in its thread; read from anywhere."""

    def __init__(self) -> None:
        """Alive, and nothing to do."""
        self.ending = False
        self.running = 0
        """Requests being answered, without those that ask how the service is."""

    def end(self) -> None:
        """From now on no new request is taken; those running go on."""
        self.ending = True
