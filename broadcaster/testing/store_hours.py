"""What every store must do with slots, and with posts that are removed again."""

from __future__ import annotations

import pytest

from broadcaster.errors import Refused
from broadcaster.model import Kind, Micros, Stage, State, Verb
from broadcaster.store.changes import Cancel, Move, Reject, Removal, Remove
from broadcaster.store.submit import SlotTaken
from broadcaster.testing.store_office import IN_DOUBT, REJECTED, SECOND, StoreOffice

HOUR = 3600 * SECOND
ALL = frozenset({"bale-news", "bale-desk"})


class HoursContract:
    """A slot is taken once; what is to be removed is removed once, wherever that can be done."""

    def slotted(
        self, office: StoreOffice, due: Micros, slot: str = "domestic", **more: Stage
    ) -> int:
        return office.post("bale-news", due=due, slot=slot, **more)

    def test_a_slot_is_taken_once(self, office: StoreOffice) -> None:
        due = office.now + HOUR
        self.slotted(office, due)
        with pytest.raises(SlotTaken):
            self.slotted(office, due)
        self.slotted(office, due, "foreign")
        office.post("bale-news", due=due)  # at an hour of its own
        self.slotted(office, due + HOUR)
        taken = office.store.slots_taken("domestic", office.now)
        assert taken == {due, due + HOUR}
        assert office.store.slots_taken("domestic", due + 1) == {due + HOUR}

    def test_of_two_posts_at_once_none_is_queued_in_one_slot(self, office: StoreOffice) -> None:
        due = office.now + HOUR
        new = [office.new("bale-news", due=due, slot="domestic") for _ in range(2)]
        with pytest.raises(SlotTaken):
            office.store.enqueue(new, now=office.now)
        assert office.store.slots_taken("domestic", office.now) == set()

    def test_a_slot_is_free_again_once_its_post_is_gone(self, office: StoreOffice) -> None:
        due = office.now + HOUR
        office.change(Cancel(post=self.slotted(office, due)))
        draft = self.slotted(office, due, stage=Stage.DRAFT)
        office.change(Reject(post=draft, reason="نه"))
        moved = self.slotted(office, due)
        target = office.target("bale-news", "دیگر")
        office.change(Move(post=moved, due=due + 60 * SECOND, targets=(target,)))
        assert self.slotted(office, due)

    def removed(self, office: StoreOffice, post: int) -> list[str]:
        """What the daemon's chore does for one post."""
        assert office.store.removals(10, now=office.now) == [post]
        done = office.change(Remove(post=post, recallable=frozenset({"bale-news"})), by="daemon")
        assert office.store.removals(10, now=office.now) == []
        with pytest.raises(Refused, match="not to be removed now"):
            office.change(Remove(post=post, recallable=ALL))
        return [*done.channels]

    def test_a_post_is_removed_at_its_hour_and_once(self, office: StoreOffice) -> None:
        post = office.post("bale-news", "bale-desk", remove_at=office.now + HOUR)
        office.drain()
        assert office.store.post(post).post.remove_at == office.now + HOUR
        assert office.store.removals(10, now=office.now) == []
        with pytest.raises(Refused, match="not to be removed now"):
            office.change(Remove(post=post, recallable=ALL))
        office.wait(3600)
        assert self.removed(office, post) == ["bale-news"]
        assert [claim.message.verb for claim in office.drain()] == [Verb.RECALL]
        assert office.state(post, "bale-news", Kind.RECALL) is State.DELIVERED
        assert office.store.post(post).post.remove_at is None
        rows = office.store.audit(post=post)
        done = [row.who for row in rows if row.verb == "remove" and row.refused is None]
        assert done == ["daemon"]

    def test_what_can_be_removed_nowhere_is_not_tried_for_ever(self, office: StoreOffice) -> None:
        post = office.post("bale-desk", remove_at=office.now + HOUR)
        office.drain()
        office.wait(3600)
        assert self.removed(office, post) == []
        assert office.shown(post) == "delivered"

    def test_what_is_not_out_by_then_never_goes_out(self, office: StoreOffice) -> None:
        waits = office.post("bale-news", remove_at=office.now + HOUR)
        office.tick(count=0)  # fanned out, and not begun
        office.wait(3600)
        assert self.removed(office, waits) == ["bale-news"]
        assert office.state(waits, "bale-news") is State.CANCELLED
        planned = office.post("bale-desk", due=office.now + HOUR, remove_at=office.now + 2 * HOUR)
        office.wait(7200)
        office.change(Remove(post=planned, recallable=ALL))
        assert office.shown(planned) == "cancelled"

    def test_what_may_be_out_is_removed_once_that_is_known(self, office: StoreOffice) -> None:
        post = office.post("bale-news", remove_at=office.now + HOUR)
        office.send(IN_DOUBT)
        office.wait(3600)
        assert self.removed(office, post) == ["bale-news"]
        assert office.state(post, "bale-news") is State.UNKNOWN

    def test_its_hour_can_be_changed_and_forgotten(self, office: StoreOffice) -> None:
        post = office.post("bale-news", remove_at=office.now + HOUR)
        office.drain()
        office.change(Removal(post=post, at=office.now + 2 * HOUR))
        with pytest.raises(Refused, match="already"):
            office.change(Removal(post=post, at=office.now + 2 * HOUR))
        with pytest.raises(Refused, match="choose a later hour"):
            office.change(Removal(post=post, at=office.now))
        office.wait(3600)
        assert office.store.removals(10, now=office.now) == []
        office.change(Removal(post=post, at=None))
        office.wait(7200)
        assert office.store.removals(10, now=office.now) == []
        gone = office.post("bale-news", due=office.now + HOUR)
        office.change(Cancel(post=gone))
        with pytest.raises(Refused, match="cancelled"):
            office.change(Removal(post=gone, at=office.now + 2 * HOUR))

    def test_a_post_that_failed_has_nothing_to_remove(self, office: StoreOffice) -> None:
        post = office.post("bale-news", remove_at=office.now + HOUR)
        office.send(REJECTED)
        office.wait(3600)
        assert self.removed(office, post) == ["bale-news"]
        assert office.state(post, "bale-news") is State.CANCELLED
