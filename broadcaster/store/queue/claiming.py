"""One tick's claims: what they are made of, whoever decides on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from broadcaster.adapter import Rate
from broadcaster.model import Digest, FileKey, Handle, Kind, Message, Micros, State
from broadcaster.store import gcra
from broadcaster.store.chat import loaded
from broadcaster.store.codec import ids_of
from broadcaster.store.exchange import Claim, Purpose, Want
from broadcaster.store.queue.database import Database
from broadcaster.store.queue.deliveries import KINDS
from broadcaster.store.queue.renderings import Renderings

KNOWN_BEFORE: Micros = 3_600_000_000
"""Receipts up to an hour older than an attempt in doubt are still given to its verification."""


NONE: frozenset[str] = frozenset()


class Head(NamedTuple):
    """What stands at the head of a lane's line; a row of ``candidates`` or ``begun``."""

    lane_id: int
    channel: str
    account: str
    lane_fence: int
    wake_at: Micros
    id: int
    """None, as all below: nothing stands there."""
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
    """Claims of ``owner``, leased until ``until``."""

    def __init__(
        self,
        cx: Database,
        renderings: Renderings,
        owner: str,
        now: Micros,
        until: Micros,
        *,
        store: str,
        paces: dict[str, tuple[Micros, Micros]],
    ) -> None:
        """``store``: its name and epoch, part of each message's idempotency key.

        ``paces``: of accounts as they are kept: quiet until, and theoretical arrival time.
        """
        self.cx = cx
        self.renderings = renderings
        self.owner = owner
        self.now = now
        self.until = until
        self.claims: list[Claim] = []
        self.settled: dict[int, State] = {}
        self._paces = paces
        self._store = store

    def add(
        self,
        purpose: Purpose,
        head: Head,
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
                step=head.step,
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

    def quiet(self, account: str) -> bool:
        """Whether the platform has asked for silence."""
        return self._pace(account)[0] > self.now

    def room(self, want: Want) -> int:
        """How many messages may start: what is wanted, and its rate allows."""
        if want.rate is None:
            return want.count
        return max(0, min(want.count, gcra.room(self._pace(want.account)[1], self.now, want.rate)))

    def spend(self, account: str, count: int, rate: Rate | None) -> None:
        """Note that so many messages start now."""
        if count and rate is not None:
            quiet, tat = self._pace(account)
            tat = gcra.spent(tat, self.now, count, rate)
            self._paces[account] = quiet, tat
            self.cx.run("claims.spend", account=account, tat=tat)

    def ready(self, want: Want) -> Micros | None:
        """When something of this account becomes claimable."""
        at: Micros | None = self.cx.scalar("claims.ready", account=want.account, owner=self.owner)
        if at is None:
            return None
        quiet, tat = self._pace(want.account)
        return max(at, quiet, 0 if want.rate is None else gcra.next_at(tat, want.rate))

    def _pace(self, account: str) -> tuple[Micros, Micros]:
        """Quiet until, and theoretical arrival time."""
        if account not in self._paces:
            row = self.cx.one("claims.pace", account=account)
            self._paces[account] = (row["not_before"], row["tat"]) if row else (0, 0)
        return self._paces[account]

    def _stands(
        self, head: Head, message: Message, *, verify: bool
    ) -> tuple[tuple[str, ...], str | None]:
        """What the message acts on, and in which chat, if not in the lane's.

        The rest of what has begun goes where it began.
        """
        if message.acts_on is not None:
            row = self.cx.one(
                "deliveries.receipt_of", post=head.post, lane=head.lane_id, slot=message.acts_on
            )
            return (ids_of(row["ids"]), row["chat"]) if row is not None else ((), None)
        begun = verify or head.step or head.kind != Kind.POST
        return (), head.chat if begun else None

    def _reply_to(self, head: Head) -> str | None:
        if head.reply_to is None or head.step:
            return None
        chat = None if head.kind == Kind.POST else head.chat
        ids = self.cx.scalar("claims.reply_ids", post=head.reply_to, lane=head.lane_id, chat=chat)
        return next(iter(ids_of(ids)), None) if ids else None

    def _known(self, head: Head) -> frozenset[str]:
        since = (head.sent_at or self.now) - KNOWN_BEFORE
        rows = self.cx.all("claims.known", lane=head.lane_id, since=since, chat=head.chat)
        return frozenset(name for row in rows for name in ids_of(row["ids"]))


def acted_on(cx: Database, head: Head, message: Message) -> tuple[str, ...]:
    """Ids of the message that an edit, recall or pin acts on, as far as it stands there."""
    if message.acts_on is None:
        return ()
    row = cx.one("deliveries.receipt_of", post=head.post, lane=head.lane_id, slot=message.acts_on)
    return () if row is None or row["removed_at"] is not None else ids_of(row["ids"])
