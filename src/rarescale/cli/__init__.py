"""The command line: parse, call one function, render."""

from rarescale.cli.app import main

__all__ = ["main"]
