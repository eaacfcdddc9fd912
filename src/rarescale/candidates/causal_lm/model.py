"""A fine-tuned causal language model as a candidate model: conversation in, a list of disease names, diseases out.

RareScale's candidate generator (section 3.3). Greedy decoding gives one list; sampling gives several, and diseases that
come back more often or higher up weigh more (`shares`). A name that means no disease of the knowledge is reported
and takes part in nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rarescale.candidates.causal_lm.data import said_in_talk
from rarescale.candidates.causal_lm.names import TrainedNames
from rarescale.candidates.causal_lm.reply import Reply, names_in
from rarescale.candidates.causal_lm.shares import shared_out
from rarescale.candidates.contract import Talk
from rarescale.record import Clue


@dataclass(frozen=True)
class Decoding:
    """`samples` 0 is greedy: one list, always the same. Else so many lists drawn at `temperature` with `seed`."""

    samples: int = 0
    temperature: float = 0.7
    seed: int = 0


class Writer(Protocol):
    """Whatever answers a conversation with text: the language model, or a stand-in."""

    def replies(self, said: Sequence[str], decoding: Decoding) -> list[list[Reply]]:
        """For each conversation one reply, or `decoding.samples` of them."""
        ...


@dataclass(frozen=True)
class LmProposal:
    """Scores as `Proposal` has them, and `lists`: the names as they were written, one list a reply.

    `unresolved` are those names that mean no disease of the knowledge, each once.
    """

    scores: np.ndarray
    lists: tuple[tuple[str, ...], ...] = ()
    unresolved: tuple[str, ...] = ()

    def clues(self, disease: int, count: int = 8) -> Sequence[Clue]:
        """None: the model's weights name no words."""
        return ()


class CausalLm:
    """A trained language model bound to one knowledge.

    It is asked in the layout that it was trained on: with `turns` "all" the whole conversation where there is one.
    """

    name = "causal-lm"

    def __init__(
        self,
        writer: Writer,
        names: TrainedNames,
        shares: np.ndarray,
        *,
        turns: str = "patient",
        decoding: Decoding | None = None,
        version: str = "1",
    ) -> None:
        """`shares` of the ranks, as `rank_shares` gives them; their number is the most names of a list."""
        self.version = version
        self.names = names
        self.turns = turns
        self.decoding = decoding or Decoding()
        self._writer, self._shares = writer, shares

    def propose(self, talk: Talk) -> LmProposal:
        """Scores of all diseases; see `CandidateModel`. Nothing said gives the shares of the training answers."""
        return self.propose_said([said_in_talk(talk, self.turns)])[0]

    def propose_said(self, said: Sequence[str]) -> list[LmProposal]:
        """As `propose`, for conversations that are text already, answered together."""
        asked = [text for text in said if text]
        answers = iter(self._writer.replies(asked, self.decoding) if asked else ())
        return [self.proposal(next(answers) if text else ()) for text in said]

    def proposal(self, replies: Sequence[Reply]) -> LmProposal:
        """What replies to one conversation amount to."""
        lists = tuple(names_in(reply, len(self._shares)) for reply in replies)
        found = {name: self.names.disease(name) for names in lists for name in names}
        ranked = [[found[name] for name in names] for names in lists]
        with np.errstate(divide="ignore"):
            scores = np.log(shared_out(ranked, self._shares, self.names.prior))
        return LmProposal(scores, lists, tuple(name for name, disease in found.items() if disease is None))
