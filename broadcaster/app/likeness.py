"""A new post that begins from an old one: what its author says holds, the rest is as it was."""

from __future__ import annotations

from dataclasses import replace

from broadcaster.app.office import Office
from broadcaster.config import Settings
from broadcaster.errors import InputError
from broadcaster.model import Kind, Media
from broadcaster.planning.announcement import Wish
from broadcaster.store import media
from broadcaster.store.store import Store
from broadcaster.store.views import PostView

_OPTIONS = ("silent", "pin", "preview", "allow_long", "urgent", "convert", "album")


def begun_from(office: Office, store: Store, wish: Wish, post: int) -> Wish:
    """``wish`` with the text, texts, files, options and channels of ``post`` where it says nothing.

    A new text takes the place of those of single channels, too.  Neither hour nor key are taken.

    :raises NotFound: there is no such post.
    :raises InputError: a file of its is not kept any more, or the config has none of its channels.
    """
    view = store.post(post)
    old, usual = view.post, Wish(text="")
    options = {
        name: getattr(old.options, name)
        for name in _OPTIONS
        if getattr(wish, name) == getattr(usual, name)
    }
    to = wish.to or (() if wish.test else _channels(office.settings, view))
    texts = {} if wish.text else {**old.texts}
    named = office.settings.recipients(to) if to else ()
    there = {each.channel.name for each in named}
    return replace(
        wish,
        **options,
        text=wish.text or old.source,
        texts={**{name: text for name, text in texts.items() if name in there}, **wish.texts},
        kept=() if wish.media else _kept(office, store, old.media, post),
        to=to,
    )


def gone_from(office: Office, store: Store, post: int) -> tuple[str, ...]:
    """The channels of ``post`` that the config does not have any more."""
    known = office.settings.channels
    names = (each.delivery.channel for each in store.post(post).deliveries)
    return tuple(dict.fromkeys(name for name in names if name not in known))


def _channels(settings: Settings, view: PostView) -> tuple[str, ...]:
    names = (each.delivery.channel for each in view.deliveries if each.delivery.kind is Kind.POST)
    if found := tuple(dict.fromkeys(name for name in names if name in settings.channels)):
        return found
    raise InputError(
        f"none of the channels of post {view.post.id} is in the config any more; say where to: --to"
    )


def _kept(office: Office, store: Store, files: tuple[Media, ...], post: int) -> tuple[Media, ...]:
    store.bring([each.digest for each in files])
    for each in files:
        if not media.is_kept(office.media_folder, each.digest):
            raise InputError(
                f"{each.name} of post {post} is not kept any more; attach it anew: --media FILE"
            )
    return files
