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
from tests.llm.helpers import question, scripted_answer, two_pass

TASKS = {f"t{n}": partial(two_pass, n) for n in range(6)}


def killed_at(step: int, folder: Path) -> int:
    """Run one start of the rounds in a child that is killed at `step`; its number of steps, or -1 when killed."""
    child = os.fork()
    if child == 0:
        taken = 0

        def count(frame: FrameType, _event: str, _arg: object) -> None:
            nonlocal taken
            if "rarescale/llm" in frame.f_code.co_filename:
                taken += 1
                if taken == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        run_rounds(TASKS, folder)
        sys.setprofile(None)
        (folder / "steps").write_text(str(taken))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return -1 if os.WIFSIGNALED(status) else int((folder / "steps").read_text())


def rounds(root: Path, seed: int, kills: int) -> None:
    rng = random.Random(seed)
    killed = 0
    for number in range(1, 5):
        root.mkdir(exist_ok=True)
        longest = killed_at(0, _copy(root, number))
        for _ in range(kills // 4):
            # A start that finds files already written takes fewer steps, and may end before its kill.
            killed += killed_at(rng.randint(1, longest), root) == -1
        result = run_rounds(TASKS, root)
        if result.done:
            print(killed)
            return
        n = result.round
        answer_batch(root / f"requests.r{n}.jsonl", root / f"replies.r{n}.jsonl", Scripted(scripted_answer), workers=1)


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
