"""Describes the result of a verification for the log."""

from __future__ import annotations

from broadcaster.adapter import Absent, Found, Hidden, Present, Undecided


def describe(found: Found) -> str:
    """A sentence about ``found``."""
    match found:
        case Present(ids=ids):
            return f"the message is there ({', '.join(ids)})"
        case Absent(newest_at=at):
            return f"the message is not among the posts up to {at:%Y-%m-%d %H:%M:%S %Z}"
        case Hidden(why=why):
            return f"the channel's posts cannot be seen: {why}"
        case Undecided(why=why):
            return f"no proof either way: {why}"
