"""What a new run changes: a stored differential beside one made now, perhaps with other knowledge."""

from __future__ import annotations

from rarescale.record import Candidate, Differential, DiseaseId, Record, Release


class Moved(Record):
    """One disease in both or one of two differentials; a rank or probability of None means it is not listed there."""

    id: DiseaseId
    name: str
    rank_before: int | None
    rank_after: int | None
    probability_before: float | None
    probability_after: float | None


class Changes(Record):
    """Two differentials side by side, in the order of the new one; diseases no longer listed come last."""

    knowledge_before: Release
    knowledge_after: Release
    moved: tuple[Moved, ...]

    @property
    def same_knowledge(self) -> bool:
        """Whether both were made with the same knowledge."""
        return self.knowledge_before.hash == self.knowledge_after.hash


def changes(before: Differential, after: Differential) -> Changes:
    """Pair the diseases of two differentials by any id they share, since a release may prefer another one."""
    rest = list(before.differential)
    moved = []
    for new in after.differential:
        old = next((c for c in rest if _same(c, new)), None)
        if old is not None:
            rest.remove(old)
        moved.append(_moved(old, new))
    return Changes(
        knowledge_before=before.knowledge,
        knowledge_after=after.knowledge,
        moved=(*moved, *(_moved(old, None) for old in rest)),
    )


def _same(a: Candidate, b: Candidate) -> bool:
    return bool({a.id, *a.ids} & {b.id, *b.ids} - {""}) or (not a.id and not b.id and a.name == b.name)


def _moved(old: Candidate | None, new: Candidate | None) -> Moved:
    shown = new or old
    assert shown is not None
    return Moved(
        id=shown.id,
        name=shown.name,
        rank_before=old.rank if old else None,
        rank_after=new.rank if new else None,
        probability_before=old.probability if old else None,
        probability_after=new.probability if new else None,
    )
