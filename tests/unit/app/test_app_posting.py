"""Posting without the command line, as any front door does it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from broadcaster.app.office import Office
from broadcaster.app.posting import (
    NoTargets,
    Submission,
    WaitsFor,
    Wish,
    drafted,
    prepare,
    queue,
    submit,
    unattended,
)
from broadcaster.errors import Conflict, InputError, NotFound
from broadcaster.model import Actor, Door, Permission
from broadcaster.store.store import Store

CONFIG = """\
state_dir = "state"

[platforms.bale]
base_url = "http://127.0.0.1:9/bale"

[channels.news]
platform = "bale"
address = "@ministry_news"

[channels.strict]
platform = "bale"
address = "@ministry_strict"
require_approval = true

[channels.shut]
platform = "bale"
address = "@ministry_shut"
enabled = false
"""
SARA = Actor("sara", Door.API, dict.fromkeys(Permission))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    config = tmp_path / "broadcaster.toml"
    config.write_text(CONFIG, encoding="utf-8")
    return Office.load(config)


@pytest.fixture
def store(office: Office) -> Iterator[Store]:
    with office.store() as store:
        yield store


@pytest.fixture
def now(office: Office) -> datetime:
    return office.times.now()


def post(office: Office, store: Store, now: datetime, wish: Wish, **how: bool) -> Submission:
    return submit(office, store, wish, actor=SARA, now=now, **how)


@pytest.mark.parametrize(
    ("wish", "waits_for"),
    [
        (Wish(text="سلام", to=("news",)), WaitsFor.NOTHING),
        (Wish(text="سلام", to=("news", "shut")), WaitsFor.NOTHING),
        (Wish(text="سلام", to=("news",), at="in 2h"), WaitsFor.HOUR),
        (Wish(text="سلام", to=("shut",)), WaitsFor.CHANNELS),
        (Wish(text="سلام", to=("news",), draft=True), WaitsFor.AUTHOR),
        (Wish(text="سلام", to=("news", "strict")), WaitsFor.APPROVAL),
        (Wish(text="سلام", to=("strict",), draft=True), WaitsFor.APPROVAL),
    ],
)
def test_it_says_what_a_post_waits_for(
    office: Office, store: Store, now: datetime, wish: Wish, waits_for: WaitsFor
) -> None:
    queued = post(office, store, now, wish)
    assert (queued.existing, queued.waits_for) == (False, waits_for)
    assert store.post(queued.post).post.author == "sara"
    assert unattended(store)


def test_a_known_key_frees_the_times(office: Office, store: Store, now: datetime) -> None:
    wish = Wish(text="سلام", to=("news",), key="k", at="in 1h", expires="in 2h")
    first = post(office, store, now, wish)
    late = Wish(
        text="سلام", to=("news",), key="k", at="1404/01/01 10:00", expires="1404/01/02 10:00"
    )
    again = post(office, store, now + timedelta(hours=5), late)
    assert (again.post, again.existing) == (first.post, True)
    with pytest.raises(InputError, match="which is past"):
        post(office, store, now, Wish(text="سلام", to=("news",), key="نو", at="1404/01/01 10:00"))
    with pytest.raises(Conflict):
        post(office, store, now, Wish(text="دیگر", to=("news",), key="k"))


def test_only_a_post_that_is_there_is_answered(office: Office, store: Store, now: datetime) -> None:
    with pytest.raises(NotFound):
        post(office, store, now, Wish(text="پاسخ", to=("news",), reply_to=7))
    first = post(office, store, now, Wish(text="پرسش", to=("news",)))
    answer = post(office, store, now, Wish(text="پاسخ", to=("news",), reply_to=first.post))
    assert store.post(answer.post).post.reply_to == first.post


def test_channels_that_cannot_take_it_are_left_out_and_named(
    office: Office, store: Store, now: datetime
) -> None:
    long = {"news": "word " * 12_000}
    both = Wish(text="سلام", to=("news", "shut"), texts=long)
    with pytest.raises(InputError, match=r"nothing was queued.*\n  news: "):
        post(office, store, now, both)
    queued = post(office, store, now, both, skip_invalid=True)
    assert [*queued.skipped] == ["news"]
    assert [each.settings.channel.name for each in queued.plan.channels] == ["shut"]
    one = Wish(text="سلام", to=("news",), texts=long)
    with pytest.raises(InputError, match="nothing was queued"):
        post(office, store, now, one, skip_invalid=True)


def test_a_file_that_changes_after_it_was_planned_is_not_queued(
    office: Office, store: Store, now: datetime, tmp_path: Path
) -> None:
    file = tmp_path / "بیانیه.txt"
    file.write_text("یکم", encoding="utf-8")
    wish = Wish(text="پیوست", to=("news",), media=(file,))
    draft = drafted(office, wish, actor=SARA, now=now)
    prepared = prepare(office, store, wish, draft, now=now)
    file.write_text("دوم", encoding="utf-8")
    with pytest.raises(InputError, match="has changed just now"):
        queue(office, store, prepared, actor=SARA, now=now)
    with pytest.raises(NotFound):
        store.post(1)


def test_where_to_is_for_the_front_door_to_ask(office: Office, store: Store, now: datetime) -> None:
    with pytest.raises(NoTargets, match="nothing says where to"):
        post(office, store, now, Wish(text="سلام"))
    with pytest.raises(InputError, match="there is no test channel"):
        post(office, store, now, Wish(text="سلام", test=True))
