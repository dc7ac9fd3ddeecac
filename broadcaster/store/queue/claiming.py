"""One tick's claims: what they are made of, whoever decides on them."""

from __future__ import annotations

from collections.abc import Mapping

from broadcaster.model import Digest, Handle, Kind, Message, Micros
from broadcaster.store.codec import ids_of
from broadcaster.store.port import Claim, Purpose, Want
from broadcaster.store.queue.database import Database, Row
from broadcaster.store.queue.renderings import Renderings

KNOWN_BEFORE: Micros = 3_600_000_000
"""Receipts up to an hour older than an attempt in doubt are still given to its verification."""


class Claiming:
    """Claims of ``owner``, leased until ``until``."""

    def __init__(
        self, cx: Database, renderings: Renderings, owner: str, now: Micros, until: Micros
    ) -> None:
        self.cx = cx
        self.renderings = renderings
        self.owner = owner
        self.now = now
        self.until = until
        self.claims: list[Claim] = []
        self._store: str = cx.scalar("claims.store")

    def add(
        self,
        purpose: Purpose,
        head: Row,
        message: Message,
        handles: Mapping[Digest, Handle],
        until: Micros | None = None,
    ) -> None:
        """Claim ``message`` of ``head``, a row of ``candidates``."""
        verify = purpose is Purpose.VERIFY
        self.claims.append(
            Claim(
                purpose=purpose,
                delivery=head["id"],
                post=head["post"],
                channel=head["channel"],
                account=head["account"],
                kind=Kind(head["kind"]),
                revision=head["revision"],
                step=head["step"],
                steps=head["steps"],
                message=message,
                attempt=head["tries"] if verify else head["tries"] + 1,
                failures=head["failures"],
                first_try=head["first_try"],
                fence=head["lane_fence"] + 1,
                lease_until=until or self.until,
                ids=acted_on(self.cx, head, message),
                reply_to=self._reply_to(head),
                handles=handles,
                key=f"{self._store}-{head['id']}-{head['revision']}-{head['step']}",
                sent_at=head["sent_at"] if verify else None,
                known=self._known(head) if verify else frozenset(),
            )
        )

    def quiet(self, account: str) -> Micros:
        """Until when nothing may be sent; 0: it may."""
        until: Micros = self.cx.scalar("claims.quiet_until", account=account) or 0
        return until if until > self.now else 0

    def ready(self, want: Want) -> Micros | None:
        """When something of this account becomes claimable."""
        at: Micros | None = self.cx.scalar("claims.ready", account=want.account, owner=self.owner)
        return None if at is None else max(at, self.quiet(want.account))

    def _reply_to(self, head: Row) -> str | None:
        if head["reply_to"] is None or head["step"]:
            return None
        ids = self.cx.scalar("claims.reply_ids", post=head["reply_to"], lane=head["lane_id"])
        return next(iter(ids_of(ids)), None) if ids else None

    def _known(self, head: Row) -> frozenset[str]:
        since = (head["sent_at"] or self.now) - KNOWN_BEFORE
        rows = self.cx.all("claims.known", lane=head["lane_id"], since=since)
        return frozenset(name for row in rows for name in ids_of(row["ids"]))


def acted_on(cx: Database, head: Row, message: Message) -> tuple[str, ...]:
    """Ids of the message that an edit, recall or pin acts on, as far as it stands there."""
    if message.acts_on is None:
        return ()
    row = cx.one(
        "deliveries.receipt_of", post=head["post"], lane=head["lane_id"], slot=message.acts_on
    )
    return () if row is None or row["removed_at"] is not None else ids_of(row["ids"])
