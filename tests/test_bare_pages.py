"""The pages that `bench` compares with draw the elements that were counted on a page, each in its size, and no more."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from dashboard.bench import drawing
from dashboard.bench.drawn import Drawing, Part, told, told_to

ROW = Part("flex_container", (), (Part("button"), Part("popover", (), (Part("markdown"), Part("download_button")))))
SIDE_BY_SIDE = Part(
    "flex_container", (), (Part("column", (), (Part("metric", (6,)),)), Part("column", (), (Part("alert"),)))
)
BOARD = Part("bidi_component", (3, 7))
SHOWN = (Part("heading"), Part("plotly_chart", (4, 2)), ROW, SIDE_BY_SIDE, Part("dataframe", (5, 2)), BOARD)
MAIN = Part("main", (), SHOWN)
SIDEBAR = Part("sidebar", (), (Part("selectbox", (7,)), Part("text_input"), Part("date_input"), Part("markdown")))
PAGE = Part("page", (3,), (MAIN, SIDEBAR))
CALLED = {"title": "heading", "subheader": "heading", "info": "alert", "error": "alert"}
"""How a test calls what Streamlit sends under another name."""


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The bare page of PAGE."""
    monkeypatch.setenv(drawing.FOLDER, str(tmp_path))
    (tmp_path / "some.json").write_text(json.dumps(PAGE))
    drawing.part_named.cache_clear()
    test = AppTest.from_file(str(Path(drawing.__file__).with_name("bare.py")))
    test.query_params["page"] = "some"
    return test.run()


def test_a_bare_page_draws_what_was_counted(bare: AppTest) -> None:
    assert not bare.exception
    for shown, counted in ((bare.main, MAIN), (bare.sidebar, SIDEBAR)):
        found = Counter(CALLED.get(element.type, element.type) for element in shown if not isinstance(element, Block))
        assert found == Counter(part.kind for part in counted.walk() if not part.parts)
    assert len(bare.selectbox[0].options) == PAGE.parts[1].parts[0].size[0]
    assert bare.dataframe[0].value.shape == (5, 2)
    assert told_to(json.loads(bare.get("bidi_component")[0].proto.json)) == (3, 9), "seven values in rows of three"
    assert len(bare.metric[0].proto.chart_data) == 6
    traces = json.loads(bare.get("plotly_chart")[0].proto.spec)["data"]
    assert len(traces) == len(MAIN.parts[1].size)


def test_an_empty_page_draws_nothing() -> None:
    test = AppTest.from_file(str(Path(drawing.__file__).with_name("bare.py"))).run()
    assert not test.exception
    assert not test.main.children


def test_every_message_of_a_run_is_counted_at_its_place() -> None:
    drawing_ = Drawing()
    for path, kind in (((0, 0), "flex_container"), ((0, 0, 1), "button"), ((0, 0, 0), "markdown"), ((1, 0), "metric")):
        message = ForwardMsg()
        message.metadata.delta_path.extend(path)
        target = message.delta.add_block if kind == "flex_container" else message.delta.new_element
        getattr(target, kind).SetInParent()
        drawing_.read(message)
    page = drawing_.page.part()
    assert page.parts[0] == Part("main", (), (Part("flex_container", (), (Part("markdown"), Part("button"))),))
    assert page.parts[1] == Part("sidebar", (), (Part("metric", (0,)),))
    assert Part.of(json.loads(json.dumps(page))) == page
    assert told(page) == "charts 0, tables 0, their rows 0, other elements 3, containers 1"
