"""What an administrator changes about the grants holds at once, everywhere, and never hands out or loses the keys."""

from __future__ import annotations

import pytest

from dashboard.actions import access, people, submit
from dashboard.actions.passwords import hashed
from dashboard.domain.access import DEFAULTS, DELIVERED, Action, Reach, Role, Visibility
from dashboard.domain.access_rules import Rule, delivered_for, grants_of, policy_of, reaches_of
from dashboard.domain.changes import Change
from dashboard.domain.entities import RECORDS
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Forbidden, Invalid, NotFound, Refused, Stale
from tests.access.test_reach_examples import reads
from tests.builders import frame_of
from tests.department import Desk

READS_ALL = Rule(Role.REP, "deal", Action.READ, (Reach.ALL,))
READS_NONE = Rule(Role.LEADER, "deal", Action.READ, ())


def deal_of(desk: Desk, who: str = "rep", **values: object) -> str:
    return desk.make("deal", owner_id=desk.people[who], **values)


def test_a_rule_as_delivered_changes_nothing() -> None:
    for role, entity, action in {(grant.role, grant.entity, grant.action) for grant in DEFAULTS}:
        delivered = delivered_for(role, entity, action)
        same = Rule(role, entity, action, tuple(dict.fromkeys(grant.reach for grant in delivered)))
        assert sorted(map(str, grants_of(same))) == sorted(map(str, delivered))


def test_without_rules_the_grants_are_those_delivered() -> None:
    assert policy_of([]) is DELIVERED


def test_every_delivered_reach_may_be_chosen() -> None:
    for grant in DEFAULTS:
        assert grant.reach in reaches_of(grant.entity), grant


def test_a_wider_reach_holds_at_once(desk: Desk) -> None:
    deal = deal_of(desk, "stranger")
    assert not reads(desk, "rep", "deal", deal)
    access.set_rule(desk.store, desk.actor("admin"), READS_ALL)
    assert reads(desk, "rep", "deal", deal)
    access.unset_rule(desk.store, desk.actor("admin"), (Role.REP, "deal", Action.READ))
    assert not reads(desk, "rep", "deal", deal)


def test_a_right_taken_away_is_gone_at_once(desk: Desk) -> None:
    deal = deal_of(desk)
    assert reads(desk, "leader", "deal", deal)
    access.set_rule(desk.store, desk.actor("admin"), READS_NONE)
    assert not reads(desk, "leader", "deal", deal)
    assert desk.store.ids(desk.actor("leader"), "deal").len() == 0


def test_a_page_that_kept_its_actor_cannot_write_under_the_old_grants(desk: Desk) -> None:
    deal, kept = deal_of(desk), desk.actor("rep")
    access.set_rule(desk.store, desk.actor("admin"), Rule(Role.REP, "deal", Action.UPDATE, ()))
    assert kept.grants("deal", Action.UPDATE)
    with pytest.raises(Forbidden):
        desk.do("rep", "deal", "update", deal, next_step="call")


def test_fields_can_be_masked_for_a_role(desk: Desk) -> None:
    customer = desk.make("customer", owner_id=desk.people["rep"], phone="13912345678")
    assert desk.store.get(desk.actor("rep"), "customer", customer)["phone"] == "13912345678"
    rule = Rule(Role.REP, "customer", Action.READ, (Reach.OWN,), "masked")
    access.set_rule(desk.store, desk.actor("admin"), rule)
    assert desk.store.get(desk.actor("rep"), "customer", customer)["phone"] == "139****5678"


def test_a_rule_can_be_changed_and_returned_to_and_set_again(desk: Desk) -> None:
    admin, line = desk.actor("admin"), (Role.REP, "deal", Action.READ)
    for rule in (READS_ALL, READS_ALL._replace(reaches=(Reach.BELOW,)), READS_ALL):
        access.set_rule(desk.store, admin, rule)
        assert access.rules(desk.store) == [rule]
    access.unset_rule(desk.store, admin, line, why="a mistake")
    assert access.rules(desk.store) == []
    assert access.unset_rule(desk.store, admin, line) is None
    access.set_rule(desk.store, admin, READS_ALL)
    assert access.rules(desk.store) == [READS_ALL]
    rule_id = desk.one("access_rule")["id"]
    assert desk.store.history(admin, "access_rule", rule_id)["verb"].to_list() == [
        "create", "update", "update", "archive", "restore",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rule",
    [
        Rule(Role.ADMIN, "person", Action.UPDATE, ()),
        Rule(Role.ADMIN, "access_rule", Action.READ, ()),
        Rule(Role.MANAGER, "person", Action.UPDATE, (Reach.ALL,)),
        Rule(Role.REP, "access_rule", Action.CREATE, (Reach.ALL,)),
        Rule(Role.OPERATOR, "deal", Action.READ, ()),
        Rule(Role.REP, "login_session", Action.READ, (Reach.ALL,)),
        Rule(Role.REP, "stage", Action.READ, (Reach.POOL,)),
    ],
)
def test_the_keys_stay_where_they_are(shared_desk: Desk, rule: Rule) -> None:
    before = access.rules(shared_desk.store)
    with pytest.raises((Refused, Invalid)):
        access.set_rule(shared_desk.store, shared_desk.actor("admin"), rule)
    with pytest.raises(Refused):
        access.preview(shared_desk.store, shared_desk.actor("admin"), rule, (rule.role, rule.entity, rule.action))
    assert access.rules(shared_desk.store) == before


@pytest.mark.parametrize("who", ["rep", "manager", "leader", "support", "head"])
def test_only_an_administrator_changes_grants(shared_desk: Desk, who: str) -> None:
    actor = shared_desk.actor(who)
    with pytest.raises((Forbidden, NotFound)):
        access.set_rule(shared_desk.store, actor, READS_ALL)
    with pytest.raises(Forbidden):
        access.preview(shared_desk.store, actor, READS_ALL, (Role.REP, "deal", Action.READ))
    with pytest.raises(Forbidden):
        access.look_as(shared_desk.store, actor, shared_desk.people["rep"])
    with pytest.raises(Forbidden):
        access.why(shared_desk.store, actor, shared_desk.people["rep"], "deal", deal_of(shared_desk))


def test_the_preview_counts_what_everybody_gains_and_loses(desk: Desk) -> None:
    mine, theirs = deal_of(desk, "rep"), deal_of(desk, "stranger")
    line = (Role.REP, "deal", Action.READ)
    effects = access.preview(desk.store, desk.actor("admin"), READS_ALL, line)
    assert {effect.person_id: effect.records for effect in effects} == {
        desk.people["rep"]: (1, 2, 1, 0),
        desk.people["stranger"]: (1, 2, 1, 0),
        desk.people["colleague"]: (0, 2, 2, 0),
        desk.people["helper"]: (0, 2, 2, 0),
    }
    assert not reads(desk, "rep", "deal", theirs), "a preview changes nothing"
    access.set_rule(desk.store, desk.actor("admin"), READS_ALL)
    back = {effect.person_id: effect.records for effect in access.preview(desk.store, desk.actor("admin"), None, line)}
    assert back[desk.people["colleague"]] == (2, 0, 0, 2)
    assert reads(desk, "rep", "deal", mine)


def test_the_preview_names_the_fields_that_change(desk: Desk) -> None:
    rule = Rule(Role.REP, "customer", Action.READ, (Reach.OWN, Reach.LINKED), "masked")
    effects = access.preview(desk.store, desk.actor("admin"), rule, (Role.REP, "customer", Action.READ))
    fields = {effect.person_id: effect.fields for effect in effects}[desk.people["rep"]]
    assert fields["phone"] == (Visibility.CLEAR, Visibility.MASKED)
    assert "name" not in fields


def test_why_somebody_sees_a_record(desk: Desk) -> None:
    deal, admin = deal_of(desk), desk.actor("admin")

    def reasons(who: str) -> list[tuple[str, str, tuple[str, ...]]]:
        found = access.why(desk.store, admin, desk.people[who], "deal", deal)
        return [(str(one.grant.role), str(one.grant.reach), one.by) for one in found]

    assert reasons("rep") == [("rep", "own", ("owner_id",))]
    assert reasons("manager") == [("manager", "below", ("owner_id",))]
    assert reasons("leader") == [("leader", "all", ())]
    assert reasons("stranger") == []
    desk.make("deal_credit", deal_id=deal, person_id=desk.people["stranger"])
    assert reasons("stranger") == [("rep", "own", ("deal_credit",))]


def test_why_agrees_with_the_scope_for_everybody(desk: Desk) -> None:
    admin = desk.actor("admin")
    deal = deal_of(desk)
    records = {
        "deal": deal,
        "contract": desk.make("contract", deal_id=deal, owner_id=desk.people["rep"]),
        "interaction": desk.make("interaction", deal_id=deal, author_id=desk.people["rep"]),
        "customer": desk.make("customer", owner_id=desk.people["rep"]),
    }
    for entity, record in records.items():
        for who in ("rep", "colleague", "manager", "other_manager", "head", "leader", "support", "helper"):
            explained = bool(access.why(desk.store, admin, desk.people[who], entity, record))
            assert explained == reads(desk, who, entity, record), (entity, who)


def test_nothing_is_explained_about_what_one_may_not_read(desk: Desk) -> None:
    appraisal = desk.make("appraisal", person_id=desk.people["rep"])
    with pytest.raises(NotFound):
        access.why(desk.store, desk.actor("admin"), desk.people["rep"], "appraisal", appraisal)


def test_looking_as_somebody_shows_theirs_with_the_stricter_mask_and_no_appraisal(desk: Desk) -> None:
    customer = desk.make("customer", owner_id=desk.people["rep"], phone="13912345678")
    other = desk.make("customer", owner_id=desk.people["stranger"])
    desk.make("appraisal", person_id=desk.people["rep"])
    eyes = access.look_as(desk.store, desk.actor("admin"), desk.people["rep"])
    assert desk.store.get(eyes, "customer", customer)["phone"] == "139****5678"
    with pytest.raises(NotFound):
        desk.store.get(eyes, "customer", other)
    assert desk.store.count(eyes, "appraisal") == 0
    for entity in RECORDS:
        for action in Action:
            assert action is Action.READ or not eyes.grants(entity, action), (entity, action)


def test_looking_as_somebody_changes_nothing(desk: Desk) -> None:
    deal = deal_of(desk)
    eyes = access.look_as(desk.store, desk.actor("admin"), desk.people["rep"])
    revision = desk.store.revision
    with pytest.raises(Forbidden, match="another person's eyes"):
        submit(desk.store, eyes, [Change("deal", "update", frame_of("deal", {"id": deal, "version": 1, "name": "x"}))])
    with pytest.raises(Forbidden):
        people.one_time_password(desk.store, eyes, desk.people["rep"], "hash")
    assert desk.store.revision == revision


def test_looking_as_an_administrator_does_not_bring_back_more(desk: Desk) -> None:
    eyes = access.look_as(desk.store, desk.actor("admin"), desk.people["rep"])
    with pytest.raises(Forbidden):
        access.set_rule(desk.store, eyes, READS_ALL)
    with pytest.raises(Forbidden):
        access.look_as(desk.store, eyes, desk.people["manager"])


def test_looking_as_somebody_is_in_the_audit_trail(desk: Desk) -> None:
    with desk.store.reading() as cursor:
        before = cursor.execute("SELECT count(*) FROM audit_entries WHERE verb = 'view_as'").fetchone()[0]
        access.look_as(desk.store, desk.actor("admin"), desk.people["rep"])
        found = cursor.execute("SELECT actor_id, record_id FROM audit_entries WHERE verb = 'view_as'").fetchall()
    assert found[before:] == [(desk.people["admin"], desk.people["rep"])]


def test_an_invited_person_logs_in_and_must_choose_a_password(desk: Desk) -> None:
    invitation = people.Invitation("王芳", " WangFang ", (Role.REP,), desk.teams["north"])
    person = people.invite(desk.store, desk.actor("admin"), invitation, hashed("one time password"))
    assert desk.store.logins.credentials("wangfang")[0] == person  # type: ignore[index]
    with desk.store.reading() as cursor:
        asked = cursor.execute("SELECT must_change FROM credentials WHERE person_id = ?", [person]).fetchone()
    assert asked == (True,)
    assert desk.store.actor(person).roles == (Role.REP,)


def test_nobody_is_invited_without_name_username_and_role(shared_desk: Desk) -> None:
    with pytest.raises(Invalid) as lacking:
        people.invite(shared_desk.store, shared_desk.actor("admin"), people.Invitation("", "", ()), "hash")
    assert [problem.field for problem in lacking.value.problems] == ["name", "username", "roles"]


@pytest.mark.parametrize("who", ["rep", "manager", "leader", "support"])
def test_only_an_administrator_invites_and_gives_passwords(shared_desk: Desk, who: str) -> None:
    invitation = people.Invitation("X", f"x-{who}", (Role.ADMIN,))
    with pytest.raises(Forbidden):
        people.invite(shared_desk.store, shared_desk.actor(who), invitation, "hash")
    with pytest.raises(Forbidden):
        people.one_time_password(shared_desk.store, shared_desk.actor(who), shared_desk.people["admin"], "hash")
    found = shared_desk.store.find(
        shared_desk.actor("admin"), "person", [Condition("username", Operator.EQ, f"x-{who}")]
    )
    assert found.is_empty()


def test_a_stale_change_of_a_person_is_refused(desk: Desk) -> None:
    admin, rep = desk.actor("admin"), desk.people["rep"]
    people.alter(desk.store, admin, rep, 1, {"roles": ["rep", "support"]})
    with pytest.raises(Stale):
        people.alter(desk.store, admin, rep, 1, {"title": "Rep"})
    assert desk.actor("rep").roles == (Role.REP, Role.SUPPORT)


def test_what_somebody_leaves_behind_is_counted(desk: Desk) -> None:
    deal_of(desk)
    desk.step("operator", "deal", "lose", deal_of(desk))
    desk.make("lead", owner_id=desk.people["rep"])
    counts = people.in_hand(desk.store, desk.actor("admin"), desk.people["rep"])
    assert (counts["deal"], counts["lead"]) == (1, 1)
