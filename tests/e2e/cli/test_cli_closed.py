"""What a post waits for where it cannot go out, and what sends that and nothing else."""

from __future__ import annotations

from typing import Any

from broadcaster.store import open_store

TEXT = "اطلاعیه"
MINUTE = 60_000_000


def test_a_post_to_a_closed_channel_says_why_it_waits(desk: Any) -> None:
    desk.run("off", "telegram", "--reason", "کوچ")
    ran = desk.run("post", TEXT)
    assert ran.out == "post 1 goes out now to 1 channel\n"
    assert "not to news-telegram: telegram is off since" in ran.err
    assert "کوچ" in ran.err
    assert "broadcaster on telegram; then: broadcaster release news-telegram --post 1" in ran.err
    assert "will be held" not in ran.err, "it is said once"
    ran = desk.run("post", TEXT, "--to", "news-telegram")
    assert ran.out.startswith("post 2 waits: telegram is off since")
    assert "goes out" not in ran.out


def test_a_post_during_a_halt_waits_for_its_end(desk: Any) -> None:
    desk.run("halt", "--reason", "خطا")
    ran = desk.run("post", TEXT)
    assert ran.out.startswith("post 1 waits: everything is halted since")
    assert "broadcaster resume" in ran.err


def test_what_only_the_config_switches_off_is_named_by_its_account(desk: Any, written: Any) -> None:
    written("[platforms.telegram]", "[platforms.telegram]\nenabled = false")
    ran = desk.run("post", TEXT, "--to", "news-telegram")
    assert ran.out == "post 1 waits: telegram is off in the config\n"
    assert "broadcaster on telegram" in ran.err


def test_one_post_is_released_and_the_others_stay_held(desk: Any) -> None:
    for text in ("یکم", "دوم"):
        desk.run("post", text, "--to", "news-telegram")
    desk.run("off", "telegram")
    desk.run("on", "telegram")
    desk.run("release", "news-telegram", "--post", "2")
    states = {each["id"]: each["state"] for each in desk.posts()}
    assert states == {1: "held", 2: "waiting"}
    assert "does not go to" in desk.run("release", "news-bale", "--post", "2", code=2).err


def test_an_edit_of_a_closed_channel_releases_that_post_only(desk: Any) -> None:
    desk.run("post", "یکم", "--to", "news-telegram")
    desk.run("off", "telegram", "--reason", "کوچ")
    told = desk.run("edit", "1", "دوم", "--yes").err
    assert "news-telegram: the correction waits: telegram is off since" in told
    assert "broadcaster release news-telegram --post 1" in told


def test_what_is_scheduled_behind_a_closed_channel_can_be_dropped(desk: Any) -> None:
    desk.run("post", TEXT, "--at", "in 2h")
    desk.run("post", TEXT, "--at", "in 3h", "--to", "news-telegram")
    told = desk.run("off", "telegram").err
    assert "2 scheduled posts will be held there" in told
    assert "broadcaster release telegram --drop --scheduled" in told
    assert "nothing is held" in desk.run("release", "telegram", "--drop", "--yes", code=1).err
    would = desk.run("release", "telegram", "--drop", "--scheduled", "--dry-run").out
    assert "2 scheduled posts" in would
    desk.run("release", "telegram", "--drop", "--scheduled", "--yes")
    assert {each["id"]: each["state"] for each in desk.posts()} == {1: "scheduled", 2: "cancelled"}
    deliveries = desk.run("show", "1", "--json").json["deliveries"]
    assert [each["state"] for each in deliveries] == ["waiting", "cancelled"]


def test_what_was_missed_can_be_let_be(desk: Any) -> None:
    assert "nothing was missed" in desk.run("cancel", "--missed", code=1).err
    for _ in range(2):
        desk.run("post", TEXT, "--expires", "in 1min")
    store = open_store(f"sqlite:///{desk.store}")
    store.sweep(100, now=store.health().now + 2 * MINUTE)
    store.close()
    assert {each["state"] for each in desk.posts()} == {"missed"}
    ran = desk.run("cancel", "--missed", "--to", "news-bale")
    assert ran.out == "2 deliveries cancelled: news-bale\n"
    desk.run("cancel", "--missed", "--json")
    assert {each["state"] for each in desk.posts()} == {"cancelled"}
    assert "say which" in desk.run("cancel", code=2).err


def test_wide_names_leave_out_the_test_channel(desk: Any) -> None:
    channels = [
        [each["channel"] for each in desk.run("post", TEXT, *to, "--json").json["deliveries"]]
        for to in (
            ("--to", "all"),
            ("--to", "domestic"),
            ("--to", "domestic", "--to", "desk"),
            ("--to", "bale"),
        )
    ]
    assert channels == [
        ["news-bale", "news-telegram"],
        ["news-bale"],
        ["desk", "news-bale"],
        ["desk", "news-bale"],
    ]
