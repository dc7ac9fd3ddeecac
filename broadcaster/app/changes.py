"""Changes of the queue: each is made for an actor who may make it, or only tried out."""

from __future__ import annotations

from collections.abc import Collection

from broadcaster.app.permissions import require
from broadcaster.model import Actor, Permission
from broadcaster.store.changes import Change, Changed
from broadcaster.store.store import Store


def apply(
    store: Store,
    actor: Actor,
    permission: Permission,
    change: Change,
    channels: Collection[str] | None = (),
    *,
    dry_run: bool = False,
) -> Changed:
    """Make a change in the queue, or with ``dry_run`` only see what it would do.

    ``channels``: those that it concerns; None or empty: everything.

    :raises Refused: the permission is not given, or the queue does not allow the change.
    """
    require(actor, permission, channels or ())
    return store.would_change(actor, change) if dry_run else store.change(actor, change)
