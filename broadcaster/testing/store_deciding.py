"""What every store must do with the decisions of people."""

from __future__ import annotations

import pytest

from broadcaster.errors import InputError, Refused
from broadcaster.model import Scope, State
from broadcaster.store.changes import (
    AccountHealth,
    Cancel,
    Changed,
    Close,
    Halt,
    Lane,
    Lanes,
    Move,
    Open,
    Release,
    Resolve,
    Resume,
    Retry,
)
from broadcaster.store.exchange import Verdict
from broadcaster.store.live import Cause
from broadcaster.testing.store_office import (
    IN_DOUBT,
    LATE_AFTER,
    REJECTED,
    SECOND,
    UNAVAILABLE,
    StoreOffice,
    receipt,
)

UNAUTHORIZED = Verdict(
    state=State.HELD, reason="ask for a new token", outcome="Unauthorized", closes=Scope.ACCOUNT
)


class QueueContract:
    """Before and after its hour: cancel, move, retry, resolve."""

    def test_cancel_takes_back_what_has_not_begun(self, office: StoreOffice) -> None:
        post = office.post("bale-news", "bale-desk")
        claim = office.claim(count=1)
        done = office.change(Cancel(post=post))
        assert done.channels == ("bale-desk",)
        assert "recall" in done.refused["bale-news"]
        office.record(claim, receipt())
        assert office.tick().claims == ()
        assert office.shown(post) == "partial"

    def test_an_attempt_says_what_a_change_would_do_and_leaves_no_trace(
        self, office: StoreOffice
    ) -> None:
        post = office.post("bale-news", "bale-desk")
        before = office.store.post(post), office.store.audit()
        would = office.store.would_change("operator", Cancel(post=post), now=office.now)
        assert (office.store.post(post), office.store.audit()) == before
        assert office.change(Cancel(post=post)) == would
        with pytest.raises(Refused, match="cancelled already"):
            office.store.would_change("operator", Cancel(post=post), now=office.now)

    def test_nothing_to_cancel_is_refused(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=["یک", "دو"])
        office.send()
        with pytest.raises(Refused, match="recall"):
            office.change(Cancel(post=post))
        with pytest.raises(InputError):
            office.change(Cancel(post=post + 1))

    def test_cancel_before_its_hour(self, office: StoreOffice) -> None:
        due = office.now + 60 * SECOND
        part = office.post("bale-news", "bale-desk", due=due)
        whole = office.post("bale-news", due=due)
        assert office.change(Cancel(post=part, channels=("bale-desk",))).channels == ("bale-desk",)
        office.change(Cancel(post=whole))
        assert (office.shown(part), office.shown(whole)) == ("scheduled", "cancelled")
        office.wait(60)
        assert [claim.channel for claim in office.drain()] == ["bale-news"]
        assert office.shown(part) == "partial"

    def test_move_gives_another_hour_and_text(self, office: StoreOffice) -> None:
        post = office.post("bale-news", due=office.now + 60 * SECOND)
        due = office.now + 90 * SECOND
        target = office.target("bale-news", "ساعت ۹", deadline=due + LATE_AFTER)
        office.change(Move(post=post, due=due, targets=(target,)))
        office.wait(60)
        assert office.tick().claims == ()
        office.wait(30)
        assert office.claim().message.text == "ساعت ۹"

    def test_no_move_after_a_try(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        office.send(UNAVAILABLE)
        target = office.target("bale-news", "x")
        with pytest.raises(Refused):
            office.change(Move(post=post, due=office.now + SECOND, targets=(target,)))

    def test_what_waits_untried_can_move(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        due = office.now + 60 * SECOND
        target = office.target("bale-news", "بعداً", deadline=due + LATE_AFTER)
        office.change(Move(post=post, due=due, targets=(target,)))
        assert office.tick().claims == ()
        assert office.tick().wake_at == due
        office.wait(60)
        assert office.claim().message.text == "بعداً"

    def test_a_post_cancelled_in_one_channel_can_still_move(self, office: StoreOffice) -> None:
        post = office.post("bale-news", "bale-desk")
        office.change(Close(channels=("bale-desk",), cause=Cause.OFF))
        office.sweep()
        office.change(Release(channels=("bale-desk",), drop=True))
        due = office.now + 60 * SECOND
        targets = tuple(
            office.target(name, "بعداً", deadline=due + LATE_AFTER)
            for name in ("bale-news", "bale-desk")
        )
        assert office.change(Move(post=post, due=due, targets=targets)).channels == ("bale-news",)
        office.wait(60)
        assert [claim.message.text for claim in office.drain()] == ["بعداً"]
        assert office.delivery(post, "bale-desk").delivery.state is State.CANCELLED

    def test_retry_forgets_the_attempts(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        office.send(REJECTED)
        done = office.change(Retry(post=post, late_after={"bale-news": LATE_AFTER}))
        assert done.channels == ("bale-news",)
        view = office.delivery(post, "bale-news").delivery
        assert (view.attempts, view.deadline) == (0, office.now + LATE_AFTER)
        office.drain()
        assert office.shown(post) == "delivered"
        with pytest.raises(Refused):
            office.change(Retry(post=post, late_after={}))

    def test_retry_of_missed_ones_everywhere(self, office: StoreOffice) -> None:
        posts = [office.post("bale-news", "bale-desk") for _ in range(2)]
        office.now += 2 * LATE_AFTER
        assert office.sweep() == 4
        office.change(Retry(states=(State.MISSED,), late_after={"bale-news": LATE_AFTER}))
        assert {claim.post for claim in office.drain()} == set(posts)

    def test_an_expired_post_is_not_retried(self, office: StoreOffice) -> None:
        post = office.post("bale-news", expires=office.now + SECOND, deadline=office.now + SECOND)
        office.wait(2)
        office.sweep()
        with pytest.raises(Refused, match="expires"):
            office.change(Retry(post=post, late_after={"bale-news": LATE_AFTER}))

    def test_resolve_posted(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=["یک", "دو"])
        office.send(IN_DOUBT)
        office.change(Resolve(post=post, channel="bale-news", posted=True, ids=("41",)))
        assert office.claim().position == 1
        assert office.delivery(post, "bale-news").delivery.receipts[0].ids == ("41",)

    def test_resolve_not_posted(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        claim = office.send(IN_DOUBT)
        office.change(Resolve(posted=False))
        again = office.claim()
        assert (again.delivery, again.attempt, again.failures) == (claim.delivery, 2, 0)
        office.record(again, receipt())
        assert office.shown(post) == "delivered"
        with pytest.raises(Refused):
            office.change(Resolve(post=post, posted=True))

    def test_a_refusal_changes_nothing(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        before = office.store.health(now=office.now).generation
        office.change(Halt(reason="سوگواری"))
        with pytest.raises(Refused):
            office.change(Retry(post=post, late_after={}))
        assert office.store.health(now=office.now).generation > before


class GateContract:
    """Off means off, at once; coming back replays nothing by itself."""

    def test_off_holds(self, office: StoreOffice) -> None:
        first = office.post("bale-news")
        office.change(Close(accounts=("bale",), cause=Cause.OFF, reason="تعطیل"))
        second = office.post("bale-news")
        assert office.tick().claims == ()
        assert office.tick().wake_at is None
        office.sweep()
        for post in (first, second):
            view = office.delivery(post, "bale-news")
            assert (view.delivery.state, view.held_by) == (State.HELD, "off")
        assert [gate.name for gate in office.store.health(now=office.now).gates] == ["bale"]

    def test_what_is_off_already_keeps_its_reason(self, office: StoreOffice) -> None:
        for reason in ("کوچ", ""):
            office.change(Close(accounts=("bale",), cause=Cause.OFF, reason=reason))
        assert [gate.reason for gate in office.store.gates()] == ["کوچ"]
        office.change(Close(accounts=("bale",), cause=Cause.OFF, reason="تعطیل"))
        assert [gate.reason for gate in office.store.gates()] == ["تعطیل"]

    def test_what_is_on_the_wire_is_recorded(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=["یک", "دو"])
        claim = office.claim()
        office.change(Close(channels=("bale-news",), cause=Cause.OFF))
        office.sweep()
        assert office.state(post, "bale-news") is State.SENDING
        office.record(claim, receipt())
        assert office.tick().claims == ()
        office.sweep()
        assert office.state(post, "bale-news") is State.HELD

    @pytest.mark.parametrize(
        ("word", "state"),
        [("ask", State.HELD), ("send", State.WAITING), ("drop", State.CANCELLED)],
    )
    @pytest.mark.parametrize("swept", [True, False])
    def test_when_back(self, office: StoreOffice, word: str, state: State, swept: bool) -> None:
        post = office.post("bale-news")
        office.change(Close(accounts=("bale",), cause=Cause.OFF))
        if swept:
            office.sweep()
        back = {"bale-news": word}
        office.change(Open(accounts=("bale",), cause=Cause.OFF, when_back=back))
        assert office.state(post, "bale-news") is state
        assert len(office.tick().claims) == (state is State.WAITING)

    def test_halt_and_resume(self, office: StoreOffice) -> None:
        office.post("bale-news")
        office.change(Halt(reason="سوگواری"))
        office.post("telegram-news")
        office.sweep()
        assert office.tick().claims == office.tick(account="telegram").claims == ()
        office.change(Resume())
        assert len(office.drain()) == 1
        assert len(office.drain("telegram")) == 1
        with pytest.raises(Refused):
            office.change(Resume())

    def test_two_gates(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        office.change(Close(accounts=("bale",), cause=Cause.OFF))
        office.change(Halt(reason="x"))
        office.sweep()
        office.change(Resume())
        assert office.delivery(post, "bale-news").held_by == "off"
        assert office.tick().claims == ()

    @pytest.mark.parametrize(
        ("word", "state"),
        [("ask", State.HELD), ("send", State.WAITING), ("drop", State.CANCELLED)],
    )
    @pytest.mark.parametrize("off_first", [True, False])
    @pytest.mark.parametrize("swept", [True, False])
    def test_coming_back_during_a_halt_replays_nothing_after_it(
        self, office: StoreOffice, word: str, state: State, off_first: bool, swept: bool
    ) -> None:
        post = office.post("bale-news", "telegram-news")
        off = Close(accounts=("bale",), cause=Cause.OFF)
        halt = Halt(reason="سوگواری")
        for change in (off, halt) if off_first else (halt, off):
            office.change(change)
            if swept:
                office.sweep()
        back = {"bale-news": word, "telegram-news": word}
        office.change(Open(accounts=("bale", "telegram"), cause=Cause.OFF, when_back=back))
        later = office.post("bale-news")
        office.sweep()
        office.change(Resume())
        assert office.state(post, "bale-news") is state
        assert office.state(post, "telegram-news") is State.WAITING, "it was never off"
        assert office.state(later, "bale-news") is State.WAITING

    def test_unauthorized_closes_and_a_probe_opens(self, office: StoreOffice) -> None:
        office.post("bale-news", "bale-desk")
        office.send(UNAUTHORIZED)
        assert office.tick().claims == ()
        gates = office.store.health(now=office.now).gates
        assert [(gate.scope, gate.cause) for gate in gates] == [("account", Cause.UNAUTHORIZED)]
        office.sweep()
        office.change(Open(accounts=("bale",), cause=Cause.UNAUTHORIZED))
        assert len(office.drain()) == 2
        again = office.change(Open(accounts=("bale",), cause=Cause.UNAUTHORIZED))
        assert again == Changed()

    def test_the_last_gate_before_the_wire(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        claim = office.claim()
        office.change(Close(accounts=("bale",), cause=Cause.OFF))
        shut = Verdict(state=State.HELD, reason="off meanwhile", code="gate", counts=False)
        office.record(claim, shut)
        view = office.delivery(post, "bale-news")
        assert (view.delivery.state, view.held_by, view.delivery.attempts) == (
            State.HELD,
            "off",
            0,
        )

    def test_a_person_lets_go_on_what_a_refusal_holds_and_chooses_what(
        self, office: StoreOffice
    ) -> None:
        posts = [office.post("bale-news") for _ in range(3)]
        office.change(Close(channels=("bale-news",), cause=Cause.UNAUTHORIZED))
        office.sweep()
        asked = {"bale-news": "ask"}
        office.change(Open(channels=("bale-news",), cause=Cause.UNAUTHORIZED, when_back=asked))
        assert office.drain() == []
        office.change(Release(last=1))
        assert [claim.post for claim in office.drain()] == posts[-1:]

    def test_release(self, office: StoreOffice) -> None:
        posts = [office.post("bale-news") for _ in range(3)]
        office.change(Close(accounts=("bale",), cause=Cause.OFF))
        office.sweep()
        with pytest.raises(Refused, match="closed"):
            office.change(Release())
        office.change(Open(accounts=("bale",), cause=Cause.OFF))
        office.change(Release(last=1))
        assert [claim.post for claim in office.drain()] == posts[-1:]
        office.now += LATE_AFTER
        with pytest.raises(Refused, match="late"):
            office.change(Release(post=posts[0]))
        office.change(Release(post=posts[0], late=True, late_after={"bale-news": LATE_AFTER}))
        assert [claim.post for claim in office.drain()] == posts[:1]
        office.change(Release(drop=True))
        assert office.shown(posts[1]) == "cancelled"

    def test_the_config_of_the_daemon(self, office: StoreOffice) -> None:
        post = office.post("bale-news", "bale-desk")
        news = Lane(channel="bale-news", account="bale", enabled=True)
        office.change(Lanes(lanes=(news,)))
        office.sweep()
        assert office.delivery(post, "bale-desk").held_by == "gone"
        assert [claim.channel for claim in office.drain()] == ["bale-news"]
        desk = Lane(channel="bale-desk", account="bale", enabled=False)
        office.change(Lanes(lanes=(news, desk), when_back={"bale-desk": "send"}))
        assert office.delivery(post, "bale-desk").held_by == "config"
        on = Lane(channel="bale-desk", account="bale", enabled=True)
        office.change(Lanes(lanes=(news, on), when_back={"bale-desk": "send"}))
        assert [claim.channel for claim in office.drain()] == ["bale-desk"]
        before = office.store.health(now=office.now).generation
        assert office.change(Lanes(lanes=(news, on))) == Changed()
        assert office.store.health(now=office.now).generation == before

    def test_acknowledgement(self, office: StoreOffice) -> None:
        store = office.store
        store.open("one", exclusive=False)
        office.change(Halt(reason="x"))
        generation = store.health().generation
        assert not store.acknowledged(generation)
        store.acknowledge("one", generation)
        assert store.acknowledged(generation)
        assert [daemon.owner for daemon in store.health().daemons] == ["one"]

    def test_a_breaker_is_shown(self, office: StoreOffice) -> None:
        office.change(
            AccountHealth(account="bale", breaker="open", failures=5, retry_at=office.now)
        )
        (health,) = office.store.health(now=office.now).accounts
        assert (health.breaker, health.failures) == ("open", 5)
