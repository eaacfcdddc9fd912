"""Programs that tests run and kill.

rounds ROOT SEED KILLS   run batch rounds again and again, killed (SIGKILL) at KILLS random steps of the code;
                         prints how many kills struck
live URL CACHE CALLS     ask an endpoint CALLS questions, with a cache; prints the values as JSON
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from functools import partial
from pathlib import Path
from types import FrameType

from rarescale.llm import Cached, OpenAICompatible, Scripted, Task, answer_batch, run_live, run_rounds
from rarescale.llm.batchlines import ids_of_requests
from tests.llm.helpers import question, scripted_answer, two_pass

TASKS = {f"t{n}": partial(two_pass, n) for n in range(6)}


DISK = {"open", "write", "flush", "fsync", "replace", "mkdir", "unlink"}


def killed_at(step: int, folder: Path) -> list[int] | None:
    """Run one start of the rounds in a child that is killed at `step` (0: never).

    None when it was killed, else its number of steps and then the steps at which it touched the disk.
    """
    child = os.fork()
    if child == 0:
        taken = 0
        disk: list[int] = []

        def count(frame: FrameType, event: str, arg: object) -> None:
            nonlocal taken, disk
            taken += 1
            # Calls into the system; text has a method of the same name.
            if event == "c_call" and getattr(arg, "__name__", "") in DISK:
                disk += [] if isinstance(getattr(arg, "__self__", None), str) else [taken, taken + 1]
            if taken == step:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        run_rounds(TASKS, folder)
        sys.setprofile(None)
        (folder / "steps").write_text(json.dumps([taken, *disk]))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return None if os.WIFSIGNALED(status) else json.loads((folder / "steps").read_text())


def rounds(root: Path, seed: int, kills: int) -> None:
    rng = random.Random(seed)
    killed = 0
    for number in range(1, 5):
        root.mkdir(exist_ok=True)
        total, *disk = killed_at(0, _copy(root, number)) or [1]
        # Every step around a write, and as many anywhere.
        for step in [*disk, *(rng.randint(1, total) for _ in range(kills // 4))]:
            before = {p.name: p.read_bytes() for p in root.iterdir()}
            # A start that finds files already written takes fewer steps, and may end before its kill.
            killed += killed_at(step, root) is None
            _undo(root, before, rng)
        result = run_rounds(TASKS, root)
        if result.done:
            print(killed)
            return
        n = result.round
        answer_batch(root / f"requests.r{n}.jsonl", root / f"replies.r{n}.jsonl", Scripted(scripted_answer), workers=1)


def _undo(root: Path, before: dict[str, bytes], rng: random.Random) -> None:
    """Check what a kill left; take a new whole file away again most times, so that later kills meet the same step."""
    for path in root.iterdir():
        if path.name in before or path.name.startswith(".") or path.name == "steps":
            continue
        if path.suffix == ".jsonl":
            ids_of_requests(path)
        if not path.read_bytes().endswith(b"\n"):
            raise AssertionError(f"{path} is torn")
        if rng.random() < 0.8:
            path.unlink()


def _copy(root: Path, number: int) -> Path:
    copy = root.with_name(f"{root.name}-{number}")
    copy.mkdir()
    for path in root.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    return copy


def one(number: int) -> Task[str]:
    reply = yield question(f"question {number}")
    return reply.text


def live(url: str, cache: Path, calls: int) -> None:
    model = Cached(OpenAICompatible(url), cache)
    outcomes = run_live({f"t{n}": partial(one, n) for n in range(calls)}, model, workers=4)
    print(json.dumps([o.value for o in outcomes.values()]))


if __name__ == "__main__":
    if sys.argv[1] == "rounds":
        rounds(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        live(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
