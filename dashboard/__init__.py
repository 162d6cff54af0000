"""SalesDesk: the sales department's system in one process."""

__version__ = "0.1.0"
