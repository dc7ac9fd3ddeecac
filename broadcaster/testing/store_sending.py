"""What every store must do on the way from a post to its receipts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from broadcaster.adapter import Rate
from broadcaster.errors import InputError
from broadcaster.model import Handle, Scope, Stage, State
from broadcaster.store.changes import Cancel, Close, Edit
from broadcaster.store.exchange import UploadDone
from broadcaster.store.live import Cause
from broadcaster.store.queue.enqueue import WIDE
from broadcaster.store.submit import KeyConflict, NewPost
from broadcaster.store.views import Query
from broadcaster.testing.store_office import (
    LATE_AFTER,
    REJECTED,
    SECOND,
    TEXT,
    UNAVAILABLE,
    StoreOffice,
    file,
    receipt,
)


class EnqueueContract:
    """Posts enter the queue once, whole, and at their hour."""

    def test_a_post_due_now_is_claimable_at_once(self, office: StoreOffice) -> None:
        post = office.post("bale-news", "bale-desk")
        claims = office.tick().claims
        assert [claim.channel for claim in claims] == ["bale-news", "bale-desk"]
        assert {claim.message.text for claim in claims} == {TEXT}
        assert office.state(post, "bale-news") is State.SENDING
        assert office.shown(post) == "sending"

    def test_a_wide_post_is_whole_from_the_start(self, office: StoreOffice) -> None:
        names = [f"bale-{number}" for number in range(WIDE)]
        office.post("bale-7", texts=["پیش‌تر"])
        wide = office.post(*names)
        office.post("bale-7", texts=["پس‌تر"])
        assert office.shown(wide) == "waiting"
        views = office.store.post(wide).deliveries
        assert [view.delivery.channel for view in views] == names
        assert {view.delivery.state for view in views} == {State.WAITING}
        assert office.change(Cancel(post=wide, channels=("bale-3",))).channels == ("bale-3",)
        office.change(
            Edit(
                post=wide,
                source="درست",
                targets=tuple(office.target(name, "درست") for name in names),
            )
        )
        sent = office.drain()
        assert {claim.channel for claim in sent if claim.post == wide} == {*names} - {"bale-3"}
        assert {claim.message.text for claim in sent if claim.post == wide} == {"درست"}
        own = [claim.message.text for claim in sent if claim.channel == "bale-7"]
        assert own == ["پیش‌تر", "درست", "پس‌تر"]
        assert office.shown(wide) == "partial"

    def test_what_is_due_is_left_to_who_makes_deliveries_beside(self, office: StoreOffice) -> None:
        first = office.post("bale-1", texts=["یک", "دو"])
        wide = office.post(*(f"bale-{number}" for number in range(WIDE)))
        tick = office.tick(fans=False)
        assert ([claim.post for claim in tick.claims], tick.left) == ([first], True)
        assert tick.wake_at is None  # to ask again at once would lead to nothing
        assert office.store.fan_out(now=office.now) == WIDE
        assert office.store.fan_out(now=office.now) == 0
        tick = office.tick(tick.claims[0].ended(receipt()), count=WIDE, fans=False)
        assert not tick.left
        assert sorted(claim.post for claim in tick.claims) == [first, *[wide] * (WIDE - 1)]

    def test_of_posts_that_differ_in_a_channels_account_the_last_is_right(
        self, office: StoreOffice
    ) -> None:
        office.post("bale-news")
        office.drain()
        later = office.now + 5 * SECOND
        target = office.target("bale-news")
        by_both = [
            NewPost(source="خبر", due=later, targets=(target._replace(account=account),))
            for account in ("gap", "bale")
        ]
        office.store.enqueue(by_both, now=office.now)
        office.wait(5)
        assert office.tick(account="gap").claims == ()
        assert len(office.drain()) == 2

    def test_a_wide_post_to_what_is_off_is_held(self, office: StoreOffice) -> None:
        names = [f"bale-{number}" for number in range(WIDE)]
        office.change(Close(channels=("bale-3",), cause=Cause.OFF))
        wide = office.post(*names)
        office.change(Close(channels=("bale-4",), cause=Cause.OFF))
        sent = {claim.channel for claim in office.drain()}
        assert sent == {*names} - {"bale-3", "bale-4"}
        held = [view for view in office.store.post(wide).deliveries if view.held_by == "off"]
        assert [view.delivery.channel for view in held] == ["bale-3", "bale-4"]

    def test_the_same_key_and_content_is_the_same_post(self, office: StoreOffice) -> None:
        assert office.store.keyed("نوروز") is None
        first = office.post("bale-news", key="نوروز", fingerprint="a")
        assert office.store.keyed("نوروز") == first
        (again,) = office.store.enqueue(
            [NewPost(source="دیگر", targets=(), key="نوروز", fingerprint="a")], now=office.now
        )
        assert (again.post, again.existing) == (first, True)
        assert len(office.store.posts(Query())) == 1

    def test_the_same_key_for_another_content_shows_both(self, office: StoreOffice) -> None:
        first = office.post("bale-news", texts=["متن نخست"], key="k", fingerprint="a")
        with pytest.raises(KeyConflict) as caught:
            office.post("bale-news", texts=["متن دوم"], key="k", fingerprint="b")
        assert caught.value.post == first
        assert "متن نخست" in str(caught.value)
        assert "متن دوم" in str(caught.value)

    def test_all_or_none(self, office: StoreOffice) -> None:
        office.post("bale-news", key="k", fingerprint="a")
        good = NewPost(source="خوب", targets=(office.target("bale-news"),))
        bad = NewPost(source="بد", targets=(), key="k", fingerprint="b")
        with pytest.raises(KeyConflict):
            office.store.enqueue([good, bad], now=office.now)
        assert len(office.store.posts(Query())) == 1

    def test_a_channel_stands_once_in_a_post(self, office: StoreOffice) -> None:
        with pytest.raises(InputError, match="twice"):
            office.post("bale-news", "bale-news")

    def test_a_scheduled_post_waits_for_its_hour(self, office: StoreOffice) -> None:
        post = office.post("bale-news", due=office.now + 60 * SECOND)
        tick = office.tick()
        assert (tick.claims, tick.wake_at) == ((), office.now + 60 * SECOND)
        view = office.delivery(post, "bale-news")
        assert (view.delivery.id, view.delivery.state) == (0, State.WAITING)
        assert office.shown(post) == "scheduled"
        office.wait(60)
        assert office.claim().post == post
        assert len(office.store.post(post).deliveries) == 1

    def test_many_due_at_once_all_come_out(self, office: StoreOffice) -> None:
        posts = [office.post("bale-news", due=office.now + SECOND) for _ in range(45)]
        office.wait(2)
        assert [claim.post for claim in office.drain()] == posts

    def test_a_draft_stays(self, office: StoreOffice) -> None:
        post = office.post("bale-news", stage=Stage.DRAFT)
        office.wait(1)
        assert office.tick().claims == ()
        assert office.shown(post) == "draft"

    def test_off_when_planned_is_held_and_does_not_count(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        off = office.store.enqueue(
            [
                NewPost(
                    source=TEXT,
                    targets=(office.target("bale-news"), office.target("telegram-news", off=True)),
                )
            ],
            now=office.now,
        )[0].post
        office.drain()
        view = office.delivery(off, "telegram-news")
        assert (view.delivery.state, view.held_by, view.counts) == (State.HELD, "config", False)
        assert office.shown(off) == office.shown(post) == "delivered"


class TickContract:
    """Claims, order, pace and results."""

    def test_never_more_than_wanted(self, office: StoreOffice) -> None:
        office.post(*(f"bale-{number}" for number in range(9)))
        assert len(office.tick(count=4).claims) == 4
        assert len(office.tick(count=4).claims) == 4
        assert len(office.tick(count=4).claims) == 1

    def test_no_claim_for_an_account_nobody_wants(self, office: StoreOffice) -> None:
        office.post("telegram-news")
        assert office.tick().claims == ()
        assert office.claim(account="telegram").channel == "telegram-news"

    def test_one_message_per_channel_in_order(self, office: StoreOffice) -> None:
        first = office.post("bale-news", texts=["یک", "دو"])
        second = office.post("bale-news", texts=["سه"])
        sent = office.drain()
        assert [(claim.post, claim.position) for claim in sent] == [
            (first, 0),
            (first, 1),
            (second, 0),
        ]
        assert len({claim.key for claim in sent}) == 3

    def test_the_earlier_due_goes_first(self, office: StoreOffice) -> None:
        later = office.post("bale-news", due=office.now + 20 * SECOND)
        sooner = office.post("bale-news", due=office.now + 10 * SECOND)
        office.wait(30)
        assert [claim.post for claim in office.drain()] == [sooner, later]

    def test_what_falls_due_goes_before_what_was_posted_after_that(
        self, office: StoreOffice
    ) -> None:
        due = office.post("bale-news", due=office.now + 10 * SECOND)
        office.wait(20)
        later = office.post("bale-news")
        assert [claim.post for claim in office.drain()] == [due, later]

    def test_the_last_receipt_delivers(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=["یک", "دو"], pin=True)
        assert [claim.message.verb.value for claim in office.drain()] == ["send", "send", "pin"]
        view = office.delivery(post, "bale-news")
        assert view.delivery.state is State.DELIVERED
        assert [message.state for message in view.messages] == ["delivered", "delivered"]
        assert [len(r.ids) for r in view.delivery.receipts.values()] == [1, 1]

    def test_backoff_holds_back_its_own_lane_only(self, office: StoreOffice) -> None:
        office.post("bale-news", "bale-desk")
        office.post("bale-news")
        first, other = office.tick(count=2).claims
        tick = office.record(first, UNAVAILABLE)
        assert tick.recorded == 1
        assert office.tick().claims == ()
        assert office.tick().wake_at == office.now + 5 * SECOND
        office.wait(5)
        again = office.claim()
        assert (again.delivery, again.attempt, again.failures) == (first.delivery, 2, 1)
        assert again.key == first.key
        assert again.first_try == office.now - 5 * SECOND
        office.record(other, receipt())

    def test_what_does_not_count_burns_no_attempt(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        office.send(replace(UNAVAILABLE, counts=False))
        view = office.delivery(post, "bale-news")
        assert view.delivery.attempts == 0
        assert [attempt.outcome for attempt in view.attempts] == ["Unavailable"]

    def test_a_rejection_lets_the_lane_go_on(self, office: StoreOffice) -> None:
        bad, good = office.post("bale-news"), office.post("bale-news")
        office.send(REJECTED)
        office.drain()
        assert office.state(bad, "bale-news") is State.FAILED
        assert office.state(good, "bale-news") is State.DELIVERED
        assert office.delivery(bad, "bale-news").attempts[0].code == "400"

    def test_quiet_holds_the_scope_it_names(self, office: StoreOffice) -> None:
        office.post("bale-news", "bale-desk")
        claim = office.claim(count=1)
        slow = replace(
            UNAVAILABLE, cool_down=30 * SECOND, scope=Scope.ACCOUNT, counts=False, delay=0
        )
        office.record(claim, slow)
        tick = office.tick()
        assert (tick.claims, tick.wake_at) == ((), office.now + 30 * SECOND)
        assert office.store.health(now=office.now).cool_downs == {"bale": office.now + 30 * SECOND}
        office.wait(30)
        one, _two = office.tick().claims
        office.record(one, replace(slow, scope=Scope.CHANNEL))
        assert office.tick().claims == ()
        assert office.tick().wake_at == office.now + 30 * SECOND

    def test_a_channel_rests_after_each_message_whoever_sends(self, office: StoreOffice) -> None:
        rate = Rate(count=20, per_s=60)
        texts = [f"بند {number}" for number in range(5)]
        office.post("bale-news", texts=texts)
        start, sent = office.now, []
        for turn in range(5):
            owner = f"daemon {turn % 2}"
            while not (tick := office.tick(owner=owner)).claims:
                assert tick.wake_at is not None
                office.now = tick.wake_at
            sent.append(office.now - start)
            office.tick(tick.claims[0].ended(receipt(), rate=rate), owner=owner, count=0)
        step = 60 * SECOND // 18
        assert [round(at / step, 2) for at in sent] == [0, 0, 1, 2, 3]

    def test_a_message_that_left_in_vain_counts_for_the_pace(self, office: StoreOffice) -> None:
        office.post("bale-news")
        claim = office.claim()
        rate = Rate(count=1, per_s=60)
        tick = office.tick(claim.ended(replace(UNAVAILABLE, delay=0), rate=rate))
        assert (tick.claims, tick.wake_at) == ((), office.now + 60 * SECOND)

    def test_a_missed_deadline_lets_the_lane_go_on(self, office: StoreOffice) -> None:
        late = office.post("bale-news")
        office.wait(3600)
        fresh = office.post("bale-news")
        office.now += LATE_AFTER - 3000 * SECOND
        assert office.claim().post == fresh
        assert office.state(late, "bale-news") is State.MISSED
        assert office.shown(late) == "missed"

    def test_what_has_begun_is_finished_not_missed(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=["یک", "دو"])
        office.send()
        office.now += 2 * LATE_AFTER
        office.sweep()
        assert office.claim().post == post

    def test_an_idle_tick_says_when_to_come_back(self, office: StoreOffice) -> None:
        assert office.tick().wake_at is None
        office.post("bale-news")
        office.drain()
        assert office.tick().wake_at is None

    def test_a_reply_knows_the_first_message(self, office: StoreOffice) -> None:
        first = office.post("bale-news")
        office.drain()
        office.post("bale-news", texts=["یک", "دو"], reply_to=first)
        answers = office.drain()
        assert [claim.reply_to for claim in answers] == ["m1.0", None]

    def test_the_rate_of_an_account_holds_whoever_sends(self, office: StoreOffice) -> None:
        rate = Rate(count=30, per_s=1.0)
        channels = [f"bale-{number}" for number in range(80)]
        office.post(*channels)
        claimed: list[int] = []
        for turn in range(400):
            tick = office.tick(owner=f"daemon {turn % 3}", count=50, rate=rate)
            claimed += [office.now] * len(tick.claims)
            if tick.wake_at is None:
                break
            assert tick.wake_at > office.now, "it asks again and again"
            office.now = tick.wake_at
        assert len(claimed) == len(channels)
        for start in claimed:
            assert sum(start <= at < start + SECOND for at in claimed) <= rate.count
        assert claimed[-1] - claimed[0] < 4 * SECOND

    def test_an_upload_that_is_done_counts_for_the_rate(self, office: StoreOffice) -> None:
        rate = Rate(count=1, per_s=60)
        photo = file()
        office.post("bale-news", media=[photo])
        office.post("bale-desk")
        lease = office.claim(uploads=1, count=0, rate=rate)
        begin = UploadDone(
            delivery=lease.delivery,
            position=0,
            fence=lease.fence,
            handles={photo.key: Handle(value="x")},
            rate=rate,
        )
        tick = office.tick(uploads_done=[begin], rate=rate)
        assert [claim.channel for claim in tick.claims] == ["bale-news"]
        assert tick.wake_at == office.now + 60 * SECOND
