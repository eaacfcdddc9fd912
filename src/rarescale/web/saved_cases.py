"""The saved cases of one person at a desk: what the pages and the API do alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rarescale.diagnose import Among, Diagnoser
from rarescale.record import Case, Chat, Differential, Note
from rarescale.store import OwnCases, SavedCase, Store
from rarescale.web.bench import Bench
from rarescale.web.picture import picture_of
from rarescale.web.saved_content import bench_of_saved, content_of, edits_of


class SavedCases(OwnCases):
    """Own cases that can also be diagnosed, with the knowledge and program of today."""

    def __init__(self, store: Store, person: str, now: Callable[[], datetime], diagnoser: Diagnoser) -> None:
        """`diagnoser` takes edited talks."""
        super().__init__(store, person, now)
        self._diagnoser = diagnoser

    def save_bench(
        self, bench: Bench, title: str, *, case: str, revision: int | None
    ) -> tuple[SavedCase, Differential]:
        """Save a bench with its differential, as `save` does."""
        picture = picture_of(bench, self._diagnoser)
        content, edits = content_of(picture, title), edits_of(bench)
        saved = self.save(content, case=case, revision=revision, edits=edits, differential=picture.answer)
        return saved, picture.answer

    def save_input(
        self, source: Case | Chat | Note, title: str, *, among: Among, case: str, revision: int | None
    ) -> tuple[SavedCase, Differential]:
        """Save an input with its differential. Edits that a clinician saved on the case before stay in force."""
        bench = Bench(case=source, among=among) if isinstance(source, Case) else Bench(talk=source, among=among)
        if revision is not None:
            bench = bench.model_copy(update={"edits": bench_of_saved(self.case(case)).edits})
        return self.save_bench(bench, title, case=case, revision=revision)

    def again(self, saved: SavedCase) -> Differential:
        """A saved case ranked anew; nothing is kept."""
        return picture_of(bench_of_saved(saved), self._diagnoser).answer
