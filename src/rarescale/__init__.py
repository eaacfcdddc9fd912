"""rarescale finds the rare disease behind an ordinary conversation.

`diagnose` takes a chat, a note, findings or a phenopacket and gives a ranked, explained differential.
Research and education by health professionals; not a medical device, not clinically validated.
"""

from rarescale._version import __version__
from rarescale.diagnose import Diagnoser, diagnose, open_diagnoser

__all__ = ["Diagnoser", "__version__", "diagnose", "open_diagnoser"]
