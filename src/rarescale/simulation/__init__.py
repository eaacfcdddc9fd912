"""Simulated patients: structured cases drawn from the knowledge, kept where the expert finds their disease first."""

from rarescale.simulation.cases import CaseContext, open_cases, simulate_cases
from rarescale.simulation.chat_lines import chat_line, read_chats
from rarescale.simulation.chat_settings import ChatSettings
from rarescale.simulation.chats import simulate_chats
from rarescale.simulation.dataset import write_dataset
from rarescale.simulation.eligibility import Eligibility, eligibility
from rarescale.simulation.llm_chats import Batch, Live, simulate_llm_chats
from rarescale.simulation.properties import Properties, read_properties
from rarescale.simulation.settings import SimulationSettings
from rarescale.simulation.simulator import SimulatedCase, Simulator
from rarescale.simulation.stats import Tally
from rarescale.simulation.writers.llm_run import LLM_WRITERS
from rarescale.simulation.writers.llm_settings import LlmSettings

__all__ = [
    "LLM_WRITERS",
    "Batch",
    "CaseContext",
    "ChatSettings",
    "Eligibility",
    "Live",
    "LlmSettings",
    "Properties",
    "SimulatedCase",
    "SimulationSettings",
    "Simulator",
    "Tally",
    "chat_line",
    "eligibility",
    "open_cases",
    "read_chats",
    "read_properties",
    "simulate_cases",
    "simulate_chats",
    "simulate_llm_chats",
    "write_dataset",
]
