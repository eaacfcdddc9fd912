"""What is saved comes back as it was; what is older is never overwritten in silence."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from rarescale.errors import UsageError
from rarescale.record import Note
from rarescale.store import AuditEntry, Content, NotSaved, SignOff, Stale, Store
from tests.store.samples import ABSENT, NINE, PRESENT, SECRET, SIGNED, at, content, differential


def test_a_new_store_is_empty(store: Store) -> None:
    assert store.cases() == ()
    assert store.audit_log() == ()


def test_a_saved_case_comes_back_as_it_was(store: Store) -> None:
    saved = store.save_case(content(), edits=(ABSENT,), by="ann", at=NINE)

    again = store.case(saved.case)

    assert again == saved
    assert (again.content, again.edits, again.revision, again.owner) == (content(), (ABSENT,), 1, "ann")
    assert again.created == again.saved == NINE


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(),
    title=st.text(max_size=200),
    age=st.floats(0, 125),
    extra=st.dictionaries(st.text(), st.integers() | st.text()),
)
def test_any_text_and_number_comes_back_as_it_was(
    store: Store, text: str, title: str, age: float, extra: dict[str, object]
) -> None:
    whole = Content(title=title, input=Note(id="x", text=text, extra=extra), age=age)

    assert store.case(store.save_case(whole, by="ann", at=NINE).case).content == whole


def test_saving_again_needs_the_revision_that_was_read(store: Store) -> None:
    first = store.save_case(content("one"), by="ann", at=NINE)
    second = store.save_case(content("two"), by="ann", at=at(1), case=first.case, revision=1)

    with pytest.raises(Stale, match=r"expected revision 2, found 1: ann saved it meanwhile.*Nothing of this step"):
        store.save_case(content("three"), by="bob", at=at(2), case=first.case, revision=1)

    assert second.revision == 2
    assert store.case(first.case).content == content("two")
    assert [e.content for e in store.history(first.case)] == [content("one"), content("two")]
    assert [line.who for line in store.audit_log()] == ["ann", "ann"]


def test_saving_without_a_revision_is_refused_for_a_case_that_exists(store: Store) -> None:
    first = store.save_case(content("one"), by="ann", at=NINE)

    with pytest.raises(Stale):
        store.save_case(content("two"), by="ann", at=NINE, case=first.case)


def test_of_two_tabs_that_save_at_once_one_wins_and_the_other_is_told(store: Store) -> None:
    case = store.save_case(content(), by="ann", at=NINE).case
    outcomes: list[str] = []
    gate = threading.Barrier(8)

    def tab(number: int) -> None:
        gate.wait()
        try:
            store.save_case(content(f"tab {number}"), by=f"tab {number}", at=NINE, case=case, revision=1)
            outcomes.append(f"tab {number}")
        except Stale:
            outcomes.append("stale")

    threads = [threading.Thread(target=tab, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    winner = next(o for o in outcomes if o != "stale")
    assert sorted(outcomes) == ["stale"] * 7 + [winner]
    assert store.case(case).content == content(winner)
    assert len(store.history(case)) == 2


def test_edits_are_kept_apart_and_the_lists_before_them_stay(store: Store) -> None:
    case = store.save_case(content(), by="ann", at=NINE).case

    assert store.save_edits(case, 1, (ABSENT, PRESENT), by="ann", at=at(1)) == 2
    assert store.save_edits(case, 2, (PRESENT,), by="ann", at=at(2)) == 3
    with pytest.raises(Stale, match="expected revision 3, found 2"):
        store.save_edits(case, 2, (ABSENT,), by="bob", at=at(3))

    now = store.case(case)
    assert (now.content, now.edits, now.revision) == (content(), (PRESENT,), 3)
    assert [e.edits for e in store.history(case)] == [None, (ABSENT, PRESENT), (PRESENT,)]


def test_saving_content_alone_leaves_the_edits(store: Store) -> None:
    case = store.save_case(content(), edits=(ABSENT,), by="ann", at=NINE).case

    assert store.save_case(content("more"), by="ann", at=NINE, case=case, revision=1).edits == (ABSENT,)
    assert store.save_case(content("more"), edits=(), by="ann", at=NINE, case=case, revision=2).edits == ()


def test_a_differential_keeps_the_knowledge_it_was_made_with(store: Store) -> None:
    case = store.save_case(content(), differential=differential(), by="ann", at=NINE).case
    store.save_edits(case, 1, (ABSENT,), by="ann", at=at(1))
    newer = differential("2026-02-01", ("OMIM:1", "ORPHA:7"))
    entry = store.add_differential(case, 1, newer, by="ann", at=at(2))

    old, new = store.differentials(case)

    assert (old.differential, new.differential) == (differential(), newer)
    assert (old.knowledge.release, new.knowledge.release) == ("2025-01-16", "2026-02-01")
    assert (new.entry, new.revision, new.engine) == (entry, 1, "rarescale 0.1")
    assert store.case(case).revision == 2


def test_a_differential_of_a_revision_to_come_is_refused(store: Store) -> None:
    case = store.save_case(content(), by="ann", at=NINE).case

    with pytest.raises(UsageError, match="expected a revision from 1 to 1, found 2"):
        store.add_differential(case, 2, differential(), by="ann", at=NINE)


def test_a_differential_that_could_not_be_read_again_is_not_saved(store: Store) -> None:
    case = store.save_case(content(), by="ann", at=NINE).case
    broken = differential()
    first = broken.differential[0].model_copy(update={"score": float("inf")})

    with pytest.raises(UsageError, match="finite"):
        store.add_differential(case, 1, broken.model_copy(update={"differential": (first,)}), by="ann", at=NINE)

    assert len(store.history(case)) == 1


def test_a_sign_off_signs_the_case_as_it_stands(store: Store) -> None:
    case = store.save_case(content(), differential=differential(), by="ann", at=NINE).case
    shown = store.differentials(case)[0].entry
    signed = SIGNED.model_copy(update={"differential": shown})

    entry = store.sign_off(case, 1, signed, by="ann", at=at(1))
    store.save_edits(case, 1, (PRESENT,), by="bob", at=at(2))
    with pytest.raises(Stale):
        store.sign_off(case, 1, signed, by="ann", at=at(3))

    found = [e for e in store.history(case) if e.kind == "sign-off"]
    assert [(e.entry, e.revision, e.by, e.sign_off) for e in found] == [(entry, 1, "ann", signed)]


def test_only_a_differential_of_the_case_can_be_signed(store: Store) -> None:
    case = store.save_case(content(), differential=differential(), by="ann", at=NINE).case

    with pytest.raises(UsageError, match="entry 1 is no differential"):
        store.sign_off(case, 1, SignOff(statement="yes", differential=1), by="ann", at=NINE)


def test_history_is_in_the_order_of_saving_even_when_the_clock_jumps_back(store: Store) -> None:
    case = store.save_case(content(), by="ann", at=at(60)).case
    store.save_edits(case, 1, (ABSENT,), by="ann", at=at(-600))
    store.save_edits(case, 2, (PRESENT,), by="ann", at=at(1))

    assert [e.revision for e in store.history(case)] == [1, 2, 3]
    assert store.case(case).saved == at(60)


def test_cases_are_listed_by_owner_last_saved_first(store: Store) -> None:
    first = store.save_case(content(), by="ann", at=NINE)
    other = store.save_case(content(), by="ann", owner="bob", at=at(1))
    second = store.save_case(content(), by="ann", at=at(2))

    assert [line.case for line in store.cases("ann")] == [second.case, first.case]
    assert [line.case for line in store.cases()] == [second.case, other.case, first.case]


def test_a_case_that_is_not_there_is_said_to_be_missing(store: Store) -> None:
    for step in (store.case, store.history, store.differentials):
        with pytest.raises(NotSaved, match="not in the store"):
            step("0" * 32)
    with pytest.raises(NotSaved):
        store.save_edits("0" * 32, 1, (), by="ann", at=NINE)


def test_every_step_leaves_a_line_in_the_log_without_text_of_the_patient(store: Store) -> None:
    case = store.save_case(content(), by="ann", at=NINE).case
    store.save_edits(case, 1, (ABSENT,), by="bob", at=at(1))
    store.sign_off(case, 2, SIGNED, by="ann", at=at(2))
    store.audit(AuditEntry(who="eve", what="read-case", when=at(3), case=case, outcome="denied"))

    log = store.audit_log(case=case)

    assert [(e.who, e.what, e.outcome) for e in log] == [
        ("ann", "save-case", "done"),
        ("bob", "save-edits", "done"),
        ("ann", "sign-off", "done"),
        ("eve", "read-case", "denied"),
    ]
    assert [e.when for e in log] == [at(0), at(1), at(2), at(3)]
    assert store.audit_log(who="bob") == (log[1],)
    assert SECRET not in repr(log)


@pytest.mark.parametrize("what", ["", "Read Ms Smith", "a" * 65, "read case"])
def test_the_log_has_no_place_for_free_text(what: str) -> None:
    with pytest.raises(ValueError, match="what"):
        AuditEntry(who="ann", what=what, when=NINE)


@pytest.mark.parametrize("table", ["contents", "edits", "differentials", "sign_offs", "audit"])
def test_the_database_itself_refuses_to_change_what_was_written(store: Store, table: str) -> None:
    case = store.save_case(content(), edits=(ABSENT,), differential=differential(), by="ann", at=NINE).case
    store.sign_off(case, 1, SIGNED, by="ann", at=NINE)
    column = "who" if table == "audit" else "body"

    with pytest.raises(DBAPIError, match="never change"), store._database.engine.begin() as connection:
        connection.execute(text(f"UPDATE {table} SET {column} = 'other'"))


def test_times_need_a_zone_and_people_a_name(store: Store) -> None:
    with pytest.raises(UsageError, match="time zone"):
        store.save_case(content(), by="ann", at=datetime(2026, 1, 1))
    with pytest.raises(UsageError, match="1 to 200"):
        store.save_case(content(), by="", at=NINE)
    with pytest.raises(UsageError, match="1 to 200"):
        store.save_case(content(), by="ann\x00", at=NINE)
    assert store.cases() == ()
