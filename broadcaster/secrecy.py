"""Known secrets, and how none of them can be read in what is shown or kept.

A server, a library or an outside adapter may show a token as it is, inside a URL, in base64 or
hexadecimal, or cut short.  Each of these is replaced by :data:`HIDDEN`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from urllib.parse import quote, unquote, urlsplit

from broadcaster.model import Secret

HIDDEN = "***"
_LONG = 8
"""Letters from which on a piece of a secret is secret by itself: shorter ones are words."""
_RUN = 12
"""Letters from which on the beginning or the end of a secret is taken for a part of it."""
_NUMBERS = ("{:02x}", "{:02X}")
_BETWEEN = ("", " ", ":", "-")
_ESCAPES = (
    *(f"{before}{number}" for number in _NUMBERS for before in ("%", r"\x", r"\u00")),
    *("&#x{:02x};", "&#x{:02X};", "&#{};"),
)
"""Of every letter, where others escape only what they must."""


class Mask:
    """Hides some strings, in every form they take, and what is left of them when they are cut."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: tuple[str, ...] = ()
        self._runs: tuple[tuple[str, int], ...] = ()
        self._shortest = 0
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Hide these as well."""
        known = {
            *self._forms,
            *(form for secret in secrets if secret for form in _all_forms(secret)),
        }
        self._forms = tuple(sorted(known, key=len, reverse=True))
        halves = ((form, (len(form) + 1) // 2) for form in self._forms)
        self._runs = tuple((form, half) for form, half in halves if half >= _RUN)
        lengths = [*map(len, self._forms), *(half for _, half in self._runs)]
        self._shortest = min(lengths, default=0)

    def clean(self, text: str) -> str:
        """``text`` with :data:`HIDDEN` in the place of each secret."""
        if not self._forms or len(text) < self._shortest:
            return text
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        for form, half in self._runs:
            if form[:half] in text or form[-half:] in text:
                text = _without_runs(text, form, half)
        return text


_known = Mask()


def conceal(secrets: Iterable[Secret]) -> None:
    """Let none of these appear from now on; those of before stay concealed as well."""
    _known.add([secret.reveal() for secret in secrets])


def conceal_urls(urls: Iterable[Secret]) -> None:
    """The same for addresses that hold secrets: whole, and the pieces that are secret in them."""
    for url in urls:
        conceal([url, *map(Secret, _pieces(url.reveal()))])


def clean(text: str) -> str:
    """``text`` without any known secret."""
    return _known.clean(text)


def _without_runs(text: str, form: str, half: int) -> str:
    """``text`` without the beginnings and ends of ``form`` that have at least ``half`` of it."""
    while (at := text.find(form[:half])) >= 0:
        length = half
        while text[at + length : at + length + 1] == form[length : length + 1] != "":
            length += 1
        text = text[:at] + HIDDEN + text[at + length :]
    while (at := text.find(form[-half:])) >= 0:
        length = half
        while at > 0 and length < len(form) and text[at - 1] == form[-length - 1]:
            at, length = at - 1, length + 1
        text = text[:at] + HIDDEN + text[at + length :]
    return text


def _all_forms(secret: str) -> set[str]:
    """As it is, as a URL, JSON or a Python literal holds it, and as base64 or hexadecimal."""
    plain = {secret, unquote(secret)}
    half = secret.rpartition(":")[2]
    if len(half) >= _LONG and "://" not in secret:  # of a bot's token the part that is secret
        plain.add(half)
    quoted = {quote(spelling, safe=safe) for spelling in plain for safe in ("", "/", ":", "/:@")}
    lower = {_lower_escapes(spelling) for spelling in quoted}
    literal = {
        json.dumps(spelling, ensure_ascii=bare)[1:-1]
        for spelling in plain
        for bare in (False, True)
    }
    encoded = {form for spelling in plain if len(spelling) >= _LONG for form in _encoded(spelling)}
    return plain | quoted | lower | literal | encoded


def _lower_escapes(quoted: str) -> str:
    """Percent-encoded with small letters, which mean the same."""
    head, *rest = quoted.split("%")
    return "".join([head, *(f"%{part[:2].lower()}{part[2:]}" for part in rest)])


def _encoded(secret: str) -> Iterable[str]:
    """In base64 at each place within its groups of three bytes, and each byte as a number."""
    raw = secret.encode("utf-8", "surrogatepass")
    for between in _BETWEEN:
        for number in _NUMBERS:
            yield between.join(number.format(byte) for byte in raw)
    for escape in _ESCAPES:
        yield "".join(escape.format(byte) for byte in raw)
    for before in range(3):
        whole = base64.b64encode(bytes(before) + raw).decode("ascii").rstrip("=")
        # letters at both ends that hold bits of what stands beside the secret as well
        sure = whole[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        yield sure
        yield sure.replace("+", "-").replace("/", "_")


def _pieces(url: str) -> Iterable[str]:
    """Password, and what is long enough to be a secret: user, path, query, a host without a dot."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    if parts.password:
        yield parts.password
    place = parts.netloc.rpartition("@")[2]  # of many services a token
    words = [parts.username or "", "" if "." in place else place, *parts.path.split("/")]
    words += [value for pair in parts.query.split("&") for value in pair.split("=")[1:]]
    yield from (word for word in words if len(word) >= _LONG)
