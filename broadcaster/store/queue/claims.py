"""Claim what can start now: one message per lane, at most as many as its account may start."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace

from broadcaster.model import Kind, Message, Micros, State, Verb
from broadcaster.store.exchange import Decision, Purpose, Want
from broadcaster.store.queue import lanes
from broadcaster.store.queue.claiming import Claiming, Head, acted_on
from broadcaster.store.queue.database import Database, pack
from broadcaster.store.queue.media import Media
from broadcaster.store.queue.renderings import DAMAGED, ODD
from broadcaster.store.queue.unpinned import settle_without

log = logging.getLogger(__name__)

ROUNDS = 8
"""Looks at an account's due lanes per tick; each round takes those it saw out of the queue."""
SPARE = 16
"""Lanes looked at beyond the wanted number: some heads turn out to be missed or not ready."""

LEAVE_AGAIN: Micros = 5_000_000
"""Before leave to look is asked for again, where the time to look is over and nobody has."""

MISSED = "its deadline passed before it was begun; `retry` sends it all the same"
UNSEEN = "no proof was found in time: look at the channel, then `resolve`"
NOBODYS = "it was on the wire, and nobody knows what became of it: look, then `resolve`"
NOTHING_THERE = "there is nothing to act on: the message is gone, or its id is not known"


def claim(tick: Claiming, want: Want) -> None:
    """Claim for one account; while its platform asks for silence, only looks at its pages."""
    if tick.quiet(want.account):
        want = replace(want, count=0, uploads=None if want.uploads is None else 0)
    if not (want.count or want.uploads or want.verifies):
        return
    lanes.permit(tick.cx, want.account, lanes.MAY_UPLOAD, want.uploads or 0)
    lanes.permit(tick.cx, want.account, lanes.MAY_VERIFY, want.verifies or 0)
    account = _Account(tick, want)
    account.run()
    tick.spend(want.account, account.begun, want.rate)


@dataclass(slots=True)
class _Round:
    """What one look at an account's due lanes led to."""

    lease: list[tuple[int, int]] = field(default_factory=list)
    start: list[tuple[int, int, int, int]] = field(default_factory=list)
    settle: list[tuple[int, State, str]] = field(default_factory=list)
    unpinned: list[int] = field(default_factory=list)
    wake: list[int] = field(default_factory=list)
    wait: list[tuple[int, str, Micros | None]] = field(default_factory=list)

    def write(self, cx: Database, tick: Claiming) -> None:
        if self.settle:
            cx.run("claims.settle", rows=pack(self.settle), now=tick.now)
        if self.unpinned:
            gone = Decision(state=State.FAILED, reason=NOTHING_THERE)
            settle_without(cx, tick.renderings, self.unpinned, gone, tick.now)
        if self.lease:
            cx.run("lanes.lease", lanes=pack(self.lease), owner=tick.owner, until=tick.until)
        if self.start:
            cx.run(
                "claims.start",
                rows=pack(self.start),
                owner=tick.owner,
                until=tick.until,
                now=tick.now,
            )
        if self.wait:
            cx.run("lanes.wait_for", lanes=pack(self.wait))
        lanes.wake(cx, self.wake)


class _Account:
    def __init__(self, tick: Claiming, want: Want) -> None:
        self.tick = tick
        self.cx = tick.cx
        self.now = tick.now
        self.want = want
        self.sends = tick.room(want)
        self.begun = 0
        self.verifies = want.verifies or 0
        self.media = Media(tick.cx, want, tick.now)
        self.round = _Round()

    def run(self) -> None:
        for _ in range(ROUNDS):
            limit = self.sends + self.media.permits + self.verifies + SPARE
            rows = self.cx.table(
                "claims.candidates", account=self.want.account, now=self.now, limit=limit
            )
            heads = [Head._make(row) for row in rows]
            messages = {head.lane_id: self._message(head) for head in heads}
            self.media.look(each for each in messages.values() if isinstance(each, Message))
            self.round = _Round()
            passed = sum(self._judge(head, messages[head.lane_id]) for head in heads)
            self.round.write(self.cx, self.tick)
            self.media.write()
            spent = not (self.sends or self.media.permits or self.verifies)
            if passed or spent or (len(heads) < limit and not self.round.wake):
                return

    def _message(self, head: Head) -> Message | Exception | None:
        """None: none is to be sent; an error: it cannot be read."""
        if head.state != State.WAITING:
            return None
        try:
            return self.tick.renderings.get(head.rendering)[head.step]
        except ODD as error:
            return error

    def _judge(self, head: Head, message: Message | Exception | None) -> bool:
        """Decide about one lane; a row that is damaged is set aside, and its lane goes on."""
        try:
            if isinstance(message, Exception):
                raise message
            return self._head(head, message)
        except ODD:
            log.exception("delivery %d is damaged", head.id)
        in_doubt = head.state in (State.SENDING, State.UNKNOWN)
        self._settle(head, State.UNKNOWN if in_doubt else State.FAILED, DAMAGED)
        return False

    def _head(self, head: Head, message: Message | None) -> bool:
        """Decide about one lane; True: it is due and stays so, for want of a sender."""
        lane = head.lane_id
        if head.id is None or head.next_at > self.now:
            self.round.wake.append(lane)
        elif head.state == State.UNKNOWN:
            self._unknown(head)
        elif message is None:
            # On the wire, and nobody holds its lane: no daemon knows what became of it.
            sending = head.state == State.SENDING
            self._settle(head, State.UNKNOWN if sending else State(head.state), NOBODYS)
        elif _late(head, self.now):
            self._settle(head, State.MISSED, MISSED)
        elif message.verb is not Verb.SEND and not acted_on(self.cx, head, message):
            self._nothing_there(head, message)
        else:
            return self._send(head, message)
        return False

    def _unknown(self, head: Head) -> None:
        """A person is asked once it was looked for at least once, if anybody can."""
        over = head.verify_until is None or (head.looked and head.verify_until <= self.now)
        if over or self.want.verifies is None or head.channel not in self.want.looks:
            self._settle(head, State.UNKNOWN, head.reason or UNSEEN)
        elif self.verifies:
            message = self.tick.renderings.get(head.rendering)[head.step]
            self._claim(Purpose.VERIFY, head, message)
            self.verifies -= 1
        else:
            until = max(head.verify_until or 0, self.now + LEAVE_AGAIN)
            self.round.wait.append((head.lane_id, lanes.MAY_VERIFY, until))

    def _send(self, head: Head, message: Message) -> bool:
        missing = self.media.missing(message)
        if missing:
            busy = self.media.busy(missing)
            if busy is not None:
                self.round.wait.append((head.lane_id, *busy))
                return False
            if self.want.uploads is not None:
                if not self.media.permits:
                    self.round.wait.append((head.lane_id, lanes.MAY_UPLOAD, None))
                    return False
                self._claim(Purpose.UPLOAD, head, message)
                self.media.begin(missing, head.lane_id, self.tick.until)
                return False
        if not self.sends:
            return True
        self.tick.add(Purpose.SEND, head, message, self.media.of(message))
        self.sends -= 1
        self.begun += 1
        if missing:
            self.media.begin(missing, head.lane_id, self.tick.until)
        self.round.start.append((head.lane_id, head.id, head.step, head.lane_fence + 1))
        return False

    def _nothing_there(self, head: Head, message: Message) -> None:
        if message.verb is Verb.PIN and head.step and head.step + 1 == head.steps:
            self.round.unpinned.append(head.id)
            self.round.wake.append(head.lane_id)
        else:
            self._settle(head, State.FAILED, NOTHING_THERE)

    def _settle(self, head: Head, state: State, reason: str) -> None:
        self.round.settle.append((head.id, state, reason))
        self.tick.settled[head.id] = state
        self.round.wake.append(head.lane_id)

    def _claim(self, purpose: Purpose, head: Head, message: Message) -> None:
        self.tick.add(purpose, head, message, self.media.of(message))
        self.round.lease.append((head.lane_id, head.id))


def _late(head: Head, now: Micros) -> bool:
    begins = head.kind == Kind.POST and not head.step
    return begins and head.deadline is not None and head.deadline <= now
