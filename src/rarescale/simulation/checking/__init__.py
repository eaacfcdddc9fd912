"""Checker and editor of simulated chats: rules that need no model, a model's verdict, and repair."""

from rarescale.simulation.checking.checked import Clean, checked
from rarescale.simulation.checking.problems import RULES, Problem, Rejected
from rarescale.simulation.checking.violations import violations

__all__ = ["RULES", "Clean", "Problem", "Rejected", "checked", "violations"]
