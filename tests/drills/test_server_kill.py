"""kill -9 of the server amid writes by programs and by people at forms: whatever anybody was told is there, once."""

from __future__ import annotations

import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from dashboard import jobs
from dashboard.api.once import REPLAYED
from dashboard.domain.access import operator
from dashboard.opening import open_existing
from dashboard.settings import ROOT, Settings
from dashboard.store import Store, history
from dashboard.store.crypto import write_secret
from etl.marts import Marts
from tests.api.test_running_server import environment, wait_until_ready
from tests.department import MASTER, Desk, desk_of
from tests.drills.test_kill import DRILLS, hold_marts, hold_usable, linger
from tests.drills.writers import (
    Acknowledged,
    Traffic,
    Writer,
    client_of,
    program,
    send,
    sent,
    start,
    step_of,
    update,
    visitor,
)
from tests.waiting import from_today
from tests.web.client import visiting

pytestmark = pytest.mark.drill

WRITES = 1_000
KILLED_AFTER = (20, 500)
"""Acknowledged writes, a random number of them; so everybody is still at work when the server dies."""

WRITE_SECONDS = 0.1  # about how long a write takes
AT_FORMS = ("rep", "rep", "colleague", "manager", "stranger")
PROGRAMS = ("rep", "manager", "other_manager", "head")
OWN_DEALS = 4
HISTORIES = {"deal": "next_step", "interaction": "summary"}
"""Where each kind of record keeps the text of a write."""


class Office(NamedTuple):
    """A home that can be served: the marts before anything is written, and who writes."""

    settings: Settings
    before: Marts
    at_forms: list[Writer]
    programs: list[Writer]


@pytest.mark.parametrize("seed", range(DRILLS))
def test_a_killed_server_loses_nothing_it_acknowledged(template: Path, tmp_path: Path, seed: int) -> None:
    office = opened_office(template, tmp_path, seed)
    traffic = killed(office, seed)

    desk = desk_of(open_existing(office.settings))
    try:
        told = histories(desk.store)
        hold_told(told, traffic)
        hold_whole(told, traffic)
        hold_standing(desk.store, traffic.acknowledged)
        assert desk.store.check() == []
        hold_marts(desk.store, office.before)
        hold_usable(desk)
    finally:
        desk.store.close()
    hold_served_again(office, traffic)


# -- before -----------------------------------------------------------------------------------------------------------


def opened_office(template: Path, home: Path, seed: int) -> Office:
    """A department whose people have overdue deals and are logged in."""
    settings = Settings(home=home, _env_file=None)
    for file in template.glob("store.*"):
        shutil.copyfile(file, settings.store_file.with_suffix(file.suffix))
    shutil.copyfile(template / "keys.json", settings.keyring_file)
    write_secret(settings.master_key_path, MASTER)
    desk = desk_of(open_existing(settings))
    customer = desk.make("customer", name="Harbour Works", owner_id=desk.people["rep"])
    deals = {name: overdue(desk, name, customer) for name in dict.fromkeys(AT_FORMS)}
    every = tuple(deal for own in deals.values() for deal in own)
    within = {"rep": deals["rep"], "other_manager": deals["stranger"], "manager": every[:-OWN_DEALS], "head": every}
    at_forms = [writer(desk, f"{name} {place}", name, deals[name], seed) for place, name in enumerate(AT_FORMS)]
    programs = [writer(desk, f"program of {name}", name, within[name], seed) for name in PROGRAMS]
    before, _ = jobs.refreshed(desk.store, None)
    desk.store.close()
    return Office(settings, before, at_forms, programs)


def overdue(desk: Desk, name: str, customer: str) -> tuple[str, ...]:
    """Deals of somebody that wait on Today, however often they are updated."""
    values = {"owner_id": desk.people[name], "customer_id": customer, "next_step": "Call"}
    return tuple(
        desk.make("deal", name=f"Deal {place} of {name}", next_step_on=from_today(-2), **values)
        for place in range(OWN_DEALS)
    )


def writer(desk: Desk, called: str, name: str, deals: tuple[str, ...], seed: int) -> Writer:
    """Somebody who is logged in."""
    cookie = desk.store.logins.open(desk.actor(name))
    return Writer(called, desk.people[name], cookie, deals, random.Random(f"{seed} {called}"))


# -- the kill ---------------------------------------------------------------------------------------------------------


@contextmanager
def served(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`serve` in a process of its own, ready: the process and its address. It is killed in the end if it still runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "dashboard", "serve", "--port", str(port)]
    with (
        (home / "log").open("ab") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env=environment(home), cwd=ROOT) as process,
    ):
        try:
            wait_until_ready(process, port)
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def killed(office: Office, seed: int) -> Traffic:
    """Let everybody write and kill the server after a random number of acknowledged writes."""
    dice = random.Random(seed)
    writers = [(visitor, who) for who in office.at_forms] + [(program, who) for who in office.programs]
    traffic = Traffic(threading.Barrier(len(writers)), WRITES)
    with served(office.settings.home) as (process, address):
        at_work = [start(traffic, address, work, who) for work, who in writers]
        traffic.wait_for(dice.randrange(*KILLED_AFTER))
        linger(dice.uniform(0, WRITE_SECONDS))
        process.send_signal(signal.SIGKILL)
        process.wait()
    for thread in at_work:
        thread.join()
    assert process.returncode == -signal.SIGKILL
    assert traffic.problems == []
    assert {write.request is None for write in traffic.acknowledged} == {True, False}, "both kinds were told of"
    return traffic


# -- after ------------------------------------------------------------------------------------------------------------


def histories(store: Store) -> dict[str, pl.DataFrame]:
    """Everything that ever happened to each kind of record: record, revision, text."""
    with store.reading() as cursor:
        return {
            entity: history.facts(cursor, entity, [text]).select("id", "revision", text=text)
            for entity, text in HISTORIES.items()
        }


def hold_told(told: dict[str, pl.DataFrame], traffic: Traffic) -> None:
    """Each acknowledged text stands in the history of its record, once, at the revision that its writer was told."""
    for entity, log in told.items():
        rows = Counter(log.rows())
        for write in traffic.acknowledged:
            if write.entity == entity:
                assert rows[write.record, write.revision, write.text] == 1, write


def hold_whole(told: dict[str, pl.DataFrame], traffic: Traffic) -> None:
    """No text was written twice, and what a form wrote it wrote whole, acknowledged or not."""
    counts = {entity: Counter(log["text"].to_list()) for entity, log in told.items()}
    programs = {write.text for write in traffic.acknowledged if write.request}
    for text in traffic.tried:
        there = [counts[entity][text] for entity in HISTORIES]
        assert max(there) <= 1, text
        if text not in programs and not text.startswith("program"):
            assert there[0] == there[1], text


def hold_standing(store: Store, acknowledged: list[Acknowledged]) -> None:
    """Each deal holds what its last acknowledged write left, or something later that nobody was told of."""
    rows = {row["id"]: row for row in store.find(operator(), "deal").iter_rows(named=True)}
    last = {write.record: write for write in sorted(acknowledged, key=lambda write: write.revision)}
    for record, write in last.items():
        if write.entity == "deal" and rows[record]["next_step"] != write.text:
            assert rows[record]["revision"] > write.revision, write


def hold_served_again(office: Office, traffic: Traffic) -> None:
    """The server starts on what is left: a repeated request is answered as before, and both kinds of writes go on."""
    by_form, by_program = office.at_forms[0], office.programs[0]
    deal, after = by_form.deals[0], Traffic(threading.Barrier(1), 0)
    with served(office.settings.home) as (process, address):
        hold_repeated(address, office, traffic)
        with client_of(address, by_program) as client:
            send(after, client, step_of(client, deal, "after the kill"))
        with visiting(address, by_form.cookie) as page:
            update(after, page.run(page="today"), deal, "told after the kill")
        process.send_signal(signal.SIGTERM)
        process.wait()
    assert [write.record for write in after.acknowledged] == [deal, deal]
    store = open_existing(office.settings)
    try:
        told = histories(store)
        hold_told(told, traffic)
        hold_told(told, after)
        hold_whole(told, traffic)
        assert store.check() == []
    finally:
        store.close()


def hold_repeated(address: str, office: Office, traffic: Traffic) -> None:
    """The last acknowledged request of each program, sent once more, has the same answer."""
    last = {write.text.partition(" wrote ")[0]: write for write in traffic.acknowledged if write.request}
    for who in office.programs:
        write = last.get(who.name)
        if write and write.request:
            with client_of(address, who) as client:
                answer = sent(client, write.request)
            assert (answer.content, answer.headers.get(REPLAYED)) == (write.answer, "true")
