"""Claims messages that can start: one per lane, at most the capacity of its account."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from broadcaster.adapter import Rate
from broadcaster.language import say
from broadcaster.model import Digest, FileKey, Handle, Kind, Message, Micros, State, Verb
from broadcaster.store import gcra
from broadcaster.store.chat import loaded
from broadcaster.store.codec import ids_of
from broadcaster.store.exchange import Capacity, Claim, Purpose, Verdict
from broadcaster.store.queue import lanes
from broadcaster.store.queue.deliveries import KINDS
from broadcaster.store.queue.renderings import DAMAGE, DAMAGED
from broadcaster.store.queue.succession import settle_without
from broadcaster.store.queue.uploads import AccountUploads
from broadcaster.store.queue.work import Work, pack

KNOWN_BEFORE: Micros = 3_600_000_000
"""How much older than an attempt in doubt receipts may be that its verification knows."""


NONE: frozenset[str] = frozenset()


class LaneHead(NamedTuple):
    """The first delivery in a lane's line; a row of ``candidates`` or ``begun``."""

    lane_id: int
    channel: str
    account: str
    lane_fence: int
    wake_at: Micros
    """The lane's clock; the end of its lease, if it is leased."""
    id: int
    """None, like all fields below, if the line is empty."""
    post: int
    kind: str
    state: str
    revision: int
    rendering: Digest
    step: int
    steps: int
    next_at: Micros
    deadline: Micros | None
    verify_until: Micros | None
    looked: int
    tries: int
    failures: int
    first_try: Micros | None
    sent_at: Micros | None
    reason: str
    chat: str | None
    reply_to: int | None


class Claiming:
    """The claims of one tick, for its daemon, leased until ``until``."""

    def __init__(
        self,
        work: Work,
        until: Micros,
        *,
        store: str,
        paces: dict[str, tuple[Micros, Micros]],
    ) -> None:
        """``store``: its name and epoch, part of each message's idempotency key.

        ``paces``: of accounts as they are kept: end of the cool-down, and theoretical arrival time.
        """
        self.work = work
        self.until = until
        self.claims: list[Claim] = []
        self.settled: dict[int, State] = {}
        self._paces = paces
        self._store = store

    def add(
        self,
        purpose: Purpose,
        head: LaneHead,
        message: Message,
        handles: Mapping[FileKey, Handle],
        until: Micros | None = None,
    ) -> None:
        """Claim ``message`` of ``head``."""
        verify = purpose is Purpose.VERIFY
        ids, chat = self._stands(head, message, verify=verify)
        self.claims.append(
            Claim(
                purpose=purpose,
                delivery=head.id,
                post=head.post,
                channel=head.channel,
                account=head.account,
                kind=KINDS[head.kind],
                revision=head.revision,
                position=head.step,
                steps=head.steps,
                message=message,
                attempt=head.tries if verify else head.tries + 1,
                failures=head.failures,
                first_try=head.first_try,
                fence=head.lane_fence + 1,
                lease_until=until or self.until,
                ids=ids,
                reply_to=self._reply_to(head),
                handles=handles,
                key=f"{self._store}-{head.id}-{head.revision}-{head.step}",
                sent_at=head.sent_at if verify else None,
                known=self._known(head) if verify else NONE,
                chat=loaded(chat),
            )
        )

    def heads(self, query: str, **values: object) -> list[LaneHead]:
        rows = self.work.cx.table(query, LaneHead._fields, now=self.work.now, **values)
        return [LaneHead._make(row) for row in rows]

    def cools_down(self, account: str) -> bool:
        """Whether the account is in a cool-down."""
        return self._pace(account)[0] > self.work.now

    def room(self, capacity: Capacity) -> int:
        """The number of messages that the senders and the rate of an account allow now."""
        if capacity.rate is None:
            return capacity.count
        return max(
            0,
            min(
                capacity.count,
                gcra.room(self._pace(capacity.account)[1], self.work.now, capacity.rate),
            ),
        )

    def spend(self, account: str, count: int, rate: Rate | None) -> None:
        """Note that ``count`` messages of the account start now."""
        if count and rate is not None:
            not_before, tat = self._pace(account)
            tat = gcra.spent(tat, self.work.now, count, rate)
            self._paces[account] = not_before, tat
            self.work.cx.run("claims.spend", account=account, tat=tat)

    def ready(self, capacity: Capacity) -> Micros | None:
        """When the next delivery of this account becomes claimable."""
        at: Micros | None = self.work.cx.scalar(
            "claims.ready", account=capacity.account, owner=self.work.by.name
        )
        if at is None:
            return None
        not_before, tat = self._pace(capacity.account)
        return max(at, not_before, 0 if capacity.rate is None else gcra.next_at(tat, capacity.rate))

    def _pace(self, account: str) -> tuple[Micros, Micros]:
        """End of the cool-down, and theoretical arrival time."""
        if account not in self._paces:
            row = self.work.cx.one("claims.pace", account=account)
            self._paces[account] = (row["not_before"], row["tat"]) if row else (0, 0)
        return self._paces[account]

    def _stands(
        self, head: LaneHead, message: Message, *, verify: bool
    ) -> tuple[tuple[str, ...], str | None]:
        """What the message acts on, and in which chat, if not in the lane's.

        The rest of what has begun goes where it began.
        """
        if message.acts_on is not None:
            row = self.work.cx.one(
                "deliveries.receipt_of", post=head.post, lane=head.lane_id, slot=message.acts_on
            )
            return (ids_of(row["ids"]), row["chat"]) if row is not None else ((), None)
        begun = verify or head.step or head.kind != Kind.POST
        return (), head.chat if begun else None

    def _reply_to(self, head: LaneHead) -> str | None:
        if head.reply_to is None or head.step:
            return None
        chat = None if head.kind == Kind.POST else head.chat
        ids = self.work.cx.scalar(
            "claims.reply_ids", post=head.reply_to, lane=head.lane_id, chat=chat
        )
        return next(iter(ids_of(ids)), None) if ids else None

    def _known(self, head: LaneHead) -> frozenset[str]:
        since = (head.sent_at or self.work.now) - KNOWN_BEFORE
        rows = self.work.cx.all("claims.known", lane=head.lane_id, since=since, chat=head.chat)
        return frozenset(name for row in rows for name in ids_of(row["ids"]))


def acted_on(work: Work, head: LaneHead, message: Message) -> tuple[str, ...]:
    """Ids of the message that an edit, recall or pin acts on; none if it is not there any more."""
    if message.acts_on is None:
        return ()
    row = work.cx.one(
        "deliveries.receipt_of", post=head.post, lane=head.lane_id, slot=message.acts_on
    )
    return () if row is None or row["removed_at"] is not None else ids_of(row["ids"])


log = logging.getLogger(__name__)

ROUNDS = 8
"""Most rounds over an account's due lanes per tick; each removes the lanes it saw."""
SPARE = 16
"""Lanes read beyond the wanted number, since some heads are missed or not ready."""

LEAVE_AGAIN: Micros = 5_000_000
"""Wait before a verification is requested again, if its time is over and none happened."""

MISSED = say("its deadline passed before it was begun; `retry` sends it all the same")
UNSEEN = say("no proof was found in time: look at the channel, then `resolve`")
NOBODYS = say("it was on the wire, and nobody knows what became of it: look, then `resolve`")
NOTHING_THERE = say("there is nothing to act on: the message is gone, or its id is not known")


def claim(tick: Claiming, capacity: Capacity) -> None:
    """Claim for one account; during its cool-down, only verifications."""
    if tick.cools_down(capacity.account):
        capacity = replace(capacity, count=0, uploads=None if capacity.uploads is None else 0)
    if not (capacity.count or capacity.uploads or capacity.verifies):
        return
    lanes.permit(tick.work, capacity.account, lanes.MAY_UPLOAD, capacity.uploads or 0)
    lanes.permit(tick.work, capacity.account, lanes.MAY_VERIFY, capacity.verifies or 0)
    account = _Account(tick, capacity)
    account.run()
    tick.spend(capacity.account, account.begun, capacity.rate)


@dataclass(slots=True)
class _Round:
    """The changes of one round over an account's due lanes, by the name of their query."""

    lease: list[dict[str, int]] = field(default_factory=list)
    start: list[dict[str, int]] = field(default_factory=list)
    settle: list[dict[str, object]] = field(default_factory=list)
    unpinned: list[int] = field(default_factory=list)
    wake: list[int] = field(default_factory=list)
    wait: list[dict[str, object]] = field(default_factory=list)

    def write(self, tick: Claiming) -> None:
        work, cx = tick.work, tick.work.cx
        if self.settle:
            cx.run("claims.settle", rows=pack(self.settle), now=work.now)
        if self.unpinned:
            gone = Verdict(state=State.FAILED, reason=NOTHING_THERE)
            settle_without(work, self.unpinned, gone)
        if self.lease:
            cx.run("lanes.lease", lanes=pack(self.lease), owner=work.by.name, until=tick.until)
        if self.start:
            cx.run(
                "claims.start",
                rows=pack(self.start),
                owner=work.by.name,
                until=tick.until,
                now=work.now,
            )
        if self.wait:
            cx.run("lanes.wait_for", lanes=pack(self.wait))
        lanes.wake(work, self.wake)


class _Account:
    def __init__(self, tick: Claiming, capacity: Capacity) -> None:
        self.tick = tick
        self.work = tick.work
        self.capacity = capacity
        self.sends = tick.room(capacity)
        self.begun = 0
        self.verifies = capacity.verifies or 0
        self.media = AccountUploads(tick.work, capacity)
        self.round = _Round()

    def run(self) -> None:
        for _ in range(ROUNDS):
            limit = self.sends + self.media.permits + self.verifies + SPARE
            heads = self.tick.heads("claims.candidates", account=self.capacity.account, limit=limit)
            messages = {head.lane_id: self._message(head) for head in heads}
            self.media.look(each for each in messages.values() if isinstance(each, Message))
            self.round = _Round()
            passed = sum(self._judge(head, messages[head.lane_id]) for head in heads)
            self.round.write(self.tick)
            self.media.write()
            spent = not (self.sends or self.media.permits or self.verifies)
            if passed or spent or (len(heads) < limit and not self.round.wake):
                return

    def _message(self, head: LaneHead) -> Message | Exception | None:
        """The current message of ``head``; None: none is to be sent; an error: it is damaged."""
        if head.state != State.WAITING:
            return None
        try:
            return self.work.renderings.get(head.rendering)[head.step]
        except DAMAGE as error:
            return error

    def _judge(self, head: LaneHead, message: Message | Exception | None) -> bool:
        """Decide about one lane; a damaged delivery is set aside, and its lane continues."""
        try:
            if isinstance(message, Exception):
                raise message
            return self._head(head, message)
        except DAMAGE:
            log.exception("delivery %d is damaged", head.id)
        in_doubt = head.state in (State.SENDING, State.UNKNOWN)
        self._settle(head, State.UNKNOWN if in_doubt else State.FAILED, DAMAGED)
        return False

    def _head(self, head: LaneHead, message: Message | None) -> bool:
        """Decide about one lane; True: it stays due, because no sender is free."""
        lane = head.lane_id
        if head.id is None or head.next_at > self.work.now:
            self.round.wake.append(lane)
        elif head.state == State.UNKNOWN:
            self._unknown(head)
        elif message is None:
            # `sending` without a lease: its daemon died, so its outcome is not known.
            sending = head.state == State.SENDING
            self._settle(head, State.UNKNOWN if sending else State(head.state), NOBODYS)
        elif _late(head, self.work.now):
            self._settle(head, State.MISSED, MISSED)
        elif message.verb is not Verb.SEND and not acted_on(self.work, head, message):
            self._nothing_there(head, message)
        else:
            return self._send(head, message)
        return False

    def _unknown(self, head: LaneHead) -> None:
        """Claim a look, or ask a person after at least one look, if looks are possible."""
        over = head.verify_until is None or (head.looked and head.verify_until <= self.work.now)
        if over or self.capacity.verifies is None or head.channel not in self.capacity.looks:
            self._settle(head, State.UNKNOWN, head.reason or UNSEEN)
        elif self.verifies:
            message = self.work.renderings.get(head.rendering)[head.step]
            self._claim(Purpose.VERIFY, head, message)
            self.verifies -= 1
        else:
            until = max(head.verify_until or 0, self.work.now + LEAVE_AGAIN)
            self._wait(head, lanes.MAY_VERIFY, until)

    def _send(self, head: LaneHead, message: Message) -> bool:
        missing = self.media.missing(message)
        if missing:
            busy = self.media.busy(missing)
            if busy is not None:
                self._wait(head, *busy)
                return False
            if self.capacity.uploads is not None:
                if not self.media.permits:
                    self._wait(head, lanes.MAY_UPLOAD, None)
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
        self.round.start.append(
            {
                "lane": head.lane_id,
                "delivery": head.id,
                "step": head.step,
                "fence": head.lane_fence + 1,
            }
        )
        return False

    def _nothing_there(self, head: LaneHead, message: Message) -> None:
        if message.verb is Verb.PIN and head.step and head.step + 1 == head.steps:
            self.round.unpinned.append(head.id)
            self.round.wake.append(head.lane_id)
        else:
            self._settle(head, State.FAILED, NOTHING_THERE)

    def _settle(self, head: LaneHead, state: State, reason: str) -> None:
        self.round.settle.append({"delivery": head.id, "state": state, "reason": reason})
        self.tick.settled[head.id] = state
        self.round.wake.append(head.lane_id)

    def _wait(self, head: LaneHead, awaited: str, until: Micros | None) -> None:
        self.round.wait.append({"lane": head.lane_id, "awaited": awaited, "until": until})

    def _claim(self, purpose: Purpose, head: LaneHead, message: Message) -> None:
        self.tick.add(purpose, head, message, self.media.of(message))
        self.round.lease.append({"lane": head.lane_id, "delivery": head.id})


def _late(head: LaneHead, now: Micros) -> bool:
    begins = head.kind == Kind.POST and not head.step
    return begins and head.deadline is not None and head.deadline <= now
