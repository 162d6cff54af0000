"""Every page and every link into it, by every role: what may be read is shown, nothing else is told of.

Links lead to records of one's own, of the team, of others, archived and unknown ones: the page shows the record or says
that there is none, and nothing on it tells of what its reader may not know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.i18n import translate
from dashboard.sitemap import PAGES, is_offered
from dashboard.ui.contracts import ROOM as CONTRACTS
from dashboard.ui.customers import CONTACTS
from dashboard.ui.customers import ROOM as CUSTOMERS
from dashboard.ui.deals import ROOM
from dashboard.ui.leads import ROOM as LEADS
from dashboard.ui.orders.room import ROOM as ORDERS
from dashboard.ui.pool.shelves import ROOMS as SHELVES
from dashboard.ui.rooms import Room
from dashboard.ui.rules.parts import PARTS
from tests.access.matrix import ROLES, UNKNOWN, Department, granted, one_of_each
from tests.access.oracle import Onlooker, Record
from tests.access.telling import Reader, told
from tests.builders import today

LAST_YEAR = today().replace(year=today().year - 1, day=1).isoformat()
NOT_THERE = translate("error.record.not_found", "en")
FORBIDDEN = translate("error.access.forbidden", "en")
Link = dict[str, str]
ROOMS = {room.entity: room for room in (ROOM, LEADS, CUSTOMERS, CONTACTS)}


def everything(at: AppTest) -> str:
    """Everything that a browser gets, also what stands in tables and behind charts."""
    elements = [*at.main, *at.sidebar]
    words = [str(element.proto) for element in elements if getattr(element, "proto", None) is not None]
    return "\n".join([*words, *(str(table.value.to_dict("records")) for table in at.dataframe)])


def named_on(at: AppTest, room: Room) -> set[str]:
    """The records of a room whose titles a page tells."""
    return {one.record for one in told(everything(at)) if (one.entity, one.field) == (room.entity, room.declared.title)}


def deals_on(at: AppTest) -> set[str]:
    """The deals whose names a page tells."""
    return named_on(at, ROOM)


def links(onlooker: Onlooker) -> Iterator[tuple[str, Link]]:
    """Every page, and what its address may say; what may come for one record comes for one of each class."""
    teams = [{}, *({"team": team} for team in (*far(onlooker), UNKNOWN))]
    past = {"as_of": LAST_YEAR, "period": "this_year"}
    for slug in ("overview", "team"):
        yield from ((slug, {f"{slug}_{key}": value for key, value in said.items()}) for said in (*teams, past))
    yield from (("today", {"person": person}) for person in (*ids(onlooker, "person"), UNKNOWN))
    yield "deals", {}
    yield from (("deals", {"owner_id": person, "stage_type": "all"}) for person in ids(onlooker, "person")[:1])
    yield "deals", {"columns": ",".join(ROOM.declared.by_name), "stage_type": "all", "sort": "-amount"}
    yield "deals", {"as_of": LAST_YEAR, "stage_type": "all"}
    yield "deals", {"view": "board"}
    yield "contracts", {}
    yield "contracts", {"columns": ",".join(CONTRACTS.declared.by_name), "step": "all", "sort": "-amount"}
    yield "contracts", {"as_of": LAST_YEAR}
    yield "orders", {"columns": ",".join(ORDERS.declared.by_name), "status": "all", "sort": "-amount"}
    yield from (
        (page, {"id": row["id"]})
        for page, entity in (("contracts", "contract"), ("orders", "order"))
        for row in one_of_each(onlooker, entity).values()
        if onlooker.may(entity, row, "read")
    )
    for room in (LEADS, CUSTOMERS, CONTACTS):
        place = dict(room.place)
        yield room.page, place
        yield room.page, {**place, "columns": ",".join(room.declared.by_name), "sort": "-created_at"}
        yield room.page, {**place, "as_of": LAST_YEAR}
    yield "imports", {}
    for part in ("staff", "grants", "reasons"):
        yield "people", {"people_part": part}
    yield from pool(onlooker)
    yield from rules(onlooker)


def pool(onlooker: Onlooker) -> Iterator[tuple[str, Link]]:
    """The pool of both kinds as cards and as a table, what was left behind, and records of each class in it."""
    for entity in SHELVES:
        yield "pool", {"pool_of": entity}
        yield "pool", {"pool_of": entity, "pool_look": "table", "pool_shelf": "left"}
        ones = one_of_each(onlooker, entity).values()
        yield from (("pool", {"pool_of": entity, "id": row["id"]}) for row in ones if onlooker.may(entity, row, "read"))


def rules(onlooker: Onlooker) -> Iterator[tuple[str, Link]]:
    """Every part of the rules, and a record in it."""
    for part in PARTS.values():
        for room in part.rooms:
            place = dict(room.place)
            yield "rules", place
            ones = one_of_each(onlooker, room.entity).values()
            read = [row["id"] for row in ones if onlooker.may(room.entity, row, "read")]
            yield from (("rules", {**place, "id": record}) for record in read[:1])


def far(onlooker: Onlooker) -> list[str]:
    """A team whose results somebody may not see, or does not see for leading it."""
    return [team["id"] for team in onlooker.records["team"] if team["id"] not in onlooker.below][:1]


def ids(onlooker: Onlooker, entity: str) -> list[str]:
    """The id of a record of each class, so far as they differ in it."""
    return [row["id"] for row in one_of_each(onlooker, entity).values()]


@pytest.mark.parametrize("role", ROLES)
def test_pages_tell_what_their_reader_may_know(department: Department, role: str) -> None:
    onlooker, actor, shown = department.onlookers[role], department.actor(role), Counter[str]()
    reader, offered = Reader(onlooker), {entry.slug for entry in PAGES if is_offered(entry, actor)}
    for slug, said in links(onlooker):
        if slug in shown and slug not in offered:
            continue  # one refusal is as good as the next
        at = department.page(role, slug, **said)
        wrong = [error.value for error in at.error]
        assert wrong == ([] if slug in offered else [FORBIDDEN]), (role, slug, said)
        assert not at.exception
        assert reader.leaks(everything(at)) == set(), (role, slug, said)
        shown[slug] += 1
    assert shown.keys() == {entry.slug for entry in PAGES}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS)
def test_a_link_to_a_record_opens_it_or_says_that_there_is_none(department: Department, role: str, room: Room) -> None:
    onlooker, entity = department.onlookers[role], room.entity
    reader, offered = Reader(onlooker), {entry.slug for entry in PAGES if is_offered(entry, department.actor(role))}
    for kind, row in {**one_of_each(onlooker, entity), "unknown": {"id": UNKNOWN}}.items():
        for said in ({}, {"edit": "1"}):
            at = department.page(role, room.page, **dict(room.place), id=row["id"], **said)
            wrong, text = [error.value for error in at.error], everything(at)
            assert reader.leaks(text) == set(), (role, kind, said)
            if room.page not in offered:
                assert wrong == [FORBIDDEN]
            elif kind == "unknown" or not onlooker.may(entity, row, "read"):
                assert wrong == [NOT_THERE], (role, kind, said)
                assert named_on(at, room) == set()
            elif not said:
                assert (wrong, named_on(at, room) >= {row["id"]}) == ([], True), (role, kind)
            else:
                may = onlooker.may(entity, row, "update") and row["archived_at"] is None
                assert wrong == ([] if may else [FORBIDDEN]), (role, kind)


@pytest.mark.parametrize("role", ROLES)
def test_a_link_to_a_person_opens_for_administrators_only(department: Department, role: str) -> None:
    onlooker = department.onlookers[role]
    for person in (onlooker.records["person"][-1]["id"], UNKNOWN):
        at = department.page(role, "people", id=person)
        wrong = [FORBIDDEN] if role != "admin" else [NOT_THERE] if person == UNKNOWN else []
        assert [error.value for error in at.error] == wrong, (role, person)
        assert bool(at.get("form")) == (wrong == []), (role, person)
        assert Reader(onlooker).leaks(everything(at)) == set(), (role, person)


@pytest.mark.parametrize("role", ROLES)
def test_an_empty_form_is_for_whoever_makes_such_records(department: Department, role: str) -> None:
    for room in ROOMS.values():
        at = department.page(role, room.page, **dict(room.place), new="1")
        makes = granted(department.onlookers[role], room.entity, "create")
        assert [error.value for error in at.error] == ([] if makes else [FORBIDDEN]), room.page
        assert Reader(department.onlookers[role]).leaks(everything(at)) == set(), room.page


@pytest.mark.parametrize("role", ["rep", "manager", "leader", "support"])
def test_an_administrator_sees_through_others_eyes_no_more_than_either_may(department: Department, role: str) -> None:
    onlooker, shown = department.onlookers[role], Counter[str]()
    readers = (Reader(onlooker), Reader(department.onlookers["admin"]))
    offered = {entry.slug for entry in PAGES if is_offered(entry, department.actor(role))}
    offered -= {"imports"}  # nothing is to be seen there by whoever only looks
    whose = translate("viewing.now", "en", name=onlooker.person["name"])
    deals = one_of_each(onlooker, "deal")
    links = [{"id": deals[kind]["id"]} for kind in ("own", "foreign") if kind in deals]
    pages = [*sorted(offered), "people"]
    for slug, said in [*((slug, {}) for slug in pages), *(("deals", link) for link in links)]:
        at = department.page("admin", slug, role, **said)
        text = everything(at)
        assert whose in text.replace("\\", ""), "it is said whose eyes these are"
        for reader in readers:
            assert reader.leaks(text) == set(), (role, slug, said)
        shown[slug] += len(told(text))
        refused = slug not in offered or said.get("id") in foreign(onlooker)
        assert bool(at.error) == refused, (role, slug, said, [error.value for error in at.error])
    assert sum(shown.values()) > 4


def foreign(onlooker: Onlooker) -> set[str]:
    """The deals out of somebody's reach."""
    return {row["id"] for row in onlooker.records["deal"] if not onlooker.may("deal", row, "read")}


@pytest.mark.parametrize("role", ["rep", "manager", "leader", "admin"])
def test_a_search_on_the_page_finds_what_may_be_read(department: Department, role: str) -> None:
    onlooker, reader, hits = department.onlookers[role], Reader(department.onlookers[role]), 0
    for entity in ("deal", "customer"):
        for kind, row in one_of_each(onlooker, entity).items():
            for archived in ("", "1") if "archived" in kind else ("",):
                said = {"q": f"of {row['id']}", "stage_type": "all", "archived": archived}
                at = department.page(role, "deals", **said)
                assert reader.leaks(everything(at)) == set(), (role, said)
                assert deals_on(at) == found_by(onlooker, entity, row, archived == "1"), (role, said)
                hits += len(deals_on(at))
    assert hits > 1


def found_by(onlooker: Onlooker, entity: str, row: Record, archived: bool) -> set[str]:
    """The deals that a search for the texts of a record finds: itself, or those of the customer; all within reach."""
    if not onlooker.may(entity, row, "read") or (entity == "customer" and row["archived_at"] is not None):
        return set()
    return {
        deal["id"]
        for deal in onlooker.records["deal"]
        if onlooker.may("deal", deal, "read")
        and (deal["archived_at"] is not None) == archived
        and row["id"] in (deal["id"], deal["customer_id"])
    }
