"""One running account: its adapter, its free senders and its breaker."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, partial

from broadcaster.adapter import Adapter, Hidden, Platform, Verifiable
from broadcaster.config import AccountSettings, ChannelSettings
from broadcaster.engine.breaker import Breaker, Position
from broadcaster.engine.decide import Policy
from broadcaster.engine.deliver import CALL_S, Ended, Files, deliver, upload, verify
from broadcaster.engine.fingerprint import fingerprint
from broadcaster.engine.intake import contained
from broadcaster.engine.whereabouts import as_posted, chat_of, out_of_reach, with_place
from broadcaster.errors import SendError
from broadcaster.kit.wire import Wire, watch
from broadcaster.language import say
from broadcaster.model import Channel, Micros
from broadcaster.outside import said
from broadcaster.store.changes import AccountHealth
from broadcaster.store.chat import Chat
from broadcaster.store.exchange import Capacity, Checked, Claim, Purpose, Result, UploadDone

log = logging.getLogger(__name__)

UPLOADS = {Position.CLOSED: 2, Position.HALF_OPEN: 1, Position.OPEN: 0}
"""Concurrent uploads per account, by position of its breaker.  There are few, because they share
the network with the posts.  A half-open breaker allows one, because the delivery that closes it may
have to upload a file first."""

HIDDEN_S = 600.0
"""Seconds without verifications in a channel, after one found that its posts cannot be seen."""

FEW = 8
"""So many messages may start in one turn in any case.  Beyond that, a turn starts half of the
senders, so that one half is on the wire while the other is being recorded.  If all started at once,
the loop and the store would wait for each other."""


class Sender:
    """One account's capacity; carries out its claims."""

    def __init__(
        self,
        settings: AccountSettings,
        adapter: Adapter,
        platform: Platform,
        channels: Mapping[str, ChannelSettings],
        *,
        files: Files,
    ) -> None:
        self.settings = settings
        self.adapter = adapter
        self.fingerprint = fingerprint(settings, channels)
        self.breaker = Breaker()
        self.ready: list[UploadDone] = []
        """Finished uploads that wait for a free sender."""
        self._platform = platform
        self._channels = channels
        self._files = files
        self._policies: dict[str, Policy] = {}
        self._seen_hidden: dict[str, tuple[str, float]] = {}
        """Channel -> why its posts could not be seen, and when that was (monotonic)."""
        self._in_flight: dict[Purpose, int] = dict.fromkeys(Purpose, 0)
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def take_over_from(self, old: Sender) -> None:
        """Replace ``old``, the sender of the same account under its earlier settings.

        Calls in flight there count here, too, so that the account never exceeds its senders.  The
        breaker keeps its state if only settings of channels changed; with a new address, proxy or
        token it starts closed.
        """
        self.ready, self._in_flight = old.ready, old._in_flight
        if (self.settings, self.adapter.account) == (old.settings, old.adapter.account):
            self.breaker = old.breaker

    async def idle(self) -> None:
        """Wait until no claim of this sender is running."""
        await self._idle.wait()

    @property
    def verifiable(self) -> bool:
        """Whether an unknown message can be looked for on the platform's public page."""
        return "find" in self._platform.verbs

    def allowance(self, *, half: bool) -> int:
        """How many messages may start now; the store applies the rate besides.

        :param half: start at most half of the senders in one turn (see :data:`FEW`).
        """
        sending, senders = self._in_flight[Purpose.SEND], self.settings.senders
        at_once = max(FEW, senders // 2) if half else senders
        bounds = [senders - sending, at_once, self.breaker.allowance(sending)]
        return max(0, min(bound for bound in bounds if bound is not None))

    def want(self, allowed: int) -> Capacity:
        """The capacity to ask the store for, with ``allowed`` messages."""
        uploads = UPLOADS[self.breaker.position] - self._in_flight[Purpose.UPLOAD]
        # An open breaker does not matter here: the public page is another server.
        verifies = 1 - self._in_flight[Purpose.VERIFY]
        return Capacity(
            account=self.settings.name,
            count=allowed,
            rate=self.settings.rate,
            uploads=max(0, uploads) if "upload" in self._platform.verbs else None,
            verifies=max(0, verifies) if self.verifiable else None,
            looks=self.looks,
        )

    @cached_property
    def looks(self) -> Mapping[str, Micros]:
        """Channel -> its `settle`, for the channels whose settings allow to see their posts."""
        return {
            name: settings.settle // timedelta(microseconds=1)
            for name, settings in self._channels.items()
            if settings.account == self.settings.name
            and not self._hidden_by_settings(settings.channel)
        }

    def _hidden_by_settings(self, channel: Channel) -> str:
        if self.verifiable and isinstance(self.adapter, Verifiable):
            return self.adapter.hidden(channel)
        return say("the platform shows no posts to a plain reader")

    def _found_hidden(self, channel: str) -> str:
        """Why a recent verification could not see the posts of ``channel``; or ""."""
        why, looked_at = self._seen_hidden.get(channel, ("", 0.0))
        return why if why and time.monotonic() - looked_at < HIDDEN_S else ""

    def take(self, purpose: Purpose) -> None:
        """Count one more claim in flight."""
        self._in_flight[purpose] += 1
        self._running += 1
        self._idle.clear()

    def give(self, purpose: Purpose) -> None:
        """Count one claim in flight less."""
        self._in_flight[purpose] -= 1
        self._running -= 1
        if not self._running:
            self._idle.set()

    async def run(
        self, claim: Claim, *, closed: Callable[[ChannelSettings], str]
    ) -> Result | UploadDone:
        """Carry out one claim.

        :param closed: returns the reason why nothing may be sent to a channel now, or "".
        """
        settings = self._channels[claim.channel]
        channel, policy = settings.channel, self._policies.get(claim.channel)
        if policy is None:
            policy = self._policies[claim.channel] = self._policy(settings)
        gate = partial(closed, settings)
        ended: Ended | UploadDone
        if claim.chat is not None:
            if lost := out_of_reach(claim, chat_of(self.adapter.account, channel)):
                return claim.ended(lost)
            channel = as_posted(channel, claim)
        if why := self._found_hidden(claim.channel):
            policy = replace(policy, hidden=why)
        match claim.purpose:
            case Purpose.SEND:
                ended = await deliver(
                    claim, self.adapter, channel, policy, files=self._files, closed=gate
                )
            case Purpose.UPLOAD:
                ended = await upload(
                    claim, self.adapter, channel, policy, files=self._files, closed=gate
                )
            case Purpose.VERIFY:
                ended = await verify(claim, self.adapter, channel, policy, closed=gate)
        if isinstance(ended, UploadDone):
            return replace(ended, rate=self.settings.rate)
        if ended.called:
            if ended.fault:
                self.breaker = self.breaker.failed(time.monotonic(), ended.fault)
            else:
                self.breaker = self.breaker.succeeded()
        outcome = with_place(ended.outcome, claim, settings.channel)
        if isinstance(outcome, Checked) and isinstance(outcome.found, Hidden) and not claim.chat:
            self._seen_hidden[claim.channel] = outcome.found.why, time.monotonic()
        return claim.ended(outcome, settings.rate if ended.posted else None)

    def record_bug(self, name: str) -> None:
        """Count a bug of ours as a fault, so that repeated ones open the breaker.

        :param name: the class of the exception.
        """
        reason = say("a fault of the program ({name}); the daemon's log says where", name=name)
        self.breaker = self.breaker.failed(time.monotonic(), reason)

    async def probe(self, why_not: Callable[[], str]) -> SendError | None:
        """Probe the platform for an open breaker whose wait is over; posts nothing.

        :param why_not: returns the reason why not even a probe may be sent, or "".
        :returns: the platform's refusal, if it answered with one.
        """
        good, reason, failed = False, "", None
        try:
            with watch(Wire(closed=why_not)):
                async with asyncio.timeout(CALL_S):
                    with contained():
                        probe = await self.adapter.probe(None)
            good, reason = probe.ok, said(probe.advice)
        except SendError as error:
            error.detail = said(error.detail)
            failed, reason = error, error.detail
        except TimeoutError:
            reason = say("no answer in time")
        except Exception as error:  # the other accounts must still be probed
            log.exception("probing %s failed", self.settings.name)
            reason = say(
                "its probe has a bug ({name}); the log has its traceback", name=type(error).__name__
            )
        self.breaker = self.breaker.probed(time.monotonic(), good=good, reason=reason)
        return failed

    def health(self, clock: Micros) -> AccountHealth:
        """The state of the breaker as ``status`` shows it.

        :param clock: the store's time now, to convert the breaker's monotonic times.
        """
        breaker, now = self.breaker, time.monotonic()
        is_open = breaker.position is Position.OPEN
        return AccountHealth(
            account=self.settings.name,
            breaker=breaker.position,
            failures=breaker.faults,
            retry_at=clock + round((breaker.retry_at - now) * 1e6) if is_open else None,
            reason=breaker.reason,
        )

    def _policy(self, channel: ChannelSettings) -> Policy:
        return Policy(
            max_attempts=channel.max_attempts,
            give_up_after=channel.give_up_after,
            settle=channel.settle,
            on_unknown=channel.on_unknown,
            verifiable=self.verifiable,
            hidden=self._hidden_by_settings(channel.channel) if self.verifiable else "",
            cool_down_s=self._platform.limits.quiet.value,
        )


@dataclass(slots=True)
class Roster:
    """The running accounts and their channels; a reload of the config replaces both."""

    senders: Mapping[str, Sender]
    channels: Mapping[str, ChannelSettings]

    def looks(self) -> Mapping[str, Micros]:
        """Channel -> how long its unknown messages are looked for on the public page."""
        return {
            name: settle
            for sender in self.senders.values()
            for name, settle in sender.looks.items()
        }

    def chat(self, channel: ChannelSettings) -> Chat | None:
        """The chat of ``channel``; None: its account does not run in this daemon."""
        sender = self.senders.get(channel.account)
        return None if sender is None else chat_of(sender.adapter.account, channel.channel)
