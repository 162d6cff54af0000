"""The table: one row for every verb of every kind of record that takes part in a sale."""

from __future__ import annotations

from tests.verbs.row import Row, Wrong

ROWS = (
    Row(
        "lead",
        "claim",
        lambda s, n: s.make("lead", n, pool_team_id=s.at["#north"]),
        wrong=Wrong(
            lambda s, n: s.lead("lead", s.make("lead", n, pool_team_id=s.at["#north"]), "archive"), "verb.archived"
        ),
        rival="colleague",
        becomes={"pool_team_id": None},
    ),
    Row(
        "deal",
        "win",
        lambda s, n: s.make("deal", n, owner_id=s.at["@rep"], amount=100),
        lambda s, r: {"closed_on": s.today},
        wrong=Wrong(lambda s, n: s.lead("deal", s.make("deal", n, owner_id=s.at["@rep"], amount=100), "win")),
        becomes={"stage_type": "won"},
    ),
)
