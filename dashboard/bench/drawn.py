"""What a run of a page draws, read from its messages: which elements in which containers, without their content."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, NamedTuple

import polars as pl
from streamlit.proto.Block_pb2 import Block
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.RootContainer_pb2 import RootContainer

CHART, TABLE = "plotly_chart", "dataframe"
CONTAINERS = frozenset(one.name for one in Block.DESCRIPTOR.oneofs_by_name["type"].fields)


class Part(NamedTuple):
    """An element or a container: its kind, its size (points of each trace, rows and columns, options), its parts."""

    kind: str
    size: tuple[int, ...] = ()
    parts: tuple[Part, ...] = ()

    def walk(self) -> Iterator[Part]:
        """All parts below it."""
        for part in self.parts:
            yield part
            yield from part.walk()

    @staticmethod
    def of(plain: Any) -> Part:
        """The part that was written as JSON."""
        kind, size, parts = plain
        return Part(kind, tuple(size), tuple(Part.of(part) for part in parts))


@dataclass
class Place:
    """A place on the page while a run draws it."""

    kind: str = "container"
    size: tuple[int, ...] = ()
    within: dict[int, Place] = field(default_factory=dict)

    def part(self) -> Part:
        """What stands there."""
        return Part(self.kind, self.size, tuple(self.within[at].part() for at in sorted(self.within)))


class Drawing:
    """A page as a run draws it, message by message. Its own size: the pages in the navigation."""

    def __init__(self) -> None:
        self.page = Place("page")

    def read(self, message: ForwardMsg) -> None:
        """One message."""
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.page.size = (len(message.navigation.app_pages),)
        elif kind == "delta":
            self.put(message.metadata.delta_path, message.delta)

    def put(self, path: Iterable[int], delta: Delta) -> None:
        """One element or container at its place."""
        place = self.page
        for depth, step in enumerate(path):
            place = place.within.setdefault(step, Place() if depth else Place(RootContainer.Name(step).lower()))
        if delta.WhichOneof("type") == "new_element":
            place.kind, place.size = str(delta.new_element.WhichOneof("type")), size_of(delta.new_element)
        elif delta.WhichOneof("type") == "add_block":
            place.kind = str(delta.add_block.WhichOneof("type"))


def size_of(element: Element) -> tuple[int, ...]:
    """How large an element is."""
    kind = str(element.WhichOneof("type"))
    return SIZES[kind](getattr(element, kind)) if kind in SIZES else ()


def told_to(data: Any) -> tuple[int, int]:
    """What a component of our own is told: how many objects and how many values in them."""
    below = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    if not isinstance(data, dict | list):
        return 0, 1
    objects, values = (sum(found) for found in zip((0, 0), *map(told_to, below), strict=True))
    return objects + isinstance(data, dict), values


def points_of(trace: dict[str, Any]) -> int:
    """The points of a trace: its longest list."""
    return max((len(values) for values in trace.values() if isinstance(values, list)), default=1)


SIZES: dict[str, Callable[[Any], tuple[int, ...]]] = {
    CHART: lambda chart: tuple(points_of(trace) for trace in json.loads(chart.spec).get("data", ())),
    TABLE: lambda table: pl.read_ipc_stream(BytesIO(table.arrow_data.data)).shape,
    "bidi_component": lambda component: told_to(json.loads(component.json or "null")),
    "button_group": lambda group: (len(group.options),),
    "metric": lambda metric: (len(metric.chart_data),),
    "selectbox": lambda box: (len(box.options),),
}
"""What says how large an element is."""


def told(page: Part) -> str:
    """What a page holds, in words."""
    every = list(page.walk())
    charts, tables = (sum(part.kind == kind for part in every) for kind in (CHART, TABLE))
    rows = sum(part.size[0] for part in every if part.kind == TABLE)
    held = sum(part.kind in CONTAINERS for part in every)
    others = len(every) - charts - tables - held - len(page.parts)
    return f"charts {charts}, tables {tables}, their rows {rows}, other elements {others}, containers {held}"
