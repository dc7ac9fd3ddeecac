"""An office moves from SQLite to PostgreSQL in the middle of its work, and back."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from broadcaster.model import State
from tests.e2e.proof.bureau import Bureau
from tests.e2e.proof.texts import announcement, picture
from tests.e2e.proof.trial import resolve

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SQLITE, BACK = "sqlite:///broadcaster.db", "sqlite:///back.db"


def test_a_running_office_moves_and_nothing_is_resent(
    bureau: Callable[..., Bureau], database: str
) -> None:
    office = bureau(channels=4)
    photo = picture(office.folder / "عکس.png")
    office.post([announcement("پیش از کوچ", number) for number in range(12)])
    office.post([announcement("با تصویر", 1)], media=[photo])
    office.run("post", announcement("فردا", 1), "--at", "in 20s")
    daemon = office.start_daemon()
    office.until_accepted(30)
    busy = office.run("store", "copy", SQLITE, database, code=1)
    assert "stop it first" in busy.err
    office.kill(daemon)
    moved = json.loads(office.run("store", "copy", SQLITE, database, "--json").out)
    assert (moved["rows"]["posts"], moved["files"], moved["missing"]) == (14, 1, [])
    sealed = office.run("post", "پس از کوچ", code=1)
    assert "the office has moved to postgresql://" in sealed.err
    _use(office, database)
    assert office.run("audit", "--verify").code == 0
    assert office.counts()[State.UNKNOWN] == moved["unknown"] <= office.senders
    second = office.start_daemon()
    office.post([announcement("پس از کوچ", 1)])
    office.until_settled()
    assert second.stop() == 0
    back = office.run("store", "copy", database, BACK)
    assert "moved: 15 posts" in back.out
    _use(office, BACK)
    third = office.start_daemon()
    office.post([announcement("بازگشت", 1)])
    office.until_settled()
    books = office.books()  # not in order of their numbers: one had an hour of its own
    books.never_twice()
    books.never_lost()
    books.never_secretly()
    resolve(office, books)
    office.until_settled()
    office.books().all_there()
    assert third.stop() == 0


def _use(office: Bureau, url: str) -> None:
    """Write the address into the config, as the command says."""
    _, found, rest = office.config.read_text("utf-8").partition("[store]\nurl = ")
    if found:
        office.rewrite(rest.partition("\n")[0], json.dumps(url))
    else:
        first = f"\n[platforms.{office.plan.platforms[0]}]"
        office.rewrite(first, f"\n[store]\nurl = {json.dumps(url)}\n{first}")
