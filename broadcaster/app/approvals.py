"""Drafts: one goes out when somebody else than its author has agreed to exactly this."""

from __future__ import annotations

from broadcaster.app.changes import apply
from broadcaster.app.corrections import channels_of
from broadcaster.app.decisions import Decisions
from broadcaster.app.office import Office
from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.model import Actor, Digest, Permission
from broadcaster.store.changes import Approve, Changed, Reject, Return
from broadcaster.store.store import Store
from broadcaster.store.views import PostView
from broadcaster.text.intake import on_one_line

__all__ = ["Changed", "PostView", "approve", "give_back", "reject"]


def approve(
    office: Office, store: Store, view: PostView, digest: Digest | None, *, actor: Actor
) -> Changed:
    """Let a draft go out, at its hour or now, exactly as ``view`` shows it.

    ``digest``: of what was looked at, should that have been another view.

    :raises Refused: it is no draft, has changed since, is too late, or is the actor's own.
    """
    seen = digest or (view.approval.digest if view.approval else "")
    late_after = Decisions(office).late_after()
    change = Approve(post=view.post.id, digest=seen, late_after=late_after)
    channels = channels_of(office.settings, (), view)
    return apply(store, actor, Permission.APPROVE, change, channels)


def reject(office: Office, store: Store, post: int, reason: str, *, actor: Actor) -> Changed:
    """Reject a draft; also what is approved and has not begun.

    :raises InputError: no such post, or no reason.
    """
    change = Reject(post=post, reason=_repair(reason))
    channels = channels_of(office.settings, (), store.post(post))
    return apply(store, actor, Permission.APPROVE, change, channels)


def give_back(office: Office, store: Store, post: int, reason: str, *, actor: Actor) -> Changed:
    """Return a draft to its author; also what is approved and has not begun.

    :raises InputError: no such post, or no reason.
    """
    change = Return(post=post, reason=_repair(reason))
    channels = channels_of(office.settings, (), store.post(post))
    return apply(store, actor, Permission.APPROVE, change, channels)


def _repair(reason: str) -> str:
    """:raises InputError: there is none."""
    if said := on_one_line(reason):
        return said
    raise InputError(say("--reason is empty; say in a few words what is to be repaired"))
