from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise

import pytest

from rarescale.diagnose import Diagnoser
from rarescale.knowledge import Knowledge
from rarescale.record import Chat, Message, Note, Role
from rarescale.report import INTENDED_USE, differential_page, page_parts

from .answers import EVIL, failure, hostile, silent, tremor

VOID = {"meta", "line", "rect", "br"}


class Page(HTMLParser):
    """Checks that tags nest, and keeps what the tests ask for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.marked: list[str] = []
        self.words = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data
        if self.open and self.open[-1] == "mark":
            self.marked.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def test_the_page_shows_patient_findings_diseases_reasons_and_where_it_comes_from(toy: Knowledge) -> None:
    answer = tremor(toy)
    page = Page(differential_page([answer], created="2026-01-31"))
    for text in ("Ann Lee, female, 34 years", "Tremor", "absent", "2026-01-31", INTENDED_USE, answer.knowledge.release):
        assert text in page.words
    for candidate in answer.differential:
        assert candidate.name in page.words
        assert candidate.id in page.words


def test_every_reason_has_a_bar_on_the_side_it_speaks_for(toy: Knowledge) -> None:
    answer = tremor(toy)
    page = Page(differential_page([answer]))
    reasons = [r for c in answer.differential for r in c.reasons]
    assert len(page.all("svg")) == len(reasons)
    for rect in page.all("rect"):
        x, width = float(rect["x"] or 0), float(rect["width"] or 0)
        assert width > 0
        assert x == 130 if rect["class"] == "for" else x + width == pytest.approx(130, abs=0.1)
    assert sum(r["class"] == "for" for r in page.all("rect")) == sum(r.weight >= 0 for r in reasons)
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in page.all("svg"))


def test_markup_in_any_field_is_shown_and_not_obeyed(toy: Knowledge) -> None:
    text = differential_page([hostile(toy)], sources=[Note(id="n", text=EVIL)], created=EVIL)
    assert "<script" not in text
    assert "<img" not in text
    assert Page(text).words.count(EVIL) >= 10


def test_the_page_has_no_script_and_loads_nothing(toy: Knowledge) -> None:
    page = Page(differential_page([tremor(toy), failure()]))
    assert not [t for t, a in page.tags if t in ("script", "link", "img", "iframe")]
    assert not [a for _, a in page.tags if {"src", "href", "onclick", "style"} & set(a)]
    assert any("default-src 'none'" in (m.get("content") or "") for m in page.all("meta"))


def test_the_page_has_the_landmarks_and_headers_that_screen_readers_need(toy: Knowledge) -> None:
    page = Page(differential_page([tremor(toy), tremor(toy, id="b")]))
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("main")) == len(page.all("h1")) == len(page.all("title")) == 1
    assert all(th.get("scope") in ("col", "row") for th in page.all("th"))
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["aria-labelledby"] for a in page.all("article")} <= set(ids)
    levels = [int(t[1]) for t, _ in page.tags if t in ("h1", "h2", "h3", "h4")]
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_red_flags_stand_before_the_findings_and_the_ranking(toy: Knowledge) -> None:
    answer = tremor(toy).model_copy(update={"red_flags": ("Call for help now.",)})
    words = Page(differential_page([answer])).words
    assert words.index("Call for help now.") < words.index("What was understood") < words.index("Ranked diseases")


def test_what_was_understood_is_marked_in_the_conversation(toy: Knowledge) -> None:
    chat = Chat(
        id="t",
        messages=(
            Message(role=Role.CLINICIAN, content="Any seizures?"),
            Message(role=Role.PATIENT, content="No, never. But I have a tremor."),
        ),
    )
    answer = Diagnoser(toy).diagnose(chat)
    page = Page(differential_page([answer], sources=[chat]))
    spans = [
        chat.messages[f.message].content[slice(*f.span)] for f in answer.findings if f.span and f.message is not None
    ]
    assert spans
    assert set(spans) <= set(page.marked)
    assert "But I have a " in page.words
    assert "But I have a " not in Page(differential_page([answer])).words


def test_failures_and_empty_differentials_keep_their_place(toy: Knowledge) -> None:
    page = Page(differential_page([silent(toy), failure(), tremor(toy)]))
    assert len(page.all("article")) == 3
    assert page.words.index("nothing to rank by") < page.words.index("Bob Ray") < page.words.index("Ann Lee")


def test_a_page_comes_in_parts_as_the_answers_come(toy: Knowledge) -> None:
    answers = [tremor(toy), failure()]
    assert "".join(page_parts(answers)) == differential_page(answers)
