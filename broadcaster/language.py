"""The language of what people read: English texts that remember how they were made.

``say`` makes an English text from a template and its values.  The text is an ordinary string: the
store, the logs and ``--json`` keep it as it is.  It remembers the template, so that a front door
can show it in another language with :func:`shown`.  The catalogues are gettext's, in ``locale/``.

The language of a task is a context variable: two requests of the web process, each in a language
of its own, do not disturb each other.
"""

from __future__ import annotations

import gettext
import os
import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from typing import Any, Final

LANGUAGES: Final = ("en", "fa")
DOMAIN: Final = "broadcaster"
FOLDER: Final = os.path.join(os.path.dirname(__file__), "locale")  # noqa: PTH118, PTH120  # pathlib is slow to load
VARIABLE: Final = "BROADCASTER_LANGUAGE"
_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_DIGITS: Final = str.maketrans("0123456789,.", "۰۱۲۳۴۵۶۷۸۹٬٫")
_WRITTEN: Final = re.compile(r"""^[ \t]*language[ \t]*=[ \t]*["'](en|fa)["']""", re.MULTILINE)
_TABLE: Final = re.compile(r"^[ \t]*\[", re.MULTILINE)

_current: ContextVar[str] = ContextVar("language", default="en")


class Said(str):  # noqa: SLOT000  # a string with slots cannot have bases with others
    """An English text that can be shown in another language."""

    def __str__(self) -> str:
        return self

    def __add__(self, other: str) -> str:
        return joined("", (self, other))

    def __radd__(self, other: str) -> str:
        return joined("", (other, self))

    def told(self, language: str) -> str:
        """The text in ``language``."""
        return str.__str__(self)


class _Filled(Said):
    """A template with its values."""

    template: str
    values: Mapping[str, Any]

    def format(self, *_: object, **values: object) -> str:
        """The template of a constant, filled; the places have names."""
        return say(self.template, **values)

    def told(self, language: str) -> str:
        template = _catalogue(language).gettext(self.template)
        return _Persian().vformat(template, (), self.values) if self.values else template


class _Joined(Said):
    """Several texts with a separator between them."""

    separator: str
    parts: Sequence[str]

    def told(self, language: str) -> str:
        separator = _catalogue(language).gettext(self.separator) if self.separator else ""
        return separator.join(_told(part, language) for part in self.parts)


class _Persian(string.Formatter):
    """Numbers in Persian digits, except for ``:d``: what is to be typed stays as it is."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool) and format_spec != "d":
            text = format(value, format_spec)
            return text.translate(_DIGITS)
        told = _told(value, "fa")
        return format(told, format_spec) if isinstance(told, str) else format(value, format_spec)


def say(template: str, /, **values: Any) -> str:
    """``template`` with its named places filled; without values, a brace stands for itself."""
    text = _Filled(template.format_map(values) if values else template)
    text.template = template
    text.values = values
    return text


def named(english: str, template: str) -> str:
    """``english``, of which the catalogues know the form ``template``, as of a noun."""
    text = _Filled(english)
    text.template = template
    text.values = {}
    return text


def joined(separator: str, parts: Iterable[object]) -> str:
    """``separator.join(parts)``, of which each part can be shown in another language."""
    kept = [part if isinstance(part, str) else str(part) for part in parts]
    text = _Joined(separator.join(kept))
    text.separator = separator
    text.parts = kept
    return text


def shown(text: str, language: str | None = None) -> str:
    """``text`` in ``language`` (by default that of this task), as far as it is one of ours."""
    language = language or _current.get()
    return text if language == "en" else _told(text, language)


def translated(message: str) -> str:
    """What the catalogue of this task's language has for ``message``."""
    return _catalogue(_current.get()).gettext(message)


def current() -> str:
    """The language of this task: ``en`` or ``fa``."""
    return _current.get()


def speak(language: str) -> None:
    """Show texts in ``language`` from now on, in this task and those that it starts."""
    _current.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Show texts in ``language`` within the block."""
    before = _current.set(language)
    try:
        yield
    finally:
        _current.reset(before)


def chosen(config: str | None) -> str:
    """The language asked for: by the environment, by the file ``config``, or by the locale.

    The file is not parsed: its language is needed to say what is wrong with it.
    """
    asked = os.environ.get(VARIABLE, "").strip()
    if asked in LANGUAGES:
        return asked
    if config and (written := written_in(config)):
        return written
    locale = next((value for name in _LOCALE if (value := os.environ.get(name))), "")
    return "fa" if re.match(r"fa(?:$|[_.@])", locale) else "en"


def written_in(config: str) -> str:
    """The ``language`` that stands in the file ``config``, above its tables; empty if none does."""
    try:
        with open(config, encoding="utf-8", errors="replace") as file:  # noqa: PTH123  # likewise
            text = file.read(1 << 20)
    except (OSError, ValueError):
        return ""
    table = _TABLE.search(text)
    found = _WRITTEN.search(text, 0, table.start() if table else len(text))
    return found[1] if found else ""


def _told(value: Any, language: str) -> Any:
    """What a value is in ``language``; a value that is none of our texts, as it is."""
    if isinstance(value, Said):
        return value.told(language)
    if isinstance(value, StrEnum):
        return _catalogue(language).gettext(str(value))
    if isinstance(value, Exception):
        return _told(value.args[0], language) if value.args else str(value)
    return value


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, FOLDER, [language], fallback=True)
