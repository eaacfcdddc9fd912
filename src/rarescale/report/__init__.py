"""One renderer for answers: what `diagnose` and `read` return, shown to people."""

from rarescale.report.csv import COLUMNS, csv_text, csv_writer
from rarescale.report.deidentify import age_band, deidentify
from rarescale.report.html import differential_page, page_parts
from rarescale.report.phenopacket import phenopacket
from rarescale.report.run_html import run_page
from rarescale.report.terminal import INTENDED_USE, band, print_answer, terminal

__all__ = [
    "COLUMNS",
    "INTENDED_USE",
    "age_band",
    "band",
    "csv_text",
    "csv_writer",
    "deidentify",
    "differential_page",
    "page_parts",
    "phenopacket",
    "print_answer",
    "run_page",
    "terminal",
]
