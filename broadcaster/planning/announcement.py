"""An announcement as one file: its front matter counts where its caller says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from broadcaster.config.names import nearest
from broadcaster.config.settings import Album
from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.model import Media, Options, Pinning
from broadcaster.planning.named_files import named_file

if TYPE_CHECKING:
    from broadcaster.text.frontmatter import Value


ALBUMS = get_args(Album)
"""What --album may say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be posted, and how; names, times and paths stand as typed."""

    text: str
    to: tuple[str, ...] = ()
    media: tuple[Path, ...] = ()
    kept: tuple[Media, ...] = ()
    """Files that the office has already; they count where there is no ``media``."""
    at: str | None = None
    expires: str | None = None
    remove_at: str | None = None
    key: str | None = None
    reply_to: int | None = None
    silent: bool = False
    pin: Pinning = False
    preview: bool = True
    allow_long: bool = False
    urgent: bool = False
    convert: bool | None = None
    album: str = ""
    allow_outside: bool = False
    """Files that a text names may lie anywhere."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Channel or group -> its own text."""
    test: bool = False
    """To the test channel only, wherever the announcement itself would go."""
    draft: bool = False
    """Queued, but not sent."""

    @property
    def options(self) -> Options:
        """How it is to appear."""
        return Options(
            silent=self.silent,
            pin=self.pin,
            preview=self.preview,
            allow_long=self.allow_long,
            test=self.test,
            urgent=self.urgent,
            convert=self.convert,
            album=self.album,
        )


def completed(wish: Wish, file: Path) -> Wish:
    """``wish``, whose text was read from ``file``, with what its front matter adds.

    What the command line said holds; pictures within the text come before attached files, and
    paths are relative to the file.

    :raises InputError: front matter that cannot be read, or says what no post knows; a file
        outside of the folder of ``file``; a picture that cannot be attached.
    """
    from broadcaster.text.frontmatter import announcement  # most posts are no file
    from broadcaster.text.pictures import unattached

    try:
        document = announcement(wish.text)
    except InputError as error:
        raise InputError(say("{file}: {reason}", file=file, reason=error)) from None
    if reason := unattached(document.text):
        raise InputError(say("{file}: {reason}", file=file, reason=reason))
    given = {name.replace("-", "_"): value for name, value in document.options.items()}
    unknown = [name for name in given if name not in _READ]
    if unknown:
        raise InputError(
            say(
                '{file}: a post has no option "{unknown}" in its front matter{nearest}',
                file=file,
                unknown=unknown[0],
                nearest=nearest(unknown[0], _READ),
            )
        )
    options = {name: _READ[name](file, name, value) for name, value in given.items()}
    if wish.test:
        options.pop("to", None)
    within = not wish.allow_outside

    def files(named: Iterable[str]) -> tuple[Path, ...]:
        return tuple(named_file(name, file.parent, within=within, by=str(file)) for name in named)

    pictures = files(document.pictures)
    listed = options.pop("media", ())
    attached = wish.media or files(listed)
    usual = Wish(text="")
    typed = {
        name: value for name in options if (value := getattr(wish, name)) != getattr(usual, name)
    }
    return replace(wish, **{**options, **typed}, text=document.text, media=(*pictures, *attached))


def _word(file: Path, name: str, value: Value) -> str:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise InputError(
        say(
            "{file}: {name} in the front matter is one word or time, not {value!r}",
            file=file,
            name=name,
            value=value,
        )
    )


def _words(file: Path, name: str, value: Value) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(value)
    if value == "":
        raise InputError(
            say(
                "{file}: {name} in the front matter is empty; fill it, or take it out",
                file=file,
                name=name,
            )
        )
    return tuple(word.strip() for word in _word(file, name, value).split(",") if word.strip())


def _flag(file: Path, name: str, value: Value) -> bool:
    if isinstance(value, bool):
        return value
    raise InputError(
        say(
            "{file}: {name} in the front matter is true or false, not {value!r}",
            file=file,
            name=name,
            value=value,
        )
    )


def _pinning(file: Path, name: str, value: Value) -> Pinning:
    if value == "replace":
        return "replace"
    if isinstance(value, bool):
        return value
    raise InputError(
        say(
            "{file}: {name} in the front matter is true, false or replace, not {value!r}",
            file=file,
            name=name,
            value=value,
        )
    )


def _album(file: Path, name: str, value: Value) -> str:
    if isinstance(value, str) and value in ALBUMS:
        return value
    raise InputError(
        say(
            "{file}: {name} in the front matter is all or first, not {value!r}",
            file=file,
            name=name,
            value=value,
        )
    )


def _number(file: Path, name: str, value: Value) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise InputError(
        say(
            "{file}: {name} in the front matter is the number of a post, not {value!r}",
            file=file,
            name=name,
            value=value,
        )
    )


_READ: Mapping[str, Callable[[Path, str, Value], Any]] = {
    "to": _words,
    "at": _word,
    "expires": _word,
    "remove_at": _word,
    "key": _word,
    "media": _words,
    "silent": _flag,
    "pin": _pinning,
    "preview": _flag,
    "allow_long": _flag,
    "urgent": _flag,
    "reply_to": _number,
    "convert": _flag,
    "album": _album,
}
"""Options that a file may carry, and how each is read."""
