"""Who may do what: every use case that changes something asks here first."""

from __future__ import annotations

from collections.abc import Collection

from broadcaster.errors import Forbidden
from broadcaster.language import joined, say
from broadcaster.model import Actor, Permission


def require(actor: Actor, permission: Permission, channels: Collection[str] = ()) -> None:
    """Let ``actor`` go on, for all of ``channels``.

    :raises Forbidden: the permission is not given.
    """
    if not actor.may(permission, channels):
        known = [name for name in sorted(channels) if _knows(actor, name)]
        where = say(" in {channels}", channels=joined(", ", known)) if known else ""
        raise Forbidden(
            say(
                "{actor} has no permission to {permission}{where}; ask an "
                "administrator of the office for it",
                actor=actor.name,
                permission=permission,
                where=where,
            )
        )


def _knows(actor: Actor, channel: str) -> bool:
    """Whether the actor may do anything there; other channels are not named."""
    return any(actor.may(each, [channel]) for each in Permission)
