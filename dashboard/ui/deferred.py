"""Files that are made when they are asked for: by then it is asked again who is there."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.domain.access import Actor
from dashboard.errors import Forbidden
from dashboard.ui import sessions
from dashboard.ui.visit import Visit


def button(visit: Visit, label: str, name: str, make: Callable[[Actor], bytes], key: str) -> None:
    """A download whose content is made at the click, outside any run of the page."""
    token, person, desk = st.session_state.get(sessions.TOKEN), visit.actor.person_id, visit.desk

    def content() -> bytes:
        actor = desk.store.logins.actor(str(token))
        if actor.person_id != person:
            raise Forbidden("access.logged_out")
        return make(actor)

    st.download_button(
        label,
        data=content,
        file_name=name,
        key=key,
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
