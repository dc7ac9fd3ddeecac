"""Claims in flight: each is a task, from its claim on until its result is on record."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from broadcaster.engine.deliver import AWAY, broken
from broadcaster.engine.gates import Gates, InStore
from broadcaster.engine.meter import Meter
from broadcaster.engine.sender import Roster, Sender
from broadcaster.model import Receipt, State
from broadcaster.store.exchange import Claim, Decision, Purpose, Result, UploadDone
from broadcaster.store.store import Store, StoreBusy

log = logging.getLogger(__name__)

NOT_AT_WORK = "its account is no longer at work: turn it on"


class InFlight:
    """``wake``: something has ended."""

    def __init__(
        self,
        store: Store,
        roster: Roster,
        gates: Gates,
        in_store: InStore,
        meter: Meter,
        *,
        wake: Callable[[], None],
    ) -> None:
        self.results: list[Result] = []
        """What has ended and is not on record yet."""
        self.claims: dict[int, Claim] = {}
        """By delivery."""
        self._store = store
        self._roster = roster
        self._gates = gates
        self._in_store = in_store
        self._meter = meter
        self._wake = wake
        self._tasks: dict[asyncio.Task[None], Claim] = {}
        """Not by delivery: where a lease was lost, it may be claimed anew beside its old task."""

    def claim_of(self, what: Result | UploadDone) -> Claim | None:
        """None: its lease was lost, and there may be a newer one."""
        claim = self.claims.get(what.delivery)
        return claim if claim is not None and claim.fence == what.fence else None

    def let_go(self, what: Result | UploadDone) -> Claim | None:
        """It is on record, or will never be; its claim, as by :meth:`claim_of`."""
        claim = self.claim_of(what)
        if claim is not None:
            del self.claims[what.delivery]
        return claim

    def leases(self) -> list[tuple[str, int]]:
        """(channel, fence) of each lane that is held."""
        return [(claim.channel, claim.fence) for claim in self.claims.values()]

    def start(self, claim: Claim) -> None:
        self.claims[claim.delivery] = claim
        sender = self._roster.senders[claim.account]
        sender.take(claim.purpose)
        self._tasks[asyncio.create_task(self._carry(claim, sender))] = claim

    def give_back(self, claim: Claim, reason: str) -> None:
        """Nothing of it has left, and nothing will."""
        self.claims[claim.delivery] = claim
        self.results.append(_held(claim, reason))

    def await_begin(self, begin: UploadDone) -> None:
        """Its upload is done: it begins once a sender is free."""
        if (claim := self.claim_of(begin)) is None:
            return  # what it leads to is claimed anew
        if sender := self._roster.senders.get(claim.account):
            sender.ready.append(begin)
        else:
            self.give_back(claim, NOT_AT_WORK)

    @property
    def running(self) -> int:
        return len(self._tasks)

    async def break_off(self) -> None:
        """Cancel what cannot have posted anything; its lane is let go in the end."""
        await asyncio.sleep(0)  # a task that is cancelled before its first step never takes one
        for task, claim in self._tasks.items():
            if claim.purpose is not Purpose.SEND:
                task.cancel()

    async def one_ends(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    async def _carry(self, claim: Claim, sender: Sender) -> None:
        try:
            ended = await self._ended(claim, sender)
            if isinstance(ended, UploadDone):
                self.await_begin(ended)
            else:
                self.results.append(ended)
                self._tell(claim, ended)
        finally:
            sender.give(claim.purpose)
            task = asyncio.current_task()
            assert task is not None, "a claim is carried by a task of its own"
            del self._tasks[task]
        self._wake()

    async def _ended(self, claim: Claim, sender: Sender) -> Result | UploadDone:
        """The claim's end; a bug around its call is the end of this claim alone."""
        touched = False
        try:
            away = await self._bring(claim) if claim.message.media else ""
            if away and claim.purpose is not Purpose.VERIFY:
                return _put_off(claim, away)
            touched = True  # or may have: nobody knows where a bug strikes
            return await sender.run(claim, closed=self._gates.closed)
        except Exception as bug:
            log.exception("post %d %s: a bug of ours", claim.post, claim.channel)
            if claim.purpose is not Purpose.VERIFY:  # several in a row: nothing more is risked
                sender.stumbled(type(bug).__name__)
            return claim.ended(broken(bug, claim, touched=touched))

    def _tell(self, claim: Claim, result: Result) -> None:
        """A result counts once: what fails here must not make a second one of the same claim."""
        try:
            self._meter.ended(claim, result.outcome)
            _tell(claim, result)
        except Exception:
            log.exception("post %d %s: its result cannot be told", claim.post, claim.channel)

    async def _bring(self, claim: Claim) -> str:
        """Have its files on this machine; why they cannot be had now, or ""."""
        digests = [each.digest for each in claim.message.media if each.key not in claim.handles]
        if not digests or not self._store.keeps_files:
            return ""
        try:
            await self._in_store(self._store.bring, digests)
        except StoreBusy as busy:
            return str(busy)
        return ""


def _tell(claim: Claim, result: Result) -> None:
    if isinstance(result.outcome, Receipt):
        return  # told once it is on record
    where = f"post {claim.post} {claim.channel} {claim.step + 1}/{claim.steps}"
    match result.outcome:
        case Decision(state=state, reason=reason):
            log.warning("%s: %s: %s", where, state, reason)
        case checked:
            log.info("%s: looked: %s", where, checked.found)


def _put_off(claim: Claim, reason: str) -> Result:
    """Nothing has left: try again."""
    wait = Decision(
        state=State.WAITING, reason=reason, outcome="MediaAway", delay=AWAY, counts=False
    )
    return claim.ended(wait)


def _held(claim: Claim, reason: str) -> Result:
    return claim.ended(Decision(state=State.HELD, reason=reason, code="gone", counts=False))
