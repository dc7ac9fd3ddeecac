"""What every store must do with files that are uploaded before they are posted."""

from __future__ import annotations

from dataclasses import replace

from broadcaster.model import Handle, MediaKind, Scope, State
from broadcaster.store.changes import Cancel, Close, Retry
from broadcaster.store.exchange import Claim, Purpose, UploadDone, Verdict
from broadcaster.store.live import Cause
from broadcaster.testing.store_office import (
    REJECTED,
    SECOND,
    UNAVAILABLE,
    StoreOffice,
    file,
    receipt,
)


class MediaContract:
    """A file is uploaded once per account; the message is marked only when it is ready."""

    HANDLE = Handle(value="file-id")

    def test_upload_then_mark_then_send(self, office: StoreOffice) -> None:
        photo = file()
        post = office.post("bale-news", media=[photo])
        lease = office.claim(uploads=2)
        assert (lease.purpose, dict(lease.handles)) == (Purpose.UPLOAD, {})
        assert office.state(post, "bale-news") is State.WAITING
        begin = _begin(lease, photo.key)
        send = office.claim(uploads=2, uploads_done=[begin])
        assert (send.purpose, send.fence, send.attempt) == (Purpose.SEND, lease.fence, 1)
        assert send.handles == {photo.key: self.HANDLE}
        assert office.state(post, "bale-news") is State.SENDING

    def test_the_first_upload_of_a_file_runs_alone(self, office: StoreOffice) -> None:
        photo = file()
        office.post("bale-a", "bale-b", "bale-c", media=[photo])
        other = office.post("bale-d")
        text, first = sorted(office.tick(uploads=9).claims, key=_by_purpose)
        assert (first.purpose, text.post) == (Purpose.UPLOAD, other)
        assert office.tick(uploads=9).claims == ()
        claims = office.tick(uploads=9, uploads_done=[_begin(first, photo.key)]).claims
        assert {claim.purpose for claim in claims} == {Purpose.SEND}
        assert len(claims) == 3

    def test_a_failed_upload_frees_the_next(self, office: StoreOffice) -> None:
        office.post("bale-a", "bale-b", media=[file()])
        first = office.claim(uploads=9)
        tick = office.tick(first.ended(UNAVAILABLE), uploads=9)
        assert [claim.channel for claim in tick.claims] == ["bale-b"]
        assert office.state(first.post, "bale-a") is State.WAITING

    def test_leave_to_upload_starves_nobody(self, office: StoreOffice) -> None:
        for number in range(40):
            office.post(f"bale-{number}", media=[file(f"{number}.jpg")])
        text = office.post("bale-text")
        send, upload = sorted(office.tick(uploads=1).claims, key=_by_purpose)
        assert (send.purpose, upload.purpose) == (Purpose.SEND, Purpose.UPLOAD)
        assert send.post == text
        assert office.tick(uploads=0).wake_at is None
        assert len(office.tick(uploads=3).claims) == 3

    def test_a_rejected_upload_fails_before_the_mark(self, office: StoreOffice) -> None:
        post = office.post("bale-news", media=[file()])
        office.record(office.claim(uploads=1), REJECTED)
        assert office.state(post, "bale-news") is State.FAILED

    def test_a_late_begin_is_dropped(self, office: StoreOffice) -> None:
        photo = file()
        post = office.post("bale-news", media=[photo])
        lease = office.claim(uploads=1)
        office.wait(31)
        assert office.tick(uploads_done=[_begin(lease, photo.key)], count=0).claims == ()
        assert office.state(post, "bale-news") is State.WAITING
        assert office.claim(uploads=1).purpose is Purpose.SEND

    def test_what_was_uploaded_before_a_quiet_time_waits_it_out(self, office: StoreOffice) -> None:
        photo = file()
        office.post("bale-a", media=[photo])
        office.post("bale-b")
        text, lease = sorted(office.tick(uploads=1).claims, key=_by_purpose)
        rate_limited = Verdict(
            state=State.WAITING,
            reason="slow down",
            outcome="RateLimited",
            delay=20 * SECOND,
            counts=False,
            cool_down=20 * SECOND,
            scope=Scope.ACCOUNT,
        )
        ready = _begin(lease, photo.key)
        assert office.tick(text.ended(rate_limited), uploads_done=[ready], uploads=1).claims == ()
        office.wait(21)
        claims = office.tick(uploads=1).claims
        assert {claim.channel: claim.purpose for claim in claims} == {
            "bale-a": Purpose.SEND,
            "bale-b": Purpose.SEND,
        }

    def test_off_between_upload_and_mark(self, office: StoreOffice) -> None:
        photo = file()
        post = office.post("bale-news", media=[photo])
        lease = office.claim(uploads=1)
        office.change(Close(accounts=("bale",), cause=Cause.OFF))
        assert office.tick(uploads_done=[_begin(lease, photo.key)], uploads=1).claims == ()
        office.sweep()
        assert office.state(post, "bale-news") is State.HELD

    def test_cancelled_between_upload_and_mark(self, office: StoreOffice) -> None:
        photo = file()
        office.change(Cancel(post=office.post("bale-news", media=[photo])))
        gone = office.post("bale-news", media=[photo])
        later = office.post("bale-news")
        lease = office.claim(uploads=1)
        office.change(Cancel(post=gone))
        tick = office.tick(uploads_done=[_begin(lease, photo.key)], uploads=1)
        assert [claim.post for claim in tick.claims] == [later]

    def test_without_own_upload_the_first_send_gives_the_handle(self, office: StoreOffice) -> None:
        photo = file()
        office.post("bale-a", "bale-b", "bale-c", media=[photo])
        first = office.claim()
        assert first.purpose is Purpose.SEND
        handles = {photo.key: self.HANDLE}
        claims = office.tick(first.ended(receipt(handles=handles))).claims
        assert [claim.handles for claim in claims] == [handles, handles]

    def test_receipts_of_one_turn_may_bring_the_same_file(self, office: StoreOffice) -> None:
        """Some platforms name a file anew with every message that carries it."""
        photo = file()
        office.post("bale-a", media=[photo])
        first, second = ({photo.key: Handle(value=value)} for value in ("one", "two"))
        office.record(office.claim(), receipt(handles=first))
        post = office.post("bale-a", "bale-b", media=[photo])
        a, b = office.tick().claims
        office.tick(a.ended(receipt(handles=first)), b.ended(receipt(handles=second)))
        assert office.shown(post) == "delivered"
        office.post("bale-a", media=[photo])
        assert office.claim().handles == second

    def test_an_album_may_show_a_file_twice(self, office: StoreOffice) -> None:
        photo = file()
        office.post("bale-news", media=[photo, photo])
        lease = office.claim(uploads=2)
        assert lease.purpose is Purpose.UPLOAD
        send = office.claim(uploads=2, uploads_done=[_begin(lease, photo.key)])
        assert send.purpose is Purpose.SEND

    def test_the_same_bytes_under_another_name_or_kind_are_another_file(
        self, office: StoreOffice
    ) -> None:
        photo = file()
        renamed = replace(photo, name="نقشه‌ی نهایی.jpg")
        others = (renamed, replace(photo, kind=MediaKind.DOCUMENT))
        office.post("bale-news", media=[photo])
        lease = office.claim(uploads=1)
        office.record(office.claim(uploads=1, uploads_done=[_begin(lease, photo.key)]), receipt())
        for other in others:
            office.post("bale-news", media=[other])
            lease = office.claim(uploads=1)
            assert (lease.purpose, dict(lease.handles)) == (Purpose.UPLOAD, {})
            begin = _begin(lease, other.key, f"id of {other.name}")
            send = office.claim(uploads=1, uploads_done=[begin])
            assert send.handles == {other.key: Handle(value=f"id of {other.name}")}
            office.record(send, receipt())
        office.post("bale-news", media=[photo])
        assert office.claim(uploads=1).handles == {photo.key: self.HANDLE}

    def test_one_message_may_hold_the_same_bytes_under_two_names(self, office: StoreOffice) -> None:
        photo = file()
        renamed = replace(photo, name="نقشه‌ی نهایی.jpg")
        office.post("bale-news", media=[photo])
        first = {photo.key: self.HANDLE}
        office.record(office.claim(), receipt(handles=first))
        office.post("bale-news", media=[photo, renamed])
        both = {**first, renamed.key: Handle(value="other")}
        claim = office.claim()
        assert claim.handles == first
        office.record(claim, receipt(handles=both))
        office.post("bale-news", media=[renamed, photo])
        assert office.claim().handles == both

    def test_a_platform_without_handles_is_not_slowed(self, office: StoreOffice) -> None:
        office.post("bale-a", "bale-b", "bale-c", media=[file()])
        claims = office.tick(office.claim().ended(receipt())).claims
        assert len(claims) == 2

    def test_a_stale_handle_is_uploaded_again_and_only_once(self, office: StoreOffice) -> None:
        photo = file()
        post = office.post("bale-news", media=[photo])
        lease = office.claim(uploads=1)
        send = office.claim(uploads=1, uploads_done=[_begin(lease, photo.key)])
        stale = Verdict(
            state=State.WAITING,
            reason="the file is forgotten",
            outcome="StaleHandle",
            counts=False,
            stale=photo.key,
        )
        again = office.tick(send.ended(stale), uploads=1).claims[0]
        assert (again.purpose, again.handles) == (Purpose.UPLOAD, {})
        send = office.claim(uploads=1, uploads_done=[_begin(again, photo.key)])
        office.record(send, stale)
        assert office.state(post, "bale-news") is State.FAILED
        office.change(Retry(post=post, late_after={}))
        assert office.claim(uploads=1).purpose is Purpose.UPLOAD


def _begin(lease: Claim, file: str, value: str = MediaContract.HANDLE.value) -> UploadDone:
    return UploadDone(
        delivery=lease.delivery,
        position=lease.position,
        fence=lease.fence,
        handles={file: Handle(value=value)},
    )


def _by_purpose(claim: Claim) -> str:
    """The order of one tick's claims means nothing."""
    return claim.purpose
