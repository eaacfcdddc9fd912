from __future__ import annotations

from rarescale.record import DiseaseId
from rarescale.store import changes
from tests.store.samples import differential


def test_a_new_run_is_laid_beside_the_stored_one() -> None:
    old, new = differential("2025", ("OMIM:1", "OMIM:2")), differential("2026", ("OMIM:3", "OMIM:1"))

    found = changes(old, new)

    assert [(m.id, m.rank_before, m.rank_after) for m in found.moved] == [
        ("OMIM:3", None, 1),
        ("OMIM:1", 1, 2),
        ("OMIM:2", 2, None),
    ]
    assert [m.probability_before for m in found.moved] == [None, 0.5, 0.25]
    assert not found.same_knowledge
    assert (found.knowledge_before.release, found.knowledge_after.release) == ("2025", "2026")


def test_a_disease_that_got_another_preferred_id_is_still_the_same() -> None:
    old, new = differential("2025", ("OMIM:1",)), differential("2026", ("ORPHA:9",))
    renamed = new.differential[0].model_copy(update={"ids": (DiseaseId("ORPHA:9"), DiseaseId("OMIM:1"))})

    (moved,) = changes(old, new.model_copy(update={"differential": (renamed,)})).moved

    assert (moved.rank_before, moved.rank_after) == (1, 1)


def test_the_same_run_again_changes_nothing() -> None:
    found = changes(differential(), differential())

    assert found.same_knowledge
    assert all(m.rank_before == m.rank_after for m in found.moved)
