"""Simulated patients: structured cases drawn from the knowledge, kept where the expert finds their disease first."""

from rarescale.simulation.cases import CaseContext, open_cases, simulate_cases
from rarescale.simulation.eligibility import Eligibility, eligibility
from rarescale.simulation.properties import Properties, read_properties
from rarescale.simulation.settings import SimulationSettings
from rarescale.simulation.simulator import SimulatedCase, Simulator

__all__ = [
    "CaseContext",
    "Eligibility",
    "Properties",
    "SimulatedCase",
    "SimulationSettings",
    "Simulator",
    "eligibility",
    "open_cases",
    "read_properties",
    "simulate_cases",
]
