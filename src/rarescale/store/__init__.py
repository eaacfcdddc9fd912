"""The database of saved cases: nothing is kept unless the clinician saves, and delete really deletes."""

from rarescale.store.changes import Changes, Moved, changes
from rarescale.store.errors import NotSaved, Stale, StoreError, Unavailable, WrongKey, WrongSchema
from rarescale.store.opening import init_store, migrate_store, open_store
from rarescale.store.own import OwnCases
from rarescale.store.seal import new_key_file, read_key_file
from rarescale.store.store import Store
from rarescale.store.types import (
    AuditEntry,
    CaseLine,
    Content,
    Deleted,
    Edit,
    Entry,
    Listed,
    SavedCase,
    SavedDifferential,
    SignOff,
)

__all__ = [
    "AuditEntry",
    "CaseLine",
    "Changes",
    "Content",
    "Deleted",
    "Edit",
    "Entry",
    "Listed",
    "Moved",
    "NotSaved",
    "OwnCases",
    "SavedCase",
    "SavedDifferential",
    "SignOff",
    "Stale",
    "Store",
    "StoreError",
    "Unavailable",
    "WrongKey",
    "WrongSchema",
    "changes",
    "init_store",
    "migrate_store",
    "new_key_file",
    "open_store",
    "read_key_file",
]
