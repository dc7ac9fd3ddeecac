"""Addresses of servers and proxies, as far as they can be judged without calling anybody.

A refusal never repeats an address, which may hold a password.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from broadcaster.language import joined, say

PROXIES: Final = ("http", "https", "socks5", "socks5h", "socks4")
SERVERS: Final = ("https", "http")

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)
_PORT = re.compile(r"[0-9]{1,5}")
# RFC 3986, userinfo: everything else, "@", "/", "#" and "?" above all, is percent-encoded.
_USERINFO = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
_SOCKS_BYTES = 255
"""Of a user's name or a password. :source: RFC 1929, a length of one byte."""


def server(text: str) -> str:
    """The bare address of a server, without its last slash.

    :raises ValueError: it is none.
    """
    parts = _split(text, SERVERS)
    if "@" in parts.netloc or "?" in text or "#" in text:
        raise ValueError(say("must be the bare address: no user, password, ? or #"))
    return _joined(parts, parts.path).rstrip("/")


IN_CLEAR = say(
    "must begin with https://: over http:// the token could be read on "
    "the way (http:// is for this machine alone, such as "
    "http://127.0.0.1:8081; within a network that only you can read: "
    "insecure_http = true)"
)


def is_in_clear(address: str) -> bool:
    """Whether what is sent to this server could be read on the way."""
    parts = urlsplit(address)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def proxy(text: str) -> str:
    """The address of a proxy.

    :raises ValueError: it is none, or its user and password cannot be said to it.
    """
    parts = _split(text, PROXIES)
    if parts.path not in {"", "/"} or "?" in text or "#" in text:
        raise ValueError(
            say("must end after its port: no path, ? or #; a password writes them as %XX")
        )
    socks = parts.scheme.startswith("socks")
    if socks and parts.port is None:
        raise ValueError(
            say("needs a port, such as {scheme}://127.0.0.1:1080", scheme=parts.scheme)
        )
    userinfo, at, _ = parts.netloc.rpartition("@")
    if at:
        _check_userinfo(userinfo, socks=socks)
    return _joined(parts, "")


def listen(text: str) -> str:
    """Where a server of ours listens: ``HOST:PORT``, or ``unix:`` and an absolute path.

    :raises ValueError: it is neither.
    """
    wrong = ValueError(
        say('must be HOST:PORT, such as "127.0.0.1:8790", or "unix:/run/…/web.sock"')
    )
    if text.startswith("unix:"):
        if not text.startswith("unix:/"):
            raise wrong
        return text
    host, colon, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not colon or not bare or (":" in bare) != host.startswith("["):
        raise wrong
    if not _PORT.fullmatch(port) or int(port) > 65535:
        raise wrong
    return text


def network(text: str) -> str:
    """An address or a network, in its one spelling.

    :raises ValueError: it is neither.
    """
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ValueError(say('must be an address or a network, such as "10.0.0.0/8"')) from None


def is_loopback(host: str) -> bool:
    """Whether this name or number can only be this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold().rstrip(".") == "localhost"


def _split(text: str, schemes: tuple[str, ...]) -> SplitResult:
    wrong = say(
        "must be {schemes} and a host",
        schemes=joined(" or ", (f"{scheme}://" for scheme in schemes)),
    )
    if any(letter.isspace() or not letter.isprintable() for letter in text):
        raise ValueError(say("holds blanks or invisible characters: remove them"))
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        raise ValueError(wrong) from None
    if parts.scheme not in schemes or not host or "\\" in text:
        raise ValueError(wrong)
    _check_port(parts)
    _check_host(host)
    return parts


def _check_port(parts: SplitResult) -> None:
    # what stands after the host, whose brackets may hold colons
    after = parts.netloc.rpartition("@")[2].rpartition("]")[2]
    _, colon, port = after.partition(":")
    if colon and not (_PORT.fullmatch(port) and 0 < int(port) < 65536):
        raise ValueError(say("has no such port: write a number from 1 to 65535 after the host"))


def _check_host(host: str) -> None:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return
    try:
        plain = host.encode("idna").decode("ascii").removesuffix(".")
    except UnicodeError:
        plain = ""
    labels = plain.split(".")
    named = len(plain) <= 253 and all(map(_LABEL.fullmatch, labels))
    if not named or labels[-1].isdecimal():
        raise ValueError(
            say("names no host: write its name, or its number such as 127.0.0.1 or [::1]")
        )


def _check_userinfo(userinfo: str, *, socks: bool) -> None:
    user, _, password = userinfo.partition(":")
    if not (_USERINFO.fullmatch(user) and _USERINFO.fullmatch(password)):
        raise ValueError(
            say(
                "holds a user or password that is not percent-encoded: write each "
                "character but Latin letters and digits as %XX, such as %40 for @"
            )
        )
    if not user or (socks and not password):
        raise ValueError(say("needs both user and password before its @, or neither"))
    for part in map(unquote_to_bytes, (user, password)):
        if any(byte < 32 or byte > 126 for byte in part) or (socks and len(part) > _SOCKS_BYTES):
            raise ValueError(
                say("holds a user or password that no proxy can be told: use ASCII letters")
            )
    if not socks and b":" in unquote_to_bytes(user):
        raise ValueError(say("holds a user with a colon, which an HTTP proxy cannot be told"))


def _joined(parts: SplitResult, path: str) -> str:
    """With the scheme in small letters, which is how it is looked at later."""
    return f"{parts.scheme}://{parts.netloc}{path}"
