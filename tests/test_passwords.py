"""Which passwords may be: long enough, not one that many people use, and without the own name."""

from __future__ import annotations

import bcrypt
import pytest

from dashboard.actions.passwords import LEAST, hashed
from dashboard.domain.access import Role, operator
from dashboard.errors import Refused
from dashboard.opening import add_person
from dashboard.ui import passwords
from tests.department import Desk
from tests.selling import PASSWORD, give_passwords


def refusal(password: str, *about: str) -> str:
    """The code of the refusal; empty when the password may be."""
    try:
        hashed(password, *about)
    except Refused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "passwordpassword",
        "qwertyuiop123",
        "123456789012",
        "iloveyou1234",
        "woaini1314520",
        "PassWord1234",
    ],
)
def test_what_many_people_use_is_refused(password: str) -> None:
    assert len(password) >= LEAST
    assert refusal(password) == "password.common"


@pytest.mark.parametrize(
    ("password", "about", "code"),
    [
        ("my name is li.wei99", ("li.wei99", "李伟"), "password.personal"),
        ("xx-LiWei99-xx-xx", ("li.wei99", "李伟"), "password.personal"),
        ("我是李伟，你好啊，再见，一二三", ("lw", "李伟"), "password.personal"),
        ("The-Sales-Desk-2031", (), "password.personal"),
        ("the tool is cool", ("to", "Li"), ""),
        ("correct horse battery", ("rep", "rep"), ""),
        ("长城长城万里长，真的很长啊", ("rep", "王芳"), ""),
    ],
)
def test_the_own_name_does_not_stand_in_it(password: str, about: tuple[str, ...], code: str) -> None:
    assert refusal(password, *about) == code


def test_a_password_that_may_be_is_kept_as_its_hash() -> None:
    assert bcrypt.checkpw(b"correct horse battery", hashed("correct horse battery").encode())


def test_a_person_who_is_added_and_one_who_changes_it_are_held_to_it(desk: Desk) -> None:
    give_passwords(desk.store, desk.people)
    rep = desk.actor("rep")
    for fresh, code in (("password1234", "password.common"), ("rep of the salesdesk", "password.personal")):
        with pytest.raises(Refused) as caught:
            passwords.change(desk.store, rep, PASSWORD, fresh, "")
        assert caught.value.code == code
    before = len(desk.store.find(operator(), "person"))
    with pytest.raises(Refused) as caught:
        add_person(desk.store, "somebody", "Somebody", (Role.REP,), "hello-somebody-1")
    assert caught.value.code == "password.personal"
    assert len(desk.store.find(operator(), "person")) == before
