"""Drafts: one goes out when somebody else than its author has agreed to exactly this."""

from __future__ import annotations

from broadcaster.app.office import Office
from broadcaster.errors import InputError
from broadcaster.model import Actor, Digest
from broadcaster.store.changes import Approve, Changed, Reject
from broadcaster.store.store import Store
from broadcaster.store.views import PostView
from broadcaster.text.intake import on_one_line

__all__ = ["Changed", "PostView", "approve", "reject"]


def approve(
    office: Office, store: Store, view: PostView, digest: Digest | None, *, actor: Actor
) -> Changed:
    """Let a draft go out, at its hour or now, exactly as ``view`` shows it.

    ``digest``: of what was looked at, should that have been another view.

    :raises Refused: it is no draft, has changed since, is too late, or is the actor's own.
    """
    seen = digest or (view.approval.digest if view.approval else "")
    late_after = office.decisions.late_after()
    return store.change(actor, Approve(post=view.post.id, digest=seen, late_after=late_after))


def reject(store: Store, post: int, reason: str, *, actor: Actor) -> Changed:
    """Reject a draft; also what is approved and has not begun.

    :raises InputError: no such post, or no reason.
    """
    reason = on_one_line(reason)
    if not reason:
        raise InputError("--reason is empty; say in a few words what is to be repaired")
    store.post(post)
    return store.change(actor, Reject(post=post, reason=reason))
