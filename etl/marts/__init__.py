"""Facts made ready to count: record states, histories and stage entries, as of any day and as known at any moment."""

from etl.marts.building import FRAMES, Marts, build
from etl.marts.refreshing import refresh
from etl.marts.sources import SOURCES, no_facts
from etl.marts.states import NO_RANK, WON_RANK
from etl.marts.views import View, view_of

__all__ = ["FRAMES", "NO_RANK", "SOURCES", "WON_RANK", "Marts", "View", "build", "no_facts", "refresh", "view_of"]
