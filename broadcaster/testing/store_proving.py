"""What every store must do when an answer is late or in doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from broadcaster.adapter import Absent, Present, Undecided
from broadcaster.model import Scope, State
from broadcaster.store.changes import Resolve
from broadcaster.store.exchange import Checked, Purpose
from broadcaster.testing.store_office import (
    IN_DOUBT,
    LOOKED_FOR,
    SECOND,
    UNAVAILABLE,
    StoreOffice,
    receipt,
)


class LeaseContract:
    """Leases run out, owners die, receipts come late: never twice, never lost."""

    def test_an_own_lane_is_never_claimed_again(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        claim = office.claim(lease_s=1)
        office.wait(60)
        tick = office.tick()
        assert (tick.claims, tick.orphans, tick.wake_at) == ((), (), None)
        assert office.record(claim, receipt()).late == ()
        assert office.state(post, "bale-news") is State.DELIVERED

    def test_what_a_dead_owner_left_is_in_doubt(self, office: StoreOffice) -> None:
        first, second = office.post("bale-news"), office.post("bale-news")
        claim = office.claim(owner="dead")
        office.wait(31)
        tick = office.tick()
        assert tick.orphans == (claim.delivery,)
        assert office.state(first, "bale-news") is State.UNKNOWN
        assert [claim.post for claim in tick.claims] == [second]
        assert [view.delivery.post for view in office.store.unknowns()] == [first]

    def test_an_orphan_is_looked_for_where_that_is_possible(self, office: StoreOffice) -> None:
        office.post("bale-news")
        claim = office.claim(owner="dead")
        office.post("bale-news")
        office.wait(31)
        tick = office.tick(verifies=1)
        assert [(c.purpose, c.delivery) for c in tick.claims] == [(Purpose.VERIFY, claim.delivery)]
        assert tick.claims[0].sent_at == office.now - 31 * SECOND

    def test_an_orphan_is_looked_for_once_a_look_is_free(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="dead")
        office.wait(31)
        assert office.tick(verifies=0).orphans == (claim.delivery,)
        assert office.state(post, "bale-news") is State.UNKNOWN
        look = office.claim(verifies=1)
        assert (look.purpose, look.delivery) == (Purpose.VERIFY, claim.delivery)

    def test_a_late_receipt_settles_the_doubt(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="slow")
        office.wait(31)
        office.tick()
        tick = office.record(claim, receipt("77"), owner="slow")
        assert [(late.delivery, late.doubled) for late in tick.late] == [(claim.delivery, False)]
        assert office.state(post, "bale-news") is State.DELIVERED
        assert office.delivery(post, "bale-news").delivery.receipts[0].ids == ("77",)

    def test_a_late_receipt_stops_a_second_sending(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="slow")
        office.wait(31)
        office.tick(count=0)
        office.change(Resolve(post=post, posted=False))
        assert office.state(post, "bale-news") is State.WAITING
        office.record(claim, receipt("77"), owner="slow")
        assert office.state(post, "bale-news") is State.DELIVERED
        assert office.tick().claims == ()

    def test_a_late_receipt_counts_after_a_second_try_that_failed(
        self, office: StoreOffice
    ) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="slow")
        office.wait(31)
        office.tick(count=0)
        office.change(Resolve(post=post, posted=False))
        office.send(UNAVAILABLE)
        assert office.record(claim, receipt("77"), owner="slow").late[0].doubled is False
        assert office.state(post, "bale-news") is State.DELIVERED

    def test_a_late_receipt_is_no_proof_of_a_second_try_in_doubt(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="slow")
        office.wait(31)
        office.tick(count=0)
        office.change(Resolve(post=post, posted=False))
        office.send(IN_DOUBT)
        assert office.record(claim, receipt("77"), owner="slow").late[0].doubled is True
        assert office.state(post, "bale-news") is State.UNKNOWN

    def test_a_late_receipt_after_a_second_sending_alerts(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="slow")
        office.wait(31)
        office.tick(count=0)
        office.change(Resolve(post=post, posted=False))
        again = office.claim()
        tick = office.tick(claim.ended(receipt("77")), owner="slow", count=0)
        assert [late.doubled for late in tick.late] == [True]
        office.record(again, receipt("78"))
        view = office.delivery(post, "bale-news")
        assert view.delivery.receipts[0].ids == ("78",)
        assert any("77" in attempt.detail for attempt in view.attempts)

    def test_a_stale_decision_changes_nothing(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="slow")
        office.wait(31)
        office.tick()
        tick = office.record(claim, UNAVAILABLE, owner="slow")
        assert tick.recorded == 0
        assert office.state(post, "bale-news") is State.UNKNOWN

    def test_a_heartbeat_prolongs_what_is_still_held(self, office: StoreOffice) -> None:
        office.post("bale-news", "bale-desk")
        one, two = office.tick().claims
        office.wait(20)
        leases = [(one.channel, one.fence), (two.channel, two.fence + 1)]
        lost = office.store.heartbeat(office.owner, leases, 30, now=office.now)
        assert lost == {leases[1]}
        office.wait(20)
        assert office.tick(owner="other", count=0).orphans == (two.delivery,)

    def test_opening_alone_reaps_at_once(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="dead")
        office.store.open("new", exclusive=True)
        assert office.state(post, "bale-news") is State.UNKNOWN
        assert office.record(claim, receipt("5"), owner="dead").late[0].doubled is False


class UnknownContract:
    """In doubt is never resent: it is looked for, or a person decides."""

    def test_without_verification_the_lane_goes_on(self, office: StoreOffice) -> None:
        first, second = office.post("bale-news"), office.post("bale-news")
        office.send(IN_DOUBT)
        assert [claim.post for claim in office.drain()] == [second]
        assert office.shown(first) == "unknown"

    def test_verification_holds_the_lane_and_finds(self, office: StoreOffice) -> None:
        first, second = office.post("bale-news"), office.post("bale-news")
        office.send(LOOKED_FOR)
        assert office.tick(verifies=1).claims == ()
        office.wait(60)
        look = office.claim(verifies=1)
        assert (look.purpose, look.post, look.known) == (Purpose.VERIFY, first, frozenset())
        tick = office.tick(look.ended(Checked(found=Present(ids=("31",)), delay=0)))
        assert [claim.post for claim in tick.claims] == [second]
        found = office.delivery(first, "bale-news").delivery
        assert (found.state, found.receipts[0].ids) == (State.DELIVERED, ("31",))
        assert "public page" in found.receipts[0].note

    def test_a_find_counts_though_somebody_has_just_said_it_is_not_there(
        self, office: StoreOffice
    ) -> None:
        post = office.post("bale-news")
        office.send(LOOKED_FOR)
        office.wait(60)
        look = office.claim(verifies=1)
        office.change(Resolve(post=post, channel="bale-news", posted=False))
        tick = office.tick(look.ended(Checked(found=Present(ids=("77",)), delay=SECOND)))
        assert tick.claims == (), "it would have been posted twice"
        assert office.state(post, "bale-news") is State.DELIVERED

    def test_a_look_knows_ids_that_are_owned(self, office: StoreOffice) -> None:
        office.post("bale-news")
        office.drain()
        office.post("bale-news")
        office.send(LOOKED_FOR)
        office.wait(60)
        assert office.claim(verifies=1).known == {"m1.0"}

    def test_absence_is_a_persons_matter_in_the_end(self, office: StoreOffice) -> None:
        first, second = office.post("bale-news"), office.post("bale-news")
        office.send(LOOKED_FOR)
        for found in (Absent(newest_at=datetime(2026, 11, 24, tzinfo=UTC)), Undecided(why="۵۰۲")):
            office.wait(60)
            look = office.claim(verifies=1)
            office.record(look, Checked(found=found, delay=60 * SECOND))
        assert "۵۰۲" in office.delivery(first, "bale-news").delivery.reason
        office.wait(60)
        assert office.claim(verifies=1).post == second
        assert office.state(first, "bale-news") is State.UNKNOWN

    @pytest.mark.parametrize("resend", [False, True])
    def test_two_absences_in_a_row_are_shown_or_sent_again_at_the_channels_risk(
        self, office: StoreOffice, resend: bool
    ) -> None:
        post = office.post("bale-news")
        first = office.send(LOOKED_FOR)
        absent = Absent(newest_at=datetime(2026, 11, 24, tzinfo=UTC))
        for _ in range(2):
            assert office.state(post, "bale-news") is State.UNKNOWN
            office.wait(70)
            look = office.claim(verifies=1)
            office.record(look, Checked(found=absent, delay=70 * SECOND, resend=resend))
        assert "two looks" in office.delivery(post, "bale-news").delivery.reason
        assert office.state(post, "bale-news") is (State.WAITING if resend else State.UNKNOWN)
        claims = office.tick(verifies=1).claims
        assert [claim.key for claim in claims] == [first.key] * resend

    def test_one_absence_sends_nothing_again(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        office.send(LOOKED_FOR)
        newest = datetime(2026, 11, 24, tzinfo=UTC)
        for found in (Undecided(why="۵۰۲"), Absent(newest_at=newest)):
            office.wait(60)
            look = office.claim(verifies=1)
            office.record(look, Checked(found=found, delay=60 * SECOND, resend=True))
        assert office.state(post, "bale-news") is State.UNKNOWN
        assert office.tick(verifies=1).claims == ()

    def test_what_is_not_posted_is_sent_although_its_hour_is_long_past(
        self, office: StoreOffice
    ) -> None:
        late, expired = office.post("bale-news"), office.post("bale-old", expires=office.now + 9)
        for _ in range(2):
            office.send(IN_DOUBT)
        office.wait(7 * 3600)
        office.change(Resolve(posted=False, late_after={"bale-news": 60 * SECOND}))
        assert office.claim().post == late
        assert office.state(expired, "bale-old") is State.MISSED

    def test_no_leave_to_verify_is_no_busy_loop(self, office: StoreOffice) -> None:
        office.post("bale-news")
        office.send(LOOKED_FOR)
        office.wait(90)
        tick = office.tick(verifies=0)
        assert tick.wake_at is not None
        assert tick.wake_at > office.now
        assert office.claim(verifies=1).purpose is Purpose.VERIFY

    def test_leave_to_verify_goes_to_whose_time_is_up_first(self, office: StoreOffice) -> None:
        office.post("bale-desk", "bale-news")
        desk, news = sorted(office.tick().claims, key=lambda claim: claim.channel)
        office.record(news, LOOKED_FOR)
        office.wait(10)
        office.record(desk, LOOKED_FOR)
        office.wait(90)
        assert office.tick(verifies=0).claims == ()
        assert office.claim(verifies=1).channel == "bale-news"

    def test_a_platform_that_asks_for_silence_is_still_looked_at(self, office: StoreOffice) -> None:
        """Its public pages are no API; and a lane would wait in vain until its time is up."""
        office.post("bale-desk", "bale-news")
        desk, news = sorted(office.tick().claims, key=lambda claim: claim.channel)
        office.record(news, LOOKED_FOR)
        office.record(
            desk, replace(UNAVAILABLE, cool_down=600 * SECOND, scope=Scope.ACCOUNT, delay=0)
        )
        office.wait(90)
        claim = office.claim(verifies=1)
        assert (claim.purpose, claim.channel) == (Purpose.VERIFY, "bale-news")
        assert office.tick(verifies=1).claims == ()

    def test_the_sweep_ends_a_verification_nobody_makes(self, office: StoreOffice) -> None:
        office.post("bale-news")
        second = office.post("bale-news")
        office.send(LOOKED_FOR)
        office.wait(200)
        assert office.sweep() == 1
        assert office.claim().post == second
