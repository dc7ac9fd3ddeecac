"""Sends nothing: every call takes twenty milliseconds, as one to a near server does."""

from __future__ import annotations

import asyncio

from broadcaster.adapter import Adapter, Call, Probe
from broadcaster.model import Channel, Receipt

from .facts import PLATFORM

DELAY_S = 0.02


class Sleeper(Adapter):
    platform = PLATFORM

    async def send(self, call: Call) -> Receipt:
        await asyncio.sleep(DELAY_S)
        return Receipt(ids=(call.key,))

    async def probe(self, channel: Channel | None) -> Probe:
        return Probe(ok=True)


ADAPTER = Sleeper
