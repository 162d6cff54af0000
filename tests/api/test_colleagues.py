"""Whom one may name over REST: the active people of the department, by name, for whoever shares credit."""

from __future__ import annotations

from dashboard.domain.access import operator
from tests.api.calling import Api


def test_a_rep_finds_colleagues_by_name_and_shares_the_credit_with_one(api: Api) -> None:
    desk, rep = api.desk, api("rep")
    gone = desk.make("person", name="Gone", username="gone-by-now")
    desk.do("operator", "person", "update", gone, active=False)
    people = desk.store.find(operator(), "person").filter("active")
    found = rep.get("/colleagues")["items"]
    assert {one["id"]: one["name"] for one in found} == dict(people.select("id", "name").iter_rows())
    assert all(one.keys() == {"id", "name"} for one in found), "nothing but the name"
    rep.refused("GET", f"/people/{desk.people['stranger']}", 404)
    deal = desk.make("deal", owner_id=desk.people["rep"])
    shares = [("rep", "0.75"), ("stranger", "0.25")]
    values = [{"deal_id": deal, "person_id": desk.people[name], "share": share} for name, share in shares]
    body = {"changes": [{"verb": "create", "values": one} for one in values]}
    assert rep.call("POST", "/deal-credits:batch", json=body).status_code == 200
    named = {one["person_id"] for one in rep.get("/deal-credits", deal_id=deal)["items"]}
    assert named == {desk.people["rep"], desk.people["stranger"]}


def test_whoever_shares_no_credit_gets_no_list(api: Api) -> None:
    assert api("manager").get("/colleagues")["items"]
    for who in ("leader", "support", "admin"):
        api(who).refused("GET", "/colleagues", 403)
    api("rep").refused("GET", "/colleagues?q=x", 400)
