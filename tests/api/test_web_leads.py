"""Leads from web pages: received with a key, with consent, from declared sites; nothing is told, nothing is let in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.api import web_leads
from dashboard.api.problems import Unauthenticated
from dashboard.domain.access import operator
from dashboard.domain.queries import Condition, Operator
from dashboard.i18n import LANGUAGES, translate
from dashboard.ui.rules.web_forms import snippet
from tests.api.calling import Api, fields_at_fault
from tests.department import Desk
from tests.selling import visiting
from tests.tables import fingerprints

SITE = "https://www.example.com"
ADDRESS = "/api/v1/web-leads"
CONSENT = "I agree to be contacted about pumps."
GOOD = {"company": "Nadir Pumps", "person_name": "Wang Wei", "phone": "13811112222", "consent": "yes"}
HIDDEN = ("Nadir", "13811112222")


@pytest.fixture(autouse=True)
def patient(api: Api) -> None:
    """Each test has its own allowance."""
    with api.desk.store.engine.writing() as cursor:
        cursor.execute("DELETE FROM rates")


def written(api: Api) -> dict[str, tuple[int, int]]:
    """Everything in the store but how often somebody sent and what of it is noted."""
    return {
        name: found for name, found in fingerprints(api.desk.store).items() if name not in ("rates", "audit_entries")
    }


def refusals(api: Api) -> list[dict[str, Any]]:
    """What the audit says of leads that were refused."""
    asked = "SELECT actor_id, via, entity, record_id, why, details FROM audit_entries WHERE verb = 'refuse_lead'"
    with api.desk.store.reading() as cursor:
        found = cursor.execute(f"{asked} ORDER BY sequence").fetchall()
    names = ("actor_id", "via", "entity", "record_id", "why", "details")
    return [dict(zip(names, row, strict=True)) for row in found]


@pytest.fixture(scope="module")
def form(api: Api) -> dict[str, Any]:
    """A form of the north team, made by the administrator."""
    desk = api.desk
    body = {"name": "Pumps", "team_id": desk.teams["north"], "origins": [f"{SITE}/"], "consent_text": CONSENT}
    return api("admin").make("web-forms", **body)


@pytest.fixture(scope="module")
def key(api: Api, form: dict[str, Any]) -> str:
    """A key of the form."""
    made = api("admin").call("POST", f"/web-forms/{form['id']}/keys")
    assert made.status_code == 201, made.text
    return str(made.json()["key"])


def post(api: Api, body: Any, headers: dict[str, str] | None = None, **more: Any) -> Any:
    """What somebody's page sends, as JSON unless `data` is given."""
    given = {"json": body} if body is not None else {}
    return api.client.post(ADDRESS, headers={"Accept-Language": "en", **(headers or {})}, **given, **more)


def leads(desk: Desk, **equal: Any) -> list[dict[str, Any]]:
    """The leads with these values."""
    where = [Condition(name, Operator.EQ, value) for name, value in equal.items()]
    return desk.store.find(operator(), "lead", where).to_dicts()


def test_a_lead_lands_in_the_pool_with_its_consent(api: Api, form: dict[str, Any], key: str) -> None:
    desk = api.desk
    body = GOOD | {"key": key, "need": "Ten pumps\nby May", "email": "wang@example.com"}
    found = post(api, body, {"Origin": SITE})
    assert (found.status_code, list(found.json())) == (202, ["reference"])
    assert found.headers["access-control-allow-origin"] == SITE
    (lead,) = leads(desk, id=found.json()["reference"])
    assert (lead["company"], lead["person_name"], lead["need"]) == ("Nadir Pumps", "Wang Wei", "Ten pumps\nby May")
    assert (lead["status"], lead["owner_id"], lead["pool_team_id"]) == ("new", None, desk.teams["north"])
    assert desk.store.labels("list_value", [lead["source_id"]], "en") == {lead["source_id"]: "Website"}
    consent = desk.one("consent", lead_id=lead["id"])
    assert (consent["given"], consent["channel"]) == (True, "all")
    assert consent["evidence"] == f"{CONSENT} · Pumps · {SITE}"
    log = desk.store.history(operator(), "lead", lead["id"]).row(0, named=True)
    assert (log["actor_id"], log["why"]) == ("system", "Pumps")
    plain = api.client.post(ADDRESS, data=GOOD | {"key": key, "company": "Plain form"})
    assert plain.status_code == 202, plain.text
    assert leads(desk, company="Plain form")
    assert "access-control-allow-origin" not in plain.headers


def test_the_owner_gets_it_while_that_person_works_here(api: Api, key: str, form: dict[str, Any]) -> None:
    desk, admin = api.desk, api("admin")
    owned = admin.make(
        "web-forms",
        name="Owned",
        team_id=desk.teams["south"],
        owner_id=desk.people["helper"],
        consent_text=CONSENT,
        source_id=desk.refs["source"],
    )
    mine = admin.call("POST", f"/web-forms/{owned['id']}/keys").json()["key"]
    first = post(api, GOOD | {"company": "First", "wechat": "first_1"}, {"X-Form-Key": mine}).json()["reference"]
    desk.do("operator", "person", "update", desk.people["helper"], active=False)
    second = post(api, GOOD | {"company": "Second"}, {"X-Form-Key": mine}).json()["reference"]
    desk.do("operator", "person", "update", desk.people["helper"], active=True)
    (one,), (two,) = leads(desk, id=first), leads(desk, id=second)
    assert (one["owner_id"], one["pool_team_id"]) == (desk.people["helper"], None)
    assert (two["owner_id"], two["pool_team_id"]) == (None, desk.teams["south"])
    assert one["source_id"] == desk.refs["source"]


def test_somebody_known_makes_a_lead_all_the_same_and_only_its_owner_is_told(api: Api, key: str) -> None:
    desk = api.desk
    customer = desk.make("customer", name="Known Works", owner_id=desk.people["stranger"])
    desk.make("contact", customer_id=customer, name="Zhao", phone="13633334444")
    fresh = post(api, GOOD | {"key": key, "company": "Fresh", "phone": "13699990000"})
    known = post(api, GOOD | {"key": key, "company": "Known Works", "phone": "136 3333 4444"})
    assert (fresh.status_code, list(fresh.json())) == (known.status_code, list(known.json()))
    assert {len(one.content) for one in (fresh, known)} == {len(fresh.content)}
    assert leads(desk, company="Fresh")[0]["next_step"] is None
    lead = leads(desk, company="Known Works")[0]
    words = {
        "en": "Look who this is: phone, company name is known already",
        "zh": "请先核对身份：电话、公司名称在系统中已存在",
    }
    for language, told in words.items():
        assert api("manager", language).get(f"/leads/{lead['id']}")["next_step"] == told  # type: ignore[arg-type]
    assert "Zhao" not in lead["next_step"]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"consent": None}, {"consent": "web_lead.no_consent"}),
        ({"consent": "no"}, {"consent": "web_lead.no_consent"}),
        ({"consent": False}, {"consent": "web_lead.no_consent"}),
        ({"owner_id": "x", "id": "y"}, {"owner_id": "field.unknown", "id": "field.unknown"}),
        ({"status": "converted"}, {"status": "field.unknown"}),
        ({"phone": None}, {"phone": "web_lead.no_way_to_answer"}),
        ({"company": " ", "person_name": ""}, {"company": "field.required"}),
        ({"company": "Two\nlines"}, {"company": "field.control"}),
        ({"company": "x" * 300}, {"company": "field.too_long"}),
        ({"company": ["a"]}, {"company": "field.type"}),
        ({"phone": "call me"}, {"phone": "field.phone"}),
        ({"email": "a@b\r\nBcc: c@d.example"}, {"email": "field.email"}),
        ({"website": "javascript:alert(1)"}, {"website": "field.url"}),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_written(
    api: Api, key: str, body: dict[str, Any], faults: dict[str, str]
) -> None:
    before = written(api)
    found = post(api, GOOD | {"key": key} | body, {"Origin": SITE})
    assert (found.status_code, fields_at_fault(found.json())) == (422, faults), found.text
    assert found.headers["access-control-allow-origin"] == SITE, "the page may say what is wrong"
    assert not any(word in found.text for word in HIDDEN), "nothing of what was sent comes back"
    assert written(api) == before


def test_markup_and_formulas_stay_texts(api: Api, key: str) -> None:
    nasty = {"company": '=HYPERLINK("http://x")', "person_name": "<script>alert(1)</script>"}
    found = post(api, GOOD | {"key": key} | nasty)
    assert found.status_code == 202, found.text
    (lead,) = leads(api.desk, id=found.json()["reference"])
    assert {name: lead[name] for name in nasty} == nasty
    at = visiting(api.desk, "manager", "leads")
    at.query_params["id"] = lead["id"]
    at.run()
    assert not at.exception
    assert not [block for block in at.get("html") if "<script>alert" in block.proto.body]
    assert "<script>alert" not in " ".join(block.value for block in at.markdown if block.allow_html)


def test_keys_that_never_were_that_ended_and_that_belong_elsewhere_get_the_same_answer(
    api: Api, form: dict[str, Any], key: str
) -> None:
    admin, before = api("admin"), len(leads(api.desk))
    ended = admin.call("POST", f"/web-forms/{form['id']}/keys").json()
    assert admin.call("DELETE", f"/web-forms/{form['id']}/keys/{ended['id']}").status_code == 204
    assert admin.call("DELETE", f"/web-forms/{form['id']}/keys/{ended['id']}").status_code == 404
    bodies = [GOOD | {"key": secret} for secret in (ended["key"], f"{key[:-1]}x", "", "x" * 5_000)]
    answers = [post(api, body) for body in (*bodies, GOOD)]
    answers.append(post(api, GOOD | {"key": key}, {"Origin": "https://evil.example"}))
    assert {(one.status_code, one.content) for one in answers} == {(401, answers[0].content)}
    assert "access-control-allow-origin" not in answers[-1].headers
    assert len(leads(api.desk)) == before
    shown = admin.get(f"/web-forms/{form['id']}/keys")["items"]
    assert "key" not in shown[0]
    with api.desk.store.reading() as cursor:
        kept = cursor.execute("SELECT * FROM web_keys").fetchall()
    assert key not in str(kept)


def test_a_form_out_of_use_receives_nothing(api: Api) -> None:
    admin = api("admin")
    idle = admin.make("web-forms", name="Idle", team_id=api.desk.teams["north"], consent_text=CONSENT)
    secret = admin.call("POST", f"/web-forms/{idle['id']}/keys").json()["key"]
    assert admin.change(f"/web-forms/{idle['id']}", 1, active=False).status_code == 200
    assert post(api, GOOD | {"key": secret}).status_code == 401


def test_a_machine_that_fills_the_trap_is_thanked_and_forgotten(api: Api, key: str) -> None:
    before = written(api)
    found = post(api, GOOD | {"key": key, "fax": "123", "consent": None, "owner_id": "x"})
    assert (found.status_code, list(found.json())) == (202, ["reference"])
    assert written(api) == before


def test_sizes_and_kinds_of_bodies_are_bounded(api: Api, key: str) -> None:
    huge = post(api, GOOD | {"key": key, "need": "x" * 20_000})
    assert (huge.status_code, huge.json()["code"]) == (413, "body.too_large")
    for content, kind, status in (
        (b"<lead/>", "text/xml", 415),
        (b"a=1&a=2", web_leads.FORM_TYPE, 400),
        (b"company=%ff", web_leads.FORM_TYPE, 400),
        ("&".join(f"f{at}=1" for at in range(40)).encode(), web_leads.FORM_TYPE, 400),
        (b"company=%00", web_leads.FORM_TYPE, 400),
        (b"[1]", "application/json", 400),
    ):
        assert post(api, None, {"Content-Type": kind}, content=content).status_code == status, (content, kind)


def test_one_address_sends_only_so_many_and_wrong_keys_count(api: Api, key: str) -> None:
    answers = [post(api, GOOD | {"key": "wrong"}).status_code for _ in range(10)]
    refused = post(api, GOOD | {"key": key})
    assert (set(answers), refused.status_code, refused.json()["code"]) == ({401}, 429, "web_lead.too_many")
    assert 0 < int(refused.headers["retry-after"]) <= 66


def test_refused_leads_are_noted_by_kind_without_anything_that_was_sent(
    api: Api, form: dict[str, Any], key: str
) -> None:
    before = len(refusals(api))
    post(api, GOOD | {"key": "wrong-key-of-Nadir"})
    post(api, GOOD | {"key": "another"})
    post(api, GOOD | {"key": key, "consent": "no"}, {"Origin": SITE})
    post(api, GOOD | {"key": key, "consent": None, "company": "Elsewhere"}, {"Origin": SITE})
    for _ in range(9):
        post(api, GOOD | {"key": "wrong"})
    found = refusals(api)[before:]
    told = [(one["record_id"], json.loads(one["details"])["codes"]) for one in found]
    assert told == [
        (None, ["web_lead.key"]),
        (form["id"], ["record.invalid", "web_lead.no_consent"]),
        (None, ["web_lead.too_many"]),
    ]
    assert {(one["actor_id"], one["via"], one["entity"], one["why"]) for one in found} == {
        ("system", "rest", "web_form", None)
    }
    assert len({json.loads(one["details"])["sender"] for one in found}) == 1, "one sender, known by a hash only"
    text = json.dumps(found)
    assert not [word for word in (*HIDDEN, "testclient", "wrong", "Elsewhere", SITE, key) if word in text]
    assert api.desk.store.check() == []


def test_nobody_fills_the_audit_with_refused_leads_from_many_addresses(
    api: Api, form: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_leads, "NOTED_AT_ALL", web_leads.NOTED_AT_ALL._replace(most=3))
    store, before = api.desk.store, len(refusals(api))
    for at in range(9):
        web_leads.note(store, Unauthenticated("web_lead.key"), None, f"10.0.0.{at}")
    assert len(refusals(api)) == before + 3
    web_leads.note(store, Unauthenticated("web_lead.key"), form["id"], "10.0.0.1")
    assert len(refusals(api)) == before + 4, "each form has its own"


def test_a_browser_is_told_which_sites_may_send(api: Api, form: dict[str, Any]) -> None:
    assert form["origins"] == [SITE], "as a browser writes it"
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    known = api.client.options(ADDRESS, headers={"Origin": SITE, **asked})
    other = api.client.options(ADDRESS, headers={"Origin": "https://evil.example", **asked})
    assert known.headers["access-control-allow-origin"] == SITE
    assert (known.headers["vary"], known.headers["access-control-allow-methods"]) == ("Origin", "POST")
    assert not [name for name in other.headers if name.startswith("access-control")]
    for wrong in ("example.com", "https://example.com/path", "https://*.example.com", "null", "javascript:x"):
        body = {"name": "Bad", "team_id": api.desk.teams["north"], "consent_text": "x", "origins": [wrong]}
        faults = fields_at_fault(api("admin").refused("POST", "/web-forms", 422, json=body))
        assert faults == {"origins": "web_form.origin"}, wrong


def test_only_administrators_keep_forms_and_keys(api: Api, form: dict[str, Any]) -> None:
    for who in ("rep", "manager", "leader", "support"):
        for method, path in (("GET", f"/web-forms/{form['id']}"), ("POST", f"/web-forms/{form['id']}/keys")):
            api(who).refused(method, path, 403)
    with_key = api("admin").call("POST", f"/web-forms/{form['id']}/keys", {"Idempotency-Key": "web-key"})
    again = api("admin").call("POST", f"/web-forms/{form['id']}/keys", {"Idempotency-Key": "web-key"})
    assert with_key.json() == again.json()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_makes_ends_and_shows_keys_once(api: Api, form: dict[str, Any], language: Any) -> None:
    at = visiting(api.desk, "admin", "rules", language)
    at.query_params.update({"rules_part": "web_forms", "rules_list": "web_form", "id": form["id"]})
    at.run()
    assert not at.exception
    assert at.button(key="web_key_issue").label == translate("web_form.issue", language)
    at.button(key="web_key_issue").click().run()
    secret = at.code[0].value
    assert secret.startswith("sdw_")
    assert secret in at.code[1].value
    assert post(api, GOOD | {"key": secret}).status_code == 202
    next(button for button in reversed(at.button) if str(button.key).startswith("web_key_revoke_")).click().run()
    assert secret not in " ".join(block.value for block in at.code)
    assert post(api, GOOD | {"key": secret}).status_code == 401


def test_the_snippet_is_escaped_and_sends_what_is_received(api: Api, key: str) -> None:
    form = {"consent_text": '<img src=x onerror="alert(1)"> & more'}
    html = snippet(form, "https://crm.example.com", 'k"><script>', "en")
    assert "<img" not in html
    assert 'value="k&quot;&gt;&lt;script&gt;"' in html
    assert 'action="https://crm.example.com/api/v1/web-leads"' in html
    names = {part.split('"')[0] for part in html.split('name="')[1:]}
    assert names == {*web_leads.ASKED, "key", "consent", "fax"}
