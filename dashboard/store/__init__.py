"""The only part that speaks SQL."""

from dashboard.store.company import Company
from dashboard.store.crypto import KeyRing, create_ring, open_ring, recover_ring
from dashboard.store.store import Store, open_store
from dashboard.store.transaction import Derivation, Transaction

__all__ = [
    "Company",
    "Derivation",
    "KeyRing",
    "Store",
    "Transaction",
    "create_ring",
    "open_ring",
    "open_store",
    "recover_ring",
]
