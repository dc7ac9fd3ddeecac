"""A writer changes and cancels their own posts, and a person approves nothing of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.app import approvals, corrections, posting, rights, sight
from broadcaster.app.corrections import Correction
from broadcaster.app.office import Office
from broadcaster.app.people import Grant, Profile, add
from broadcaster.app.posting import Wish
from broadcaster.errors import Forbidden, NotFound, Refused
from broadcaster.model import Actor, Door, Role
from broadcaster.store.store import Store

CONFIG = """\
state_dir = "state"
[platforms.bale]
[channels.news]
platform = "bale"
address = "@ministry_news"
groups = ["home"]
[channels.formal]
platform = "bale"
address = "@ministry_formal"
require_approval = true
"""
SHELL = Actor("zahra-os")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    config = tmp_path / "broadcaster.toml"
    config.write_text(CONFIG, encoding="utf-8")
    return Office.load(config)


@pytest.fixture
def store(office: Office) -> Iterator[Store]:
    with office.store() as store:
        add(office, store, Actor("root"), "مدیر", ["admin"], Profile())
        add(office, store, Actor("root"), "زهرا", ["writer"], Profile(os_user="zahra-os"))
        yield store


def person(office: Office, name: str, role: Role, place: str = "", behind: str = "") -> Actor:
    given = rights.of_person(office.settings, [Grant(role, place)])
    return Actor(name, Door.API, given, behind)


def posted(office: Office, store: Store, actor: Actor, channel: str = "news") -> int:
    wish, now = Wish(text="سلام به همه", to=(channel,), at="in 5h"), office.times.now()
    return posting.submit(office, store, wish, actor=actor, now=now).post


def edited(office: Office, store: Store, post: int, actor: Actor) -> None:
    now = office.times.now()
    for _ in corrections.edit(
        office, store, Correction(post=post, source="نو"), actor=actor, now=now
    ):
        pass


@pytest.mark.parametrize("door", ["web", "token", "shell"])
def test_a_writer_changes_what_the_same_person_wrote(
    office: Office, store: Store, door: str
) -> None:
    zahra = person(office, "زهرا", Role.WRITER)
    token = person(office, "token website of زهرا", Role.WRITER, behind="زهرا")
    post = posted(office, store, {"web": zahra, "token": token, "shell": SHELL}[door])
    edited(office, store, post, zahra)
    edited(office, store, post, token)
    later = office.times.parse("in 9h", office.times.now())
    corrections.move(office, store, post, later, actor=zahra)
    assert store.post(post).post.source == "نو"
    other = person(office, "رضا", Role.WRITER)
    with pytest.raises(Forbidden):
        edited(office, store, post, other)
    with pytest.raises(Forbidden):
        corrections.move(office, store, post, later, actor=other)
    corrections.cancel(office, store, post, (), actor=token)


def test_the_log_names_the_token_and_the_post_its_owner(office: Office, store: Store) -> None:
    token = person(office, "token website of زهرا", Role.WRITER, behind="زهرا")
    post = posted(office, store, token)
    assert store.post(post).post.author == "زهرا"
    assert store.audit(post=post)[0].who == "token website of زهرا"


@pytest.mark.parametrize("door", ["web", "token", "shell"])
def test_nobody_approves_their_own_by_another_door(office: Office, store: Store, door: str) -> None:
    zahra = person(office, "زهرا", Role.APPROVER)
    token = person(office, "token website of زهرا", Role.APPROVER, behind="زهرا")
    doors = {"web": zahra, "token": token, "shell": SHELL}
    post = posted(office, store, doors[door], "formal")
    for actor in doors.values():
        with pytest.raises(Refused, match="their own"):
            approvals.approve(office, store, store.post(post), None, actor=actor)
    other = person(office, "رضا", Role.APPROVER)
    approvals.approve(office, store, store.post(post), None, actor=other)
    assert store.post(post).state == "scheduled"


def test_a_writer_changes_nothing_behind_the_approver(office: Office, store: Store) -> None:
    zahra = person(office, "زهرا", Role.WRITER)
    post = posted(office, store, zahra, "formal")
    approver = person(office, "رضا", Role.APPROVER)
    approvals.approve(office, store, store.post(post), None, actor=approver)
    edited(office, store, post, zahra)
    assert store.post(post).state == "draft"
    wish, now = Wish(text="فوری", to=("formal",)), office.times.now()
    at_once = posting.submit(office, store, wish, actor=zahra, now=now).post
    approvals.approve(office, store, store.post(at_once), None, actor=approver)
    with pytest.raises(Forbidden, match="demand approval"):
        edited(office, store, at_once, zahra)


def test_a_drafter_turns_no_draft_into_a_post(office: Office, store: Store) -> None:
    """Only with the scope ``draft``: a post that goes out is beyond it, though it is one's own."""
    owner = person(office, "زهرا", Role.WRITER)
    drafts = {name: where for name, where in owner.given.items() if name in rights.SCOPES["draft"]}
    token = Actor("token t of زهرا", Door.API, drafts, "زهرا")
    post = posted(office, store, owner)
    with pytest.raises(Forbidden):
        edited(office, store, post, token)
    wish, now = Wish(text="پیش‌نویس", to=("news",), draft=True), office.times.now()
    draft = posting.submit(office, store, wish, actor=token, now=now).post
    edited(office, store, draft, token)
    corrections.cancel(office, store, post, (), actor=token)


def test_other_groups_are_not_there(office: Office, store: Store) -> None:
    near, far = posted(office, store, SHELL, "news"), posted(office, store, SHELL, "formal")
    home = person(office, "رضا", Role.VIEWER, "home")
    assert sight.post(store, home, near).post.id == near
    with pytest.raises(NotFound) as hidden:
        sight.post(store, home, far)
    with pytest.raises(NotFound) as missing:
        sight.post(store, home, 999)
    assert str(hidden.value).replace(str(far), "N") == str(missing.value).replace("999", "N")
    assert sight.channels(office, home) == ("news",)
