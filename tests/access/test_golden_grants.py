"""The access table of the code is the one that was agreed."""

from __future__ import annotations

from dashboard.domain.access import DEFAULTS
from tests.access import golden


def test_the_grants_are_those_that_were_agreed() -> None:
    """Decided to change them? `python -m tests.access.golden`, then review the difference."""
    assert golden.matrix() == golden.agreed()


def test_the_file_is_written_as_the_command_writes_it() -> None:
    assert golden.FILE.read_text("utf-8") == golden.text(golden.agreed())


def test_a_grant_more_or_less_shows() -> None:
    assert golden.matrix(DEFAULTS[1:]) != golden.agreed()
