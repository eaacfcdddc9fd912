"""Tiny benchmarks of invented patients in the published formats, over the toy knowledge."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

SEIZURE, TREMOR, LIVER, SPLEEN, BLIND = "HP:0001250", "HP:0001337", "HP:0002240", "HP:0001744", "HP:0000618"


def jsonl(*values: Any) -> str:
    return "".join(json.dumps(v) + "\n" for v in values)


def zipped(members: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def packet(id: str, disease: str | None = "OMIM:100001") -> dict[str, Any]:
    diseases = [] if disease is None else [{"term": {"id": disease, "label": "Copperfield disease"}}]
    return {
        "id": id,
        "subject": {"id": id, "sex": "FEMALE", "timeAtLastEncounter": {"age": {"iso8601duration": "P34Y"}}},
        "phenotypicFeatures": [{"type": {"id": TREMOR, "label": "Tremor"}}, {"type": {"id": LIVER}}],
        "diseases": diseases,
        "metaData": {"phenopacketSchemaVersion": "2.0", "externalReferences": [{"id": "PMID:999999"}]},
    }


RAREBENCH = jsonl(
    {"Phenotype": [TREMOR, LIVER], "RareDisease": ["OMIM:100001", "ORPHA:11", "CCRD:7"]},
    {"Phenotype": [SEIZURE], "RareDisease": ["OMIM:100002"], "Department": "Neurology"},
    {"Phenotype": [BLIND], "RareDisease": ["CCRD:8"]},
)

MYGENE2 = jsonl(
    {
        "id": "mygene2_1",
        "positive_phenotypes": [BLIND, SPLEEN],
        "all_candidate_genes": ["ENSG00000000001"],
        "true_genes": ["ENSG00000000001"],
        "true_diseases": [12345],
        "omim": "100004",
        "disease_name": "Blind-spleen syndrome",
        "orpha_id": [13],
        "orpha_category": ["Invented"],
    },
    {"id": "mygene2_2", "positive_phenotypes": [TREMOR], "true_genes": ["ENSG00000000002"]},
)

PHENOBRAIN = json.dumps([[[TREMOR, LIVER], ["OMIM:100001", "ORPHA:11"]], [[SEIZURE], ["OMIM:100002"]]], indent=2)

CONDITIONS = {
    "Cuprite": {
        "condition_name": "Cuprite",
        "cond-name-fr": "Cuprite",
        "cond-name-eng": "Copperfield disease",
        "icd10-id": "X1",
        "symptoms": {"E_1": {}},
        "antecedents": {},
        "severity": 3,
    },
    "Convulsite 1": {
        "condition_name": "Convulsite 1",
        "cond-name-fr": "Convulsite 1",
        "cond-name-eng": "Fitful syndrome 1",
        "icd10-id": "X2",
        "symptoms": {},
        "antecedents": {},
        "severity": 2,
    },
    "Rien": {
        "condition_name": "Rien",
        "cond-name-fr": "Rien",
        "cond-name-eng": "Nothing we know",
        "icd10-id": "X3",
        "symptoms": {},
        "antecedents": {},
        "severity": 5,
    },
}

EVIDENCES = {
    "E_1": {
        "name": "E_1",
        "code_question": "E_1",
        "question_fr": "Tremblez-vous?",
        "question_en": "Do you have a tremor?",
        "is_antecedent": False,
        "default_value": 0,
        "value_meaning": {},
        "possible-values": [],
        "data_type": "B",
    },
    "E_2": {
        "name": "E_2",
        "code_question": "E_2",
        "question_fr": "Ou?",
        "question_en": "Where is your pain?",
        "is_antecedent": False,
        "default_value": "V_0",
        "value_meaning": {
            "V_0": {"fr": "nulle part", "en": "nowhere"},
            "V_1": {"fr": "tempe", "en": "temple"},
            "V_2": {"fr": "front", "en": "forehead"},
        },
        "possible-values": ["V_0", "V_1", "V_2"],
        "data_type": "M",
    },
    "E_3": {
        "name": "E_3",
        "code_question": "E_2",
        "question_fr": "Combien?",
        "question_en": "How bad is it?",
        "is_antecedent": False,
        "default_value": 0,
        "value_meaning": {},
        "possible-values": [0, 1, 2, 3],
        "data_type": "C",
    },
}

PATIENTS = """AGE,DIFFERENTIAL_DIAGNOSIS,SEX,PATHOLOGY,EVIDENCES,INITIAL_EVIDENCE
34,"[['Cuprite', 0.6], ['Convulsite 1', 0.3], ['Rien', 0.005]]",F,Cuprite,\
"['E_1', 'E_2_@_V_1', 'E_2_@_V_2', 'E_3_@_2']",E_1
5,"[['Rien', 0.9]]",M,Rien,"['E_1', 'E_2_@_V_0']",E_1
"""

ICRAFT = jsonl(
    {
        "id": 0,
        "question": "Which of the following is the most likely diagnosis for the patient?",
        "context": ["A 40-year-old woman has a tremor", "Her liver is enlarged."],
        "options": {"A": "Fitful syndrome 1", "B": "Copperfield disease", "C": "Melancholy", "D": "Gout"},
        "answer": "Copperfield disease",
        "answer_idx": "B",
        "facts": ["1. She has a tremor."],
        "patient": {"age": "40 years", "gender": "female"},
    },
    {
        "id": 1,
        "question": "Which of the following is the most likely diagnosis for the patient?",
        "context": ["A man with melancholy has seizures."],
        "options": {"A": "Melancholy", "B": "Gout", "C": "Colic", "D": "Dropsy"},
        "answer": "Melancholy",
        "answer_idx": "A",
        "facts": [],
        "patient": {"age": "51 years", "gender": "male"},
    },
)

REDIS_ROWS = [
    {
        "question": "Which finding is typical of Copperfield disease?",
        "opa": "Tremor",
        "opb": "Polyuria",
        "opc": "Blindness",
        "opd": "Cough",
        "cop": 0,
        "rare disease": ["Copperfield disease"],
        "input": "Which finding ...",
    },
    {
        "question": "Which statement about Fitful syndrome 1 is true?",
        "opa": "It is recessive",
        "opb": "It does not exist",
        "opc": "It is dominant",
        "opd": "It is contagious",
        "cop": 2,
        "rare disease": ["Fitful syndrome 1"],
        "input": "Which statement ...",
    },
]

CUPCASE_ROWS = [
    {
        "clean_case_presentation": "A woman with a tremor and an enlarged liver came to the clinic.",
        "correct_diagnosis": "Copperfield disease.",
        "distractor1": "Fitful syndrome 1",
        "distractor2": "Gout",
        "distractor3": "Dropsy",
    },
    {
        "clean_case_presentation": "A boy had seizures, and fitful syndrome 1 was found.",
        "correct_diagnosis": "Fitful syndrome 1",
        "distractor1": "Gout",
        "distractor2": "Colic",
        "distractor3": "Dropsy",
    },
]

_SYSTEMS = [
    "Vitals_Hema",
    "EENT",
    "Neuro",
    "CVS",
    "RESP",
    "GI",
    "GU",
    "MSK",
    "DERM",
    "LYMPH",
    "ENDO",
    "Pregnancy",
    "Lab_Image",
    "History",
]


def report(pmcid: str, text: str, diagnosis: Any) -> dict[str, Any]:
    return {"pmcid": pmcid, "text": text, **dict.fromkeys(_SYSTEMS, "None"), "Confirmed_Diagnosis(IEM)": diagnosis}


CASEREPORT_ROWS = [
    report("PMC1", "A woman with a tremor and hepatomegaly.", ["Copperfield disease", "Copperfield's"]),
    report("PMC2", "A boy with seizures: Fitful syndrome 1.", "Fitful syndrome 1"),
    report("PMC3", "A man, still unsolved.", None),
]

MEDQA = jsonl(
    {
        "question": "A woman has a tremor and hepatomegaly. What is the most likely diagnosis?",
        "answer": "Copperfield disease",
        "options": {"A": "Fitful syndrome 1", "B": "Copperfield disease", "C": "Gout", "D": "Dropsy"},
        "meta_info": "step1",
        "answer_idx": "B",
    },
    {
        "question": "Which drug?",
        "answer": "Moonwort",
        "options": {"A": "Moonwort", "B": "Sunwort"},
        "meta_info": "step2&3",
        "answer_idx": "A",
    },
)

STORE = {
    "0.1.99/": "",
    "0.1.99/CUP1/": "",
    "0.1.99/CUP1/one.json": json.dumps(packet("one")),
    "0.1.99/CUP1/two.json": json.dumps(packet("two", "OMIM:100002")),
    "0.1.99/NIL/three.json": json.dumps(packet("three", None)),
}

Files = dict[str, str | bytes]

SAMPLES: dict[str, Callable[[], Files]] = {
    "phenopacket-store": lambda: {"all_phenopackets.zip": zipped(dict(STORE))},
    **{
        f"rarebench-{name.lower().replace('_', '-')}": lambda name=name: {  # type: ignore[misc]
            "data.zip": zipped({f"data/{name}.jsonl": RAREBENCH, "data/OTHER.jsonl": "{}\n"})
        }
        for name in ("RAMEDIS", "MME", "HMS", "LIRICAL", "PUMCH_ADM")
    },
    "mygene2": lambda: {"mygene2.jsonl": MYGENE2},
    "phenobrain-public": lambda: {"Public_Test_set.json": PHENOBRAIN},
    "ddxplus": lambda: {
        "release_conditions.json": json.dumps(CONDITIONS),
        "release_evidences.json": json.dumps(EVIDENCES),
        "release_test_patients.zip": zipped({"release_test_patients": PATIENTS}),
    },
    "icraft-md": lambda: {"all_craft_md.jsonl": ICRAFT},
    "redis-qa": lambda: {"redis-qa.jsonl": jsonl(*REDIS_ROWS)},
    "cupcase": lambda: {"cupcase.jsonl": jsonl(*CUPCASE_ROWS)},
    "casereportbench": lambda: {"casereportbench.jsonl": jsonl(*CASEREPORT_ROWS)},
    "medqa": lambda: {"medqa.jsonl": MEDQA},
}


def put(folder: Path, files: Files) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def sample(name: str, folder: Path, **changed: str | bytes) -> Path:
    """The files of the sample of a benchmark, some of them replaced."""
    return put(folder, {**SAMPLES[name](), **{k.replace("__", "."): v for k, v in changed.items()}})
