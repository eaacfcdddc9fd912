"""Which right each address needs, in one table. What the table does not know is not there, for anybody.

The table is asked with the path of the request, before any route is looked for. A line ending in `/*` holds for the
path before it and all below; the longest line that fits counts. A test walks over all routes and finds a line for each.
"""

from __future__ import annotations

from dataclasses import dataclass

from rarescale.people import Right


@dataclass(frozen=True)
class Line:
    """Addresses and the right they need; None: open to everybody. `path` is what the log shows of an address."""

    path: str
    right: Right | None
    limited: bool = True

    @property
    def place(self) -> str:
        """The path without its star."""
        return self.path.removesuffix("/*")

    def covers(self, path: str) -> bool:
        """Whether the line holds for a path."""
        return path == self.place or (self.path.endswith("/*") and path.startswith(self.place + "/"))


HEALTH = ("/healthz", "/readyz")
"""Asked by machines beside us, and often; they say nothing that anybody could use."""

TABLE = (
    # What somebody needs who is not signed in.
    *(Line(path, None, limited=False) for path in HEALTH),
    Line("/static/*", None, limited=False),
    Line("/login/*", None),
    Line("/logout", Right.USE),
    # Pages.
    Line("/", Right.USE),
    Line("/help", Right.USE),
    Line("/workbench/*", Right.USE),
    Line("/workbench/save/*", Right.CASES),
    Line("/workbench/saved/*", Right.CASES),
    Line("/diseases/*", Right.USE),
    Line("/findings/*", Right.USE),
    Line("/runs/*", Right.BATCH),
    # The API.
    Line("/openapi.json", Right.USE),
    Line("/v1/diagnose", Right.USE),
    Line("/v1/read", Right.USE),
    Line("/v1/next-questions", Right.USE),
    Line("/v1/diseases/*", Right.USE),
    Line("/v1/findings/*", Right.USE),
    Line("/v1/jobs/*", Right.BATCH),
    Line("/v1/cases/*", Right.CASES),
    # Operation.
    Line("/metrics", Right.OPERATE),
)


def line_of(path: str) -> Line | None:
    """The line that holds for a path; None where there is none.

    A path with a control character has none: a route that ends before a newline would take it as its own.
    """
    if not path.isprintable():
        return None
    found = [line for line in TABLE if line.covers(path)]
    return max(found, key=lambda line: len(line.place), default=None)
