"""Describes the result of a verification for the log."""

from __future__ import annotations

from broadcaster.adapter import Absent, Found, Hidden, Present, Undecided
from broadcaster.language import joined, say


def describe(found: Found) -> str:
    """A sentence about ``found``."""
    match found:
        case Present(ids=ids):
            return say("the message is there ({ids})", ids=joined(", ", ids))
        case Absent(newest_at=at):
            return say("the message is not among the posts up to {at:%Y-%m-%d %H:%M:%S %Z}", at=at)
        case Hidden(why=why):
            return say("the channel's posts cannot be seen: {why}", why=why)
        case Undecided(why=why):
            return say("no proof either way: {why}", why=why)
