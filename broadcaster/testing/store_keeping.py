"""What every store must do to be kept in order: audit, news for people, prune, a new epoch."""

from __future__ import annotations

import pytest

from broadcaster.errors import InputError, Refused
from broadcaster.model import Actor, Door, State, Verb
from broadcaster.store.changes import Cancel, Close, Edit, Halt, Open, Release, Resolve, Resume
from broadcaster.store.live import Cause
from broadcaster.store.upkeep import Pruned, Restored, Retention
from broadcaster.store.views import Query
from broadcaster.testing.store_office import (
    IN_DOUBT,
    LOOKED_FOR,
    REJECTED,
    SECOND,
    StoreOffice,
    file,
)


class AuditContract:
    """Who did, or was refused, what to which post when."""

    def test_a_post_and_what_people_decide_are_on_record(self, office: StoreOffice) -> None:
        post = office.post("bale-news", "bale-desk", author="سارا")
        office.wait(5)
        office.change(Cancel(post=post), by="رضا")
        cancelled, posted = office.store.audit()
        assert (posted.who, posted.verb, posted.post) == ("سارا", "post", post)
        assert posted.detail["channels"] == ["bale-news", "bale-desk"]
        assert (cancelled.who, cancelled.verb, cancelled.post) == ("رضا", "cancel", post)
        assert cancelled.at == posted.at + 5 * SECOND == office.now
        assert cancelled.refused is None

    def test_a_switch_is_on_record_before_anything_was_posted(self, office: StoreOffice) -> None:
        office.change(Close(accounts=("telegram",), cause=Cause.OFF, reason="کوچ"))
        office.change(Open(accounts=("telegram",), cause=Cause.OFF))
        assert [row.verb for row in office.store.audit()] == ["open", "close"]

    def test_a_refusal_is_on_record_with_its_reason(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        office.drain()
        with pytest.raises(Refused) as refusal:
            office.change(Cancel(post=post), by="رضا")
        row = office.store.audit()[0]
        assert (row.who, row.verb, row.post) == ("رضا", "cancel", post)
        assert row.refused == str(refusal.value)

    def test_the_door_is_on_record(self, office: StoreOffice) -> None:
        """Also of what is refused, and of what a daemon does, which names itself as an owner."""
        post = office.post("bale-news", author="سارا", door=Door.WEB)
        office.post("bale-news", author="رضا")
        by = Actor("رضا", Door.API)
        office.store.change(by, Cancel(post=post), now=office.now)
        with pytest.raises(Refused):
            office.store.change(by, Cancel(post=post), now=office.now)
        office.change(Halt(reason="ساعت"), by="server:4711:0123abcd")
        rows = reversed(office.store.audit())
        assert [(row.verb, row.who, row.door) for row in rows] == [
            ("post", "سارا", Door.WEB),
            ("post", "رضا", Door.CLI),
            ("cancel", "رضا", Door.API),
            ("cancel", "رضا", Door.API),
            ("halt", "server:4711:0123abcd", Door.DAEMON),
        ]
        assert office.store.verify_audit().flaws == ()

    def test_it_can_be_read_by_post_and_by_time(self, office: StoreOffice) -> None:
        first, second = office.post("bale-news"), office.post("bale-news")
        office.wait(60)
        office.change(Cancel(post=first))
        assert [row.verb for row in office.store.audit(post=first)] == ["cancel", "post"]
        assert [row.verb for row in office.store.audit(post=second)] == ["post"]
        assert [row.post for row in office.store.audit(since=office.now)] == [first]
        assert len(office.store.audit(limit=1)) == 1

    def test_a_log_left_alone_is_whole(self, office: StoreOffice) -> None:
        assert (office.store.audit_head(), office.store.verify_audit().flaws) == ("", ())
        post = office.post("bale-news")
        head = office.store.audit_head()
        office.change(Cancel(post=post))
        office.change(Halt(reason="خطا در متن"))
        office.change(Resume())
        proof = office.store.verify_audit(head)
        assert (proof.flaws, proof.rows, proof.pruned) == ((), 4, None)
        assert proof.head == office.store.audit_head() == office.store.audit()[0].hash != head
        assert office.store.verify_audit(proof.head).flaws == ()

    def test_a_head_that_never_was_is_no_part_of_it(self, office: StoreOffice) -> None:
        office.post("bale-news")
        (flaw,) = office.store.verify_audit("0" * 64).flaws
        assert "no row has the hash" in flaw


class NewsContract:
    """What people are told of, and how often."""

    def test_what_became_a_persons_matter(self, office: StoreOffice) -> None:
        office.post("bale-news")
        office.send(REJECTED)
        office.wait(10)
        since = office.now
        failed = office.post("bale-news")
        unknown = office.post("telegram-news")
        missed = office.post("bale-desk", deadline=office.now + SECOND)
        office.wait(1)
        office.sweep()
        office.send(REJECTED)
        office.send(IN_DOUBT, account="telegram")
        found = office.store.troubles(since, office.now)
        assert [(each.account, each.state, each.count) for each in found] == [
            ("bale", State.FAILED, 1),
            ("bale", State.MISSED, 1),
            ("telegram", State.UNKNOWN, 1),
        ]
        assert [each.examples[0].post for each in found] == [failed, missed, unknown]
        first = found[0].examples[0]
        assert (first.channel, first.reason, first.at) == ("bale-news", REJECTED.reason, office.now)
        assert office.store.troubles(office.now, office.now + SECOND) == []

    def test_many_are_a_number_and_a_few_examples(self, office: StoreOffice) -> None:
        channels = [f"bale-{number}" for number in range(25)]
        office.post(*channels, deadline=office.now + SECOND)
        office.wait(2)
        office.sweep()
        (missed,) = office.store.troubles(office.now - SECOND, office.now)
        assert (missed.count, len(missed.examples)) == (25, 10)
        assert missed.first == missed.last == office.now

    def test_an_unknown_is_no_persons_matter_while_it_is_looked_for(
        self, office: StoreOffice
    ) -> None:
        office.post("bale-news")
        start = office.now
        office.send(LOOKED_FOR)
        assert office.store.troubles(start - 1, office.now) == []
        office.wait(181)
        office.sweep()
        (unknown,) = office.store.troubles(start - 1, office.now)
        assert (unknown.state, unknown.last) == (State.UNKNOWN, office.now)

    def test_one_turn_to_tell_per_cause_and_time(self, office: StoreOffice) -> None:
        hour = 3600 * SECOND

        def tell(cause: str) -> int | None:
            return office.store.notify(cause, hour, now=office.now)

        first = office.now
        assert tell("failed bale") == 0
        assert tell("failed bale") is None
        assert tell("failed telegram") == 0
        office.wait(3600)
        assert tell("failed bale") == first
        assert office.store.notified() == {"failed bale": office.now, "failed telegram": first}

    def test_the_lines_of_each_account(self, office: StoreOffice) -> None:
        office.post("bale-news")
        office.send(REJECTED)
        oldest = office.now
        office.post("bale-news", "telegram-news")
        office.wait(30)
        office.post("bale-news", "bale-desk", "telegram-news")
        office.drain("telegram")
        bale, telegram = office.store.backlog(now=office.now)
        assert (bale.account, bale.in_line, bale.oldest) == ("bale", 3, oldest)
        assert bale.states == {State.FAILED: 1}
        assert (telegram.account, telegram.in_line, telegram.oldest) == ("telegram", 0, None)

    def test_what_went_out_by_channel(self, office: StoreOffice) -> None:
        office.post("bale-news", texts=["یک", "دو"])
        office.post("bale-news", "bale-desk")
        office.drain()
        found = office.store.went_out(office.now, office.now + 1)
        assert [(each.channel, each.posts, each.messages) for each in found] == [
            ("bale-desk", 1, 1),
            ("bale-news", 2, 3),
        ]
        assert office.store.went_out(office.now + 1, office.now + 2) == []

    def test_daemons_that_ended_without_taking_leave(self, office: StoreOffice) -> None:
        office.store.open("first", exclusive=False)
        (row,) = office.store.daemons()
        assert (row.owner, row.alive) == ("first", True)
        (row,) = office.store.daemons(now=row.seen + 3600 * SECOND)
        assert row.alive is False


class PruneContract:
    """What has been settled for long goes; what anybody may still need stays."""

    DAY = 86_400 * SECOND
    KEEP = Retention(posts=180 * DAY, keys=400 * DAY, audit=800 * DAY, archive=180 * DAY)

    def prune(self, office: StoreOffice, limit: int = 1000) -> Pruned:
        whole = Pruned()
        more = True
        while more:
            batch = office.store.prune(
                "نگهدار", self.KEEP, limit, after=whole.after, now=office.now
            )
            whole, more = whole + batch, batch.more
        return whole

    def test_only_what_is_settled_and_old(self, office: StoreOffice) -> None:
        old = office.post("bale-news", "bale-desk", texts=["کهنه"])
        office.drain()
        cancelled = office.post("bale-news", due=office.now + SECOND)
        office.change(Cancel(post=cancelled))
        failed = office.post("bale-news")
        office.send(REJECTED)
        unknown = office.post("bale-news")
        office.send(IN_DOUBT)
        office.change(Close(channels=("bale-desk",), cause=Cause.OFF))
        held = office.post("bale-desk")
        office.wait(181 * 86_400)
        new = office.post("bale-news")
        office.drain()
        pruned = self.prune(office)
        assert (pruned.posts, pruned.deliveries) == (3, 3)
        assert {row.post.id for row in office.store.posts(Query())} == {unknown, held, new}
        for gone in (old, cancelled, failed):
            with pytest.raises(InputError, match="no post"):
                office.store.post(gone)
        assert self.prune(office).removed == 0
        assert office.store.audit()[0].detail["posts"] == [old, failed, cancelled]

    def test_a_post_settled_lately_stays_however_old_its_hour(self, office: StoreOffice) -> None:
        office.post("bale-news")
        office.wait(200 * 86_400)
        office.sweep()
        assert self.prune(office).removed == 0

    def test_in_small_batches(self, office: StoreOffice) -> None:
        for _ in range(5):
            office.post("bale-news", "bale-desk")
        office.drain()
        office.wait(181 * 86_400)
        would = office.store.would_prune(self.KEEP, 4, now=office.now)
        first = office.store.prune("p", self.KEEP, 4, now=office.now)
        assert (first.posts, first.deliveries, first.more) == (2, 4, True)
        assert (would.posts, would.deliveries, would.after) == (2, 4, first.after)
        assert self.prune(office, 4).posts == 3

    def test_looking_removes_nothing(self, office: StoreOffice) -> None:
        post = office.post("bale-news", key="الف", fingerprint="1")
        office.drain()
        office.wait(900 * 86_400)
        would = office.store.would_prune(self.KEEP, 100, now=office.now)
        assert (would.posts, would.keys, would.audit) == (1, 1, 1)
        assert office.shown(post) == "delivered"

    def test_a_key_outlives_its_post(self, office: StoreOffice) -> None:
        post = office.post("bale-news", key="الف", fingerprint="1")
        office.drain()
        office.wait(200 * 86_400)
        assert self.prune(office).posts == 1
        assert office.post("bale-news", key="الف", fingerprint="1") == post
        office.wait(201 * 86_400)
        assert self.prune(office).keys == 1
        assert office.post("bale-news", key="الف", fingerprint="1") > post

    def test_what_a_kept_post_answers_stays(self, office: StoreOffice) -> None:
        question = office.post("bale-news")
        office.drain()
        office.wait(181 * 86_400)
        answer = office.post("bale-news", reply_to=question)
        assert self.prune(office).posts == 0
        office.drain()
        office.wait(181 * 86_400)
        assert self.prune(office).posts == 1  # the answer, and next time what it answered
        assert self.prune(office).posts == 1
        assert answer > question

    def test_channels_that_were_off_when_it_was_planned(self, office: StoreOffice) -> None:
        post = office.post("bale-news", off=True)
        assert office.state(post, "bale-news") is State.HELD
        office.wait(181 * 86_400)
        assert self.prune(office).cancelled == 1
        assert office.state(post, "bale-news") is State.CANCELLED

    def test_the_audit_log_keeps_a_checkpoint(self, office: StoreOffice) -> None:
        for _ in range(3):
            office.change(Cancel(post=office.post("bale-news")))
        office.wait(801 * 86_400)
        post = office.post("bale-news")
        head = office.store.audit_head()
        assert self.prune(office, 4).audit == 6
        rows = office.store.audit()
        assert [row.verb for row in rows] == ["prune", "prune", "post"]
        proof = office.store.verify_audit(head)
        assert (proof.flaws, proof.rows, proof.pruned) == ((), 3, office.now)
        office.change(Cancel(post=post))
        assert office.store.verify_audit(rows[0].hash).flaws == ()

    def test_renderings_and_files_that_nothing_shows(self, office: StoreOffice) -> None:
        gone, kept = file("یک.jpg"), file("دو.jpg")
        office.post("bale-news", media=[gone])
        office.post("bale-desk", media=[kept])
        office.drain()
        office.change(Close(channels=("bale-desk",), cause=Cause.OFF))
        office.post("bale-desk", media=[kept])
        assert office.store.files() == {each.digest: each.size for each in (gone, kept)}
        office.wait(181 * 86_400)
        assert self.prune(office).posts == 2
        far = office.now + 10_000 * self.DAY  # `used` is written by the database's own clock
        assert office.store.tidy(1, now=far) == 1
        assert office.store.files() == {kept.digest: kept.size}
        assert office.store.tidy(1, now=far) == 0

    def test_a_rendering_asked_for_just_now_stays(self, office: StoreOffice) -> None:
        office.post("bale-news")
        office.drain()
        office.wait(181 * 86_400)
        assert self.prune(office).posts == 1
        assert office.store.tidy(10) == 0


class EpochContract:
    """After a restore nothing goes out by itself."""

    def restored(self, office: StoreOffice) -> Restored:
        return office.store.new_epoch("مدیر سامانه", 7, "copy of yesterday", now=office.now)

    def test_all_that_waits_is_held(self, office: StoreOffice) -> None:
        waiting = office.post("bale-news")
        scheduled = office.post("bale-news", due=office.now + 3600 * SECOND)
        restored = self.restored(office)
        assert (restored.epoch, restored.held, restored.unknown) == (7, 2, 0)
        office.wait(7200)
        assert office.tick().claims == ()
        for post in (waiting, scheduled):
            view = office.delivery(post, "bale-news")
            assert (view.delivery.state, view.held_by) == (State.HELD, "restore")
        assert office.store.health().epoch == 7
        assert office.store.audit()[0].verb == "restore"

    def test_what_is_released_goes_out_at_its_hour(self, office: StoreOffice) -> None:
        due = office.now + 3600 * SECOND
        scheduled = office.post("bale-news", due=due)
        self.restored(office)
        office.change(Release())
        assert office.state(scheduled, "bale-news") is State.WAITING
        tick = office.tick()
        assert (tick.claims, tick.wake_at) == ((), due)
        later = office.post("bale-news")
        assert [claim.post for claim in office.drain()] == [later]
        office.wait(3600)
        assert [claim.post for claim in office.drain()] == [scheduled]

    def test_what_was_on_the_wire_is_in_doubt(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        claim = office.claim()
        assert self.restored(office).unknown == 1
        assert office.state(post, "bale-news") is State.UNKNOWN
        office.wait(3600)
        assert office.tick(verifies=1).claims == ()
        office.change(Resolve(post=post, posted=False))
        again = office.claim()
        assert (again.delivery, again.key != claim.key) == (claim.delivery, True)

    def test_an_unknown_is_not_looked_for(self, office: StoreOffice) -> None:
        office.post("bale-news")
        office.send(LOOKED_FOR)
        assert self.restored(office).unknown == 1
        office.wait(100)
        assert office.tick(verifies=1).claims == ()

    def test_no_switch_that_returns_lets_go_what_was_held(self, office: StoreOffice) -> None:
        office.change(Close(accounts=("bale",), cause=Cause.UNAUTHORIZED))
        post = office.post("bale-news")
        office.change(Halt(reason="x"))
        self.restored(office)
        office.change(Resume())
        office.change(Open(accounts=("bale",), cause=Cause.UNAUTHORIZED))
        assert office.state(post, "bale-news") is State.HELD

    def test_an_edit_that_waits_for_an_outcome_still_waits_for_it(
        self, office: StoreOffice
    ) -> None:
        post = office.post("bale-news", texts=["یک"])
        office.send(IN_DOUBT)
        target = office.target("bale-news", "دو")
        every = frozenset({"bale-news"})
        edit = Edit(post=post, source="دو", targets=(target,), editable=every, recallable=every)
        office.change(edit)
        self.restored(office)
        office.change(Resolve(post=post, posted=True, ids=("7",)))
        claim = office.claim()
        assert (claim.message.verb, claim.ids) == (Verb.EDIT, ("7",))

    def test_new_posts_go_out(self, office: StoreOffice) -> None:
        office.post("bale-news")
        self.restored(office)
        new = office.post("bale-news")
        assert [claim.post for claim in office.drain()] == [new]


class KeepingContract(AuditContract, NewsContract, PruneContract, EpochContract):
    """All of it."""
