"""Drafts that wait for somebody else, on the command line and through a daemon."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

TEXT = "اطلاعیه: **می‌توانید** نوبت بگیرید"


def test_a_post_to_a_channel_that_demands_it_waits_for_approval(desk: Any) -> None:
    assert "waits for approval" in desk.run("post", TEXT, "--to", "news", "--to", "desk", "--yes")
    assert "broadcaster approve 1" in desk.err
    desk.drain()
    assert desk.received() == []
    shown = desk.json("show", "1")
    assert (shown["state"], shown["approval"]["required"]) == ("draft", True)
    assert "waits for somebody else" in desk.run("show", "1")
    desk.run("approve", "1", code=1)
    assert "nobody approves their own" in desk.err
    refused = desk.json("audit", "--post", "1")[0]
    assert (refused["verb"], bool(refused["refused"])) == ("approve", True)
    desk.run("post", TEXT, "--to", "news", "--wait", code=2)
    assert "approval" in desk.err


def test_what_somebody_else_wrote_is_approved_and_goes_out(desk: Any) -> None:
    post = desk.draft_of("سارا", TEXT)
    assert "1 draft not approved" in desk.run("status")
    assert desk.json("status")["drafts"] == [post]
    assert "approved and goes out now: news" in desk.run("approve", str(post))
    assert desk.json("status")["drafts"] == []
    desk.drain()
    assert len(desk.received()) == 1
    shown = desk.json("show", str(post))
    assert (shown["state"], shown["approval"]["verdict"]) == ("delivered", "approved")
    assert shown["approval"]["by"] == desk.json("audit", "--post", str(post))[0]["who"]
    desk.run("approve", str(post), code=1)
    desk.run("edit", str(post), "متن دیگر", "--yes", code=1)
    assert "was approved as it is" in desk.err


def test_an_approval_holds_for_what_was_seen_only(desk: Any) -> None:
    at = datetime.now(UTC) + timedelta(hours=3)
    post = str(desk.draft_of("سارا", TEXT, at=at))
    seen = desk.json("show", post)["approval"]["digest"]
    desk.run("move", post, "--at", "in 5h")
    desk.run("approve", post, "--digest", seen, code=1)
    assert "changed since you looked" in desk.err
    assert desk.json("approve", post)["state"] == "scheduled"
    desk.run("edit", post, "متن دیگر", "--yes")
    shown = desk.json("show", post)
    assert (shown["state"], shown["approval"]["verdict"]) == ("draft", None)
    desk.run("approve", post, code=1)  # whoever changed it does not approve it


def test_a_change_of_the_config_is_said_and_changes_nothing(desk: Any) -> None:
    post = str(desk.draft_of("سارا", TEXT, at=datetime.now(UTC) + timedelta(hours=1)))
    before = desk.json("show", post)["deliveries"]
    with desk.changed_config("[groups.public]", '[groups.public]\nsignature = "روابط عمومی"'):
        assert desk.json("show", post)["deliveries"] == before
        desk.run("show", post)
        assert "the config has changed since it was written: news" in desk.err
        desk.run("approve", post)
        assert "it goes out as it was written, in: news" in desk.err


def test_reject_says_why(desk: Any) -> None:
    post = str(desk.draft_of("سارا", TEXT))
    desk.run("reject", post, "--reason", " ", code=2)
    shown = desk.json("reject", post, "--reason", "شمارهٔ تلفن غلط است")
    assert (shown["state"], shown["approval"]["reason"]) == ("rejected", "شمارهٔ تلفن غلط است")
    assert [each["state"] for each in shown["deliveries"]] == ["cancelled"]
    assert "شمارهٔ تلفن غلط است" in desk.run("show", post)
    assert [row["id"] for row in desk.json("list", "--state", "rejected")] == [int(post)]
    desk.run("approve", post, code=1)
    assert "is rejected" in desk.err
    desk.drain()
    assert desk.received() == []


def test_a_draft_that_nobody_approved_in_time_is_missed(desk: Any) -> None:
    with desk.changed_config("[groups.public]", '[groups.public]\nlate_after = "1s"'):
        post = str(desk.draft_of("سارا", TEXT))
        desk.until(lambda: desk.json("show", post)["state"] != "draft")
        assert desk.json("show", post)["state"] == "missed"
        assert "nobody approved it" in desk.run("show", post)
        assert [row["id"] for row in desk.json("list", "--state", "missed")] == [int(post)]
        assert desk.json("list", "--state", "draft") == []
        desk.run("approve", post, code=1)
        assert "another" in desk.err
    desk.run("move", post, "--at", "in 2h")
    assert desk.json("approve", post)["state"] == "scheduled"


def test_a_draft_of_ones_own_waits_as_long_as_it_takes(desk: Any) -> None:
    assert "kept" in desk.run("post", TEXT, "--to", "desk", "--draft")
    assert desk.json("show", "1")["approval"]["lapses"] is None
    desk.run("edit", "1", "متن بهتر", "--yes")
    assert desk.json("show", "1")["text"] == "متن بهتر"
    desk.run("approve", "1", code=1)
    assert "nobody approves their own" in desk.err


def test_what_recurs_waits_for_approval_too(desk: Any) -> None:
    desk.add("گزارش {date}", "--to", "news")
    assert desk.drain()
    (post,) = desk.json("list")
    assert post["state"] == "draft"
    assert desk.received() == []


@pytest.mark.parametrize("command", [("approve",), ("reject", "--reason", "نه")])
def test_only_drafts_are_decided(desk: Any, command: tuple[str, ...]) -> None:
    desk.run("post", TEXT, "--to", "desk", "--at", "in 2h")
    desk.run(command[0], "1", *command[1:], code=1)
    assert "needs no approval" in desk.err
    desk.run(command[0], "99", *command[1:], code=2)
