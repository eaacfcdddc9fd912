"""Make the small made-up runs that `rarescale evaluate tables` shows when it is given none (seconds, no network).

    python runs/toy_tables.py [FOLDER]

Everything is written by us: eight diseases, chats put together from their findings in two ways of speaking, and two
scripted "models" with simple rules. The figures show how the tables work and say nothing about any real model.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rarescale.diagnose import Diagnoser
from rarescale.differential import CandidateName, Settings
from rarescale.evaluation import judgements_path, judging, lists_of, read_material, toy_runs
from rarescale.evaluation.runs import EngineOptions, RunSettings, evaluate_run
from rarescale.expert import QmrExpert
from rarescale.formats import parse_input
from rarescale.jobs import write_manifest
from rarescale.knowledge import Knowledge, open_knowledge, parse_name
from rarescale.llm import Request, Scripted, run_live
from rarescale.record import Arm, Case, Chat, Differential, Failure, Input, Note
from rarescale.weighing import Weigher

TOY = "toy data: made-up chats, scripted models; says nothing about quality"
DISEASES: dict[str, tuple[str, str, str, str]] = {
    # id: name, category, findings present, findings absent
    "OMIM:277900": ("Wilson disease", "metabolic", "tremor, slurred speech, jaundice, fatigue", "fever"),
    "OMIM:301500": ("Fabry disease", "metabolic", "burning hands, decreased sweating, tinnitus, proteinuria", "tremor"),
    "OMIM:154700": ("Marfan syndrome", "connective tissue", "tall stature, long fingers, scoliosis, myopia", "cough"),
    "OMIM:219700": ("Cystic fibrosis", "lung", "cough, recurrent lung infections, greasy stools, clubbing", "tremor"),
    "OMIM:176000": (
        "Acute intermittent porphyria",
        "metabolic",
        "abdominal pain, constipation, dark urine, vomiting",
        "rash",
    ),
    "OMIM:310200": ("Duchenne muscular dystrophy", "muscle", "muscle weakness, frequent falls, waddling gait", "fever"),
    "ORPHA:774": (
        "Hereditary hemorrhagic telangiectasia",
        "vessels",
        "nosebleeds, telangiectasia, anemia",
        "weight loss",
    ),
    "OMIM:249100": ("Familial Mediterranean fever", "immune", "recurrent fever, abdominal pain, chest pain", "cough"),
}
COMMON = ("Migraine", "Iron deficiency anemia", "Irritable bowel syndrome", "Asthma", "Hypothyroidism")
KNOWN = {
    "toy-model-a": {"slurred speech": "Wilson disease", "long fingers": "Marfan syndrome", "greasy": "Cystic fibrosis"},
    "toy-model-b": {"waddling": "Duchenne muscular dystrophy"},
}
ARMS: dict[str, tuple[Arm, ...]] = {
    "toy-model-a": ("none", "self", "rarescale", "expert"),
    "toy-model-b": ("none", "rarescale"),
}


def chat_lines() -> list[dict[str, Any]]:
    """One chat for each disease, writer and split; the validation chats leave out the last finding."""
    lines: list[dict[str, Any]] = []
    for split in ("train", "val", "test"):
        for number, (id, (name, category, present, absent)) in enumerate(DISEASES.items()):
            for writer in ("toy-brief", "toy-turns"):
                said = present.split(", ")[: None if split == "test" else -1]
                lines.append(
                    {
                        "id": f"{split}-{number}-{writer}",
                        "messages": _messages(writer, said, absent),
                        "diagnosis": [id],
                        "diagnosis_name": name,
                        "writer": writer,
                        "split": split,
                        "category": category,
                    }
                )
    return lines


def _messages(writer: str, present: Sequence[str], absent: str) -> list[dict[str, Any]]:
    labels = [{"label": p, "present": True} for p in present]
    denied = {"label": absent, "present": False}
    start = [
        {"role": "system", "content": "Kim, 30 years old."},
        {"role": "clinician", "content": "What brings you here?"},
    ]
    if writer == "toy-brief":
        text = f"I have {', '.join(present)}. No {absent}."
        return [*start, {"role": "patient", "content": text, "findings": [*labels, denied]}]
    for label in labels:
        start.append({"role": "patient", "content": f"I have {label['label']}.", "findings": [label]})
        start.append({"role": "clinician", "content": "Anything else?"})
    return [*start, {"role": "patient", "content": f"No. And I have no {absent}.", "findings": [denied]}]


def model(name: str) -> Scripted:
    """A model that knows a few diseases by one word each, and trusts the first three candidates."""

    def answer(request: Request) -> str:
        text = request.messages[1].content
        own = [disease for word, disease in KNOWN[name].items() if word in text]
        if "Suppose that common diseases" in text:
            return json.dumps({"candidates": [{"name": n, "why": "It is rare."} for n in (*own, "Kuru", "Plague")]})
        first = [*own, *COMMON][:5]
        shown = [json.loads(line[2:]) for line in text.splitlines() if line.startswith('- "')]
        final = list(dict.fromkeys([*own, *shown[:3], *COMMON]))[:5]
        reply: dict[str, Any] = {"first_pass": [{"name": n, "why": "Toy."} for n in first]}
        if shown:
            reply["candidate_pass"] = [{"name": n, "keep": k < 3, "why": "Toy."} for k, n in enumerate(shown)]
        reply["diagnoses"] = [{"name": n, "likelihood": "medium", "reasons": ["Toy."], "quotes": []} for n in final]
        return json.dumps(reply)

    return Scripted(answer)


def judge(request: Request) -> str:
    """A judge that compares words; it is generous to names that share one."""
    data = json.loads(request.messages[1].content.split("\n")[0])
    truth = parse_name(data["truth"])
    if "entry" in data:
        return json.dumps({"verdict": "yes" if parse_name(data["entry"]).family & truth.family else "no"})
    for row in data["entries"]:
        if parse_name(row["name"]).same_as(truth):
            return json.dumps(
                {"level": "exact match", "position": row["position"], "entry": row["name"], "why": "Toy."}
            )
    for row in data["entries"]:
        if parse_name(row["name"]).family & truth.family:
            return json.dumps({"level": "relevant", "position": row["position"], "entry": row["name"], "why": "Toy."})
    return json.dumps({"level": "unrelated", "position": None, "entry": None, "why": "Toy."})


class ArmEngine:
    """One arm of one scripted model as an engine of runs. The default expert stands in for a trained model."""

    def __init__(self, knowledge: Knowledge, name: str, arm: Arm) -> None:
        """One scripted model in one arm."""
        self.name, self.version = f"{name} {arm}", "toy"
        self._diagnoser = Diagnoser(knowledge, candidates=None)
        self._model, self._arm = name, arm

    def answers(self, inputs: Sequence[Input]) -> Iterable[Differential | Failure]:
        """See `Engine`."""
        patients = [s for s in inputs if isinstance(s, Case | Chat | Note)]
        candidates = {
            s.id: tuple(
                CandidateName(c.id, c.name) for c in self._diagnoser.diagnose(s, top=5, among="rare").differential
            )
            for s in patients
        }
        weigher = Weigher(self._diagnoser, Settings(self._model, self._arm), candidates=candidates)
        outcomes = run_live({s.id: partial(weigher.task, s) for s in patients}, model(self._model), workers=1)
        return [_light(o.value) for o in outcomes.values() if o.value is not None]


def _light(answer: Differential) -> Differential:
    """Without the reasons of the expert, so that the bundle stays small."""
    listed = tuple(c.model_copy(update={"reasons": ()}) for c in answer.differential)
    return answer.model_copy(update={"differential": listed, "findings": (), "not_understood": ()})


class LightEngine:
    """An expert without its reasons."""

    def __init__(self, diagnoser: Diagnoser, name: str) -> None:
        """Around a diagnoser."""
        self.name, self.version, self._diagnoser = name, "toy", diagnoser

    def answers(self, inputs: Sequence[Input]) -> Iterable[Differential | Failure]:
        """See `Engine`."""
        found = self._diagnoser.answers(inputs, top=5, among="rare")
        return [_light(a) if isinstance(a, Differential) else a for a in found]


def _arm_factory(name: str, arm: Arm) -> Any:
    return lambda knowledge, options: ArmEngine(knowledge, name, arm)


def expert(knowledge: Knowledge, options: EngineOptions) -> LightEngine:
    """The default expert, rare diseases only."""
    return LightEngine(Diagnoser(knowledge, candidates=None), "toy expert")


def points(knowledge: Knowledge, options: EngineOptions) -> LightEngine:
    """The classical points, rare diseases only."""
    return LightEngine(Diagnoser(knowledge, expert=QmrExpert(knowledge), candidates=None), "toy points")


FACTORIES = {f"{m}_{arm}".replace("-", "_"): _arm_factory(m, arm) for m, arms in ARMS.items() for arm in arms}
globals().update(FACTORIES)


def main(folder: Path) -> None:
    """Write all runs, the corpus and the judgements of one run."""
    sys.path.insert(0, str(Path(__file__).parent))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.chdir(folder)  # so that no path of this machine stands in the bundle
    knowledge, lines = open_knowledge(), chat_lines()
    mapping = _mapping(knowledge)
    _corpus(Path("corpus"), lines)
    inputs = [parse_input(line) for line in lines if line["split"] != "train"]
    tests = [source for source, line in zip(inputs, lines[-len(inputs) :], strict=True) if line["split"] == "test"]
    for name in ("expert", "points", *FACTORIES):
        sources = tests if name in FACTORIES else inputs
        settings = RunSettings(engine=f"toy_tables:{name}", by=("writer", "split"), top=5, mapping=(str(mapping),))
        evaluate_run(sources, knowledge, Path(name), settings, asked={"note": TOY})
        _timeless(Path(name))
    for run in sorted(p for p in Path().iterdir() if p.name.startswith("toy_model_a")):
        (system,) = read_material([run]).systems
        tasks = {listed.id: partial(judging, listed, "toy-judge") for listed in lists_of(system)}
        judged = [o.value for o in run_live(tasks, Scripted(judge), workers=1).values()]
        text = "".join(json.dumps(j.to_data(), ensure_ascii=False) + "\n" for j in judged if j is not None)
        judgements_path(run).write_text(text, encoding="utf-8")
    mapping.unlink()


def _timeless(folder: Path) -> None:
    """Without clock, platform and commit, so that the bundle is the same wherever it is made."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["versions"].pop("platform", None)
    config["git"] = None
    (folder / "config.json").write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    rows = [json.loads(line) | {"seconds": 0.0} for line in (folder / "cases.jsonl").read_text("utf-8").splitlines()]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "cases.jsonl").write_text(text, encoding="utf-8")
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    files = [folder / name for name in facts.pop("files")]
    kept = {key: facts[key] for key in ("schema_version", "kind") if key in facts}
    write_manifest(folder, kept | {"note": TOY}, files)


def _mapping(knowledge: Knowledge) -> Path:
    """The ids that the knowledge takes for one disease, as a mapping for the scorer; not kept."""
    ids = [knowledge.diseases.ids(d) for d in range(len(knowledge.diseases))]
    rows = [f"{one}\t{other}\tE" for one, *others in ids for other in others]
    path = Path("equivalents.tsv")
    path.write_text("\n".join(["id\tid\trelation", *rows]) + "\n", encoding="utf-8")
    return path


def _corpus(folder: Path, lines: Sequence[dict[str, Any]]) -> None:
    folder.mkdir()
    path = folder / "chats.jsonl"
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    write_manifest(folder, {"schema_version": "1", "kind": TOY}, [path])


if __name__ == "__main__":
    main((Path(sys.argv[1]) if len(sys.argv) > 1 else toy_runs()).resolve())
