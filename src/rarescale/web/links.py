"""Addresses of what an id names: our own page, and the source's. None is ever loaded by itself."""

from __future__ import annotations

_OUTSIDE = {
    "PMID": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "OMIM": "https://omim.org/entry/{}",
    "ORPHA": "https://www.orpha.net/en/disease/detail/{}",
    "HP": "https://hpo.jax.org/browse/term/HP:{}",
}


def link_to(reference: str) -> str:
    """The source's page for a reference such as ``PMID:19473999``; empty where there is none."""
    prefix, _, number = reference.partition(":")
    pattern = _OUTSIDE.get(prefix)
    return pattern.format(number) if pattern and number.isdigit() else ""
