"""The saved cases of one person at a desk: what the pages and the API do alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rarescale.diagnose import Among
from rarescale.record import Case, Chat, Differential, Note
from rarescale.store import OwnCases, SavedCase, Store
from rarescale.web.bench import Bench
from rarescale.web.picture import Picture
from rarescale.web.saved_content import bench_of_saved, content_of, edits_of


class SavedCases(OwnCases):
    """Own cases that can also be diagnosed, with the knowledge and program of today."""

    def __init__(
        self, store: Store, person: str, now: Callable[[], datetime], picture: Callable[[Bench], Picture]
    ) -> None:
        """`picture` reads and ranks what is on a bench."""
        super().__init__(store, person, now)
        self._picture = picture

    def save_bench(
        self, bench: Bench, title: str, *, case: str, revision: int | None
    ) -> tuple[SavedCase, Differential]:
        """Save a bench with its differential, as `save` does."""
        picture = self._picture(bench)
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
        return self._picture(bench_of_saved(saved)).answer
