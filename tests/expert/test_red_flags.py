"""Red flags speak before any ranking: the engine on toy rules, the shipped table, and sixty short chats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rarescale.diagnose import Diagnoser
from rarescale.errors import KnowledgeError
from rarescale.expert import RedFlags
from rarescale.formats import parse_input
from rarescale.knowledge import Knowledge, RedFlag, open_knowledge, read_red_flags
from rarescale.record import Case, Chat, Finding, Sex, State, TermId

CHATS = Path(__file__).with_name("red_flag_chats.jsonl")
HEADER = "id\tname\tpattern\tage_from\tage_to\tsex\tmessage\tsource\n"
TREMOR, SEIZURE, SPLEEN, LIVER = "HP:0001337", "HP:0001250", "HP:0001744", "HP:0002240"


def table(folder: Path, *lines: str) -> list[RedFlag]:
    (folder / "red_flags.tsv").write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return read_red_flags(folder)


def rule(pattern: str, *, ages: str = "\t", sex: str = "any", id: str = "RF:01", message: str = "Go.") -> str:
    return f"{id}\trule\t{pattern}\t{ages}\t{sex}\t{message}\tassumed"


def flags(toy: Knowledge, folder: Path, *lines: str) -> RedFlags:
    return RedFlags(toy.ontology, table(folder, *lines))


# The engine


@pytest.mark.parametrize(
    ("pattern", "present", "raised"),
    [
        (f"{TREMOR} (Tremor)", [TREMOR], True),
        (f"{TREMOR} (Tremor)", [SEIZURE], False),
        (f"{TREMOR} (Tremor)", [], False),
        (f"{TREMOR} (Tremor) | {SEIZURE} (Seizure)", [SEIZURE], True),
        (f"{TREMOR} (Tremor) & {SEIZURE} (Seizure)", [SEIZURE], False),
        (f"{TREMOR} (Tremor) & {SEIZURE} (Seizure)", [SEIZURE, TREMOR], True),
        (f"{TREMOR} (Tremor) & {SEIZURE} (Seizure) | {LIVER} (Liver)", [TREMOR, LIVER], True),
        (f"{SEIZURE} (Seizure) & !{TREMOR} (Tremor)", [SEIZURE], True),
        (f"{SEIZURE} (Seizure) & !{TREMOR} (Tremor)", [SEIZURE, TREMOR], False),
        (f"{SEIZURE} (Seizure) & !{TREMOR} (Tremor) | !{LIVER} (Liver)", [SEIZURE, LIVER], False),
        (f"{SEIZURE} (Seizure)", ["HP:0002373"], True),
        ("HP:0002373 (Febrile seizure)", [SEIZURE], False),
        (f"{SEIZURE} (Seizure)", ["HP:9999999", "no id"], False),
    ],
)
def test_a_pattern_is_met_by_its_terms_and_by_what_is_below_them(
    toy: Knowledge, tmp_path: Path, pattern: str, present: list[str], raised: bool
) -> None:
    assert bool(flags(toy, tmp_path, rule(pattern)).raised(present)) is raised


@pytest.mark.parametrize(
    ("ages", "age", "raised"),
    [
        ("\t", None, True),
        ("0\t0.25", 0.0, True),
        ("0\t0.25", 0.25, False),
        ("0\t0.25", None, False),
        ("50\t", None, True),
        ("50\t", 50.0, True),
        ("50\t", 49.9, False),
        ("\t12", 3.0, True),
    ],
)
def test_age_limits_hold_and_an_unknown_age_meets_lower_limits_only(
    toy: Knowledge, tmp_path: Path, ages: str, age: float | None, raised: bool
) -> None:
    assert bool(flags(toy, tmp_path, rule(f"{TREMOR} (Tremor)", ages=ages)).raised([TREMOR], age)) is raised


@pytest.mark.parametrize(
    ("sex", "raised"), [(Sex.FEMALE, True), (Sex.MALE, False), (None, True), (Sex.UNKNOWN_SEX, True)]
)
def test_only_the_other_sex_silences_a_rule(toy: Knowledge, tmp_path: Path, sex: Sex | None, raised: bool) -> None:
    assert bool(flags(toy, tmp_path, rule(f"{TREMOR} (Tremor)", sex="female")).raised([TREMOR], None, sex)) is raised


def test_messages_come_in_the_order_of_the_table_and_each_once(toy: Knowledge, tmp_path: Path) -> None:
    bound = flags(
        toy,
        tmp_path,
        rule(f"{SEIZURE} (Seizure)", message="First."),
        rule(f"{TREMOR} (Tremor)", message="Second."),
        rule(f"{LIVER} (Liver)", message="First."),
    )
    assert bound.messages([LIVER, TREMOR, SEIZURE]) == ("First.", "Second.")
    assert bound.messages([LIVER, TREMOR]) == ("Second.", "First.")


def test_a_rule_with_an_unknown_term_is_an_error_unless_the_ontology_is_foreign(toy: Knowledge, tmp_path: Path) -> None:
    listed = table(
        tmp_path,
        rule(f"{TREMOR} (Tremor) | HP:0030907 (Thunderclap headache)", id="RF:01"),
        rule(f"{TREMOR} (Tremor)", id="RF:02"),
    )
    with pytest.raises(KnowledgeError, match=r"RF:01.*HP:0030907"):
        RedFlags(toy.ontology, listed)
    foreign = RedFlags(toy.ontology, listed, foreign=True)
    assert foreign.skipped == ("RF:01",)
    assert [f.id for f in foreign.raised([TREMOR])] == ["RF:02"]


# The table


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (rule("HP:0001337"), "RF:01 has 'HP:0001337'"),
        (rule("Tremor (HP:0001337)"), "expected a term"),
        (rule(f"!{TREMOR} (Tremor)"), "asks for no finding"),
        (rule(f"{TREMOR} (Tremor) | !{SEIZURE} (Seizure)"), "with and without '!'"),
        (rule(f"{TREMOR} (Tremor)", sex="woman"), "sex of RF:01 is 'woman'"),
        (rule(f"{TREMOR} (Tremor)", ages="young\t"), "age of RF:01 is 'young'"),
    ],
)
def test_a_broken_rule_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(KnowledgeError, match=message):
        table(tmp_path, line)


def test_a_folder_without_the_table_has_no_rules(tmp_path: Path) -> None:
    assert read_red_flags(tmp_path) == []


@pytest.fixture(scope="module")
def shipped(hpo: Knowledge) -> list[RedFlag]:
    return read_red_flags(hpo.sources.curated)


def test_every_rule_has_an_id_a_sentence_and_a_source(shipped: list[RedFlag]) -> None:
    assert [f.id for f in shipped] == [f"RF:{n:02}" for n in range(1, len(shipped) + 1)]
    assert len({f.name for f in shipped}) == len(shipped)
    assert [f.id for f in shipped if not (f.message[0].isupper() and f.message.endswith(".") and f.source)] == []


def test_every_label_is_that_of_its_current_term(hpo: Knowledge, shipped: list[RedFlag]) -> None:
    named = {(term, label) for f in shipped for term, label in f.labels}
    assert {(t, n) for t, n in named if not hpo.ontology.is_current(t) or hpo.ontology.label(t) != n} == set()


def test_every_rule_can_fire(hpo: Knowledge, shipped: list[RedFlag]) -> None:
    bound = RedFlags(hpo.ontology, shipped)
    silent = []
    for flag in shipped:
        age = flag.age_from if flag.age_from is not None else 0.1 if flag.age_to is not None else None
        sex = {"male": Sex.MALE, "female": Sex.FEMALE}.get(flag.sex)
        if flag not in bound.raised([group[0] for group in flag.groups], age, sex):
            silent.append(flag.id)
    assert silent == []


@pytest.mark.parametrize("term", ["HP:0001945", "HP:0002315", "HP:0001250", "HP:0003418", "HP:0002027", "HP:0001252"])
def test_one_everyday_finding_alone_raises_no_flag(hpo: Knowledge, shipped: list[RedFlag], term: str) -> None:
    assert RedFlags(hpo.ontology, shipped).raised([term], 40.0) == ()


# The whole way


@pytest.fixture(scope="module")
def diagnoser(hpo: Knowledge) -> Diagnoser:
    return Diagnoser(hpo)


def case(*findings: tuple[str, State], age: float = 40.0) -> Case:
    return Case(id="c", age=age, findings=tuple(Finding(id=TermId(t), text=t, state=s) for t, s in findings))


def test_a_case_line_raises_flags_in_read_and_diagnose(diagnoser: Diagnoser) -> None:
    thunderclap = case(("HP:0030907", State.PRESENT))
    assert len(diagnoser.understand(thunderclap).red_flags) == 1
    assert diagnoser.diagnose(thunderclap).red_flags == diagnoser.understand(thunderclap).red_flags


def test_an_absent_finding_raises_none(diagnoser: Diagnoser) -> None:
    assert diagnoser.understand(case(("HP:0030907", State.ABSENT))).red_flags == ()
    assert diagnoser.understand(case(("HP:0001945", State.PRESENT), ("HP:0000979", State.ABSENT))).red_flags == ()


def test_the_age_of_the_case_counts(diagnoser: Diagnoser) -> None:
    fever = ("HP:0001945", State.PRESENT)
    assert diagnoser.understand(case(fever, age=0.1)).red_flags
    assert not diagnoser.understand(case(fever, age=2.0)).red_flags


def test_a_knowledge_without_the_terms_skips_the_rules(toy_copy: Path) -> None:
    (toy_copy / "curated" / "red_flags.tsv").write_text(
        HEADER + rule("HP:0030907 (Thunderclap headache)", message="Head.") + "\n" + rule(f"{TREMOR} (Tremor)") + "\n"
    )
    diagnoser = Diagnoser(open_knowledge(toy_copy))
    assert diagnoser.understand(case((TREMOR, State.PRESENT))).red_flags == ("Go.",)


def lines() -> list[dict[str, object]]:
    return [json.loads(line) for line in CHATS.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def answers(diagnoser: Diagnoser, shipped: list[RedFlag]) -> list[tuple[str, set[str], set[str]]]:
    """Per chat its id, the flags of which one is needed, and those raised."""
    of_message = {f.message: f.id for f in shipped}
    found = []
    for line in lines():
        wanted = set(map(str, line.pop("flags")))  # type: ignore[call-overload]
        chat = parse_input(line)
        assert isinstance(chat, Chat)
        found.append((chat.id, wanted, {of_message[m] for m in diagnoser.understand(chat).red_flags}))
    return found


def test_the_sixty_chats_are_half_emergencies_and_short(shipped: list[RedFlag]) -> None:
    chats = lines()
    assert len(chats) == 60
    assert sum(bool(c["flags"]) for c in chats) == 30
    assert all(2 <= len(c["messages"]) <= 6 for c in chats)  # type: ignore[arg-type]
    assert {str(f) for c in chats for f in c["flags"]} <= {f.id for f in shipped}  # type: ignore[attr-defined]


def test_no_emergency_is_missed(answers: list[tuple[str, set[str], set[str]]]) -> None:
    assert [chat for chat, wanted, raised in answers if wanted and not wanted & raised] == []


def test_at_most_two_harmless_chats_raise_a_flag(answers: list[tuple[str, set[str], set[str]]]) -> None:
    assert len([chat for chat, wanted, raised in answers if raised and not wanted]) <= 2
