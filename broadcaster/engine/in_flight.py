"""The claims in flight, each from its start until its result is recorded."""

from __future__ import annotations

import asyncio
import logging

from broadcaster.engine.consent import unapproved
from broadcaster.engine.deliver import AWAY, broken
from broadcaster.engine.findings import describe
from broadcaster.engine.runtime import Runtime
from broadcaster.engine.sender import Roster, Sender
from broadcaster.language import say
from broadcaster.model import Receipt, State
from broadcaster.store.exchange import Claim, Purpose, Result, UploadDone, Verdict
from broadcaster.store.store import StoreBusy

log = logging.getLogger(__name__)

NOT_AT_WORK = say("its account is no longer at work: turn it on")


class InFlight:
    """The claims that this daemon holds."""

    def __init__(self, runtime: Runtime, roster: Roster) -> None:
        self.results: list[Result] = []
        """Results that are not recorded yet."""
        self.claims: dict[int, Claim] = {}
        """Delivery -> its claim."""
        self._runtime = runtime
        self._roster = roster
        self._tasks: dict[asyncio.Task[None], Claim] = {}
        """Running tasks.  The key is not the delivery, because after a lost lease the task of the
        new claim may run beside that of the old one."""

    def take_results(self) -> list[Result]:
        """Return the results so far, and forget them."""
        results, self.results = self.results, []
        return results

    def claim_of(self, end: Result | UploadDone) -> Claim | None:
        """The claim that ended with ``end``; None: its lease was lost to a newer claim."""
        claim = self.claims.get(end.delivery)
        return claim if claim is not None and claim.fence == end.fence else None

    def forget(self, end: Result | UploadDone) -> Claim | None:
        """Forget the claim that ended with ``end``; returns it, unless its lease was lost."""
        claim = self.claim_of(end)
        if claim is not None:
            del self.claims[end.delivery]
        return claim

    def leases(self) -> list[tuple[str, int]]:
        """(channel, fence) of each leased lane."""
        return [(claim.channel, claim.fence) for claim in self.claims.values()]

    def start(self, claim: Claim) -> None:
        """Carry out ``claim`` in a task of its own."""
        self.claims[claim.delivery] = claim
        sender = self._roster.senders[claim.account]
        sender.take(claim.purpose)
        self._tasks[asyncio.create_task(self._run(claim, sender))] = claim

    def give_back(self, claim: Claim, reason: str) -> None:
        """End ``claim`` without sending; its delivery becomes held."""
        self.claims[claim.delivery] = claim
        self.results.append(_held(claim, reason))

    def await_begin(self, begin: UploadDone) -> None:
        """Keep a finished upload until a sender is free for its message."""
        if (claim := self.claim_of(begin)) is None:
            return  # the lease was lost: the message will be claimed again
        if sender := self._roster.senders.get(claim.account):
            sender.ready.append(begin)
        else:
            self.give_back(claim, NOT_AT_WORK)

    @property
    def running(self) -> int:
        return len(self._tasks)

    async def break_off(self) -> None:
        """Cancel the tasks that post nothing; closing the store releases their lanes."""
        await asyncio.sleep(0)  # a task cancelled before its first step would skip its `finally`
        for task, claim in self._tasks.items():
            if claim.purpose is not Purpose.SEND:
                task.cancel()

    async def wait_for_one(self) -> None:
        """Wait until at least one task has ended; returns at once if none is running."""
        if self._tasks:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    async def _run(self, claim: Claim, sender: Sender) -> None:
        try:
            ended = await self._ended(claim, sender)
            if isinstance(ended, UploadDone):
                self.await_begin(ended)
            else:
                self.results.append(ended)
                self._report(claim, ended)
        finally:
            sender.give(claim.purpose)
            task = asyncio.current_task()
            assert task is not None, "each claim has a task of its own"
            del self._tasks[task]
        self._runtime.wake.set()

    async def _ended(self, claim: Claim, sender: Sender) -> Result | UploadDone:
        """The result of ``claim``; an exception becomes a result, so that other claims go on."""
        touched = False
        try:
            problem = await self._bring(claim) if claim.message.media else ""
            if problem and claim.purpose is not Purpose.VERIFY:
                return _put_off(claim, problem)
            if kept := await self._kept_back(claim):
                return kept
            touched = True  # from here on, an exception may follow the first byte
            return await sender.run(claim, closed=self._runtime.gates.why_closed)
        except Exception as bug:
            log.exception("post %d %s: a bug of ours", claim.post, claim.channel)
            if claim.purpose is not Purpose.VERIFY:  # several in a row open the breaker
                sender.record_bug(type(bug).__name__)
            return claim.ended(broken(bug, claim, touched=touched))

    async def _kept_back(self, claim: Claim) -> Result | None:
        """The end of a claim that nobody has approved, though its channel demands it."""
        channel = self._roster.channels.get(claim.channel)
        try:
            why = await unapproved(claim, channel, self._runtime) if channel else ""
        except StoreBusy as busy:
            return _put_off(claim, str(busy))
        return _held(claim, why, code="approval") if why else None

    def _report(self, claim: Claim, result: Result) -> None:
        """Count and log ``result``.

        Raises nothing: an exception here would add a second result for the same claim.
        """
        try:
            self._runtime.meter.ended(claim, result.outcome)
            _log(claim, result)
        except Exception:
            log.exception("post %d %s: its result cannot be logged", claim.post, claim.channel)

    async def _bring(self, claim: Claim) -> str:
        """Fetch the claim's files to this machine; returns why that is impossible now, or ""."""
        digests = [media.digest for media in claim.message.media if media.key not in claim.handles]
        runtime = self._runtime
        if not digests or not runtime.store.keeps_files:
            return ""
        try:
            await runtime.in_store(runtime.store.bring, digests)
        except StoreBusy as busy:
            return str(busy)
        return ""


def _log(claim: Claim, result: Result) -> None:
    if isinstance(result.outcome, Receipt):
        return  # `arrivals` logs it after it is recorded
    where = f"post {claim.post} {claim.channel} {claim.position + 1}/{claim.steps}"
    match result.outcome:
        case Verdict(state=state, reason=reason):
            log.warning("%s: %s: %s", where, state, reason)
        case checked:
            log.info("%s: verification: %s", where, describe(checked.found))


def _put_off(claim: Claim, reason: str) -> Result:
    """The result if nothing was sent because files could not be fetched: another attempt."""
    wait = Verdict(
        state=State.WAITING, reason=reason, outcome="MediaAway", delay=AWAY, counts=False
    )
    return claim.ended(wait)


def _held(claim: Claim, reason: str, code: str = "gone") -> Result:
    return claim.ended(Verdict(state=State.HELD, reason=reason, code=code, counts=False))
