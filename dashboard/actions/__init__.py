"""What people and jobs do: one verb, one function, one transaction."""

from dashboard.actions.submit import DERIVATIONS, open_desk_store, submit

__all__ = ["DERIVATIONS", "open_desk_store", "submit"]
