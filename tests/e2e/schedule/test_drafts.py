"""Drafts that come back, and posts that begin from old ones, on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

TEXT = "اطلاعیه: **می‌توانید** نوبت بگیرید"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0"
    "00000301010018dd8db00000000049454e44ae426082"
)


def test_a_returned_draft_is_changed_and_waits_again(desk: Any) -> None:
    desk.run("post", TEXT, "--to", "desk", "--draft")
    desk.run("return", "1", "--reason", " ", code=2)
    shown = desk.json("return", "1", "--reason", "ساعت را بنویسید")
    assert (shown["state"], shown["approval"]["verdict"]) == ("returned", "returned")
    said = desk.run("show", "1")
    assert "ساعت را بنویسید" in said
    assert "broadcaster edit 1" in said
    assert [row["id"] for row in desk.json("list", "--state", "returned")] == [1]
    desk.run("approve", "1", code=1)
    assert "it is returned to its author: ساعت را بنویسید" in desk.err
    desk.run("edit", "1", "ساعت **۸ تا ۱۴**", "--yes")
    assert "waits for somebody else" in desk.err
    assert desk.json("show", "1")["state"] == "draft"


def test_two_people_approve_where_the_channel_demands_it(desk: Any) -> None:
    with desk.changed_config("require_approval = true", "require_approval = 2"):
        at = datetime.now(UTC) + timedelta(hours=3)
        post = str(desk.draft_of("سارا", TEXT, at=at))
        assert "1 of 2 approvals" in desk.run("approve", post)
        assert "1 of 2 have approved it" in desk.run("show", post)
        approval = desk.json("show", post)["approval"]
        assert (approval["needed"], len(approval["approvers"])) == (2, 1)
        desk.run("approve", post, code=1)
        assert "you have approved it" in desk.err
        assert desk.json("show", post)["state"] == "draft"


def test_a_post_begins_from_an_old_one(desk: Any) -> None:
    picture = desk.folder / "پوستر.png"
    picture.write_bytes(PICTURE)
    desk.run(
        *("post", TEXT, "--to", "desk", "--to", "news", "--media", str(picture), "--silent"),
        *("--text-for", "desk=متن میز", "--at", "in 3h", "--yes"),
    )
    picture.unlink()
    planned = desk.json("post", "--like", "1", "--to", "desk", "--dry-run")
    assert "متن میز" in str(planned)
    again = desk.json("post", "--like", "1", "--yes")
    assert (again["text"], again["id"], again["state"]) == (TEXT, 2, "draft")
    assert {each["channel"] for each in again["deliveries"]} == {"desk", "news"}
    assert "پوستر.png" in desk.run("show", "2")
    new = desk.json("post", "متن تازه", "--like", "1", "--to", "desk", "--yes")
    assert (new["text"], new["state"]) == ("متن تازه", "waiting")
    desk.drain()
    assert desk.received() == ["متن تازه"]
    desk.run("post", "--like", "99", code=2)


def test_check_says_that_nobody_could_approve(desk: Any) -> None:
    assert "require_approval demands 1 besides the author" in desk.run("check") + desk.err
    for name in ("sara", "ali"):
        desk.run("user", "add", name, "--role", "approver")
    assert "require_approval" not in desk.run("check") + desk.err


def test_what_is_gone_cannot_be_begun_from(desk: Any) -> None:
    picture = desk.folder / "پوستر.png"
    picture.write_bytes(PICTURE)
    desk.run("post", TEXT, "--to", "desk", "--media", str(picture), "--at", "in 3h")
    for kept in (desk.folder / "state" / "media").glob("??/*"):
        kept.unlink()
    desk.run("post", "--like", "1", code=2)
    assert "پوستر.png of post 1 is not kept any more" in desk.err
    desk.run("post", "--like", "1", "--batch", code=2)
