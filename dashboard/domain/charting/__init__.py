"""From the rows of an answer to a chart: funnel, attainment, ranking, rates, trend and heat table.

Rows are frames as `etl.metrics` documents them; names: by id, what a person, a team or a stage is called; period: the
window in words, for tooltips.
"""

from dashboard.domain.charting.funnels import funnel
from dashboard.domain.charting.heat import heat
from dashboard.domain.charting.rankings import ranking, shares
from dashboard.domain.charting.targets import attainment
from dashboard.domain.charting.trends import trend

__all__ = ["attainment", "funnel", "heat", "ranking", "shares", "trend"]
