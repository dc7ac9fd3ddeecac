"""Addresses of ``text_link`` entities, checked as Telegram's server does.

:source: tdlib, ``LinkManager::check_link`` and ``parse_url`` of tdutils
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address

from broadcaster.sandbox.markup.spans import CannotParse

_SCHEME = re.compile(r"([^:/?#@\[\]]*)://")
_AUTHORITY = re.compile(r"[^/?#]*")
_OWN = re.compile(r"(tg|ton|tonsite):(?://)?", re.IGNORECASE)
_OWN_HOST = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_HOST = re.compile(r"(?:[A-Za-z0-9._!$,~*'();&+=-]|[^\x00-\x7f]|%[0-9A-Fa-f]{2})*")
_PORT = re.compile(r"0*([0-9]{1,5})")
_LAST_PORT = 65535


def checked_url(text: str) -> str:
    """``said``, with the ``http://`` that is assumed where it names no protocol.

    :raises CannotParse: the server refuses it, in its words.
    """
    try:
        return _checked(text)
    except ValueError as error:
        raise CannotParse(f"entity URL '{text}' is invalid: {error}") from None


def _checked(text: str) -> str:
    own = _OWN.match(text)
    rest = text[own.end() :] if own else text
    scheme, host, plain = _parsed(rest)
    if own:
        kind = own[1].lower()
        if scheme == "https" or rest.lower().startswith("http://") or not plain:
            raise ValueError("Wrong tg URL" if kind == "tg" else "Wrong ton URL")
        if not _OWN_HOST.fullmatch(host.replace(".", "") if kind == "tonsite" else host):
            raise ValueError("Unallowed characters in URL host")
        return text
    if "." not in host and not host.startswith("["):
        raise ValueError("Wrong HTTP URL")
    if scheme:
        return text
    path = rest[len(_authority(rest)) :]
    return f"http://{rest}" if path.startswith("/") else f"http://{_authority(rest)}/{path}"


def _authority(text: str) -> str:
    match = _AUTHORITY.match(text)
    assert match is not None, "it may be empty"
    return match[0]


def _parsed(url: str) -> tuple[str, str, bool]:
    """Protocol ("" where none is named), host, and whether that is all before the path."""
    named = _SCHEME.match(url)
    if named and named[1].lower() not in ("http", "https"):
        raise ValueError("Unsupported URL protocol")
    authority = _authority(url[named.end() :] if named else url)
    user_host, colon, port = authority.rpartition(":")
    has_port = bool(user_host and colon) and "@" not in port and "]" not in port
    number = _PORT.fullmatch(port)
    if has_port and not (number and 0 < int(number[1]) <= _LAST_PORT):
        raise ValueError("Wrong port number specified in the URL")
    user, _, host = (user_host if has_port else authority).rpartition("@")
    if host.startswith("[") and host.endswith("]"):
        try:
            IPv6Address(host[1:-1])
        except ValueError:
            raise ValueError("Wrong IPv6 address specified in the URL") from None
        return named[1].lower() if named else "", host, False
    if not host:
        raise ValueError("URL host is empty")
    if host == ".":
        raise ValueError("Host is invalid")
    if not _HOST.fullmatch(host):
        percent = "%" in host and not re.fullmatch(r"(?:[^%]|%[0-9A-Fa-f]{2})*", host)
        raise ValueError(
            "Wrong percent-encoded symbol in URL host" if percent else "Wrong URL host"
        )
    return named[1].lower() if named else "", host, not (user or has_port)
