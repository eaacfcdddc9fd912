"""One renderer for answers: what `diagnose` and `read` return, shown to people."""

from rarescale.report.terminal import INTENDED_USE, print_answer, terminal

__all__ = ["INTENDED_USE", "print_answer", "terminal"]
