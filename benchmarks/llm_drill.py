"""Fault drill for the door to language models: many calls to a real HTTP endpoint that misbehaves.

    python benchmarks/llm_drill.py [--calls 1000] [--workers 64] [--seed 1]

Of all HTTP calls that arrive, 10 % get 429, 5 % get 500, 5 % a broken body and 2 % no answer at all. Every request
must end with its own answer, the ledger must agree with the endpoint call for call, and no request may be charged
twice. Prints the figures; exit code 1 when one of these does not hold. The stated peer of the same run is the same
number of calls without faults.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from functools import partial

from rarescale.llm import (
    Backoff,
    Endpoint,
    Ledger,
    Message,
    OpenAICompatible,
    Price,
    Reply,
    Request,
    Scripted,
    Summary,
    Task,
    guarded,
    run_live,
)
from rarescale.llm.endpoint import Fault, Plan

RATES: tuple[tuple[Fault, float], ...] = (("rate-limit", 0.10), ("server", 0.05), ("garbage", 0.05), ("hang", 0.02))
TIMEOUT_S = 2.0
BACKOFF = Backoff(attempts=12, first_s=0.05, longest_s=1.0, within_s=60.0)
PRICES = {"drill": Price(1.0, 2.0)}


def faults(seed: int) -> Plan:
    rng = random.Random(seed)

    def plan(_number: int, _request: Request) -> Fault | None:
        draw = rng.random()
        for fault, rate in RATES:
            if draw < rate:
                return fault
            draw -= rate
        return None

    return plan


def echo(request: Request) -> str:
    return f"answer to {request.messages[-1].content}"


def one(number: int) -> Task[str]:
    reply: Reply = yield Request((Message("user", f"question {number}"),), "drill", max_tokens=32, tag="drill")
    return reply.text


def drill(calls: int, workers: int, seed: int, plan: Plan | None) -> tuple[list[str], Summary, Endpoint, float]:
    """Run the calls; what does not hold, the ledger in numbers, the endpoint, and seconds of wall time."""
    ledger = Ledger()
    tasks = {f"t{n}": partial(one, n) for n in range(calls)}
    with Endpoint(Scripted(echo), plan=plan) as endpoint:
        service = OpenAICompatible(endpoint.url, timeout_s=TIMEOUT_S)
        model = guarded(service, random.Random(seed), ledger=ledger, prices=PRICES, limit=1e6, backoff=BACKOFF)
        start = time.perf_counter()
        outcomes = run_live(tasks, model, workers=workers)
        wall = time.perf_counter() - start
        service.close()
    summary = ledger.summary()
    served = Counter(endpoint.calls)
    entered: dict[Fault | None, str] = {
        "rate-limit": "rate-limit",
        "server": "server",
        "garbage": "garbage",
        "hang": "timeout",
        None: "answered",
    }
    wrong = [f"{id}: {o.failure}" for id, o in outcomes.items() if o.value != f"answer to question {id[1:]}"]
    wrong += [
        f"{fault}: endpoint served {served[fault]}, ledger has {summary.outcomes.get(kind, 0)}"
        for fault, kind in entered.items()
        if served[fault] != summary.outcomes.get(kind, 0)
    ]
    wrong += [f"charged twice: {key}" for key in summary.charged_twice]
    wrong += [f"answered {n} times by the endpoint: {key}" for key, n in endpoint.answered.items() if n != 1]
    if len(outcomes) != calls or summary.calls != len(endpoint.calls):
        wrong.append(f"{len(outcomes)} outcomes, {summary.calls} calls in the ledger, {len(endpoint.calls)} served")
    return wrong, summary, endpoint, wall


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    _, _, _, calm = drill(options.calls, options.workers, options.seed, None)
    wrong, summary, endpoint, wall = drill(options.calls, options.workers, options.seed, faults(options.seed))
    print(f"requests                     {options.calls}")
    print(f"answered, each by its own    {options.calls - sum(w.startswith('t') for w in wrong)}")
    print(f"HTTP calls (ledger/endpoint) {summary.calls} / {len(endpoint.calls)}")
    print(f"outcomes                     {dict(sorted(summary.outcomes.items()))}")
    print(f"charged twice                {len(summary.charged_twice)}")
    print(f"cost, possibly on top        {summary.usage.cost:.6f}, {summary.possible:.6f}")
    print(f"wall time, without faults    {wall:.2f} s, {calm:.2f} s  ({options.workers} threads)")
    for line in wrong[:20]:
        print(f"WRONG {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
