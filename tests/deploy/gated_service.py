"""`rarescale` that reads no input named `slow` before a file is there: python gated_service.py GATE serve …"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from unittest.mock import patch

from rarescale.cli import main
from rarescale.diagnose import Diagnoser
from rarescale.record import Case, Chat, Note, Understanding

if __name__ == "__main__":
    gate, understand = Path(sys.argv.pop(1)), Diagnoser.understand

    def waits(self: Diagnoser, source: Case | Chat | Note) -> Understanding:
        while source.id == "slow" and not gate.exists():
            time.sleep(0.01)
        return understand(self, source)

    with patch.object(Diagnoser, "understand", waits):
        main()
