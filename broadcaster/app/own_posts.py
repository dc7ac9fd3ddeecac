"""One's own posts: a writer may change and cancel them, and nobody else's."""

from __future__ import annotations

from collections.abc import Collection

from broadcaster.app.office import Office
from broadcaster.app.permissions import require
from broadcaster.errors import Forbidden
from broadcaster.model import Actor, Permission, Stage
from broadcaster.store.store import Store
from broadcaster.store.views import PostView

_DRAFTED = (Stage.DRAFT, Stage.APPROVED)
"""A change asks for approval again."""


def allowed_by(
    store: Store, actor: Actor, view: PostView, channels: Collection[str], wide: Permission
) -> Permission:
    """The permission that ``actor`` needs for a post: ``wide``, or for an own one EDIT_OWN."""
    if actor.may(wide, channels) or not actor.may(Permission.EDIT_OWN, channels):
        return wide
    own = view.post.author in store.people.names_of(actor.person)
    return Permission.EDIT_OWN if own else wide


def changes_by(
    office: Office, store: Store, actor: Actor, view: PostView, channels: Collection[str]
) -> Permission:
    """The same for a change of words or hour, which may reach readers without another look.

    :raises Forbidden: it would, and the actor may not post, or the channels demand approval.
    """
    permission = allowed_by(store, actor, view, channels, Permission.EDIT)
    if permission is Permission.EDIT_OWN and view.post.stage not in _DRAFTED:
        require(actor, Permission.POST, channels)
        known = office.settings.channels
        if any(name in known and known[name].require_approval for name in channels):
            raise Forbidden(
                f"post {view.post.id} is not a draft any more, and its channels demand approval:"
                " ask somebody who approves to change it"
            )
    return permission
