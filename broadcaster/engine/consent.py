"""Approval as the daemon judges it: by its own config, whatever the author's said."""

from __future__ import annotations

from broadcaster.config import ChannelSettings
from broadcaster.engine.runtime import Runtime
from broadcaster.model import Kind
from broadcaster.store.exchange import Claim, Purpose

_NEW_WORDS = {Kind.POST, Kind.EDIT}
"""What shows readers something that somebody has to have approved."""


async def unapproved(claim: Claim, channel: ChannelSettings, runtime: Runtime) -> str:
    """Why ``claim`` may not be sent; empty: enough people have approved it, or none need to.

    A correction of what is out has no approval of its own; what has begun is finished.

    :raises StoreBusy: the store cannot be asked now.
    """
    needed = channel.require_approval
    if not needed or claim.purpose is Purpose.VERIFY:
        return ""
    if claim.kind not in _NEW_WORDS or claim.position:
        return ""
    have = 0
    if claim.kind is Kind.POST:
        have = await runtime.in_store(runtime.store.approvals, claim.post)
    if have >= needed:
        return ""
    return (
        f"{claim.channel} demands approval, {have} of {needed} have approved this; for approval:"
        f" broadcaster post --like {claim.post}"
    )
