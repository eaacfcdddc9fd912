"""Exit codes."""

OK = 0
"""Everything was answered."""

SOME_FAILED = 1
"""At least one case or input failed; others may have worked."""

NOTHING = 2
"""No case could be read at all: usage, no such file, empty input, broken knowledge."""

INTERRUPTED = 130
"""Ctrl-C."""

CLOSED = 141
"""Whoever read our output closed it, as the shell reports a SIGPIPE."""
