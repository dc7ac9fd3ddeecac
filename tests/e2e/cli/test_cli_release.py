"""What a refused token or right had closed: a person's word opens it, where no platform tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from broadcaster.store import open_store
from broadcaster.store.changes import Close
from broadcaster.store.live import Cause


def refuse(desk: Any, **where: tuple[str, ...]) -> None:
    """As the daemon does when a platform refuses us."""
    store = open_store("sqlite:///broadcaster.db", folder=Path(desk.folder) / "state")
    try:
        store.change("daemon", Close(cause=Cause.UNAUTHORIZED, reason="not permitted", **where))
        store.sweep(100)
    finally:
        store.close()


def states(desk: Any) -> list[str]:
    return [each["state"] for each in reversed(desk.posts())]


def test_a_channel_that_was_refused_is_released_by_its_name(desk: Any) -> None:
    for text in ("یکم", "دوم"):
        desk.run("post", text, "--to", "news-bale")
    refuse(desk, channels=("news-bale",))
    assert states(desk) == ["held", "held"]
    assert "news-bale" in desk.run("release", "news-bale", "--last", "1").out
    assert states(desk) == ["held", "waiting"]
    assert desk.run("status", "--json").json["closed"] == []


def test_a_channel_stays_shut_while_its_account_is_and_that_is_said(desk: Any) -> None:
    desk.run("post", "یکم", "--to", "news-bale")
    refuse(desk, accounts=("bale",))
    told = desk.run("release", "news-bale", code=1).err
    assert "broadcaster release bale" in told
    assert states(desk) == ["held"]
    desk.run("release", "bale")
    assert states(desk) == ["waiting"]


def test_releasing_all_leaves_off_what_people_switched_off(desk: Any) -> None:
    desk.run("post", "یکم", "--to", "all")
    desk.run("off", "telegram")
    refuse(desk, accounts=("bale",))
    ran = desk.run("release", "--all")
    assert "news-bale" in ran.out
    assert "not in news-telegram: its gate is still closed (off)" in ran.err


def test_dropping_opens_nothing(desk: Any) -> None:
    desk.run("post", "یکم", "--to", "news-bale")
    refuse(desk, channels=("news-bale",))
    desk.run("release", "news-bale", "--drop", "--yes")
    assert states(desk) == ["cancelled"]
    assert desk.run("status", "--json").json["closed"] != []


def test_of_a_group_only_what_is_held_is_spoken_of(desk: Any) -> None:
    desk.run("post", "یکم", "--to", "news-bale")
    refuse(desk, channels=("news-bale",))
    assert desk.run("release", "news").err.count("not in") == 0
    assert "nothing is held" in desk.run("release", "news", code=1).err


def test_a_corrected_text_that_is_held_says_how_it_goes_out(desk: Any) -> None:
    desk.run("post", "یکم", "--to", "news-bale")
    refuse(desk, channels=("news-bale",))
    assert "broadcaster release news-bale" in desk.run("edit", "1", "دوم", "--yes").err


def test_a_channel_that_the_config_has_lost_can_still_be_named(desk: Any) -> None:
    desk.run("post", "یکم", "--to", "news-bale")
    refuse(desk, channels=("news-bale",))
    config = desk.config.read_text(encoding="utf-8")
    start = config.index("[channels.news-bale]")
    desk.write(config[:start] + config[config.index("[channels.news-telegram]") :])
    desk.run("release", "news-bale", "--drop", "--yes")
    assert states(desk) == ["cancelled"]
