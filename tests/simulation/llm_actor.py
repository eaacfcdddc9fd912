"""A small cast for the tests of the language model writers: findings with lay words, chats, and a scripted model.

The model is an honest one: it writes from the findings named in its prompt, judges by looking for their lay words in
the transcript, and repairs by writing anew. Tests make it misbehave.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from rarescale.llm import Request
from rarescale.record import Finding, Message, Role, Sex, State, TermId
from rarescale.simulation.writers import Assignment, Persona, Wanted


@dataclass(frozen=True)
class Lay:
    """How one finding is asked for and told: two wordings of each answer."""

    label: str
    question: str
    present: tuple[str, str]
    absent: tuple[str, str]


LAY = {
    "HP:0001337": Lay(
        "Tremor",
        "How steady are your hands when you pick something up?",
        ("my hands shake so much I spill my tea", "the cup rattles on the saucer, I tremble that badly"),
        ("my hands are steady as a rock", "no shaking at all, I still thread needles"),
    ),
    "HP:0000952": Lay(
        "Jaundice",
        "Has the colour of your skin or eyes changed?",
        ("the whites of my eyes have gone yellow", "my wife says I look yellow like a lemon"),
        ("nobody said I look yellow", "no, no yellow tinge anywhere"),
    ),
    "HP:0001945": Lay(
        "Fever",
        "What happens when you take your temperature?",
        ("it climbs to thirty nine most evenings", "I was burning up with a temperature all week"),
        ("the thermometer never went above normal", "no temperature, I checked twice"),
    ),
    "HP:0002315": Lay(
        "Headache",
        "How does your head feel?",
        ("my head pounds from the moment I get up", "there is this band squeezing my head"),
        ("my head is fine, it never hurts", "no pain in my head, ever"),
    ),
    "HP:0002013": Lay(
        "Vomiting",
        "And what about keeping food down?",
        ("I throw up nearly every breakfast", "everything comes back up after an hour"),
        ("I keep everything down", "never been sick to the bathroom, not once"),
    ),
    "HP:0001250": Lay(
        "Seizure",
        "Have there been any spells where you lost touch with things?",
        ("I dropped to the floor jerking all over", "they say I twitched all over and bit my tongue"),
        ("I never had a fit", "no blackouts with jerking, thank goodness"),
    ),
    "HP:0012378": Lay(
        "Fatigue",
        "What is your energy like through the day?",
        ("I am worn out before noon", "no strength left, I could sleep standing"),
        ("I have plenty of energy", "not tired at all, I still run on Sundays"),
    ),
    "HP:0001824": Lay(
        "Weight loss",
        "How have your clothes been fitting lately?",
        ("my trousers slide off, I lost two sizes", "the scales say eight kilos less than at Easter"),
        ("my weight is what it always was", "same belt hole as ever"),
    ),
    "HP:0000989": Lay(
        "Pruritus",
        "How has your skin been feeling?",
        ("I scratch myself raw at night", "everything itches, it drives me mad"),
        ("nothing itches", "no itching whatsoever"),
    ),
    "HP:0000716": Lay(
        "Depression",
        "How have your spirits been these weeks?",
        ("I cry for no reason and nothing cheers me", "everything looks black to me, I have no joy left"),
        ("my mood is good", "I am as cheerful as ever"),
    ),
    "HP:0001260": Lay(
        "Dysarthria",
        "What do people say about the way you speak?",
        ("they ask if I am drunk because I slur", "my words come out all mushy"),
        ("my speech is as clear as always", "nobody has trouble understanding me"),
    ),
    "HP:0002094": Lay(
        "Dyspnea",
        "How do you manage the stairs?",
        ("I gasp for air after one flight", "I have to stop halfway to catch my breath"),
        ("I run up without puffing", "no trouble breathing there"),
    ),
}

PEOPLE = (
    Persona("Ann Lee", Sex.FEMALE, 34.4, "Asian", "college", "Leeds"),
    Persona("Tom Baker", Sex.MALE, 61.0, None, "trade school", "Ohio", register="regional"),
    Persona("Mia Rossi", Sex.FEMALE, 15.9, "White", "school", "Turin", register="teen"),
    Persona("Kofi Mensah", Sex.MALE, 1.25, "Black", "", "Accra", speaker="mother"),
    Persona("Rosa O'Neill", Sex.FEMALE, 83.0, None, "primary school", "Cork", "daughter", "elderly"),
)

DISEASES = (
    ("Wilson disease", ("hepatolenticular degeneration", "Wilson's disease", "WND", "OMIM:277900")),
    ("Usher syndrome type 2A", ("Usher syndrome, type 2A", "USH2A")),
    ("Whipple disease", ("intestinal lipodystrophy",)),
    ("Friedreich ataxia 1", ("FRDA1", "FRDA")),
)

SYSTEMS = (
    "{name}, {age}, {sex}.",
    "Patient: {name}. Age: {age}. Sex: {sex}.",
    "{name} is {age} old, {sex}.",
    "Name: {name}, {age}, {sex}{ethnicity}.",
)
GREETINGS = (
    "Hello, what brings you in today?",
    "Good morning, I'm Dr. Patel. How can I help you today?",
    "Hi there! Please tell me in your own words what has been bothering you.",
    "Welcome. What can I do for you?",
    "Hello {first}, thank you for reaching out. What would you like to talk about?",
)
ASIDES = ("", " That is how it is.", " Sorry, I am not good at explaining.", " My sister told me to write.", " Hm.")
LEADS = ("", "I see. ", "Thank you. ", "Okay. ", "Thanks for telling me. ")
MARK = "(still wrong)"
SEXES = {Sex.FEMALE: "female", Sex.MALE: "male"}


def assignment(number: int, size: int = 6) -> Assignment:
    """The assignment with that number: another patient, disease and choice of findings for each."""
    rng = random.Random(number)
    name, forbidden = DISEASES[number % len(DISEASES)]
    ids = rng.sample(sorted(LAY), size)
    wanted = tuple(Wanted(i, LAY[i].label, rng.random() < 0.6, f"Definition of {LAY[i].label}.") for i in ids)
    return Assignment(f"c{number}", number, name, forbidden, PEOPLE[number % len(PEOPLE)], wanted)


def clean_chat(given: Assignment) -> tuple[Message, ...]:
    """A chat for the assignment that breaks no rule; equal assignments, equal chats."""
    rng = random.Random(given.seed)
    said = list(opening(given.persona, rng))
    for count, wanted in enumerate(given.findings):
        if count:
            said.append(Message(role=Role.CLINICIAN, content=rng.choice(LEADS) + LAY[wanted.id].question))
        told = words_for(wanted, rng)
        content = told + "." + rng.choice(ASIDES)
        said.append(Message(role=Role.PATIENT, content=content, labels=(label(wanted, told),)))
    return tuple(said)


def opening(persona: Persona, rng: random.Random) -> Iterator[Message]:
    age = f"{int(persona.age)} years" if persona.age >= 2 else f"{int(persona.age * 12)} months"
    ethnicity = f", {persona.ethnicity}" if persona.ethnicity else ""
    system = rng.choice(SYSTEMS).format(name=persona.name, age=age, sex=SEXES.get(persona.sex, ""), ethnicity=ethnicity)
    yield Message(role=Role.SYSTEM, content=system)
    yield Message(role=Role.CLINICIAN, content=rng.choice(GREETINGS).format(first=persona.name.split()[0]))


def words_for(wanted: Wanted, rng: random.Random) -> str:
    choice = LAY[wanted.id].present if wanted.present else LAY[wanted.id].absent
    return choice[rng.randrange(2)]


def label(wanted: Wanted, quote: str | None) -> Finding:
    state = State.PRESENT if wanted.present else State.ABSENT
    return Finding(id=TermId(wanted.id), text=wanted.label, label=wanted.label, state=state, quote=quote)


NOTHING_MORE = (
    Message(role=Role.CLINICIAN, content="What else is there?"),
    Message(role=Role.PATIENT, content="Hm."),
)


class Actor:
    """Answers every prompt of the writers, checker and editor; `flaw` changes the drafts it writes, not its edits."""

    def __init__(
        self,
        cast: list[Assignment],
        flaw: Callable[[Assignment, tuple[Message, ...]], tuple[Message, ...]] | None = None,
        *,
        useless_edits: int = 0,
    ) -> None:
        """`cast` are the assignments that may be asked for; the first `useless_edits` of each chat repair nothing."""
        self.cast = cast
        self.flaw = flaw
        self.useless_edits = useless_edits

    def __call__(self, request: Request) -> str:
        prompt, data = request.messages[0].content, request.messages[1].content
        objects = [json.loads(line) for line in data.splitlines() if line.startswith("{")]
        findings = [o for o in objects if "label" in o]
        said = [o for o in objects if "message" in o]
        if prompt.startswith("You check"):
            return self.verdict(findings, said)
        given = self.recognise(objects, findings, data)
        if prompt.startswith("You repair"):
            useless = data.count(MARK) < self.useless_edits
            return self.no_use(said) if useless else wire(clean_chat(given))
        draft = clean_chat(given) if self.flaw is None else self.flaw(given, clean_chat(given))
        if "step by step" not in prompt:
            return wire(draft)
        start = len(said)
        return wire(draft[start : start + (2 if start else 3)] or NOTHING_MORE)

    def recognise(self, objects: list[dict[str, Any]], findings: list[dict[str, Any]], data: str) -> Assignment:
        name = next(o["name"] for o in objects if "manner of writing" in o)
        found = "".join(sorted(f["id"] + str(f["present"]) for f in findings))
        return next(a for a in self.cast if a.persona.name == name and ids(a) == found and a.disease_name in data)

    @staticmethod
    def no_use(said: list[dict[str, Any]]) -> str:
        messages = [{"role": m["role"], "text": m["text"], "findings": m.get("findings", [])} for m in said]
        messages[-1]["text"] += f" {MARK}"
        return json.dumps({"messages": messages})

    @staticmethod
    def verdict(findings: list[dict[str, Any]], said: list[dict[str, Any]]) -> str:
        patient = " | ".join(m["text"] for m in said if m["role"] == "patient")
        judged = []
        for finding in findings:
            lay = LAY[finding["id"]]
            found = [("present", w) for w in lay.present if w in patient]
            found += [("absent", w) for w in lay.absent if w in patient]
            state, quote = found[0] if found else ("missing", "")
            judged.append({"id": finding["id"], "state": state, "quote": quote})
        return json.dumps({"findings": judged, "broken": []})


def ids(given: Assignment) -> str:
    return "".join(sorted(f.id + str(f.present) for f in given.findings))


def wire(messages: tuple[Message, ...]) -> str:
    """The messages as a model would send them."""
    return json.dumps(
        {
            "messages": [
                {
                    "role": m.role.value,
                    "text": m.content,
                    "findings": [
                        {"id": f.id, "present": f.state is State.PRESENT, "quote": f.quote or m.content}
                        for f in m.labels
                    ],
                }
                for m in messages
            ]
        }
    )


def change(messages: tuple[Message, ...], number: int, **fields: Any) -> tuple[Message, ...]:
    """The chat with another content or other labels in one message (negative numbers count from the end)."""
    number %= len(messages)
    new = messages[number].model_copy(update=fields)
    return (*messages[:number], new, *messages[number + 1 :])


def same_disease(count: int) -> list[Assignment]:
    """Assignments with one disease and the same findings, for lanes."""
    first = assignment(0)
    return [replace(first, id=f"s{n}", seed=n, persona=PEOPLE[n % len(PEOPLE)]) for n in range(count)]
