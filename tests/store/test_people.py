"""People, sessions, tokens and throttles, the same in both stores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from broadcaster.errors import Conflict, NotFound, Refused
from broadcaster.model import Actor, Door, Role
from broadcaster.store import open_store
from broadcaster.store.copy import copy
from broadcaster.store.people import (
    ActVerdict,
    Grant,
    LinkPurpose,
    NewToken,
    People,
    Profile,
    SessionLimits,
    Waits,
)
from broadcaster.store.store import Store

SHELL, WEB = Actor("root", Door.CLI), Actor("زهرا", Door.WEB)
ADMIN, WRITER = [Grant(Role.ADMIN)], [Grant(Role.WRITER, "domestic")]
MINUTE = 60_000_000
HOUR = 60 * MINUTE
LIMITS = SessionLimits(idle=30 * MINUTE, whole=12 * HOUR)
NOW = 1_780_000_000_000_000


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = (
        request.getfixturevalue("emptied")()
        if request.param == "postgresql"
        else f"sqlite:///{tmp_path / 'queue.db'}"
    )
    store = open_store(url, folder=tmp_path / "state")
    yield store
    store.close()


@pytest.fixture
def people(store: Store) -> People:
    people = store.people
    people.add(SHELL, "زهرا", ADMIN, Profile(display="زهرا احمدی"))
    people.add(SHELL, "علی", WRITER, Profile(os_user="ali", language="fa"))
    return people


def sign_in(people: People, name: str, session: str, now: int = NOW) -> None:
    people.sign_in(WEB, name, session, address="127.0.0.1", agent="Firefox", now=now)


def test_users_are_listed_with_their_rights(people: People) -> None:
    zahra, ali = people.users()
    assert (zahra.name, zahra.display, zahra.grants) == ("زهرا", "زهرا احمدی", (Grant(Role.ADMIN),))
    assert (ali.grants, ali.os_user, ali.language) == (tuple(WRITER), "ali", "fa")
    assert not ali.has_password
    assert people.os_user("ali") == ali
    assert people.os_user("zahra") is None


def test_names_and_accounts_belong_to_one_person_for_good(people: People) -> None:
    with pytest.raises(Conflict, match="taken"):
        people.add(SHELL, "علی", WRITER, Profile())
    with pytest.raises(Conflict, match="the account ali"):
        people.add(SHELL, "حسین", WRITER, Profile(os_user="ali"))
    people.remove(SHELL, "علی")
    assert [user.name for user in people.users()] == ["زهرا"]
    with pytest.raises(Conflict, match="removed"):
        people.add(SHELL, "علی", WRITER, Profile())
    assert people.add(SHELL, "حسین", WRITER, Profile(os_user="ali")).os_user == "ali"
    with pytest.raises(NotFound):
        people.user("علی")


@pytest.mark.parametrize("act", ["grant", "disable", "remove"])
def test_the_last_administrator_stays(people: People, act: str) -> None:
    def apply() -> None:
        if act == "grant":
            people.grant(SHELL, "زهرا", [Grant(Role.ADMIN, "domestic"), Grant(Role.WRITER)])
        else:
            getattr(people, act)(SHELL, "زهرا")

    with pytest.raises(Conflict, match="only administrator"):
        apply()
    assert people.user("زهرا").active
    people.grant(SHELL, "علی", ADMIN)
    apply()


def test_a_link_is_used_once_and_in_time(people: People) -> None:
    people.invite(SHELL, "علی", "first", LinkPurpose.INVITATION, HOUR, now=NOW)
    people.invite(SHELL, "علی", "second", LinkPurpose.INVITATION, HOUR, now=NOW)
    assert people.link("first", now=NOW) is None
    found = people.link("second", now=NOW)
    assert found is not None
    assert (found.user.name, found.purpose) == ("علی", LinkPurpose.INVITATION)
    assert people.follow(WEB, "second", "$argon2id$a", now=NOW + HOUR) is None
    used = people.follow(WEB, "second", "$argon2id$a", now=NOW + HOUR - 1)
    assert used is not None
    assert used.has_password
    assert people.follow(WEB, "second", "$argon2id$b", now=NOW) is None
    known = people.credentials("علی")
    assert known is not None
    assert known.password == "$argon2id$a"
    people.disable(SHELL, "علی")
    assert people.credentials("علی") is None
    people.invite(SHELL, "علی", "third", LinkPurpose.RESET, HOUR, now=NOW)
    assert people.link("third", now=NOW) is None


def test_sessions_end_by_age_idleness_and_change(people: People) -> None:
    sign_in(people, "علی", "a")
    sign_in(people, "علی", "b")
    assert people.session("a", LIMITS, now=NOW + 30 * MINUTE) is None
    seen = people.session("a", LIMITS, now=NOW + 29 * MINUTE)
    assert seen is not None
    assert people.session("a", LIMITS, now=NOW + 50 * MINUTE) is not None  # seen in between
    assert people.session("b", LIMITS, now=NOW + 50 * MINUTE) is None
    for minutes in range(75, 12 * 60, 25):
        assert people.session("a", LIMITS, now=NOW + minutes * MINUTE) is not None
    assert people.session("a", LIMITS, now=NOW + 12 * HOUR) is None
    sign_in(people, "علی", "c")
    sign_in(people, "علی", "d")
    people.set_password(WEB, "علی", "$argon2id$", keep="c")
    assert [known.hash for known in people.sessions("علی")] == ["c"]
    people.grant(SHELL, "علی", [Grant(Role.APPROVER)])
    assert people.sessions("علی") == []
    sign_in(people, "علی", "e")
    sign_in(people, "علی", "f")
    assert people.end_sessions(WEB, "علی", only="e") == 1
    people.disable(SHELL, "علی")
    assert people.session("f", LIMITS, now=NOW) is None


def test_second_factors_are_used_once(people: People) -> None:
    people.set_totp(WEB, "علی", "sealed", ["x", "y"])
    assert people.user("علی").has_totp
    assert people.use_totp("علی", 100)
    assert not people.use_totp("علی", 100)
    assert not people.use_totp("علی", 99)
    assert people.use_totp("علی", 101)
    assert people.use_recovery("علی", "x")
    assert not people.use_recovery("علی", "x")
    assert not people.use_recovery("زهرا", "y")
    people.set_totp(WEB, "علی", None, [])
    assert not people.use_recovery("علی", "y")


def test_tokens_live_as_long_as_they_and_their_owners_do(people: People) -> None:
    new = NewToken(
        hash="h",
        name="سایت",
        scopes=("read", "publish"),
        places=("domestic",),
        networks=("10.0.0.0/8",),
        expires=NOW + HOUR,
    )
    made = people.add_token(WEB, "علی", new, now=NOW)
    with pytest.raises(Conflict, match="has a token"):
        people.add_token(WEB, "علی", new)
    known = people.token("h", now=NOW + MINUTE)
    assert known is not None
    assert (known.scopes, known.places, known.networks) == (new.scopes, new.places, new.networks)
    (listed,) = people.tokens()
    assert listed.used == NOW + MINUTE
    assert people.token("h", now=NOW + HOUR) is None
    assert people.token("other", now=NOW) is None
    people.disable(SHELL, "علی")
    assert people.token("h", now=NOW) is None
    people.enable(SHELL, "علی")
    assert people.token("h", now=NOW) is not None
    people.revoke(WEB, made.id)
    assert people.token("h", now=NOW) is None
    with pytest.raises(NotFound):
        people.revoke(WEB, made.id)
    people.add_token(WEB, "علی", replace(new, hash="i"))


def test_failures_cost_growing_waits(people: People) -> None:
    keys, waits = ["name علی", "net 10.0.0.0/24"], Waits()
    for _ in range(4):
        assert people.failed(keys, waits, now=NOW) == 0
    grown = [people.failed(keys, waits, now=NOW) // MINUTE for _ in range(9)]
    assert grown == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert people.waits(["name دیگری"], now=NOW) == 0
    assert people.waits(["name دیگری", keys[1]], now=NOW) == HOUR
    assert people.waits(keys, now=NOW + HOUR) == 0
    people.succeeded(keys[:1])
    assert people.waits(keys[:1], now=NOW) == 0
    assert people.waits(keys[1:], now=NOW) == HOUR


def test_nobody_agrees_to_their_own_act(people: People) -> None:
    act = people.ask(WEB, "زهرا", "token", {"scopes": ["publish"]}, HOUR, now=NOW)
    assert [known.id for known in people.pending(now=NOW)] == [act.id]
    assert act.detail == {"scopes": ["publish"]}
    with pytest.raises(Refused, match="another administrator"):
        people.decide(WEB, "زهرا", act.id, ActVerdict.APPROVED, now=NOW)
    with pytest.raises(Refused, match="expired"):
        people.decide(WEB, "علی", act.id, ActVerdict.APPROVED, now=NOW + HOUR)
    done = people.decide(WEB, "علی", act.id, ActVerdict.APPROVED, now=NOW)
    assert (done.verdict, done.decided_by) == (ActVerdict.APPROVED, "علی")
    with pytest.raises(Refused, match="decided"):
        people.decide(WEB, "علی", act.id, ActVerdict.REFUSED, now=NOW)
    assert people.pending(now=NOW) == []


def test_each_change_is_in_the_audit_and_no_secret_is(people: People, store: Store) -> None:
    people.set_password(WEB, "علی", "$argon2id$secret")
    people.set_totp(WEB, "علی", "sealed-secret", ["recovery-secret"])
    people.invite(SHELL, "علی", "link-secret", LinkPurpose.RESET, HOUR)
    sign_in(people, "علی", "session-secret")
    people.note(WEB, "sign-in", "the name or the password is wrong", {"address": "10.0.0.1"})
    rows = store.audit()
    assert [row.verb for row in reversed(rows)] == [
        *("user-add", "user-add", "user-password", "user-totp", "user-link", "sign-in", "sign-in")
    ]
    assert rows[0].refused == "the name or the password is wrong"
    assert "secret" not in repr(rows)
    assert store.verify_audit().flaws == ()


def test_people_move_with_the_office_and_nobody_stays_signed_in(
    people: People, store: Store, tmp_path: Path
) -> None:
    people.set_totp(WEB, "علی", "sealed", ["x"])
    people.revoke(
        WEB,
        people.add_token(
            WEB,
            "علی",
            NewToken(
                hash="h", name="n", scopes=("read",), places=(), networks=(), expires=NOW + HOUR
            ),
        ).id,
    )
    sign_in(people, "علی", "a")
    before = people.users()
    target = open_store(f"sqlite:///{tmp_path / 'new.db'}", folder=tmp_path / "new")
    copy(store, target, SHELL, media=tmp_path / "media")
    assert target.people.users() == before
    assert target.people.sessions("علی") == []
    assert target.people.use_recovery("علی", "x")
    made = target.people.add(SHELL, "حسین", WRITER, Profile())
    assert made.id > max(user.id for user in before)
    target.close()


def test_a_person_is_the_same_one_by_every_name(people: People) -> None:
    assert people.names_of("علی") == people.names_of("ali") == {"علی", "ali"}
    assert people.names_of("زهرا") == {"زهرا"}
    assert people.names_of("nobody") == {"nobody"}
