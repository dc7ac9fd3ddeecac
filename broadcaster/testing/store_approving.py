"""What every store must do with drafts and their approval."""

from __future__ import annotations

from typing import Any

import pytest

from broadcaster.errors import InputError, Refused
from broadcaster.model import Actor, Stage, State
from broadcaster.store.changes import Approve, Cancel, Changed, Edit, Move, Reject, Return
from broadcaster.store.people import Profile
from broadcaster.store.queue.enqueue import WIDE
from broadcaster.store.upkeep import Retention
from broadcaster.store.views import Approval, ApprovalVerdict, Query
from broadcaster.testing.store_office import LATE_AFTER, SECOND, StoreOffice

AUTHOR, CHIEF = "سارا", "مدیر"
HOUR = 3600 * SECOND


class ApprovalContract:
    """Nothing leaves that somebody else has not approved exactly as it is."""

    def draft(self, office: StoreOffice, *channels: str, **more: Any) -> int:
        values = {"stage": Stage.DRAFT, "author": AUTHOR, "approvals": 1, **more}
        return office.post(*(channels or ("bale-news",)), **values)

    def due(self, office: StoreOffice, *channels: str, hours: int = 2, **more: Any) -> int:
        """A draft with an hour, and a slot after it."""
        at = office.now + hours * HOUR
        slot = {"due": at, "deadline": at + LATE_AFTER, "lapses_at": at + LATE_AFTER}
        return self.draft(office, *channels, **slot, **more)

    def approval(self, office: StoreOffice, post: int) -> Approval:
        state = office.store.post(post, now=office.now).approval
        assert state is not None
        return state

    def approve(self, office: StoreOffice, post: int, by: str = CHIEF, **more: Any) -> Changed:
        digest = more.pop("digest", None) or self.approval(office, post).digest
        late_after = {"bale-news": LATE_AFTER, "bale-desk": LATE_AFTER}
        return office.change(Approve(post=post, digest=digest, late_after=late_after), by)

    def shown(self, office: StoreOffice, post: int) -> str:
        return office.store.post(post, now=office.now).state

    def test_a_draft_without_an_hour_goes_out_when_approved(self, office: StoreOffice) -> None:
        post = self.draft(office, "bale-news", "bale-desk")
        office.wait(30 * 24 * 3600)
        assert (self.shown(office, post), office.drain()) == ("draft", [])
        assert self.approve(office, post).channels == ("bale-news", "bale-desk")
        deadline = office.delivery(post, "bale-news").delivery.deadline
        assert deadline == office.now + LATE_AFTER
        assert len(office.drain()) == 2
        assert self.shown(office, post) == "delivered"
        state = self.approval(office, post)
        assert (state.verdict, state.by, state.at) == (ApprovalVerdict.APPROVED, CHIEF, office.now)

    def test_what_is_approved_goes_out_behind_what_was_posted_before(
        self, office: StoreOffice
    ) -> None:
        post = self.draft(office)
        wide = office.post("bale-news", *(f"bale-{number}" for number in range(WIDE)))
        office.wait(1)
        self.approve(office, post)
        assert self.shown(office, post) == "waiting"
        sent = [claim.post for claim in office.drain() if claim.channel == "bale-news"]
        assert sent == [wide, post]
        assert self.shown(office, post) == "delivered"

    def test_an_approved_post_waits_for_its_hour(self, office: StoreOffice) -> None:
        post = self.due(office)
        self.approve(office, post)
        assert (self.shown(office, post), office.drain()) == ("scheduled", [])
        assert [
            row.post.id for row in office.store.posts(Query(state="scheduled"), now=office.now)
        ] == [post]
        office.wait(2 * 3600)
        assert [claim.post for claim in office.drain()] == [post]

    def test_approved_after_its_hour_within_its_slot_it_goes_out_at_once(
        self, office: StoreOffice
    ) -> None:
        post = self.due(office)
        office.wait(3 * 3600)
        self.approve(office, post)
        assert len(office.drain()) == 1

    def test_nobody_approves_their_own(self, office: StoreOffice) -> None:
        post = self.due(office)
        with pytest.raises(Refused, match="nobody approves their own"):
            self.approve(office, post, AUTHOR)
        self.rewrite(office, post, "متن رئیس", by=CHIEF)
        for writer in (AUTHOR, CHIEF):
            with pytest.raises(Refused, match="nobody approves their own"):
                self.approve(office, post, writer)
        assert self.approval(office, post).writers == (AUTHOR, CHIEF)
        self.approve(office, post, "معاون")
        refused = [row.who for row in office.store.audit(post=post) if row.refused]
        assert refused == [CHIEF, AUTHOR, AUTHOR]

    def rewrite(self, office: StoreOffice, post: int, text: str, by: str = AUTHOR) -> Changed:
        targets = (office.target("bale-news", text),)
        return office.change(Edit(post=post, source=text, targets=targets), by)

    def test_an_approval_is_bound_to_what_was_seen(self, office: StoreOffice) -> None:
        post = self.due(office, "bale-news", "bale-desk")
        seen = [self.approval(office, post).digest]
        self.rewrite(office, post, "متن دیگر")
        seen.append(self.approval(office, post).digest)
        office.change(Cancel(post=post, channels=("bale-desk",)))
        seen.append(self.approval(office, post).digest)
        self.postpone(office, post, hours=3)
        assert len({*seen, self.approval(office, post).digest}) == 4
        for digest in seen:
            with pytest.raises(Refused, match="changed since you looked"):
                self.approve(office, post, digest=digest)
        self.approve(office, post)

    def postpone(self, office: StoreOffice, post: int, hours: int) -> None:
        due = office.now + hours * HOUR
        target = office.target("bale-news", "متن", deadline=due + LATE_AFTER)
        office.change(Move(post=post, due=due, targets=(target,)), AUTHOR)

    @pytest.mark.parametrize("change", ["edit", "move"])
    def test_a_change_voids_the_approval(self, office: StoreOffice, change: str) -> None:
        post = self.due(office)
        self.approve(office, post)
        if change == "edit":
            self.rewrite(office, post, "متن دیگر")
        else:
            self.postpone(office, post, hours=3)
        state = self.approval(office, post)
        assert (state.verdict, state.by) == (None, "")
        office.wait(4 * 3600)
        assert (self.shown(office, post), office.drain()) == ("draft", [])
        self.approve(office, post)
        assert len(office.drain()) == 1

    def test_what_was_approved_is_not_changed_once_it_is_on_its_way(
        self, office: StoreOffice
    ) -> None:
        post = self.draft(office)
        self.approve(office, post)
        with pytest.raises(Refused, match="was approved as it is"):
            self.rewrite(office, post, "متن دیگر")
        kept = office.post("bale-news", stage=Stage.DRAFT, author=AUTHOR)
        self.approve(office, kept)
        self.rewrite(office, kept, "متن دیگر")  # no channel demanded it

    def test_a_slot_that_is_over_is_missed(self, office: StoreOffice) -> None:
        post = self.due(office)
        office.wait(8 * 3600)
        assert self.shown(office, post) == "missed"
        (view,) = office.store.post(post, now=office.now).deliveries
        assert view.delivery.state is State.MISSED
        for state in ("missed", "draft"):
            found = office.store.posts(Query(state=state), now=office.now)
            assert [row.post.id for row in found] == ([post] if state == "missed" else [])
        with pytest.raises(Refused, match="its hour is over"):
            self.approve(office, post)
        assert office.sweep() == 1
        assert office.sweep() == 0
        assert self.approval(office, post).verdict is ApprovalVerdict.LAPSED
        assert office.store.audit(post=post)[0].verb == "lapse"

    def test_what_nobody_approved_is_pruned_in_the_end(self, office: StoreOffice) -> None:
        kept = self.draft(office)
        self.due(office)
        office.wait(8 * 3600)
        office.sweep()
        office.wait(3600)
        retention = Retention(posts=HOUR // 2, keys=HOUR, audit=HOUR, archive=HOUR // 2)
        assert office.store.prune("مدیر", retention, 10, now=office.now).posts == 1
        assert [row.post.id for row in office.store.posts(Query(), now=office.now)] == [kept]

    def test_a_missed_draft_may_have_another_hour(self, office: StoreOffice) -> None:
        post = self.due(office)
        office.wait(8 * 3600)
        office.sweep()
        self.postpone(office, post, hours=1)
        assert self.shown(office, post) == "draft"
        self.approve(office, post)
        office.wait(3600)
        assert len(office.drain()) == 1

    def test_reject_says_why(self, office: StoreOffice) -> None:
        post = self.due(office)
        office.change(Reject(post=post, reason="شمارهٔ تلفن غلط است"), CHIEF)
        state = self.approval(office, post)
        assert (self.shown(office, post), state.verdict) == ("rejected", ApprovalVerdict.REJECTED)
        assert (state.by, state.reason) == (CHIEF, "شمارهٔ تلفن غلط است")
        with pytest.raises(Refused, match="is rejected"):
            self.approve(office, post)
        office.wait(9 * 3600)
        assert (self.shown(office, post), office.drain()) == ("rejected", [])

    @pytest.mark.parametrize("decision", [Return, Reject])
    @pytest.mark.parametrize("first", ["draft", "approved"])
    def test_what_comes_back_is_changed_and_waits_again(
        self, office: StoreOffice, decision: type[Return | Reject], first: str
    ) -> None:
        post = self.due(office)
        if first == "approved":
            self.approve(office, post)
        office.change(decision(post=post, reason="شمارهٔ تلفن غلط است"), CHIEF)
        shown = "returned" if decision is Return else "rejected"
        state = self.approval(office, post)
        assert (self.shown(office, post), state.verdict, state.by) == (shown, shown, CHIEF)
        (listed,) = office.store.posts(Query(state=shown), now=office.now)
        assert listed.post.id == post
        assert office.store.posts(Query(state="draft"), now=office.now) == []
        with pytest.raises(Refused, match=shown):
            self.approve(office, post, "معاون")
        self.rewrite(office, post, "شمارهٔ درست", by=AUTHOR)
        assert (self.shown(office, post), self.approval(office, post).verdict) == ("draft", None)
        self.approve(office, post)
        office.wait(2 * 3600)
        (claim,) = office.drain()
        assert claim.message.text == "شمارهٔ درست"

    def test_what_was_returned_waits_for_its_author_past_its_hour(
        self, office: StoreOffice
    ) -> None:
        post = self.due(office)
        office.change(Return(post=post, reason="کوتاه‌تر"), CHIEF)
        office.wait(9 * 3600)
        assert (office.sweep(), self.shown(office, post)) == (0, "returned")
        self.postpone(office, post, hours=1)
        assert self.shown(office, post) == "draft"

    def test_whoever_returned_it_and_changed_it_does_not_approve_it(
        self, office: StoreOffice
    ) -> None:
        post = self.due(office)
        office.change(Return(post=post, reason="نه"), CHIEF)
        self.rewrite(office, post, "متن رئیس", by=CHIEF)
        with pytest.raises(Refused, match="nobody approves their own"):
            self.approve(office, post)

    def test_so_many_different_people_approve(self, office: StoreOffice) -> None:
        post = self.due(office, approvals=2)
        self.approve(office, post)
        state = self.approval(office, post)
        assert (self.shown(office, post), state.approvers, state.left) == ("draft", (CHIEF,), 1)
        with pytest.raises(Refused, match="you have approved it"):
            self.approve(office, post)
        self.approve(office, post, "معاون")
        assert self.shown(office, post) == "scheduled"
        assert office.store.approvals(post) == 2

    @pytest.mark.parametrize("change", ["edit", "move", "cancel", "return"])
    def test_any_change_voids_all_approvals(self, office: StoreOffice, change: str) -> None:
        post = self.due(office, "bale-news", "bale-desk", approvals=2)
        self.approve(office, post)
        match change:
            case "edit":
                self.rewrite(office, post, "متن دیگر")
            case "move":
                self.postpone(office, post, hours=3)
            case "cancel":
                office.change(Cancel(post=post, channels=("bale-desk",)), AUTHOR)
            case _:
                office.change(Return(post=post, reason="نه"), "معاون")
                self.rewrite(office, post, "متن دیگر")
        assert self.approval(office, post).approvers == ()
        self.approve(office, post, "معاون")
        assert self.shown(office, post) == "draft"
        self.approve(office, post)
        assert self.shown(office, post) == "scheduled"

    def test_a_change_of_what_is_on_its_way_is_approved_by_nobody(
        self, office: StoreOffice
    ) -> None:
        post = self.draft(office, approvals=0)
        self.approve(office, post)
        assert office.store.approvals(post) == 1
        self.rewrite(office, post, "متن دیگر")
        assert office.store.approvals(post) == 0
        assert office.store.approvals(office.post("bale-news")) == 0

    def test_a_person_is_the_same_by_both_names(self, office: StoreOffice) -> None:
        office.store.people.add(
            Actor(CHIEF), "sara", (), Profile(os_user="s.ahmadi"), now=office.now
        )
        post = self.due(office, author="s.ahmadi")
        with pytest.raises(Refused, match="nobody approves their own"):
            self.approve(office, post, "sara")
        other = self.due(office, approvals=2)
        self.approve(office, other, "sara")
        with pytest.raises(Refused, match="you have approved it"):
            self.approve(office, other, "s.ahmadi")

    def test_what_people_are_told(self, office: StoreOffice) -> None:
        """What waits for them, and what was decided, in order."""
        begun = office.now
        post = self.due(office)
        (asked,) = office.store.asked(begun - 1, 10)
        assert (asked.post, asked.author, asked.at) == (post, AUTHOR, begun)
        assert office.store.asked(begun, 10) == []
        office.wait(1)
        office.change(Return(post=post, reason="کوتاه‌تر"), CHIEF)
        (told,) = office.store.decided(begun, 10)
        assert (told.approval.verdict, told.approval.reason) == ("returned", "کوتاه‌تر")
        assert office.store.asked(begun - 1, 10) == []
        self.rewrite(office, post, "کوتاه")
        (again,) = office.store.asked(begun, 10)
        assert (again.post, again.at) == (post, office.now)
        assert office.store.decided(begun - 1, 10) == []
        office.wait(9 * 3600)
        office.sweep()
        (lapsed,) = office.store.decided(begun, 10)
        assert lapsed.approval.verdict is ApprovalVerdict.LAPSED

    def test_a_second_thought_in_time(self, office: StoreOffice) -> None:
        post = self.due(office)
        self.approve(office, post)
        office.change(Reject(post=post, reason="نه"), CHIEF)
        office.wait(2 * 3600)
        assert office.drain() == []

    def test_only_drafts_are_decided(self, office: StoreOffice) -> None:
        plain = office.post("bale-news", due=office.now + HOUR)
        gone = self.draft(office)
        office.change(Cancel(post=gone))
        for post, why in ((plain, "needs no approval"), (gone, "is cancelled")):
            for change in (Approve(post=post, digest=""), Reject(post=post, reason="نه")):
                with pytest.raises(Refused, match=why):
                    office.change(change, CHIEF)
        with pytest.raises(InputError, match="no post 99"):
            office.change(Reject(post=99, reason="نه"))

    def test_everything_is_in_the_audit_log(self, office: StoreOffice) -> None:
        post = self.due(office)
        self.approve(office, post)
        self.rewrite(office, post, "متن دیگر")
        office.change(Reject(post=post, reason="نه"), CHIEF)
        said = [(row.verb, row.who) for row in office.store.audit(post=post)]
        assert said == [("reject", CHIEF), ("edit", AUTHOR), ("approve", CHIEF), ("post", AUTHOR)]
        assert office.store.verify_audit().flaws == ()
