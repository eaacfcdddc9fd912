"""A small list of names, enough to say something about every mechanism; ids are HPO's, the hierarchy is cut short.

Pain                      Rash            Hearing impairment     Seizure
 ├─ Headache ─ Migraine    └─ Itchy rash   └─ Deafness            └─ Febrile seizure
 ├─ Joint pain ─ Knee pain
 ├─ Chest pain, Stomach pain, Eye pain
"""

from __future__ import annotations

from rarescale.reading import DictionaryReader, Name
from rarescale.record import Chat, Finding, Message, Note, Reading, Role, State

PARENTS = {
    "Headache": "Pain",
    "Migraine": "Headache",
    "Joint pain": "Pain",
    "Knee pain": "Joint pain",
    "Hip pain": "Joint pain",
    "Ankle pain": "Joint pain",
    "Chest pain": "Pain",
    "Stomach pain": "Pain",
    "Eye pain": "Pain",
    "Itchy rash": "Rash",
    "Deafness": "Hearing impairment",
    "Febrile seizure": "Seizure",
}

NAMES = [
    ("HP:0012531", "Pain", ""),
    ("HP:0002315", "Headache", "exact:Cephalalgia plural:Headaches"),
    ("HP:0002076", "Migraine", ""),
    ("HP:0002829", "Joint pain", "exact:Arthralgia"),
    ("HP:0030839", "Knee pain", "exact:Pain in the knee"),
    ("HP:0030838", "Hip pain", ""),
    ("HP:0030840", "Ankle pain", ""),
    ("HP:0100749", "Chest pain", ""),
    ("HP:0002027", "Stomach pain", "exact:Abdominal pain layperson:Stomach ache"),
    ("HP:0200026", "Eye pain", ""),
    ("HP:0000988", "Rash", "layperson:Skin rash"),
    ("HP:0012115", "Itchy rash", ""),
    ("HP:0000365", "Hearing impairment", "layperson:Hearing loss"),
    ("HP:0000399", "Deafness", ""),
    ("HP:0001250", "Seizure", "layperson:Fits plural:Seizures"),
    ("HP:0002373", "Febrile seizure", "layperson:Fever seizure"),
    ("HP:0001945", "Fever", "exact:Pyrexia"),
    ("HP:0025143", "Chills", ""),
    ("HP:0002240", "Hepatomegaly", "layperson:Enlarged liver"),
    ("HP:0001744", "Splenomegaly", "layperson:Large spleen"),
    ("HP:0001903", "Anemia", ""),
    ("HP:0000969", "Edema", "exact:Oedema"),
    ("HP:0002014", "Diarrhea", ""),
    ("HP:0002664", "Neoplasm", "exact:Tumor"),
    ("HP:0002013", "Vomiting", "layperson:Throwing up"),
    ("HP:0002018", "Nausea", ""),
    ("HP:0002017", "Nausea and vomiting", ""),
    ("HP:0001824", "Weight loss", ""),
    ("HP:0012378", "Fatigue", "layperson:Tired"),
    ("HP:0001635", "Heart failure", ""),
    ("HP:0001631", "Atrial septal defect", "abbreviation:ASD"),
    ("HP:0002015", "Difficulty swallowing", "exact:Dysphagia"),
    ("HP:0002540", "Inability to walk", ""),
    ("HP:0001284", "Areflexia", "exact:Absent tendon reflexes"),
    ("HP:0001798", "Absent nails", ""),
    ("HP:0001804", "Small fingernails", ""),
    ("HP:0002817", "Short arms", ""),
    ("HP:0006385", "Short legs", ""),
    ("HP:0030834", "Swollen hands", ""),
    ("HP:0010741", "Swollen feet", "exact:Pedal edema"),
    ("HP:0000819", "Diabetes mellitus", "layperson:Diabetes"),
    ("HP:0002099", "Asthma", ""),
    ("HP:0000717", "Autism", ""),
    ("HP:0002650", "Scoliosis", ""),
    ("HP:0001337", "Tremor", ""),
    ("HP:0000952", "Jaundice", ""),
    ("HP:0012735", "Cough", ""),
    ("HP:0002094", "Shortness of breath", ""),
    ("HP:0000421", "Nosebleed", ""),
    ("HP:0012115x", "Hepatitis", ""),
    ("HP:0000821", "Hypothyroidism", ""),
    ("HP:0000518", "Cataract", ""),
    ("HP:0001287", "Meningitis", ""),
    ("HP:0002527", "Falls", ""),
    ("HP:0000739", "Anxiety", ""),
    ("HP:0004322", "Short stature", ""),
    ("HP:0001513", "Obesity", "broad:Big"),
    ("HP:0000716", "Depression", ""),
    ("HP:0002321", "Vertigo", ""),
    ("HP:0001742", "Stuffy nose", ""),
]
ID = {label: term for term, label, _ in NAMES}
LABEL = {term: label for term, label, _ in NAMES}


def all_names() -> list[Name]:
    names = []
    for term, label, others in NAMES:
        names.append(Name(term, label, "label"))
        kind = ""
        for word in others.split():
            if ":" in word:
                kind, _, word = word.partition(":")
                names.append(Name(term, word, kind))
            else:
                names[-1] = Name(term, f"{names[-1].text} {word}", kind)
    return names


def ancestors(term: str) -> set[str]:
    above, label = set(), LABEL[term]
    while label in PARENTS:
        label = PARENTS[label]
        above.add(ID[label])
    return above


READER = DictionaryReader(all_names(), ancestors=ancestors)


def note(text: str) -> Note:
    return Note(id="n", text=text)


def chat(*turns: str, system: str | None = None) -> Chat:
    """Turns start with the clinician ("C: ...") or the patient ("P: ...")."""
    roles = {"C": Role.CLINICIAN, "P": Role.PATIENT}
    messages = [Message(role=roles[turn[0]], content=turn[3:]) for turn in turns]
    if system is not None:
        messages.insert(0, Message(role=Role.SYSTEM, content=system))
    return Chat(id="c", messages=tuple(messages))


def states(reading: Reading) -> tuple[set[str], set[str]]:
    """Labels present and labels absent."""
    return (
        {f.label for f in reading.findings if f.state is State.PRESENT},
        {f.label for f in reading.findings if f.state is State.ABSENT},
    )


def read(source: Chat | Note | str) -> tuple[set[str], set[str]]:
    """Labels present and absent in a chat, a note, or in a text the patient writes."""
    return states(READER.read(chat(f"P: {source}") if isinstance(source, str) else source))


def found(source: Chat | Note) -> tuple[Finding, ...]:
    return READER.read(source).findings
