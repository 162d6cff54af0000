"""The one place where an error becomes a text on the screen: what happened, what to do, a code; never a stack trace."""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
import structlog

from dashboard.errors import Invalid, SalesDeskError, text_of
from dashboard.i18n import Language, translate
from dashboard.ui.markdown import muted

log = structlog.get_logger()


@contextmanager
def boundary(language: Language) -> Iterator[None]:
    """Run a page; whatever goes wrong is shown in the person's language, and what nobody expected is logged."""
    try:
        yield
    except SalesDeskError as problem:
        refused(problem, language)
    except Exception as problem:  # noqa: BLE001  (the edge: logged with its reference, and the person is told)
        reference = secrets.token_hex(4)
        trace = "".join(traceback.format_exception(problem))  # no values of variables: they may be secrets
        log.error("page.failed", reference=reference, trace=trace)
        show(text_of("unexpected", {}, language), reference, language)


@contextmanager
def guarded(language: Language) -> Iterator[None]:
    """Run an action of a page; a refusal is shown in its place, and the rest of the page goes on."""
    try:
        yield
    except SalesDeskError as problem:
        refused(problem, language)


def refused(problem: SalesDeskError, language: Language) -> None:
    """A refusal with every problem it names."""
    details = [found.text(language) for found in problem.problems] if isinstance(problem, Invalid) else []
    show("\n\n".join([problem.text(language), *details]), problem.code, language)


def show(text: str, code: str, language: Language) -> None:
    """A text and its code."""
    st.error(text, icon=":material/error:")
    st.markdown(muted(translate("error_page.code", language, code=code)))
