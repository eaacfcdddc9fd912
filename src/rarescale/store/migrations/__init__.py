"""Migrations of the store, run by Alembic."""

__all__ = ()
