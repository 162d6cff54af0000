"""Bringing files in: rehearse over all rows, commit as one change-set, undo."""

from dashboard.actions.imports.commit import Imported, commit, committed_before, rehearse, to_write
from dashboard.actions.imports.reach import rights_of
from dashboard.actions.imports.undo import Undone, undo

__all__ = ["Imported", "Undone", "commit", "committed_before", "rehearse", "rights_of", "to_write", "undo"]
