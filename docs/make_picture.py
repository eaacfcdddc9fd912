"""Draw docs/images/example.svg: the terminal view of the bundled example. Run: python docs/make_picture.py"""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from rarescale.diagnose import open_diagnoser
from rarescale.formats import read_inputs
from rarescale.report import print_answer

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Answer the example and save what the terminal shows."""
    diagnoser = open_diagnoser()
    (source,) = read_inputs([str(ROOT / "examples" / "chat.jsonl")])
    console = Console(record=True, width=110, file=io.StringIO(), highlight=False, emoji=False)
    print_answer(diagnoser.answer(source), console)
    target = ROOT / "docs" / "images" / "example.svg"
    target.parent.mkdir(exist_ok=True)
    target.write_text(console.export_svg(title="rarescale diagnose examples/chat.jsonl"), encoding="utf-8")


if __name__ == "__main__":
    main()
