"""Work over many items: any number of processes, the same lines, resumable, failures kept."""

from rarescale.jobs.local import Job, Outcome, Progress, Report, run
from rarescale.jobs.manifest import Manifest, file_hash, write_manifest
from rarescale.jobs.seeds import item_seed

__all__ = ["Job", "Manifest", "Outcome", "Progress", "Report", "file_hash", "item_seed", "run", "write_manifest"]
