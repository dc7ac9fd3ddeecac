"""A batch as a table: CSV from a spreadsheet becomes the JSON lines of ``post --batch``.

The head row has the keys of a line, or their Persian names; each row below is a post.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from broadcaster.app.batch import numbered
from broadcaster.app.post_object import KEYS
from broadcaster.calendar.digits import fold
from broadcaster.config.names import nearest
from broadcaster.errors import InputError
from broadcaster.files import open_file
from broadcaster.model import Json

LARGEST = 50_000_000
"""Bytes of a table: far more than anybody posts at once."""
_DELIMITERS = ",;\t"
_TEXT_FOR = "text_for"
_PERSIAN = {
    "متن": "text",
    "کانال": "to",
    "کانال‌ها": "to",
    "ساعت": "at",
    "زمان": "at",
    "کلید": "key",
    "انقضا": "expires",
    "حذف": "remove_at",
    "رسانه": "media",
    "پیوست": "media",
    "پاسخ به": "reply_to",
    "بی‌صدا": "silent",
    "سنجاق": "pin",
    "پیش‌نمایش": "preview",
    "فوری": "urgent",
    "طولانی": "allow_long",
    "تبدیل": "convert",
    "آلبوم": "album",
}
_HEADS = {fold(head): key for head, key in _PERSIAN.items()}
_YES = {"true", "yes", "1", "x", fold("بله"), fold("آری")}
_NO = {"false", "no", "0", fold("خیر"), fold("نه")}


def lines_of(file: Path) -> list[tuple[int, str]]:
    """Number and text of each post in ``file``: a table if it ends in ``.csv``, else JSON lines.

    A row has the number that a spreadsheet shows beside it.

    :raises InputError: it cannot be read, is no UTF-8, or its head row is not understood.
    """
    with open_file(file) as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise InputError(f"{file} has more than {LARGEST:,} bytes; divide it")
    if file.suffix.lower() != ".csv":
        return numbered(content)
    try:
        return _rows(_text(content))
    except csv.Error as error:
        raise InputError(f"{file} is no CSV: {error}; export it anew") from None
    except InputError as error:
        raise InputError(f"{file}: {error}") from None


def _text(content: bytes) -> str:
    """As a spreadsheet writes it: UTF-8 with a mark before it or without, or UTF-16 with one."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise InputError("it is not UTF-8; save it as “CSV UTF-8 (comma delimited)”") from None


def _rows(text: str) -> list[tuple[int, str]]:
    first = text.lstrip("\r\n").partition("\n")[0]
    before = 0
    if first.lower().startswith("sep="):  # a line of Excel's own
        text = text.lstrip("\r\n").partition("\n")[2]
        first, before = text.partition("\n")[0], 1
    delimiter = max(_DELIMITERS, key=first.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    head = rows[0] if rows else []
    keys = [_key(each) for each in head]
    if not any(keys):
        raise InputError("there is no head row; its first row names the columns: text, to, at, …")
    found = []
    for number, row in enumerate(rows[1:], 2 + before):
        if any(cell.strip() for cell in row):
            found.append((number, _line(number, keys, row)))
    return found


def _key(head: str) -> tuple[str, str] | None:
    """The key that a column is for, and the channel whose own text it has; None: it has no head.

    :raises InputError: it is no key.
    """
    name = head.strip()
    if not name:
        return None
    key, _, channel = name.partition(".")
    own, _, named = name.partition(" ")
    if key == _TEXT_FOR and channel:
        return _TEXT_FOR, channel
    if fold(own) == fold("متن") and named:
        return _TEXT_FOR, named.strip()
    plain = fold(name).replace(" ", "_").replace("-", "_")
    if plain in KEYS and plain != _TEXT_FOR:
        return plain, ""
    if fold(name) in _HEADS:
        return _HEADS[fold(name)], ""
    raise InputError(f'its column "{name}" is no key of a post{nearest(name, [*KEYS, *_PERSIAN])}')


def _line(number: int, keys: Sequence[tuple[str, str] | None], row: Sequence[str]) -> str:
    if len(row) > len(keys) and any(cell.strip() for cell in row[len(keys) :]):
        raise InputError(
            f"row {number} has more cells than the head row; put a text with commas in quotes"
        )
    said: dict[str, Json] = {}
    texts: dict[str, Json] = {}
    for key, cell in zip(keys, row, strict=False):
        if key is None or not cell.strip():
            continue
        name, channel = key
        if name == _TEXT_FOR:
            texts[channel] = cell
        elif name in said:
            raise InputError(f"two columns are {name}; keep one")
        else:
            said[name] = _VALUES.get(name, _as_it_is)(cell)
    return json.dumps(said | ({_TEXT_FOR: texts} if texts else {}), ensure_ascii=False)


def _as_it_is(cell: str) -> Json:
    return cell


def _word(cell: str) -> Json:
    return cell.strip()


def _list(cell: str) -> Json:
    for mark in ("،", ";", "\n"):
        cell = cell.replace(mark, ",")
    return [each.strip() for each in cell.split(",") if each.strip()]


def _flag(cell: str) -> Json:
    """What is no flag is left for whoever reads the line, to say so."""
    word = fold(cell)
    return True if word in _YES else False if word in _NO else cell.strip()


def _number(cell: str) -> Json:
    word = fold(cell)
    return int(word) if word.isascii() and word.isdigit() else cell.strip()


_VALUES: Mapping[str, Callable[[str], Json]] = {
    **dict.fromkeys(("to", "media"), _list),
    **dict.fromkeys(("silent", "pin", "preview", "allow_long", "urgent", "convert"), _flag),
    **dict.fromkeys(("key", "at", "expires", "remove_at", "album"), _word),
    "reply_to": _number,
}
