"""The REST interface over a department that all rows share."""

from tests.api.conftest import api

__all__ = ["api"]
