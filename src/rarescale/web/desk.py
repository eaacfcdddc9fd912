"""What every page works with: the diagnoser, the interviewer, the indexes of names; made once per process."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rarescale.diagnose import RARE_SOURCES, Among, Diagnoser
from rarescale.errors import RareScaleError
from rarescale.interview import Interviewer, Questions
from rarescale.people import Right, Who
from rarescale.record import Case, Chat, Note
from rarescale.web.edited import EditedReader
from rarescale.web.lookup import NameIndex, disease_index, finding_index
from rarescale.web.systems import Systems

if TYPE_CHECKING:
    from rarescale.store import Store
    from rarescale.web.saved_cases import SavedCases


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
        return SavedCases(self.store, who.name, self.now, self.diagnoser)

    @cached_property
    def _rare(self) -> np.ndarray:
        """bool (g,): diseases with an OMIM, ORPHA or DECIPHER id."""
        diseases = self.diagnoser.knowledge.diseases
        return np.array([any(i.startswith(RARE_SOURCES) for i in diseases.ids(d)) for d in range(len(diseases))])

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
        only = self._rare if among == "rare" else None
        ranking = None if query is None else self.diagnoser.expert.rank(query, only)
        return self.interviewer.next_questions(query, ranking, known=known, top=top, open_ended=open_ended)


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
