"""Who may do what: every use case that changes something asks here first."""

from __future__ import annotations

from collections.abc import Collection

from broadcaster.errors import Forbidden
from broadcaster.language import joined, say
from broadcaster.model import Actor, Permission


def to_edit(actor: Actor, author: str, channels: Collection[str]) -> Permission:
    """What ``actor`` needs to change a post of ``author``; for one of their own it may be less."""
    own = actor.name == author and not actor.may(Permission.EDIT, channels)
    return Permission.EDIT_OWN if own else Permission.EDIT


def require(actor: Actor, permission: Permission, channels: Collection[str] = ()) -> None:
    """Let ``actor`` go on, for all of ``channels``.

    :raises Forbidden: the permission is not given.
    """
    if not actor.may(permission, channels):
        where = say(" in {channels}", channels=joined(", ", sorted(channels))) if channels else ""
        raise Forbidden(
            say(
                "{actor} has no permission to {permission}{where}; ask an "
                "administrator of the office for it",
                actor=actor.name,
                permission=permission,
                where=where,
            )
        )
