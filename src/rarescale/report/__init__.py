"""One renderer for answers: what `diagnose` and `read` return, shown to people."""

from rarescale.report.run_html import run_page
from rarescale.report.terminal import INTENDED_USE, print_answer, terminal

__all__ = ["INTENDED_USE", "print_answer", "run_page", "terminal"]
