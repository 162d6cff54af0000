"""The keys of a web form, and what to put on a web page: a form in HTML that sends leads here."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from dashboard.actions.web_leads import ADDRESS, ASKED, CONSENT, KEY, TRAP
from dashboard.domain.access import Action
from dashboard.domain.entities import entity_of
from dashboard.domain.fields import Kind
from dashboard.domain.labels import field_label
from dashboard.errors import SalesDeskError
from dashboard.i18n import Language, instant, translate
from dashboard.store.rights import allowed
from dashboard.store.web_keys import WebKeys
from dashboard.ui.boundary import refused
from dashboard.ui.markdown import muted, plain
from dashboard.ui.visit import Visit, arrive

FORM = "web_form"
FRESH = "web_key_fresh"
PLACEHOLDER = "KEY"
TYPES = {Kind.EMAIL: "email", Kind.PHONE: "tel"}


def show(visit: Visit, record: dict[str, Any]) -> None:
    """Keys and snippet, for whoever may change the form."""
    if Action.UPDATE not in allowed(visit.desk.store, visit.actor, FORM, record["id"], [Action.UPDATE]):
        return
    st.subheader(visit.text("web_form.keys"), anchor=False)
    keys(visit, record)
    st.subheader(visit.text("web_form.snippet"), anchor=False)
    st.markdown(muted(visit.text("web_form.snippet_help")))
    st.code(snippet(record, server(), fresh(record) or PLACEHOLDER, visit.language), language="html", wrap_lines=True)


def keys(visit: Visit, record: dict[str, Any]) -> None:
    """The keys in use; a new one is told once."""
    if secret := fresh(record):
        st.success(visit.text("web_form.new_key"), icon=":material/key:")
        st.code(secret, language=None)
    found = WebKeys(visit.desk.store).of(visit.actor, record["id"])
    if found.is_empty():
        st.markdown(plain(visit.text("web_form.no_keys")))
    for row in found.iter_rows(named=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            made = instant(row["opened_at"], visit.language, visit.desk.store.company.zone)
            st.markdown(plain(visit.text("web_form.key", id=row["id"][-6:], moment=made)), width="content")
            label, key = visit.text("web_form.revoke"), f"web_key_revoke_{row['id']}"
            st.button(label, icon=":material/block:", key=key, on_click=revoke, args=(record["id"], row["id"]))
    label = visit.text("web_form.issue")
    st.button(label, icon=":material/add:", key="web_key_issue", on_click=issue, args=(record["id"],))
    if problem := st.session_state.pop(f"{FRESH}_refused", None):
        refused(problem, visit.language)


def fresh(record: dict[str, Any]) -> str | None:
    """The secret that was made on this page for this form."""
    form_id, secret = st.session_state.get(FRESH, (None, None))
    return secret if form_id == record["id"] else None


def issue(form_id: str) -> None:
    """Make a key; it stays on the screen until another page is opened."""
    visit = arrive()
    try:
        st.session_state[FRESH] = (form_id, WebKeys(visit.desk.store).issue(visit.actor, form_id)[1])
    except SalesDeskError as problem:
        st.session_state[f"{FRESH}_refused"] = problem


def revoke(form_id: str, key_id: str) -> None:
    """End a key."""
    visit = arrive()
    st.session_state.pop(FRESH, None)
    try:
        WebKeys(visit.desk.store).revoke(visit.actor, form_id, key_id)
    except SalesDeskError as problem:
        st.session_state[f"{FRESH}_refused"] = problem


def server() -> str:
    """Where this application is reached, as the browser says."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else "https://salesdesk.example.com"


def snippet(form: dict[str, Any], address: str, key: str, language: Language) -> str:
    """The form as HTML; every text is escaped, so that no name of a form becomes markup on somebody's page."""

    def text(name: str) -> str:
        return escape(translate(f"web_form.{name}", language))

    inputs = "\n".join(input_of(name, language) for name in ASKED)
    action = escape(f"{address}{ADDRESS}", quote=True)
    return f"""<form id="salesdesk-lead" method="post" action="{action}">
  <input type="hidden" name="{KEY}" value="{escape(key, quote=True)}">
{inputs}
  <div style="position:absolute;left:-9999px" aria-hidden="true">
    <input name="{TRAP}" tabindex="-1" autocomplete="off">
  </div>
  <label><input type="checkbox" name="{CONSENT}" value="yes" required> {escape(form["consent_text"] or "")}</label>
  <button>{text("send")}</button>
  <p role="status"></p>
</form>
<script>
  document.getElementById("salesdesk-lead").addEventListener("submit", async (event) => {{
    event.preventDefault();
    const form = event.target, told = form.querySelector("[role=status]"), button = form.querySelector("button");
    button.disabled = true;
    const answer = await fetch(form.action, {{ method: "POST", body: new URLSearchParams(new FormData(form)) }})
      .catch(() => null);
    const received = answer !== null && answer.status === 202;
    told.textContent = received ? "{text("thanks")}" : "{text("not_sent")}";
    if (received) form.reset();
    button.disabled = false;
  }});
</script>"""


def input_of(name: str, language: Language) -> str:
    """One question of the form."""
    field = entity_of("lead").by_name[name]
    label, longest = escape(field_label("lead", name, language)), field.limit or 200
    if field.kind is Kind.NOTE:
        return f'  <label>{label}<textarea name="{name}" maxlength="2000"></textarea></label>'
    shape = TYPES.get(field.kind, "text")
    return f'  <label>{label}<input type="{shape}" name="{name}" maxlength="{longest}"></label>'
