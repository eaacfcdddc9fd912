"""What the contextual stage of reading is trained on: everything as numbers, and how batches are drawn from them.

Texts are of five kinds: tellings (`make_tellings.py`) that are learned from; expressions, which are names and
unreserved lay expressions; talk that tells nothing; and, only to judge by, reserved tellings and reserved expressions.
Used by `context_reader.py`, where `prepare` needs this package and `Data` does not.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from rarescale.knowledge import Ontology

LONGEST = 64
"""Pieces of a sentence, marks included."""
COMMON = 9_000
"""Pieces of the vocabulary, from its start, that are kept although the material lacks them."""
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
TOLD, EXPRESSION, NOTHING, HELD, HELD_EXPRESSION = range(5)
UNTAUGHT = ("related", "broad", "abbreviation")
"""Kinds of names that are too vague to learn from."""

OPENERS = (
    "i have|he has|she has|i get|my|there is|we noticed|they said|also|it started with|he gets|she gets|i noticed|"
    "my son has|my daughter has|sometimes|for months now|the doctor said"
)
DENIALS = "no|no|not|i don ' t have|never had|he does not have|she has no|without|there is no|denies"
"""What stands before an expression that is told, or denied; one of those between the signs."""


class Text(NamedTuple):
    """Its kind, what it says, and the ids it tells, those it denies with a minus before them."""

    kind: int
    said: str
    ids: list[str]


def prepare(options: argparse.Namespace) -> None:
    """Write everything as numbers to `options.data`: pieces of texts, findings told, what lies above what."""
    from rarescale.knowledge import open_knowledge

    ontology = open_knowledge().ontology
    texts = [*_tellings(options.tellings), *_expressions(ontology), *_nothing()]
    terms = sorted({i.removeprefix("-") for text in texts if text.kind < HELD for i in text.ids})
    place = {term: k for k, term in enumerate(terms)}
    above = [[place[a] for a in set(ontology.ancestor_ids(t)) if a in place and a != t] for t in terms]
    pieces = (options.base / "vocab.txt").read_text(encoding="utf-8").splitlines()
    rows, kept = _pieces(texts, pieces)
    labels = [
        [(place[term], i[0] == "-") for i in text.ids if (term := i.removeprefix("-")) in place] for text in texts
    ]
    np.savez_compressed(
        options.data,
        kind=np.array([text.kind for text in texts], np.int8),
        pieces=np.array([n for row in rows for n in row], np.int32),
        ends=np.cumsum([len(r) for r in rows]),
        labels=np.array([t for row in labels for t, _ in row], np.int32),
        denied=np.array([d for row in labels for _, d in row], bool),
        label_ends=np.cumsum([len(r) for r in labels]),
        above=np.array([a for row in above for a in row], np.int32),
        above_ends=np.cumsum([len(r) for r in above]),
        kept=np.array(kept, np.int32),
        terms=np.frombuffer("\n".join(terms).encode(), np.uint8),
        vocabulary=np.frombuffer("\n".join(pieces[n] for n in kept).encode(), np.uint8),
    )
    print(f"{len(texts)} texts, {len(terms)} terms, {len(kept)} pieces")  # noqa: T201


def _tellings(path: Path) -> Iterator[Text]:
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            kind = HELD if row["reserved"] else TOLD if row["findings"] else NOTHING
            yield Text(kind, row["sentence"], row["findings"].split())


def _expressions(ontology: Ontology) -> Iterator[Text]:
    """Lay expressions, names that a patient can know or be told, and the reserved expressions."""
    from reading_examples import teachable

    from rarescale.reading import spellings

    lay = [name for name in ontology.lay() if name.voice != "trap" and teachable(ontology, name.term)]
    answerable = {name.term for name in lay}
    for name in lay:
        yield from (Text(EXPRESSION, text, [name.term]) for text in spellings(name.text)[:3])
    for name in ontology.names(findings_only=True):
        index = ontology.index(name.term)
        assert index is not None
        wanted = name.term in answerable or ontology.answerable(index) in ("symptom", "told")
        if wanted and name.kind not in UNTAUGHT and teachable(ontology, name.term):
            yield Text(EXPRESSION, name.text, [name.term])
    learned = set(ontology.lay())
    for name in ontology.lay(reserved=True):
        if name not in learned and name.voice != "trap" and teachable(ontology, name.term):
            yield Text(HELD_EXPRESSION, spellings(name.text)[0], [name.term])


def _nothing() -> Iterator[Text]:
    for line in Path(__file__).with_name("neutral.tsv").read_text(encoding="utf-8").splitlines():
        if line and line[0] != "#":
            yield Text(NOTHING, line, [])


def _pieces(texts: list[Text], pieces: list[str]) -> tuple[list[list[int]], list[int]]:
    """The pieces of `texts`, cut token by token as `rarescale.reading` does, numbered anew; and the kept of `pieces`.

    Kept are those in use, the common ones and all letters, so that any English word can be cut.
    """
    from rarescale.reading.context import WordPiece
    from rarescale.reading.tokens import tokenize

    cutter = WordPiece(pieces)
    rows = []
    for text in texts:
        found = [n for token in tokenize(text.said) for n in cutter.cut(text.said[token.start : token.end])]
        rows.append(found[: LONGEST - 2])
    number = {piece: n for n, piece in enumerate(pieces)}
    used = {n for row in rows for n in row} | {number[s] for s in SPECIAL}
    letters = {n for p, n in number.items() if len(p.removeprefix("##")) == 1 and p.isascii()}
    common = {n for p, n in number.items() if n < COMMON and not p.startswith("[")}
    kept = sorted(used | letters | common)
    new = {old: k for k, old in enumerate(kept)}
    return [[new[n] for n in row] for row in rows], kept


class Example(NamedTuple):
    """Pieces without marks, the terms told, and of each whether it is denied."""

    row: list[int]
    labels: list[int]
    denied: list[bool]

    def then(self, other: Example) -> Example:
        """One after the other."""
        return Example(self.row + other.row, self.labels + other.labels, self.denied + other.denied)


class Data:
    """The material and how batches are drawn from it; terms and pieces are numbers."""

    def __init__(self, path: Path, seed: int) -> None:
        """Reads what `prepare` wrote."""
        with np.load(path) as found:
            arrays = {name: found[name] for name in found.files}
        self.kind, self.kept = arrays["kind"], arrays["kept"]
        self.rows = _ragged(arrays["pieces"], arrays["ends"])
        self.labels = _ragged(arrays["labels"], arrays["label_ends"])
        self.denied = _ragged(arrays["denied"], arrays["label_ends"])
        above = [set(row) for row in _ragged(arrays["above"], arrays["above_ends"])]
        below: list[set[int]] = [set() for _ in above]
        for term, higher in enumerate(above):
            for one in higher:
                below[one].add(term)
        self.kin = [sorted(higher | lower) for higher, lower in zip(above, below, strict=True)]
        self.terms = arrays["terms"].tobytes().decode().split("\n")
        self.pieces = arrays["vocabulary"].tobytes().decode().split("\n")
        self.number = {p: n for n, p in enumerate(self.pieces)}
        self.by_kind = [np.flatnonzero(self.kind == k).tolist() for k in range(5)]
        self._rng = random.Random(seed)
        self._told = [i for i in self.by_kind[TOLD] if self.labels[i]]
        self._openers, self._denials = ([self._cut(lead) for lead in leads.split("|")] for leads in (OPENERS, DENIALS))

    def _cut(self, text: str) -> list[int]:
        """Pieces of plain words that the vocabulary has whole."""
        return [self.number[w] for w in text.split() if w in self.number]

    def batch(self, size: int) -> list[Example]:
        """Half tellings, some of them two in one, two fifths expressions strung together, the rest tells nothing."""
        found = []
        for i in self._rng.choices(self._told, k=size // 2):
            example = self._example(i)
            if self._rng.random() < 0.15:
                example = example.then(self._example(self._rng.choice(self._told)))
            found.append(example)
        found += [self._strung() for _ in range(2 * size // 5)]
        found += [Example(self._some_nothing(), [], []) for _ in range(size - len(found))]
        return [example._replace(row=self._noisy(example.row)[: LONGEST - 2]) for example in found]

    def _example(self, i: int) -> Example:
        return Example(self.rows[i], self.labels[i], self.denied[i])

    def _strung(self) -> Example:
        """One to three expressions, told or denied, with words around them."""
        rng = self._rng
        found = Example([], [], [])
        if rng.random() < 0.2:
            found.row.extend(self._some_nothing()[:12])
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
            i = rng.choice(self.by_kind[EXPRESSION])
            no = rng.random() < 0.2
            if found.row and rng.random() < 0.8:
                found.row.append(rng.choice((self.number[","], self.number["and"], self.number["."])))
            if no or rng.random() < 0.6:
                found.row.extend(rng.choice(self._denials if no else self._openers))
            found = found.then(Example(self.rows[i], self.labels[i], [no] * len(self.labels[i])))
        if rng.random() < 0.2:
            found.row.extend([self.number[","], *self._some_nothing()[:10]])
        return found

    def _some_nothing(self) -> list[int]:
        """A sentence that tells nothing."""
        return self.rows[self._rng.choice(self.by_kind[NOTHING])]

    def _noisy(self, row: list[int]) -> list[int]:
        """Of a hundred pieces three are left out and two unknown."""
        out = []
        for piece in row:
            chance = self._rng.random()
            if chance < 0.03:
                continue
            out.append(self.number["[UNK]"] if chance < 0.05 else piece)
        return out or row


def _ragged(flat: np.ndarray, ends: np.ndarray) -> list[list]:
    return [row.tolist() for row in np.split(flat, ends[:-1])]
