"""What an actor may see: posts, channels and accounts beyond their groups are not there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from broadcaster.app.office import Office
from broadcaster.errors import NotFound
from broadcaster.model import Actor, Permission
from broadcaster.store.store import Store
from broadcaster.store.views import PostRow, PostView

__all__ = [
    "PostView",
    "accounts",
    "channels",
    "narrowed",
    "own_channels",
    "post",
    "row",
    "seen_channels",
    "sees",
]


def sees(actor: Actor, names: Iterable[str]) -> tuple[str, ...]:
    """Those of ``names``, which are channels, that the actor may see."""
    return tuple(name for name in names if actor.may(Permission.SEE, [name]))


def post(store: Store, actor: Actor, number: int) -> PostView:
    """A post as far as the actor may see it.

    :raises NotFound: there is none, or it goes only to channels that the actor does not see.
    """
    view = narrowed(actor, store.post(number))
    if view is None:
        raise NotFound(f"there is no post {number}; `list` shows those there are")
    return view


def narrowed(actor: Actor, view: PostView) -> PostView | None:
    """``view`` without the channels that the actor does not see; None: nothing is left.

    One's own posts are seen as a whole.
    """
    if actor.may(Permission.SEE) or view.post.author == actor.person:
        return view
    names = own_channels(actor, view)
    if not names:
        return None
    return replace(
        view,
        post=replace(view.post, texts=_only(view.post.texts, names)),
        deliveries=tuple(each for each in view.deliveries if each.delivery.channel in names),
        versions=tuple(replace(each, texts=_only(each.texts, names)) for each in view.versions),
        standings=tuple(each for each in view.standings if each.channel in names),
        remarks=tuple(each for each in view.remarks if not each.channel or each.channel in names),
        corrections={
            number: seen
            for number, channels in view.corrections.items()
            if (seen := tuple(name for name in channels if name in names))
        },
    )


def row(actor: Actor, line: PostRow) -> PostRow:
    """A line of a list without the channels that the actor does not see."""
    if actor.may(Permission.SEE) or line.post.author == actor.person:
        return line
    return replace(
        line,
        stands=sees(actor, line.stands),
        removed=sees(actor, line.removed),
        wanted=_only(line.wanted, sees(actor, line.wanted)),
    )


def seen_channels(office: Office, store: Store, actor: Actor) -> tuple[str, ...] | None:
    """The channels, lost ones too, that the actor sees; None: all."""
    if actor.may(Permission.SEE):
        return None
    return sees(actor, dict.fromkeys((*office.settings.channels, *store.channels())))


def _only(texts: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if name in names}


def own_channels(actor: Actor, view: PostView) -> tuple[str, ...]:
    """The channels of a post that the actor sees, in its order."""
    names = dict.fromkeys(each.delivery.channel for each in view.deliveries)
    return tuple(names) if view.post.author == actor.person else sees(actor, names)


def channels(office: Office, actor: Actor) -> tuple[str, ...]:
    """The channels of the config that the actor sees."""
    return sees(actor, office.settings.channels)


def accounts(office: Office, actor: Actor) -> Collection[str]:
    """The accounts of the config with a channel that the actor sees; all, for who sees all."""
    settings = office.settings
    if actor.may(Permission.SEE):
        return tuple(settings.accounts)
    return {settings.channels[name].account for name in channels(office, actor)}
