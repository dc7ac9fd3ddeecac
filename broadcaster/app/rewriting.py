"""What a post would say and show after a correction: its texts, and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from broadcaster.app.conversions import converted
from broadcaster.app.office import Office
from broadcaster.config import Settings
from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.model import Conversion, Digest, Media
from broadcaster.store.views import PostView
from broadcaster.text.persian import normalise

SHOWN = 60
"""Letters of a text that are repeated to people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a post is to say and show instead."""

    post: int
    source: str | None = None
    """Its new text; None: it stays, but for ``replace``."""
    to: tuple[str, ...] = ()
    """Only there, so that these channels get a text of their own; empty: everywhere."""
    anew: bool = False
    """Where something is out that the platform cannot edit, it is posted again."""
    replace: tuple[tuple[str, str], ...] = ()
    """Words, and those that come in their place."""
    every: bool = False
    """These words may occur more than once."""
    media: tuple[Path, ...] = ()
    """Files that come in the place of those it has; empty: they stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A post after its correction."""

    source: str
    texts: Mapping[str, str]
    media: tuple[Media, ...] | None = None
    """None: they stay."""
    made: tuple[Conversion, ...] = ()
    contents: Mapping[Digest, bytes] = field(default_factory=dict, repr=False)
    paths: Mapping[Digest, Path] = field(default_factory=dict, repr=False)


def rewritten(
    office: Office, view: PostView, correction: Correction, channels: Sequence[str]
) -> Rewritten:
    """``view`` after ``correction``, which concerns ``channels``.

    :raises InputError: there is nothing to correct, words do not occur, or a file cannot be read.
    """
    if correction.source is not None and correction.replace:
        raise InputError(say("there is a new text and a --replace; give one of them"))
    if correction.source is None and not correction.replace and not correction.media:
        raise InputError(say("there is nothing to correct: give a text, --replace, or --media"))
    if correction.source is not None and not correction.source.strip():
        raise InputError(say("the new text is empty; to remove the post: broadcaster recall"))
    source, texts = _texts(office.settings, view, correction, channels)
    if not correction.media:
        return Rewritten(source=source, texts=texts)
    post = view.post
    everywhere = tuple(dict.fromkeys(each.delivery.channel for each in view.deliveries))
    if {*channels} != {*everywhere}:
        raise InputError(say("files are those of the whole post; leave out --to"))
    media = tuple(office.inspect_media(path) for path in correction.media)
    known = [name for name in everywhere if name in office.settings.channels]
    made, contents = converted(office, media, correction.media, post.options, known)
    paths = {each.digest: path for each, path in zip(media, correction.media, strict=True)}
    return Rewritten(
        source=source, texts=texts, media=media, made=made, contents=contents, paths=paths
    )


def _texts(
    settings: Settings, view: PostView, correction: Correction, channels: Sequence[str]
) -> tuple[str, dict[str, str]]:
    """The text of the post, and those of single channels."""
    post = view.post
    source, texts = post.source, {**post.texts}
    if correction.source is not None:
        if correction.to:
            return source, {**texts, **dict.fromkeys(channels, correction.source)}
        return correction.source, {}
    for old, new in correction.replace:
        words = _Replacement(_as_kept(settings, old), _as_kept(settings, new), correction.every)
        if correction.to:
            changed = {name: words.replaced(texts.get(name, source), name) for name in channels}
            texts |= {name: text for name, text in changed.items() if text is not None}
            found = any(text is not None for text in changed.values())
        else:
            whole = words.replaced(source, "it")
            own = {name: words.replaced(text, name) for name, text in texts.items()}
            source = source if whole is None else whole
            texts |= {name: text for name, text in own.items() if text is not None}
            found = whole is not None or any(text is not None for text in own.values())
        if not found:
            raise InputError(
                say(
                    '"{old}" does not occur in post {post}; nothing was changed (see its '
                    "text: broadcaster show {post})",
                    old=old[:SHOWN],
                    post=post.id,
                )
            )
    return source, texts


@dataclass(frozen=True, slots=True)
class _Replacement:
    old: str
    new: str
    every: bool

    def replaced(self, text: str, where: str) -> str | None:
        """``text`` with the new words; None: the old ones do not occur.

        :raises InputError: they occur more than once, and not all of them are meant.
        """
        if not self.old:
            raise InputError(
                say("--replace needs the words that are to be replaced; they are empty")
            )
        count = text.count(self.old)
        if count > 1 and not self.every:
            raise InputError(
                say(
                    '"{old}" occurs {count} times in {where}; say --all to replace each, '
                    "or give more of the words around it",
                    old=self.old[:SHOWN],
                    count=count,
                    where=where,
                )
            )
        return text.replace(self.old, self.new) if count else None


def _as_kept(settings: Settings, words: str) -> str:
    """With the letters that the texts of posts have."""
    return normalise(words)[0] if settings.normalise else words
