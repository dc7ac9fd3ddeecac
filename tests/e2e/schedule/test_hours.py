"""Slots, quiet hours, removal, pins and changed schedules, with real commands and a real daemon."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any
from urllib.request import urlopen

from tests.e2e.schedule.conftest import TEHRAN, Desk

HOURS = """
[quiet_hours]
every_day = "{start:%H:%M}-{end:%H:%M}"

[slots]
desk = ["{one:%H:%M}", "{two:%H:%M}"]
"""


def due(said: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(said["due"])


def test_what_is_due_in_quiet_hours_waits_and_slots_are_taken_once(desk: Desk) -> None:
    now = datetime.now(TEHRAN).replace(second=0, microsecond=0)
    end, one, two = (now + timedelta(hours=count) for count in (2, 3, 4))
    desk.configure(HOURS.format(start=now - timedelta(hours=1), end=end, one=one, two=two))
    held = desk.json("post", "ساعت کار", "--expires", "3h")
    assert "quiet hours: it is held back until" in desk.err
    assert due(held) == end
    assert datetime.fromisoformat(held["expires"]) == end + timedelta(hours=3)
    desk.run("post", "دیر", "--at", "دیروز ۸ صبح", code=2)
    assert "which is past" in desk.err

    desk.run("post", "یک", "--at", "next-slot", "--dry-run")
    assert "the next free slot of desk" in desk.err
    first = desk.json("post", "یک", "--at", "next-slot")
    second = desk.json("post", "دو", "--at", "نوبت بعدی")
    third = desk.json("post", "سه", "--at", "next-slot")
    assert [due(each) for each in (first, second, third)] == [one, two, one + timedelta(days=1)]
    desk.run("cancel", str(first["id"]))
    assert due(desk.json("post", "چهار", "--at", "next-slot")) == one
    assert due(desk.json("move", str(second["id"]), "--at", "in 1h")) == end
    assert "quiet hours: it is held back until" in desk.err
    desk.json("post", "هشدار سیل", "--urgent")
    desk.drain()
    assert desk.received() == ["هشدار سیل"]


def test_pins_are_replaced_and_a_post_is_removed_at_its_hour(desk: Desk) -> None:
    def pinned() -> list[str]:
        with urlopen(f"{desk.url}/_sandbox/messages", timeout=30) as answer:
            return [each["text"] for each in json.load(answer) if each["pinned"]]

    first = desk.json("post", "هشدار", "--pin")["id"]
    desk.drain()
    assert pinned() == ["هشدار"]
    assert "pinned in" in desk.run("show", str(first))
    newer = desk.json("post", "هشدار تازه", "--replace-pin", "--remove-at", "جمعه ۲۰")["id"]
    desk.drain()
    assert pinned() == ["هشدار تازه"]
    desk.run("unpin", str(newer))
    desk.drain()
    assert pinned() == []
    assert desk.json("move", str(newer), "--remove-at", "never")["remove_at"] is None
    desk.run("move", str(first), "--remove-at", "7d")
    with closing(sqlite3.connect(desk.store)) as store, store:  # as if those days were over
        store.execute("update posts set remove_at = due where id = ?", [first])
    with desk.daemon():
        desk.until(lambda: desk.json("show", str(first))["state"] == "recalled")
    assert desk.json("show", str(first))["state"] == "recalled"


def test_a_schedule_is_changed_in_parts(desk: Desk) -> None:
    file = desk.folder / "hours.md"
    file.write_text("ساعت کار {date}", encoding="utf-8")
    said = desk.run("schedule", "add", "ساعت", "--every", "هر شنبه ۸ صبح", "--file", "hours.md")
    assert said.startswith("schedule ساعت saved: every Saturday at 08:00, next ")
    said = desk.run("schedule", "edit", "ساعت", "--every", "هر روز کاری ۸ صبح", "--urgent")
    assert "every working day at 08:00" in said
    shown = desk.json("schedule", "show", "ساعت")
    assert (shown["trigger"], shown["text"]) == ("every working day 08:00", "ساعت کار {date}")
    assert (shown["urgent"], shown["file"], shown["changed"]) == (True, str(file), [])

    file.write_text("ساعت کار تازه {date}", encoding="utf-8")
    assert desk.json("schedule", "show", "ساعت")["changed"] == [str(file)]
    desk.run("schedule", "edit", "ساعت")
    shown = desk.json("schedule", "show", "ساعت")
    assert (shown["text"], shown["changed"], shown["urgent"]) == ("ساعت کار تازه {date}", [], True)

    desk.run("schedule", "edit", "ساعت", "متن دیگر", "--no-urgent", "--remove-after", "۷ روز")
    shown = desk.json("schedule", "show", "ساعت")
    assert (shown["text"], shown["urgent"], shown["remove_after"]) == ("متن دیگر", False, "۷ روز")
    desk.run("schedule", "edit", "ساعت", code=2)
    assert "say what to change" in desk.err
