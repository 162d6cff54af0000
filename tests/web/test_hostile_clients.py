"""What a hostile client can do to a Streamlit application, tried here one by one over a raw websocket."""

from __future__ import annotations

import ast
import json
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed

from dashboard.i18n import translate
from dashboard.settings import ROOT
from dashboard.sitemap import PAGES
from dashboard.ui.connections import STRANGER_BURST, STRANGER_MOST_BYTES, STRANGERS_PER_ADDRESS
from tests.selling import PASSWORD
from tests.served import Served, serve
from tests.web.client import Client, pressed, refused, typed, visiting
from tests.web.test_weak_logins import SOURCES, logged_in

SECRETS = ("Crane", "colleague", "stMetric")
"""Words of the department's pages."""


def test_r1_a_page_that_is_not_offered_does_not_run(server: Served) -> None:
    with visiting(server.address, logged_in(server, "rep")) as client:
        client.run(page="team")
        assert translate("error.access.forbidden", "zh") in client.text
        assert "colleague" not in client.text
        client.run(page="no-such-page")
        assert "Traceback" not in client.text


def test_r2_a_fresh_process_runs_no_page_file_by_its_address(tmp_path: Path) -> None:
    assert not (ROOT / "dashboard" / "pages").exists(), "Streamlit would serve what lies beside the entry script"
    with serve(tmp_path) as fresh:
        for page in ("team", "pages/team", "leftover", "", *(entry.slug for entry in PAGES)):
            with visiting(fresh.address) as client:
                assert client.run(page=page).sees_the_login_form
                assert not any(word in client.text for word in SECRETS)


def test_r3_no_fragment_and_no_callback_runs_once_the_session_is_over(server: Served) -> None:
    with visiting(server.address, logged_in(server, "manager")) as client:
        client.run(page="team")
        fragment = fragments_of(client)[0]
        press = client.find("button", translate("account.open", "zh"))
        client.said.clear()
        client.run(page="team", fragment=fragment)
        assert ran_a_fragment(client), "while the session counts, it runs"
        server.end_sessions("manager")
        try:
            client.said.clear()
            client.run(pressed(press.id), page="team", fragment=fragment)
            assert client.sees_the_login_form
            assert translate("error.access.logged_out", "zh") in client.text
            client.run(pressed(press.id), page="team", fragment=fragment)
            assert client.sees_the_login_form
            assert not ran_a_fragment(client)
        finally:
            server.say("allow manager")


def fragments_of(client: Client) -> list[str]:
    """The fragments of a page that do not run by themselves."""
    by_themselves = {said.auto_rerun.fragment_id for said in client.said if said.HasField("auto_rerun")}
    named = {said.delta.fragment_id for said in client.said if said.HasField("delta")}
    return sorted(named - by_themselves - {""})


def ran_a_fragment(client: Client) -> bool:
    """Whether anything ran without the page around it."""
    return any(said.metadata.run.fragment_ids for said in client.said)


def test_r4_only_the_cookie_of_the_same_session_comes_back_to_a_pages_memory(server: Served) -> None:
    mine, others = logged_in(server, "manager"), logged_in(server, "leader")
    with visiting(server.address, mine) as client:
        number = client.run().page_session
    for cookie in (None, others, "A" * 43):
        with visiting(server.address, cookie, resume=number) as thief:
            assert thief.run().page_session != number
    with visiting(server.address, mine, resume=number) as back:
        assert back.run().page_session == number
        assert back.sees_a_page


def test_r4_a_login_without_cookie_lasts_for_its_connection_and_no_longer(server: Served) -> None:
    with visiting(server.address) as client:
        client.run().log_in("leader", PASSWORD)
        assert client.run().sees_a_page
        number = client.page_session
    with visiting(server.address, resume=number) as back:
        assert back.run().sees_the_login_form


def test_r4_the_mark_of_a_connection_cannot_be_given_by_a_client(server: Served) -> None:
    with visiting(server.address, headers={"X-Connection": "anything"}) as client:
        assert client.run().sees_the_login_form
        client.log_in("leader", PASSWORD)
        assert client.sees_a_page
        assert client.cookie()


def test_r5_a_value_that_is_not_on_offer_changes_nothing(server: Served) -> None:
    with visiting(server.address, logged_in(server, "rep")) as client:
        honest = numbers(client.run(page="overview"))
        assert honest
        period = next(client.of("selectbox"))
        client.run(typed(period.id, "9999 or 1=1"), page="overview", query="overview_period=../../etc&overview_team=x")
        assert numbers(client) == honest
        assert not list(client.of("exception"))


def numbers(client: Client) -> list[str]:
    """The key figures on a page."""
    return [found.body for found in client.of("metric")]


def test_r6_emptying_the_caches_hurts_nobody(server: Served) -> None:
    with visiting(server.address, logged_in(server, "manager")) as client:
        before = numbers(client.run(page="team"))
        assert before
        for cookie in (None, logged_in(server, "rep")):
            with visiting(server.address, cookie) as hostile:
                hostile.run()
                said = BackMsg()
                said.clear_cache = True
                hostile.send(said)
                hostile.run()
        assert numbers(client.run(page="team")) == before
    assert httpx.get(f"{server.address}/api/health").json() == {"status": "ready"}
    used = {node.attr for file in SOURCES for node in ast.walk(ast.parse(file.read_text("utf-8"))) if named(node)}
    assert used & {"cache_data", "cache_resource"} == set(), "anybody who is connected can empty these"


def named(node: ast.AST) -> bool:
    """Whether a node names an attribute."""
    return isinstance(node, ast.Attribute)


def upload(server: Served, number: str, cookie: str | None = None) -> int:
    """The status of an upload to a page's memory."""
    token = httpx.get(f"{server.address}/_stcore/health").cookies["_streamlit_xsrf"]
    cookies = {"_streamlit_xsrf": token} | ({"sid": cookie} if cookie else {})
    with httpx.Client(cookies=cookies) as http:
        answer = http.put(
            f"{server.address}/_stcore/upload_file/{number}/1",
            files={"file": ("a.csv", b"a,b\n1,2\n")},
            headers={"X-Xsrftoken": token},
        )
    return answer.status_code


def test_r7_an_upload_needs_the_cookie_and_the_page_it_belongs_to(server: Served) -> None:
    with visiting(server.address) as stranger:
        assert upload(server, stranger.run().page_session) == 401
    cookie, others = logged_in(server, "rep"), logged_in(server, "leader")
    with visiting(server.address, cookie) as client:
        number = client.run().page_session
        assert upload(server, number) == 401
        assert upload(server, number, others) == 401
        assert upload(server, number, cookie) == 204


def test_r8_what_was_made_for_a_download_needs_the_cookie(server: Served) -> None:
    assert httpx.get(f"{server.address}/media/{'0' * 56}.csv").status_code == 401
    found = httpx.get(f"{server.address}/media/{'0' * 56}.csv", cookies={"sid": logged_in(server, "rep")})
    assert found.status_code == 404
    assert found.headers["cache-control"] == "no-store"


def test_r9_a_websocket_comes_from_a_page_of_ours(server: Served) -> None:
    cookie = logged_in(server, "rep")
    here = server.address
    assert refused(here, cookie=cookie) == 101
    for origin in (None, "https://evil.example", "null", f"http://localhost:{server.port}", "http://127.0.0.1:1"):
        assert refused(here, cookie=cookie, origin=origin) == 403
    assert refused(here, cookie=cookie, headers={"Sec-Fetch-Site": "cross-site"}) == 403


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics",
        "/team/_stcore/metrics/",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/mcp",
        "/_stcore/agent/interact",
        "/_stcore/script-health-check",
        "/auth/login",
        "/auth/logout",
        "/oauth2callback",
        "/component/extra_streamlit_components.CookieManager.cookie_manager/index.html",
    ],
)
def test_r10_what_streamlit_answers_to_anybody_is_closed(server: Served, path: str) -> None:
    assert httpx.get(f"{server.address}{path}").status_code == 404
    assert httpx.post(f"{server.address}{path}").status_code == 404


def test_r10_nothing_says_where_and_on_what_it_runs(server: Served) -> None:
    with visiting(server.address) as client:
        client.run()
        told = b"".join(message.SerializeToString() for message in client.said)
        begun = next(message.new_session for message in client.said if message.HasField("new_session"))
        machine = begun.initialize.environment_info
        assert (machine.streamlit_version, machine.python_version, machine.server_os) == ("", "", "")
        client.log_in("leader", PASSWORD)
        told += b"".join(message.SerializeToString() for message in client.said)
    assert str(ROOT).encode() not in told
    answer = httpx.get(server.address)
    assert "server" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors" in answer.headers["content-security-policy"]


def test_r11_nothing_is_kept_that_another_person_could_be_given(server: Served) -> None:
    seen = {}
    for name in ("rep", "stranger", "rep"):
        with visiting(server.address, logged_in(server, name)) as client:
            seen.setdefault(name, []).append(numbers(client.run(page="overview")))
    assert seen["rep"][0] == seen["rep"][1] != seen["stranger"][0] != []


# -- strangers are few, small and slow ---------------------------------------------------------------------------------


def test_a_stranger_sends_small_messages(server: Served) -> None:
    with visiting(server.address) as client:
        client.run()
        with pytest.raises(ConnectionClosed) as closing:
            client.run(typed("anything", "x" * STRANGER_MOST_BYTES))
        assert closing.value.rcvd
        assert closing.value.rcvd.code == 1009


def test_a_stranger_sends_few_messages(server: Served) -> None:
    said = BackMsg()
    said.app_heartbeat = True
    with visiting(server.address) as client:
        client.run()
        with pytest.raises(ConnectionClosed) as closing:
            flood(client, said, int(STRANGER_BURST) * 10)
        assert closing.value.rcvd
        assert closing.value.rcvd.code == 1008


def test_strangers_from_one_address_are_few_and_leave_room_for_others(server: Served) -> None:
    cookie = logged_in(server, "rep")
    with ExitStack() as crowd:
        there = {"X-Forwarded-For": "203.0.113.9"}  # the tests stand where a proxy of ours would
        for _ in range(STRANGERS_PER_ADDRESS):
            crowd.enter_context(visiting(server.address, headers=there))
        assert refused(server.address, headers=there) == 403
        assert refused(server.address, cookie=cookie, headers=there) == 101, "whoever logged in is no stranger"
        assert refused(server.address, headers={"X-Forwarded-For": "203.0.113.10"}) == 101


def test_a_message_that_is_none_ends_the_connection(server: Served) -> None:
    with visiting(server.address) as client:
        client.run()
        client.wire.send(b"\xff\xff not a message")
        with pytest.raises(ConnectionClosed):
            flood(client, BackMsg(), 0)


def flood(client: Client, said: BackMsg, times: int) -> None:
    """Say something again and again, and then only listen."""
    for _ in range(times):
        client.send(said)
    while True:
        client.receive()


# -- the hand-over of the cookie ---------------------------------------------------------------------------------------


def test_a_ticket_works_once_and_only_from_a_page_of_ours(server: Served) -> None:
    with visiting(server.address) as client:
        client.run().log_in("leader", PASSWORD)
        ticket = client.handover()
        assert client.post(**ticket, origin="https://evil.example").status_code == 403
        first = client.post(**ticket)
        assert first.status_code == 204
        cookie = first.headers["set-cookie"]
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert 6 * 24 * 3600 < int(cookie.partition("Max-Age=")[2].partition(";")[0]) <= 7 * 24 * 3600
        assert client.post(**ticket).status_code == 403
        assert first.headers["cache-control"] == "no-store"
        assert "sid" not in json.dumps(ticket)


def test_behind_tls_the_cookie_is_bound_to_the_host(server: Served) -> None:
    tls = {"X-Forwarded-Proto": "https"}
    with visiting(server.address, headers=tls) as client:
        client.run().log_in("leader", PASSWORD)
        ticket = client.handover()
        answer = httpx.post(
            f"{server.address}{ticket['path']}", content=ticket["ticket"], headers={"Origin": server.address, **tls}
        )
    assert answer.headers["set-cookie"].startswith("__Host-sid=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age" in answer.headers["strict-transport-security"]
    secret = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
    with visiting(server.address, headers={**tls, "Cookie": f"sid={secret}"}) as client:
        assert client.run().sees_the_login_form, "a cookie that came over a plain connection counts for nothing"
    with visiting(server.address, headers={**tls, "Cookie": f"__Host-sid={secret}"}) as client:
        assert client.run().sees_a_page


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example", "evil:x"])
def test_a_request_to_another_name_is_refused(server: Served, host: str) -> None:
    answer = httpx.get(server.address, headers={"Host": host, "Accept-Language": "zh-CN"})
    assert answer.status_code in (400, 421)
    assert "SALES_ALLOWED_HOSTS" in answer.text or answer.status_code == 400
