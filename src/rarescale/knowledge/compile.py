"""hp.obo + phenotype.hpoa -> the flat arrays that `Ontology` and `Diseases` read.

Arrays (n terms, g diseases, r annotation rows, i source ids):

| name                  | shape, type       | meaning                                                    |
|-----------------------|-------------------|------------------------------------------------------------|
| term.ids/labels/definitions | strings (n,) | current terms, sorted by id                               |
| term.parents, term.ancestors, term.descendants | CSR | of term indices; the last two include the term itself |
| term.answerable       | (n,) uint8        | code of `ANSWERABLE`                                      |
| name.text / name.term / name.kind | (names,) | every name of a term and its kind (`SYNONYM_KINDS`)       |
| moved.old / moved.term | (moved,)         | alternative and replaced ids -> term index                 |
| gone.id / gone.hint   | strings           | obsolete ids without replacement, and what HPO suggests     |
| source.ids/names / source.disease | (i,)  | every database id, its name, the disease it belongs to     |
| disease.sources       | CSR (g)           | source ids of a disease, preferred first                    |
| row.*                 | (r,)              | annotation rows ordered by disease, then term              |
| disease.rows          | (g + 1,) int64    | the range of rows of a disease                             |
| disease.rarity/band   | (g,) uint8        | codes of `RARITIES` and `BANDS`                             |
| disease.urgency/severity/treatable | (g,) uint8 | codes of `URGENCIES`; 1-5, 0 = not told              |
| disease.sex/ages      | (g,) uint8        | code of `SEXES`; bit k set for age k of `AGES`, 0 = not told |
| disease.category/flags | strings (g,)     | category in plain words; red flags, one a line             |
| lay.text / lay.term / lay.voice / lay.reserved | (e,) | lay expressions                                   |

CSR arrays come as `<name>.offsets` int64 (rows + 1,) and `<name>.items` int32.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from rarescale.knowledge.arrayfile import pack_strings, unpack_strings
from rarescale.knowledge.cache import Progress
from rarescale.knowledge.curated import (
    AGES,
    ANSWERABLE,
    BANDS,
    RARITIES,
    URGENCIES,
    VOICES,
    CuratedDisease,
    read_annotations,
    read_answerable,
    read_diseases,
    read_equivalents,
    read_factors,
    read_lay,
    read_prevalence,
)
from rarescale.knowledge.curated import SEXES as SEXES_TOLD
from rarescale.knowledge.hpoa import ASPECTS, EVIDENCE, AnnotationRow, read_hpoa
from rarescale.knowledge.merge import clusters, merge_by_name, preference, preferred_order, read_mondo
from rarescale.knowledge.obo import SYNONYM_KINDS, TermRow, read_obo
from rarescale.knowledge.sources import Sources

COMPILER_VERSION = "7"
"""Part of the cache key: raise it when the arrays or their meaning change."""

SEXES = ("", "FEMALE", "MALE")
PHENOTYPE_ROOT = "HP:0000118"

Arrays = dict[str, np.ndarray]


def compile_knowledge(sources: Sources, progress: Progress) -> Arrays:
    """Read and check the source files, and lay them out as arrays. Raises KnowledgeError with the place."""
    progress("reading the ontology", 0.0)
    ontology_version, terms = read_obo(sources.ontology)
    terms += read_factors(sources.curated)
    progress("reading the annotations", 0.25)
    annotation_version, rows = read_hpoa(sources.annotations)
    progress("arranging terms", 0.55)
    arrays, index = _terms(terms)
    arrays |= _lay(sources.curated, index, len(arrays["term.ancestors.offsets"]) - 1)
    progress("merging diseases", 0.7)
    curated = read_diseases(sources.curated)
    names = {row.disease: row.name for row in reversed(rows)}
    pairs = read_mondo(sources.mondo) if sources.mondo is not None else _same(names, sources.curated)
    pairs += [(d.id, link) for d in curated for link in d.links]
    arrays |= _diseases(rows + read_annotations(sources.curated), index, pairs, {d.id: d.name for d in curated})
    arrays |= _about(arrays, curated, read_prevalence(sources.curated))
    arrays |= pack_strings("release", [ontology_version, annotation_version])
    progress("done", 1.0)
    return arrays


def _same(names: dict[str, str], curated: Path) -> list[tuple[str, str]]:
    """Pairs of entries that are one disease: by the reviewed table where it speaks of a pair, else by name."""
    told = read_equivalents(curated)
    by_name = [p for p in merge_by_name(names) if told.get(p, told.get(p[::-1], "same")) == "same"]
    return by_name + [pair for pair, relation in told.items() if relation == "same" and names.keys() >= set(pair)]


def csr(name: str, lists: Sequence[Sequence[int]]) -> Arrays:
    """Lists of integers as `<name>.offsets` and `<name>.items`."""
    offsets = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([len(x) for x in lists], out=offsets[1:])
    items = np.fromiter((i for x in lists for i in x), np.int32, count=int(offsets[-1]))
    return {f"{name}.offsets": offsets, f"{name}.items": items}


def _terms(rows: list[TermRow]) -> tuple[Arrays, dict[str, int]]:
    """Arrays of the ontology and the index of every id that still means a term, old ids included."""
    current = sorted((r for r in rows if not r.obsolete), key=lambda r: r.id)
    index = {r.id: k for k, r in enumerate(current)}
    parents = [[index[p] for p in r.parents if p in index] for r in current]
    ancestors = _closure(parents)
    descendants: list[list[int]] = [[] for _ in current]
    for k, above in enumerate(ancestors):
        for a in above:
            descendants[a].append(k)
    names = [
        (t, k, SYNONYM_KINDS.index(kind)) for k, r in enumerate(current) for t, kind in [(r.label, "label"), *r.names]
    ]
    moved, gone = _moved(rows, current, index)
    arrays = pack_strings("term.ids", [r.id for r in current])
    arrays |= pack_strings("term.labels", [r.label for r in current])
    arrays |= pack_strings("term.definitions", [r.definition for r in current])
    arrays |= csr("term.parents", parents) | csr("term.ancestors", ancestors) | csr("term.descendants", descendants)
    arrays |= pack_strings("name.text", [n[0] for n in names])
    arrays |= {
        "name.term": np.array([n[1] for n in names], np.int32),
        "name.kind": np.array([n[2] for n in names], np.uint8),
    }
    arrays |= pack_strings("moved.old", list(moved)) | {"moved.term": np.array(list(moved.values()), np.int32)}
    arrays |= pack_strings("gone.id", list(gone)) | pack_strings("gone.hint", list(gone.values()))
    return arrays, index | moved


def _closure(parents: list[list[int]]) -> list[list[int]]:
    """Per term all its ancestors and itself, ascending. Raises nothing: HPO is acyclic, a cycle is cut."""
    done: list[set[int] | None] = [None] * len(parents)
    for start in range(len(parents)):
        stack = [start]
        while stack:
            k = stack[-1]
            if done[k] is not None:
                stack.pop()
                continue
            waiting = [p for p in parents[k] if done[p] is None and p not in stack]
            if waiting:
                stack += waiting
                continue
            done[k] = {k}.union(*(done[p] or () for p in parents[k]))
            stack.pop()
    return [sorted(s or ()) for s in done]


def _moved(rows: list[TermRow], current: list[TermRow], index: dict[str, int]) -> tuple[dict[str, int], dict[str, str]]:
    """Old ids -> index of the current term; obsolete ids without one -> the ids HPO suggests instead."""
    moved = {a: index[r.id] for r in current for a in r.alternatives if a not in index}
    gone: dict[str, str] = {}
    replaced = {r.id: r for r in rows if r.obsolete}
    for old, row in replaced.items():
        target, seen = row.replaced_by, {old}
        while target in replaced and target not in seen:
            seen.add(target)
            target = replaced[target].replaced_by
        target_index = index.get(target, moved.get(target))
        if target_index is None:
            gone[old] = f"{row.label}\t{' '.join(row.consider)}"
        else:
            moved.setdefault(old, target_index)
    return moved, gone


def _lay(folder: Path, index: dict[str, int], terms: int) -> Arrays:
    """Lay expressions and what a patient can know, for the terms this ontology has."""
    told = read_lay(folder)
    known = [e for e in told if e.term in index]
    answerable = np.zeros(terms, np.uint8)
    for term, value in read_answerable(folder).items():
        if term in index:
            answerable[index[term]] = ANSWERABLE.index(value)
    return pack_strings("lay.text", [e.text for e in known]) | {
        "lay.term": np.array([index[e.term] for e in known], np.int32),
        "lay.voice": np.array([VOICES.index(e.voice) for e in known], np.uint8),
        "lay.reserved": np.array([e.reserved for e in known], bool),
        "lay.unknown_terms": np.array([len(told) - len(known)], np.int64),
        "term.answerable": answerable,
    }


def _about(arrays: Arrays, curated: list[CuratedDisease], prevalence: dict[str, str]) -> Arrays:
    """What is told of a disease beside its findings. A band is taken from the most common of its ids."""
    sources = unpack_strings("source.ids", arrays).tolist()
    owner = dict(zip(sources, arrays["source.disease"].tolist(), strict=True))
    size = len(arrays["disease.rows"]) - 1
    codes = {
        name: np.zeros(size, np.uint8) for name in ("rarity", "band", "urgency", "severity", "treatable", "sex", "ages")
    }
    category, flags = [""] * size, [""] * size
    for disease, band in prevalence.items():
        if (d := owner.get(disease)) is not None:
            codes["band"][d] = max(codes["band"][d], BANDS.index(band))
    for c in curated:
        if (d := owner.get(c.id)) is None:
            continue
        codes["rarity"][d] = RARITIES.index(c.rarity)
        codes["urgency"][d] = URGENCIES.index(c.urgency)
        codes["severity"][d], codes["treatable"][d] = c.severity, c.treatable
        codes["sex"][d] = SEXES_TOLD.index(c.sex)
        codes["ages"][d] = sum(1 << AGES.index(a) for a in c.ages)
        category[d], flags[d] = c.category, "\n".join(c.flags)
    told = {f"disease.{name}": values for name, values in codes.items()}
    return told | pack_strings("disease.category", category) | pack_strings("disease.flags", flags)


def _diseases(
    rows: list[AnnotationRow], index: dict[str, int], pairs: Iterable[tuple[str, str]], curated: dict[str, str]
) -> Arrays:
    """Merged diseases and their rows; rows of terms the ontology does not know are left out and counted.

    `curated` are ids and names of our own diseases, which may have no row.
    """
    names = {row.disease: row.name for row in reversed(rows)} | curated
    ids = preferred_order(names)
    groups = sorted((preferred_order(g) for g in clusters(ids, pairs)), key=lambda g: preference(g[0]))
    order = {i: k for k, i in enumerate(i for g in groups for i in g)}
    group_of = {i: k for k, g in enumerate(groups) for i in g}
    known = [r for r in rows if r.term in index]
    known.sort(key=lambda r: (group_of[r.disease], index[r.term], order[r.disease], r.line))
    arrays = pack_strings("source.ids", list(order)) | pack_strings("source.names", [names[i] for i in order])
    arrays |= {"source.disease": np.array([group_of[i] for i in order], np.int32)}
    arrays |= csr("disease.sources", [[order[i] for i in g] for g in groups])
    counts = np.bincount([group_of[r.disease] for r in known], minlength=len(groups))
    arrays["disease.rows"] = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    arrays["rows.unknown_terms"] = np.array([len(rows) - len(known)], np.int64)
    return arrays | _rows(known, index, order)


def _rows(rows: list[AnnotationRow], index: dict[str, int], order: dict[str, int]) -> Arrays:
    """The annotation rows as columns."""
    references: dict[str, int] = {}
    texts: dict[str, int] = {}
    columns: Arrays = {
        "row.term": np.array([index[r.term] for r in rows], np.int32),
        "row.source": np.array([order[r.disease] for r in rows], np.int32),
        "row.aspect": np.array([ASPECTS.index(r.aspect) for r in rows], np.uint8),
        "row.evidence": np.array(
            [EVIDENCE.index(r.evidence) if r.evidence in EVIDENCE else len(EVIDENCE) for r in rows], np.uint8
        ),
        "row.onset": np.array([index.get(r.onset, -1) for r in rows], np.int32),
        "row.sex": np.array([SEXES.index(r.sex) if r.sex in SEXES else 0 for r in rows], np.uint8),
        "row.negative": np.array([r.negative for r in rows], bool),
        "row.probability": np.array([r.frequency.probability for r in rows], np.float32),
        "row.origin": np.array([int(r.frequency.origin) for r in rows], np.uint8),
        "row.n": np.array([r.frequency.n for r in rows], np.int32),
        "row.m": np.array([r.frequency.m for r in rows], np.int32),
        "row.reference": np.array([references.setdefault(r.reference, len(references)) for r in rows], np.int32),
        "row.frequency": np.array([texts.setdefault(r.frequency.words, len(texts)) for r in rows], np.int32),
    }
    return columns | pack_strings("reference", list(references)) | pack_strings("frequency", list(texts))
