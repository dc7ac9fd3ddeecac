"""Client of Apprise, EXPERIMENTAL: it answers yes or no, and a no does not say why.

Yes is a receipt without an id.  No may be a wrong token, a refusal, or silence after the text had
been taken, so that it is in doubt; nothing here claims to know more.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import apprise

from adapters.apprise.facts import PLATFORM
from broadcaster.adapter import Adapter, Call, Probe
from broadcaster.errors import OutcomeUnknown, Rejected, SendError, Unavailable
from broadcaster.kit.wire import current
from broadcaster.language import say
from broadcaster.model import Account, Channel, Receipt

for _name in ("apprise", "urllib3"):  # both log the whole URL, which is the secret
    logging.getLogger(_name).setLevel(logging.CRITICAL)

NO_URL = say(
    "the account's token file holds no Apprise URL, or more than one: "
    "write one there, as Apprise's own pages show it for the service, and "
    "one account for each"
)
NO_PROXY = say(
    "Apprise cannot use a proxy for one account: take proxy out of its "
    "table, and set HTTPS_PROXY for the whole daemon if need be"
)
IN_DOUBT = say(
    "Apprise says no, but not why, and some of it may have arrived: look "
    "at the service, then resolve it"
)


class _ClosedError(Exception):
    """It was switched off or halted before it began."""


class Apprise(Adapter):
    platform = PLATFORM

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._all = apprise.Apprise()
        self._all.add(account.token.reveal())
        for service in self._all:
            # one call is one try, counts as it ended, and is never cut
            service.retry, service.optional = 0, False
            service.overflow_mode = apprise.OverflowMode.UPSTREAM

    async def send(self, call: Call) -> Receipt:
        if reason := self._unfit(call.channel):
            raise Rejected(reason)
        (service,) = self._all
        if len(call.message.text) > service.body_maxlen:
            raise Rejected(
                say(
                    "this service takes {body_maxlen:,} characters: write that as longest "
                    "in the account's table",
                    body_maxlen=service.body_maxlen,
                )
            )
        if time.monotonic() >= call.deadline:
            raise Unavailable(say("too late: the time for this call was over before it began"))
        failure: SendError
        try:
            async with asyncio.timeout(call.deadline - time.monotonic()):
                accepted = await asyncio.to_thread(self._notify, call.message.text)
        except _ClosedError as closed:
            failure = Unavailable(say("nothing may leave any more: {closed}", closed=closed))
        except TimeoutError:
            failure = OutcomeUnknown(say("no answer came in time"))
        except Exception as error:  # what a service's code raises may hold the URL
            failure = OutcomeUnknown(
                say("{in_doubt} ({name})", in_doubt=IN_DOUBT, name=type(error).__name__)
            )
        else:
            if accepted:
                return Receipt(note=say("taken, says Apprise, which names no message"))
            failure = OutcomeUnknown(IN_DOUBT)
        raise failure

    async def probe(self, channel: Channel | None) -> Probe:
        if reason := self._unfit(channel):
            return Probe(ok=False, advice=reason)
        return Probe(
            ok=True,
            unverified=("token",) if channel is None else ("token", "channel", "right to post"),
            advice=say("Apprise asks nothing without posting: send a test post"),
        )

    def _notify(self, text: str) -> bool:
        """In a thread, for which it may have waited.  :raises _ClosedError: nothing has left."""
        if reason := current().closed():
            raise _ClosedError(reason)
        return bool(self._all.notify(body=text, body_format=apprise.NotifyFormat.TEXT))

    def _unfit(self, channel: Channel | None) -> str:
        """Why nothing can be sent with this account, or to this channel of it; empty: it can."""
        services: list[Any] = list(self._all)
        if len(services) != 1:
            return NO_URL
        if self.account.proxy:
            return NO_PROXY
        scheme = self.account.token.reveal().partition("://")[0].lower()
        if channel is not None and channel.address != scheme:
            return say(
                "the account's Apprise URL begins with {scheme}://, and the channel's "
                "address says {address}: make the two agree",
                scheme=scheme,
                address=channel.address,
            )
        return ""


ADAPTER = Apprise
