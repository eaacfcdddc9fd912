"""What every page works with: the diagnoser, the interviewer, the indexes of names; made once per process."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from rarescale.diagnose import Among, Diagnoser, Outcome
from rarescale.errors import RareScaleError
from rarescale.interview import Interviewer, Questions
from rarescale.knowledge import disease_card
from rarescale.people import Right, Who
from rarescale.record import Case, Chat, Note, Understanding
from rarescale.web.bench import SAVED, Bench
from rarescale.web.edited import EditedReader
from rarescale.web.lookup import NameIndex, disease_index, finding_index
from rarescale.web.picture import Picture, drawn
from rarescale.web.recent import Recent
from rarescale.web.systems import Systems
from rarescale.web.views import CardOf

if TYPE_CHECKING:
    from rarescale.store import Store
    from rarescale.web.saved_cases import SavedCases


CARDS = 1024
"""Cards of diseases that are kept."""


def utc_now() -> datetime:
    """The time, where no other clock is given."""
    return datetime.now(UTC)


def random_id() -> str:
    """An id nobody can guess, where no other source is given."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class Desk:
    """Everything here is safe to use from several threads.

    `diagnoser` also takes edited talks (see `edited`). `runs` is a folder of evaluation runs to show,
    `store` where cases are saved, if they are. `now` tells the time of saves and exports, `new_id` makes ids of cases:
    32 hexadecimal digits.
    """

    diagnoser: Diagnoser
    interviewer: Interviewer
    findings: NameIndex
    diseases: NameIndex
    systems: Systems
    runs: Path | None = None
    store: Store | None = None
    now: Callable[[], datetime] = utc_now
    new_id: Callable[[], str] = random_id
    _readings: Recent[Understanding] = field(default_factory=Recent)
    _pictures: Recent[Picture] = field(default_factory=Recent)
    _questions: Recent[Questions] = field(default_factory=Recent)

    def cases(self, who: Who) -> SavedCases:
        """The saved cases of a person. Raises RareScaleError (kind ``right``) for one who may have none."""
        from rarescale.store import AuditEntry
        from rarescale.web.saved_cases import SavedCases

        if self.store is None:
            raise RareScaleError("no store is open here; start with: rarescale serve --store URL", kind="not-found")
        if not who.may(Right.CASES):
            self.store.audit(AuditEntry(who=who.name, what="cases", when=self.now(), outcome="denied"))
            raise RareScaleError(
                "saved cases: found a person whose roles do not include them; expected a clinician. Ask whoever gives "
                "out the roles.",
                kind="right",
            )
        return SavedCases(self.store, who.name, self.now, self.picture)

    def picture(self, bench: Bench) -> Picture:
        """What is known of the patient of a bench, with the differential."""
        return self._drawn(bench)[0]

    def seen(self, bench: Bench) -> tuple[Picture, Questions]:
        """The picture, and what to ask next. A simulated patient says yes or no only; a real one can name things."""
        picture, outcome = self._drawn(bench)
        return picture, self._questions.get(_patient(bench), lambda: self._asked(picture, outcome))

    def _drawn(self, bench: Bench) -> tuple[Picture, Outcome | None]:
        """The picture, with its outcome where it was made just now; that is too large to be kept."""
        fresh: list[Outcome] = []

        def make() -> Picture:
            picture, outcome = drawn(bench, self.diagnoser, self._understand)
            fresh.append(outcome)
            return picture

        found = self._pictures.get(_patient(bench), make)
        return replace(found, bench=bench), fresh[0] if fresh else None

    def _asked(self, picture: Picture, outcome: Outcome | None) -> Questions:
        bench, known = picture.bench, tuple(picture.items)
        if outcome is None or bench.among == "rare":
            return self.ask_next(picture.source, among=bench.among, known=known, open_ended=not bench.patient)
        ask = self.interviewer.next_questions
        return ask(outcome.query, outcome.certain, known=known, open_ended=not bench.patient)

    def _understand(self, source: Case | Chat | Note) -> Understanding:
        """What the diagnoser reads; a workbench is read again at each step, mostly with the same words."""
        made_from = f"{type(source).__name__} {source.model_dump_json()}"
        return self._readings.get(made_from, lambda: self.diagnoser.understand(source))

    @cached_property
    def card(self) -> CardOf:
        """The card of a disease; those that were looked at last are kept, as the same ones lead again and again."""
        return lru_cache(CARDS)(partial(disease_card, self.diagnoser.knowledge))

    def ask_next(
        self,
        source: Case | Chat | Note,
        *,
        among: Among = "all",
        known: Iterable[str] = (),
        top: int = 5,
        open_ended: bool = False,
    ) -> Questions:
        """The most useful questions for a patient; `known` are ids asked already, "don't know" included.

        `open_ended`: while there is much to rule out, ask for findings of a kind, which the patient may name.
        """
        query = self.diagnoser.query(source)
        only = self.diagnoser.rare if among == "rare" else None
        ranking = None if query is None else self.diagnoser.expert.rank(query, only)
        return self.interviewer.next_questions(query, ranking, known=known, top=top, open_ended=open_ended)


def _patient(bench: Bench) -> str:
    """All of a bench that a differential is made from."""
    return bench.model_dump_json(include=SAVED)


def open_desk(
    diagnoser: Diagnoser,
    *,
    runs: Path | None = None,
    store: Store | None = None,
    now: Callable[[], datetime] = utc_now,
    new_id: Callable[[], str] = random_id,
) -> Desk:
    """A desk with everything loaded, so that the first request is as fast as the next."""
    knowledge = diagnoser.knowledge
    diagnoser = Diagnoser(
        knowledge,
        reader=EditedReader(diagnoser.reader),
        expert=diagnoser.expert,
        candidates=diagnoser.candidates,
        fusion=diagnoser.fusion,
    )
    desk = Desk(
        diagnoser=diagnoser,
        interviewer=Interviewer(knowledge, diagnoser.expert),
        findings=finding_index(knowledge.ontology),
        diseases=disease_index(knowledge.diseases),
        systems=Systems(knowledge.ontology),
        runs=runs,
        store=store,
        now=now,
        new_id=new_id,
    )
    warm = Note(id="warm", text="Fever and a seizure.")
    diagnoser.diagnose(warm)
    desk.ask_next(warm, among="rare")
    return desk
