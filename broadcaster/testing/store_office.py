"""A small office to try a store with: one owner, Persian text, a clock that moves when told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from broadcaster.adapter import Rate
from broadcaster.model import (
    FileKey,
    Handle,
    Kind,
    Media,
    MediaKind,
    Message,
    Micros,
    Receipt,
    Rendering,
    State,
    Verb,
)
from broadcaster.store.changes import Change, Changed
from broadcaster.store.exchange import Capacity, Claim, Outcome, Result, Tick, UploadDone, Verdict
from broadcaster.store.store import Store
from broadcaster.store.submit import NewPost, Target
from broadcaster.store.views import DeliveryView
from broadcaster.text.naming import name_of

SECOND: Micros = 1_000_000
START: Micros = 1_795_000_000 * SECOND
LATE_AFTER: Micros = 6 * 3600 * SECOND
SETTLE: Micros = 180 * SECOND
TEXT = "اطلاعیه: ساعت کار اداره از فردا ۸ صبح است؛ می‌توانید از setad.ir نوبت بگیرید 🇮🇷"


def file(name: str = "نقشه.jpg") -> Media:
    digest = sha256(name.encode()).hexdigest()
    return Media(digest=digest, kind=MediaKind.PHOTO, name=name, mime="image/jpeg", size=1000)


def rendering(
    *texts: str, media: Sequence[Media] = (), pin: bool = False, alone: bool = False
) -> Rendering:
    """One message per text; the first carries the files."""
    messages = [
        Message(index=index, text=text, media=tuple(media) if index == 0 else ())
        for index, text in enumerate(texts or (TEXT,))
    ]
    if pin:
        messages.append(Message(index=len(messages), verb=Verb.PIN, acts_on=0, unpins_others=alone))
    return Rendering(messages=tuple(messages), digest=name_of(messages))


def receipt(*ids: str, handles: Mapping[FileKey, Handle] | None = None) -> Receipt:
    return Receipt(ids=ids or ("1",), handles=handles or {})


UNAVAILABLE = Verdict(
    state=State.WAITING, reason="no route to the platform", outcome="Unavailable", delay=5 * SECOND
)
REJECTED = Verdict(
    state=State.FAILED, reason="the text is too long", outcome="Rejected", code="400"
)
IN_DOUBT = Verdict(state=State.UNKNOWN, reason="the answer did not come", outcome="OutcomeUnknown")
LOOKED_FOR = replace(IN_DOUBT, verify=60 * SECOND, verify_until=180 * SECOND)


class StoreOffice:
    """``store`` with its daemon ``owner`` opened; ``now`` moves by :meth:`wait` only."""

    def __init__(self, store: Store, owner: str = "daemon") -> None:
        self.store = store
        self.owner = owner
        self.now = START
        self.channels: dict[str, Micros] = {}
        """Where it has posted: all of it can be looked for."""

    def wait(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)

    def target(self, channel: str, *texts: str, **more: Any) -> Target:
        """Account: what stands before the dash of the channel's name."""
        self.channels[channel] = SETTLE
        media, pin = more.pop("media", ()), more.pop("pin", False)
        alone = more.pop("alone", False)
        more.setdefault("deadline", self.now + LATE_AFTER)
        return Target(
            channel=channel,
            account=channel.split("-")[0],
            rendering=rendering(*texts, media=media, pin=pin, alone=alone),
            **more,
        )

    def post(self, *channels: str, texts: Sequence[str] = (), **more: Any) -> int:
        """Queue a post; what is about its targets goes to each of them."""
        new = self.new(*channels, texts=texts, **more)
        return self.store.enqueue([new], now=self.now)[0].post

    def new(self, *channels: str, texts: Sequence[str] = (), **more: Any) -> NewPost:
        """What :meth:`post` queues."""
        names = {"media", "pin", "alone", "off", "deadline"} & more.keys()
        each = {name: more.pop(name) for name in names}
        targets = tuple(self.target(channel, *texts, **each) for channel in channels)
        return NewPost(source="\n".join(texts) or TEXT, targets=targets, **more)

    def tick(
        self,
        *results: Result,
        account: str = "bale",
        uploads_done: Sequence[UploadDone] = (),
        count: int = 10,
        uploads: int | None = None,
        verifies: int | None = None,
        rate: Rate | None = None,
        owner: str | None = None,
        lease_s: float = 30,
        fans: bool = True,
    ) -> Tick:
        capacity = Capacity(
            account=account,
            count=count,
            rate=rate,
            uploads=uploads,
            verifies=verifies,
            looks={} if verifies is None else self.channels,
        )
        asked = (owner or self.owner, results, uploads_done, [capacity], lease_s)
        return self.store.tick(*asked, fans=fans, now=self.now)

    def claim(self, **more: Any) -> Claim:
        """The only claim of a tick."""
        (claim,) = self.tick(**more).claims
        return claim

    def record(self, claim: Claim, outcome: Outcome, **more: Any) -> Tick:
        """Record without claiming anything new."""
        return self.tick(claim.ended(outcome), count=0, **more)

    def send(self, outcome: Outcome | None = None, *, account: str = "bale") -> Claim:
        """Claim one message and record its outcome."""
        claim = self.claim(count=1, account=account)
        self.record(
            claim, outcome or receipt(f"m{claim.delivery}.{claim.position}"), account=account
        )
        return claim

    def drain(self, account: str = "bale") -> list[Claim]:
        """Send everything that can be sent now."""
        sent: list[Claim] = []
        while (tick := self.tick(account=account)).claims or tick.fanned or tick.left:
            results = [
                claim.ended(receipt(f"m{claim.delivery}.{claim.position}")) for claim in tick.claims
            ]
            self.tick(*results, account=account, count=0)
            sent += tick.claims
        return sent

    def change(self, change: Change, by: str = "مسئول روابط عمومی") -> Changed:
        return self.store.change(by, change, now=self.now)

    def sweep(self, limit: int = 1000) -> int:
        return self.store.sweep(limit, now=self.now)

    def delivery(self, post: int, channel: str, kind: Kind = Kind.POST) -> DeliveryView:
        """The newest of a kind."""
        views = self.store.post(post).deliveries
        found = [v for v in views if (v.delivery.channel, v.delivery.kind) == (channel, kind)]
        return found[-1]

    def state(self, post: int, channel: str, kind: Kind = Kind.POST) -> State:
        return self.delivery(post, channel, kind).delivery.state

    def shown(self, post: int) -> str:
        return self.store.post(post, now=self.now).state
