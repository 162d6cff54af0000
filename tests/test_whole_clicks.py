"""A click is done whole although another one comes while its callback runs."""

from __future__ import annotations

import pytest
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import AppTest

from dashboard.ui import whole_clicks


def page() -> None:
    """A page whose first button is slower than the person: the second click comes while it works."""
    import streamlit as st
    from streamlit.proto.WidgetStates_pb2 import WidgetStates
    from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
    from streamlit.runtime.state import get_session_state

    def save() -> None:
        run = get_script_run_ctx()
        assert run is not None
        assert run.script_requests is not None
        st.session_state["done"] = ["written"]
        states = WidgetStates(widgets=get_session_state().get_widget_states())
        for state in states.widgets:
            state.trigger_value = "second" in state.id
        run.script_requests.request_rerun(RerunData(widget_states=states))
        st.query_params["step"] = "shown"
        st.session_state["done"] += ["form emptied"]

    def second() -> None:
        st.session_state["done"] += ["second"]

    st.button("save", key="save", on_click=save)
    st.button("second", key="second", on_click=second)
    st.text(" ".join(st.session_state.get("done", [])))


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SafeSessionState, "on_script_will_rerun", whole_clicks.stoppable)
    whole_clicks.settle()


@pytest.mark.usefixtures("settled")
def test_a_click_that_another_one_follows_at_once_is_done_whole_and_so_is_the_other() -> None:
    app = AppTest.from_function(page).run()
    app.button(key="save").click().run()
    assert app.text[0].value == "written form emptied second"
