"""Work over many items: any number of processes, the same lines, resumable, failures kept."""

from rarescale.jobs.manifest import Manifest, file_hash, write_manifest, write_text
from rarescale.jobs.runner import PLACES, Progress, Report, run
from rarescale.jobs.seeds import item_seed
from rarescale.jobs.shards import Job, Outcome, WithTexts

__all__ = [
    "PLACES",
    "Job",
    "Manifest",
    "Outcome",
    "Progress",
    "Report",
    "WithTexts",
    "file_hash",
    "item_seed",
    "run",
    "write_manifest",
    "write_text",
]
