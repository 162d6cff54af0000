"""What a click does is done whole, also when the next click comes meanwhile.

Streamlit lets the next click stop a run at any access to the session's state or to the page. For drawing that is right:
the next run draws anew. For what a click does it is not: its callback would end half way, with a record written and the
form not emptied, or before it wrote anything, and the click would be lost without a word.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from streamlit.runtime.state.safe_session_state import SafeSessionState

stoppable = SafeSessionState.on_script_will_rerun


@wraps(stoppable)
def whole(state: SafeSessionState, *args: Any, **named: Any) -> None:
    """Take over what the browser sent and run its callbacks; the next click is looked at right after."""
    runner = getattr(state._yield_callback, "__self__", None)
    if runner is None:  # a session that nothing runs in cannot be stopped
        stoppable(state, *args, **named)
        return
    runner._execing = False  # "nothing that may be stopped is running"
    try:
        stoppable(state, *args, **named)
    finally:
        runner._execing = True


def settle() -> None:
    """Once, before the first page."""
    SafeSessionState.on_script_will_rerun = whole  # type: ignore[assignment,method-assign]
