"""The one door to language models: messages and a schema in, text and usage out.

    model = guarded(open_model("openai:http://localhost:11434/v1"), random.Random(1), cache=Path("cache"))
    request = load_prompts(folder).get("differential", 1).render(note=note).request("llama3.1")
    answer = ask(model, request, Wanted)  # a validated Wanted, or a ModelError that keeps the raw texts

Work of several steps is written as a task (a generator of requests) and run by `run_live` or, through files without
any endpoint, by `run_rounds`.
"""

from __future__ import annotations

from rarescale.llm.accounts import Accounted
from rarescale.llm.answering import answer_batch
from rarescale.llm.asking import Answer, ask, asking
from rarescale.llm.cache import Cached
from rarescale.llm.door import guarded, open_model, register_provider
from rarescale.llm.endpoint import Endpoint
from rarescale.llm.failures import KINDS, ModelError
from rarescale.llm.ledger import Attempt, Ledger, Summary
from rarescale.llm.messages import Conversation, Message, Model, Reply, Request, Usage
from rarescale.llm.openai_compatible import OpenAICompatible
from rarescale.llm.pace import Pace, Paced
from rarescale.llm.prices import Price, Prices
from rarescale.llm.prompt import Prompt, Prompts, Rendered, check_snapshot, load_prompts, prompt_from_text
from rarescale.llm.replay import Recording, Replay
from rarescale.llm.retries import Backoff, Retrying
from rarescale.llm.rounds import Rounds, follow_rounds, run_rounds
from rarescale.llm.scripted import Scripted, scripted_from_file
from rarescale.llm.switch import SWITCH
from rarescale.llm.tasks import Exchange, Outcome, Task, Tasks, drive, persistent, run_live

__all__ = [
    "KINDS",
    "SWITCH",
    "Accounted",
    "Answer",
    "Attempt",
    "Backoff",
    "Cached",
    "Conversation",
    "Endpoint",
    "Exchange",
    "Ledger",
    "Message",
    "Model",
    "ModelError",
    "OpenAICompatible",
    "Outcome",
    "Pace",
    "Paced",
    "Price",
    "Prices",
    "Prompt",
    "Prompts",
    "Recording",
    "Rendered",
    "Replay",
    "Reply",
    "Request",
    "Retrying",
    "Rounds",
    "Scripted",
    "Summary",
    "Task",
    "Tasks",
    "Usage",
    "answer_batch",
    "ask",
    "asking",
    "check_snapshot",
    "drive",
    "follow_rounds",
    "guarded",
    "load_prompts",
    "open_model",
    "persistent",
    "prompt_from_text",
    "register_provider",
    "run_live",
    "run_rounds",
    "scripted_from_file",
]
