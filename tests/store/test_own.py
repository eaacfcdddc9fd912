"""One person does everything with their own cases and learns nothing of others'; every reading leaves a line."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from rarescale.errors import UsageError
from rarescale.store import NotSaved, OwnCases, SavedCase, Stale, Store, WrongSchema, migrate_store, open_store
from tests.store.samples import ABSENT, NINE, SECRET, SIGNED, at, content, differential

ID, OTHER = "a" * 32, "b" * 32


def own(store: Store, person: str = "ann") -> OwnCases:
    return OwnCases(store, person, lambda: NINE)


def save(cases: OwnCases, text: str = "one", case: str = ID, revision: int | None = None) -> SavedCase:
    return cases.save(content(text), case=case, revision=revision, edits=(ABSENT,), differential=differential())


STEPS: dict[str, Callable[[OwnCases], Any]] = {
    "see-case": lambda cases: cases.line(ID),
    "read-case": lambda cases: cases.case(ID),
    "read-history": lambda cases: cases.history(ID),
    "read-differentials": lambda cases: cases.differentials(ID),
    "save-case": lambda cases: save(cases, "two", revision=1),
    "add-differential": lambda cases: cases.add_differential(ID, 1, differential()),
    "sign-off": lambda cases: cases.sign_off(ID, 1, SIGNED),
    "hold": lambda cases: cases.hold(ID, True),
    "release": lambda cases: cases.hold(ID, False),
    "delete": lambda cases: cases.delete(ID),
}


@pytest.mark.parametrize("what", STEPS)
def test_anothers_case_is_as_if_it_were_not_there_and_the_try_is_kept(store: Store, what: str) -> None:
    save(own(store, "bob"))
    before = store.history(ID)

    with pytest.raises(NotSaved) as denied:
        STEPS[what](own(store))

    line = store.audit_log(who="ann")[-1]
    assert (line.what, line.case, line.outcome) == (what, ID, "denied")
    assert store.history(ID) == before
    store.delete(ID, by="bob", at=NINE)
    if what != "save-case":
        with pytest.raises(NotSaved) as missing:
            STEPS[what](own(store))
        assert str(denied.value) == str(missing.value)


@pytest.mark.parametrize("what", STEPS)
def test_each_step_on_ones_own_case_leaves_one_line(store: Store, what: str) -> None:
    save(own(store))
    before = len(store.audit_log())

    STEPS[what](own(store))

    lines = store.audit_log()[before:]
    # To see how a case stands is nothing of the patient.
    assert [(e.who, e.what, e.case, e.outcome) for e in lines] == (
        [] if what == "see-case" else [("ann", what, ID, "done")]
    )


def test_an_id_that_another_has_taken_is_refused_without_saying_whose_it_is(store: Store) -> None:
    save(own(store, "bob"))

    with pytest.raises(NotSaved) as refused:
        save(own(store), "mine")

    assert "bob" not in str(refused.value)
    assert store.case(ID).owner == "bob"


def test_the_same_save_sent_twice_is_one_case(store: Store) -> None:
    first, again = save(own(store)), save(own(store))

    assert first == again and len(store.cases()) == 1 and len(store.history(ID)) == 3
    second, again = save(own(store), "two", revision=1), save(own(store), "two", revision=1)
    assert second == again and second.revision == 2


def test_another_save_under_a_taken_id_is_stale_and_says_who_and_when(store: Store) -> None:
    save(own(store))

    with pytest.raises(Stale) as refused:
        save(own(store), "other")

    assert (refused.value.by, refused.value.at, refused.value.revision) == ("ann", NINE, 1)
    assert store.case(ID).content == content("one")


def test_of_many_saves_of_one_new_case_at_once_each_is_answered_and_one_is_done(store: Store) -> None:
    answers: list[SavedCase] = []
    gate = threading.Barrier(6)

    def click() -> None:
        gate.wait()
        answers.append(save(own(store)))

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 6 and all(a == answers[0] for a in answers)
    assert len(store.cases()) == 1 and len(store.history(ID)) == 3


@pytest.mark.parametrize("id", ["", "x" * 32, "A" * 32, "a" * 31, f"{'a' * 32}\n"])
def test_the_id_of_a_new_case_is_32_hexadecimal_digits(store: Store, id: str) -> None:
    if id:
        with pytest.raises(UsageError, match="32 hexadecimal digits"):
            store.save_case(content(), by="ann", at=NINE, case=id)
    assert store.cases() == ()


def test_the_list_has_ones_own_titles_page_by_page(store: Store) -> None:
    for minute in range(5):
        store.save_case(content(), by="ann", at=at(minute), case=f"{minute:032x}")
    store.save_case(content(), by="bob", at=at(9))

    pages = [own(store).listed(start=start, most=2) for start in (0, 2, 4)]

    assert [[int(line.case, 16) for line in page] for page in pages] == [[4, 3], [2, 1], [0]]
    assert pages[0][0].title == f"Ms {SECRET}"
    assert [e.what for e in store.audit_log(who="ann")].count("list-cases") == 3


def test_a_content_that_older_programs_cannot_read_keeps_the_store_from_going_down(store: Store, url: str) -> None:
    save(own(store))
    assert migrate_store(url, "0002") == ("0003", "0002")
    assert migrate_store(url) == ("0002", "0003")
    with open_store(url) as again:
        plain = again.case(ID).content
        again.save_case(plain.model_copy(update={"among": "rare"}), by="ann", at=NINE, case=OTHER)

        with pytest.raises(WrongSchema, match="1 saved versions"):
            migrate_store(url, "0002")

        assert again.case(OTHER).content.among == "rare"
        again.delete(OTHER, by="ann", at=NINE)
    assert migrate_store(url, "0002") == ("0003", "0002")
