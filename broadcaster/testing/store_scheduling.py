"""What every store must do with recurring posts."""

from __future__ import annotations

from typing import Any

import pytest

from broadcaster.errors import InputError, Refused
from broadcaster.store.changes import Fail, Pause, Proceed, Schedule, Skip, Unschedule
from broadcaster.store.live import Origin
from broadcaster.store.submit import NewPost, Queued
from broadcaster.store.views import ScheduleRow
from broadcaster.testing.store_office import SECOND, TEXT, StoreOffice, file

HOUR = 3600 * SECOND


class ScheduleContract:
    """Who fires an occurrence first makes its post; nobody makes it again."""

    def schedule(self, office: StoreOffice, name: str = "هفتگی", **more: Any) -> ScheduleRow:
        values = {
            "name": name,
            "definition": "هر شنبه",
            "origin": Origin.COMMAND,
            "next_at": office.now,
            **more,
        }
        office.change(Schedule(**values))
        return self.row(office, name)

    def row(self, office: StoreOffice, name: str = "هفتگی") -> ScheduleRow:
        return {row.name: row for row in office.store.schedules()}[name]

    def fire(
        self, office: StoreOffice, row: ScheduleRow, occurrence: str = "1", **more: Any
    ) -> Queued | None:
        post = NewPost(
            source=TEXT,
            targets=(office.target("bale-news"),),
            key=f"schedule {row.name} {occurrence}",
            **more,
        )
        return office.store.fire(row, occurrence, post, office.now + HOUR, now=office.now)

    def test_what_one_person_queued_lately_is_counted(self, office: StoreOffice) -> None:
        for author in ("سارا", "سارا", "رضا"):
            office.post("bale-1", author=author)
        office.wait(100)
        office.post("bale-1", author="سارا")
        count = office.store.written
        assert count("سارا", 101 * SECOND, now=office.now) == 3
        assert count("سارا", 50 * SECOND, now=office.now) == 1
        assert count("مریم", HOUR, now=office.now) == 0

    def test_an_occurrence_makes_one_post(self, office: StoreOffice) -> None:
        row = self.schedule(office)
        queued = self.fire(office, row)
        assert queued is not None
        assert [claim.post for claim in office.drain()] == [queued.post]
        after = self.row(office)
        assert (after.occurrence, after.post, after.fired_at) == ("1", queued.post, office.now)
        assert after.next_at == office.now + HOUR

    def test_the_second_daemon_finds_it_gone(self, office: StoreOffice) -> None:
        row = self.schedule(office)
        assert self.fire(office, row) is not None
        assert self.fire(office, row) is None
        assert self.fire(office, row, "2") is None
        assert len(office.drain()) == 1

    def test_an_occurrence_is_known_again_whatever_its_schedule_became(
        self, office: StoreOffice
    ) -> None:
        first = self.fire(office, self.schedule(office))
        office.change(Unschedule(name="هفتگی", origin=Origin.COMMAND))
        again = self.fire(office, self.schedule(office, definition="نو"), fingerprint="other")
        assert (first, again) == (Queued(post=1), Queued(post=1, existing=True))
        assert len(office.drain()) == 1

    def test_what_was_changed_or_paused_meanwhile_does_not_fire(self, office: StoreOffice) -> None:
        row = self.schedule(office)
        self.schedule(office, definition="هر روز")
        assert self.fire(office, row) is None
        row = self.row(office)
        office.change(Pause(name="هفتگی"))
        assert self.fire(office, row) is None
        office.change(Proceed(name="هفتگی", next_at=office.now + SECOND))
        assert self.fire(office, row) is None
        assert self.fire(office, self.row(office)) is not None

    def test_one_that_says_the_same_stays_due(self, office: StoreOffice) -> None:
        before = self.schedule(office, origin=Origin.CONFIG)
        assert self.schedule(office, origin=Origin.CONFIG, next_at=office.now + HOUR) == before
        assert self.schedule(office, origin=Origin.CONFIG, definition="نو").next_at == office.now

    def test_pause_and_proceed(self, office: StoreOffice) -> None:
        self.schedule(office)
        office.change(Pause(name="هفتگی"))
        assert self.row(office).paused
        with pytest.raises(Refused, match="paused already"):
            office.change(Pause(name="هفتگی"))
        office.change(Proceed(name="هفتگی", next_at=office.now + HOUR))
        assert (self.row(office).paused, self.row(office).next_at) == (False, office.now + HOUR)
        with pytest.raises(Refused, match="not paused"):
            office.change(Proceed(name="هفتگی", next_at=office.now))
        for change in (Pause(name="x"), Proceed(name="x", next_at=1)):
            with pytest.raises(InputError, match="no schedule x"):
                office.change(change)

    def test_a_schedule_belongs_to_who_wants_it(self, office: StoreOffice) -> None:
        self.schedule(office, origin=Origin.CONFIG)
        with pytest.raises(Refused, match="stands in the config"):
            self.schedule(office)
        with pytest.raises(Refused, match="stands in the config"):
            office.change(Unschedule(name="هفتگی", origin=Origin.COMMAND))
        self.schedule(office, "روزانه")
        with pytest.raises(Refused, match="added by a command"):
            self.schedule(office, "روزانه", origin=Origin.CONFIG)
        office.change(Unschedule(name="روزانه", origin=Origin.COMMAND))
        assert [row.name for row in office.store.schedules()] == ["هفتگی"]

    def test_skipping_moves_on_without_a_post(self, office: StoreOffice) -> None:
        row = self.schedule(office)
        assert row.next_at is not None
        skip = Skip(name=row.name, at=row.next_at, next_at=office.now + HOUR, reason="دیر شد")
        assert office.change(skip).schedules == (row.name,)
        assert office.change(skip).schedules == ()
        after = self.row(office)
        assert (after.next_at, after.passed_at) == (office.now + HOUR, office.now)
        assert office.drain() == []

    def test_a_problem_stays_until_it_fires(self, office: StoreOffice) -> None:
        row = self.schedule(office)
        assert row.next_at is not None
        fail = Fail(name=row.name, at=row.next_at, reason="پرونده نیست")
        assert office.change(fail).schedules == (row.name,)
        assert office.change(fail).schedules == ()
        noted = self.row(office)
        assert (noted.problem, noted.problem_at) == ("پرونده نیست", office.now)
        assert noted.next_at == row.next_at
        self.fire(office, noted)
        assert self.row(office).problem == ""

    def test_files_of_a_schedule_are_named_as_long_as_it_is_kept(self, office: StoreOffice) -> None:
        first, second = file("یک.jpg").digest, file("دو.jpg").digest
        self.schedule(office, files=(first,))
        assert self.row(office).files == (first,)
        assert office.store.files().keys() == {first}
        self.schedule(office, definition="نو", files=(second,))
        assert office.store.files().keys() == {second}
        rows = [row for table, found in office.store.export() for row in found]
        assert [row["files"] for row in rows if "files" in row] == [f'["{second}"]']
        office.change(Unschedule(name="هفتگی", origin=Origin.COMMAND))
        assert not office.store.files()

    def test_why_it_was_passed_over_outlives_the_next_post(self, office: StoreOffice) -> None:
        row = self.schedule(office)
        assert row.next_at is not None
        office.change(Skip(name=row.name, at=row.next_at, next_at=office.now + 1, reason="دیر شد"))
        self.fire(office, self.row(office))
        assert self.row(office).passed_why == "دیر شد"

    def test_what_has_no_next_time_may_have_a_problem_too(self, office: StoreOffice) -> None:
        row = self.schedule(office, next_at=None)
        office.change(Fail(name=row.name, at=None, reason="خراب است"))
        assert self.row(office).problem == "خراب است"

    def test_decisions_are_in_the_audit_log(self, office: StoreOffice) -> None:
        row = self.schedule(office)
        office.change(Pause(name=row.name))
        with pytest.raises(Refused):
            office.change(Pause(name=row.name))
        office.change(Unschedule(name=row.name, origin=Origin.COMMAND))
        said = [(entry.verb, entry.refused is None) for entry in office.store.audit()]
        assert said == [
            ("unschedule", True),
            ("pause", False),
            ("pause", True),
            ("schedule", True),
        ]
        assert office.store.verify_audit().flaws == ()

    def test_a_new_epoch_goes_on_from_now(self, office: StoreOffice) -> None:
        self.schedule(office, next_at=office.now - HOUR)
        office.store.new_epoch("مدیر", 2, "copy.db", now=office.now)
        row = self.row(office)
        assert row.next_at is None
        assert self.fire(office, row) is None
        office.change(Proceed(name=row.name, next_at=office.now + HOUR))
        assert self.row(office).next_at == office.now + HOUR
