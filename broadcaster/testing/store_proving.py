"""What every store must do when an answer is late, in doubt, or needs a file first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from broadcaster.adapter import Absent, Present, Undecided
from broadcaster.model import Handle, Scope, State
from broadcaster.store.changing import Cancel, Close, Resolve, Retry
from broadcaster.store.exchange import Begin, Checked, Claim, Decision, Purpose
from broadcaster.store.live import Cause
from broadcaster.testing.store_office import (
    IN_DOUBT,
    LOOKED_FOR,
    REJECTED,
    SECOND,
    UNAVAILABLE,
    Office,
    file,
    receipt,
)


class LeaseContract:
    """Leases run out, owners die, receipts come late: never twice, never lost."""

    def test_an_own_lane_is_never_claimed_again(self, office: Office) -> None:
        post = office.post("bale-news")
        claim = office.claim(lease_s=1)
        office.wait(60)
        tick = office.tick()
        assert (tick.claims, tick.orphans, tick.wake_at) == ((), (), None)
        assert office.record(claim, receipt()).late == ()
        assert office.state(post, "bale-news") is State.DELIVERED

    def test_what_a_dead_owner_left_is_in_doubt(self, office: Office) -> None:
        first, second = office.post("bale-news"), office.post("bale-news")
        claim = office.claim(owner="dead")
        office.wait(31)
        tick = office.tick()
        assert tick.orphans == (claim.delivery,)
        assert office.state(first, "bale-news") is State.UNKNOWN
        assert [claim.post for claim in tick.claims] == [second]
        assert [view.delivery.post for view in office.store.unknowns()] == [first]

    def test_an_orphan_is_looked_for_where_that_is_possible(self, office: Office) -> None:
        office.post("bale-news")
        claim = office.claim(owner="dead")
        office.post("bale-news")
        office.wait(31)
        tick = office.tick(verifies=1)
        assert [(c.purpose, c.delivery) for c in tick.claims] == [(Purpose.VERIFY, claim.delivery)]
        assert tick.claims[0].sent_at == office.now - 31 * SECOND

    def test_an_orphan_is_looked_for_once_a_look_is_free(self, office: Office) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="dead")
        office.wait(31)
        assert office.tick(verifies=0).orphans == (claim.delivery,)
        assert office.state(post, "bale-news") is State.UNKNOWN
        look = office.claim(verifies=1)
        assert (look.purpose, look.delivery) == (Purpose.VERIFY, claim.delivery)

    def test_a_late_receipt_settles_the_doubt(self, office: Office) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="slow")
        office.wait(31)
        office.tick()
        tick = office.record(claim, receipt("77"), owner="slow")
        assert [(late.delivery, late.doubled) for late in tick.late] == [(claim.delivery, False)]
        assert office.state(post, "bale-news") is State.DELIVERED
        assert office.delivery(post, "bale-news").delivery.receipts[0].ids == ("77",)

    def test_a_late_receipt_stops_a_second_sending(self, office: Office) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="slow")
        office.wait(31)
        office.tick(count=0)
        office.change(Resolve(post=post, posted=False))
        assert office.state(post, "bale-news") is State.WAITING
        office.record(claim, receipt("77"), owner="slow")
        assert office.state(post, "bale-news") is State.DELIVERED
        assert office.tick().claims == ()

    def test_a_late_receipt_counts_after_a_second_try_that_failed(self, office: Office) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="slow")
        office.wait(31)
        office.tick(count=0)
        office.change(Resolve(post=post, posted=False))
        office.send(UNAVAILABLE)
        assert office.record(claim, receipt("77"), owner="slow").late[0].doubled is False
        assert office.state(post, "bale-news") is State.DELIVERED

    def test_a_late_receipt_is_no_proof_of_a_second_try_in_doubt(self, office: Office) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="slow")
        office.wait(31)
        office.tick(count=0)
        office.change(Resolve(post=post, posted=False))
        office.send(IN_DOUBT)
        assert office.record(claim, receipt("77"), owner="slow").late[0].doubled is True
        assert office.state(post, "bale-news") is State.UNKNOWN

    def test_a_late_receipt_after_a_second_sending_alerts(self, office: Office) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="slow")
        office.wait(31)
        office.tick(count=0)
        office.change(Resolve(post=post, posted=False))
        again = office.claim()
        tick = office.tick(office.result(claim, receipt("77")), owner="slow", count=0)
        assert [late.doubled for late in tick.late] == [True]
        office.record(again, receipt("78"))
        view = office.delivery(post, "bale-news")
        assert view.delivery.receipts[0].ids == ("78",)
        assert any("77" in attempt.detail for attempt in view.attempts)

    def test_a_stale_decision_changes_nothing(self, office: Office) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="slow")
        office.wait(31)
        office.tick()
        tick = office.record(claim, UNAVAILABLE, owner="slow")
        assert tick.recorded == 0
        assert office.state(post, "bale-news") is State.UNKNOWN

    def test_a_heartbeat_prolongs_what_is_still_held(self, office: Office) -> None:
        office.post("bale-news", "bale-desk")
        one, two = office.tick().claims
        office.wait(20)
        leases = [(one.channel, one.fence), (two.channel, two.fence + 1)]
        lost = office.store.heartbeat(office.owner, leases, 30, now=office.now)
        assert lost == {leases[1]}
        office.wait(20)
        assert office.tick(owner="other", count=0).orphans == (two.delivery,)

    def test_opening_alone_reaps_at_once(self, office: Office) -> None:
        post = office.post("bale-news")
        claim = office.claim(owner="dead")
        office.store.open("new", exclusive=True)
        assert office.state(post, "bale-news") is State.UNKNOWN
        assert office.record(claim, receipt("5"), owner="dead").late[0].doubled is False


class UnknownContract:
    """In doubt is never resent: it is looked for, or a person decides."""

    def test_without_verification_the_lane_goes_on(self, office: Office) -> None:
        first, second = office.post("bale-news"), office.post("bale-news")
        office.send(IN_DOUBT)
        assert [claim.post for claim in office.drain()] == [second]
        assert office.shown(first) == "unknown"

    def test_verification_holds_the_lane_and_finds(self, office: Office) -> None:
        first, second = office.post("bale-news"), office.post("bale-news")
        office.send(LOOKED_FOR)
        assert office.tick(verifies=1).claims == ()
        office.wait(60)
        look = office.claim(verifies=1)
        assert (look.purpose, look.post, look.known) == (Purpose.VERIFY, first, frozenset())
        tick = office.tick(office.result(look, Checked(found=Present(ids=("31",)), delay=0)))
        assert [claim.post for claim in tick.claims] == [second]
        found = office.delivery(first, "bale-news").delivery
        assert (found.state, found.receipts[0].ids) == (State.DELIVERED, ("31",))
        assert "public page" in found.receipts[0].note

    def test_a_find_counts_though_somebody_has_just_said_it_is_not_there(
        self, office: Office
    ) -> None:
        post = office.post("bale-news")
        office.send(LOOKED_FOR)
        office.wait(60)
        look = office.claim(verifies=1)
        office.change(Resolve(post=post, channel="bale-news", posted=False))
        tick = office.tick(office.result(look, Checked(found=Present(ids=("77",)), delay=SECOND)))
        assert tick.claims == (), "it would have been posted twice"
        assert office.state(post, "bale-news") is State.DELIVERED

    def test_a_look_knows_ids_that_are_owned(self, office: Office) -> None:
        office.post("bale-news")
        office.drain()
        office.post("bale-news")
        office.send(LOOKED_FOR)
        office.wait(60)
        assert office.claim(verifies=1).known == {"m1.0"}

    def test_absence_is_a_persons_matter_in_the_end(self, office: Office) -> None:
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
        self, office: Office, resend: bool
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

    def test_one_absence_sends_nothing_again(self, office: Office) -> None:
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
        self, office: Office
    ) -> None:
        late, expired = office.post("bale-news"), office.post("bale-old", expires=office.now + 9)
        for _ in range(2):
            office.send(IN_DOUBT)
        office.wait(7 * 3600)
        office.change(Resolve(posted=False, late_after={"bale-news": 60 * SECOND}))
        assert office.claim().post == late
        assert office.state(expired, "bale-old") is State.MISSED

    def test_no_leave_to_verify_is_no_busy_loop(self, office: Office) -> None:
        office.post("bale-news")
        office.send(LOOKED_FOR)
        office.wait(90)
        tick = office.tick(verifies=0)
        assert tick.wake_at is not None
        assert tick.wake_at > office.now
        assert office.claim(verifies=1).purpose is Purpose.VERIFY

    def test_leave_to_verify_goes_to_whose_time_is_up_first(self, office: Office) -> None:
        office.post("bale-desk", "bale-news")
        desk, news = sorted(office.tick().claims, key=lambda claim: claim.channel)
        office.record(news, LOOKED_FOR)
        office.wait(10)
        office.record(desk, LOOKED_FOR)
        office.wait(90)
        assert office.tick(verifies=0).claims == ()
        assert office.claim(verifies=1).channel == "bale-news"

    def test_a_platform_that_asks_for_silence_is_still_looked_at(self, office: Office) -> None:
        """Its public pages are no API; and a lane would wait in vain until its time is up."""
        office.post("bale-desk", "bale-news")
        desk, news = sorted(office.tick().claims, key=lambda claim: claim.channel)
        office.record(news, LOOKED_FOR)
        office.record(desk, replace(UNAVAILABLE, quiet=600 * SECOND, scope=Scope.ACCOUNT, delay=0))
        office.wait(90)
        claim = office.claim(verifies=1)
        assert (claim.purpose, claim.channel) == (Purpose.VERIFY, "bale-news")
        assert office.tick(verifies=1).claims == ()

    def test_the_sweep_ends_a_verification_nobody_makes(self, office: Office) -> None:
        office.post("bale-news")
        second = office.post("bale-news")
        office.send(LOOKED_FOR)
        office.wait(200)
        assert office.sweep() == 1
        assert office.claim().post == second


class MediaContract:
    """A file is uploaded once per account; the message is marked only when it is ready."""

    HANDLE = Handle(value="file-id")

    def test_upload_then_mark_then_send(self, office: Office) -> None:
        photo = file()
        post = office.post("bale-news", media=[photo])
        lease = office.claim(uploads=2)
        assert (lease.purpose, dict(lease.handles)) == (Purpose.UPLOAD, {})
        assert office.state(post, "bale-news") is State.WAITING
        begin = _begin(lease, photo.digest)
        send = office.claim(uploads=2, begins=[begin])
        assert (send.purpose, send.fence, send.attempt) == (Purpose.SEND, lease.fence, 1)
        assert send.handles == {photo.digest: self.HANDLE}
        assert office.state(post, "bale-news") is State.SENDING

    def test_the_first_upload_of_a_file_runs_alone(self, office: Office) -> None:
        photo = file()
        office.post("bale-a", "bale-b", "bale-c", media=[photo])
        other = office.post("bale-d")
        text, first = sorted(office.tick(uploads=9).claims, key=_by_purpose)
        assert (first.purpose, text.post) == (Purpose.UPLOAD, other)
        assert office.tick(uploads=9).claims == ()
        claims = office.tick(uploads=9, begins=[_begin(first, photo.digest)]).claims
        assert {claim.purpose for claim in claims} == {Purpose.SEND}
        assert len(claims) == 3

    def test_a_failed_upload_frees_the_next(self, office: Office) -> None:
        office.post("bale-a", "bale-b", media=[file()])
        first = office.claim(uploads=9)
        tick = office.tick(office.result(first, UNAVAILABLE), uploads=9)
        assert [claim.channel for claim in tick.claims] == ["bale-b"]
        assert office.state(first.post, "bale-a") is State.WAITING

    def test_leave_to_upload_starves_nobody(self, office: Office) -> None:
        for number in range(40):
            office.post(f"bale-{number}", media=[file(f"{number}.jpg")])
        text = office.post("bale-text")
        send, upload = sorted(office.tick(uploads=1).claims, key=_by_purpose)
        assert (send.purpose, upload.purpose) == (Purpose.SEND, Purpose.UPLOAD)
        assert send.post == text
        assert office.tick(uploads=0).wake_at is None
        assert len(office.tick(uploads=3).claims) == 3

    def test_a_rejected_upload_fails_before_the_mark(self, office: Office) -> None:
        post = office.post("bale-news", media=[file()])
        office.record(office.claim(uploads=1), REJECTED)
        assert office.state(post, "bale-news") is State.FAILED

    def test_a_late_begin_is_dropped(self, office: Office) -> None:
        photo = file()
        post = office.post("bale-news", media=[photo])
        lease = office.claim(uploads=1)
        office.wait(31)
        assert office.tick(begins=[_begin(lease, photo.digest)], count=0).claims == ()
        assert office.state(post, "bale-news") is State.WAITING
        assert office.claim(uploads=1).purpose is Purpose.SEND

    def test_what_was_uploaded_before_a_quiet_time_waits_it_out(self, office: Office) -> None:
        photo = file()
        office.post("bale-a", media=[photo])
        office.post("bale-b")
        text, lease = sorted(office.tick(uploads=1).claims, key=_by_purpose)
        haste = Decision(
            state=State.WAITING,
            reason="slow down",
            outcome="RateLimited",
            delay=20 * SECOND,
            counts=False,
            quiet=20 * SECOND,
            scope=Scope.ACCOUNT,
        )
        ready = _begin(lease, photo.digest)
        assert office.tick(office.result(text, haste), begins=[ready], uploads=1).claims == ()
        office.wait(21)
        claims = office.tick(uploads=1).claims
        assert {claim.channel: claim.purpose for claim in claims} == {
            "bale-a": Purpose.SEND,
            "bale-b": Purpose.SEND,
        }

    def test_off_between_upload_and_mark(self, office: Office) -> None:
        photo = file()
        post = office.post("bale-news", media=[photo])
        lease = office.claim(uploads=1)
        office.change(Close(accounts=("bale",), cause=Cause.OFF))
        assert office.tick(begins=[_begin(lease, photo.digest)], uploads=1).claims == ()
        office.sweep()
        assert office.state(post, "bale-news") is State.HELD

    def test_cancelled_between_upload_and_mark(self, office: Office) -> None:
        photo = file()
        office.change(Cancel(post=office.post("bale-news", media=[photo])))
        gone = office.post("bale-news", media=[photo])
        later = office.post("bale-news")
        lease = office.claim(uploads=1)
        office.change(Cancel(post=gone))
        tick = office.tick(begins=[_begin(lease, photo.digest)], uploads=1)
        assert [claim.post for claim in tick.claims] == [later]

    def test_without_own_upload_the_first_send_gives_the_handle(self, office: Office) -> None:
        photo = file()
        office.post("bale-a", "bale-b", "bale-c", media=[photo])
        first = office.claim()
        assert first.purpose is Purpose.SEND
        handles = {photo.digest: self.HANDLE}
        claims = office.tick(office.result(first, receipt(handles=handles))).claims
        assert [claim.handles for claim in claims] == [handles, handles]

    def test_receipts_of_one_turn_may_bring_the_same_file(self, office: Office) -> None:
        """Some platforms name a file anew with every message that carries it."""
        photo = file()
        office.post("bale-a", media=[photo])
        first, second = ({photo.digest: Handle(value=value)} for value in ("one", "two"))
        office.record(office.claim(), receipt(handles=first))
        post = office.post("bale-a", "bale-b", media=[photo])
        a, b = office.tick().claims
        office.tick(
            office.result(a, receipt(handles=first)), office.result(b, receipt(handles=second))
        )
        assert office.shown(post) == "delivered"
        office.post("bale-a", media=[photo])
        assert office.claim().handles == second

    def test_an_album_may_show_a_file_twice(self, office: Office) -> None:
        photo = file()
        office.post("bale-news", media=[photo, photo])
        lease = office.claim(uploads=2)
        assert lease.purpose is Purpose.UPLOAD
        send = office.claim(uploads=2, begins=[_begin(lease, photo.digest)])
        assert send.purpose is Purpose.SEND

    def test_a_platform_without_handles_is_not_slowed(self, office: Office) -> None:
        office.post("bale-a", "bale-b", "bale-c", media=[file()])
        claims = office.tick(office.result(office.claim(), receipt())).claims
        assert len(claims) == 2

    def test_a_stale_handle_is_uploaded_again_and_only_once(self, office: Office) -> None:
        photo = file()
        post = office.post("bale-news", media=[photo])
        lease = office.claim(uploads=1)
        send = office.claim(uploads=1, begins=[_begin(lease, photo.digest)])
        stale = Decision(
            state=State.WAITING,
            reason="the file is forgotten",
            outcome="StaleHandle",
            counts=False,
            stale=photo.digest,
        )
        again = office.tick(office.result(send, stale), uploads=1).claims[0]
        assert (again.purpose, again.handles) == (Purpose.UPLOAD, {})
        send = office.claim(uploads=1, begins=[_begin(again, photo.digest)])
        office.record(send, stale)
        assert office.state(post, "bale-news") is State.FAILED
        office.change(Retry(post=post, late_after={}))
        assert office.claim(uploads=1).purpose is Purpose.UPLOAD


def _begin(lease: Claim, digest: str) -> Begin:
    return Begin(
        delivery=lease.delivery,
        step=lease.step,
        fence=lease.fence,
        handles={digest: MediaContract.HANDLE},
    )


def _by_purpose(claim: Claim) -> str:
    """The order of one tick's claims means nothing."""
    return claim.purpose
