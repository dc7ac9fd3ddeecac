"""Opening files of secrets; only the daemon and its checks call this."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path

from broadcaster.config import addresses
from broadcaster.config.settings import AccountSettings, AlertSettings
from broadcaster.config.trust import require_secret
from broadcaster.errors import InputError
from broadcaster.files import is_file
from broadcaster.language import say
from broadcaster.model import NO_SECRET, Account, Secret

_ALERTS = "alerts"
_PROXY = ".proxy"
"""After an account's name: the systemd credential that holds its proxy's address."""
_QUOTES = frozenset("\"'`«»“”„‘’‚‹›")
_AT_ONCE = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
"""A pipe in the place of a file is not waited for."""
_MOST = 1 << 20
"""Bytes of a file of secrets that are read."""
_SHARED = stat.S_IRWXG | stat.S_IRWXO


def token(account: AccountSettings, environ: Mapping[str, str]) -> Secret:
    """The account's token: a systemd credential of its name, its token_env or its token_file.

    :raises InputError: there is none, it is empty, or others may read it; the message holds the
        command that mends it, and never the token.
    """
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    if credentials and is_file(path := Path(credentials) / account.name):
        # systemd guards that folder itself
        return _plain(
            _read(path, account.name), say("{account}: the token of systemd", account=account.name)
        )
    if account.token_env:
        value = _bare(environ.get(account.token_env, ""))
        source = say(
            "{account}: the environment variable {token_env}",
            account=account.name,
            token_env=account.token_env,
        )
        if not value:
            raise InputError(say("{source} is not set or empty", source=source))
        return _plain(Secret(value), source)
    if account.token_file:
        source = say(
            "{account}: the token file {token_file}",
            account=account.name,
            token_file=account.token_file,
        )
        return _plain(secret_file(account.token_file, account.name), source)
    if account.needs_token:
        raise InputError(
            say(
                "{account}: no token; name a file with token_file (or a variable with "
                "token_env) in [platforms.{account}], or give systemd "
                "LoadCredential={account}:FILE",
                account=account.name,
            )
        )
    return NO_SECRET


def proxy(account: AccountSettings, environ: Mapping[str, str]) -> str | None:
    """The address of the account's proxy: proxy, a systemd credential NAME.proxy or proxy_file.

    :raises InputError: the file cannot be had, others may read it, or it holds no proxy's address;
        the message does not repeat it.
    """
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    if credentials and (path := Path(credentials) / f"{account.name}{_PROXY}").is_file():
        source, secret = path, _read(path, account.name)
    elif account.proxy_file:
        source, secret = account.proxy_file, secret_file(account.proxy_file, account.name)
    else:
        return account.proxy
    try:
        return addresses.proxy(secret.reveal())
    except ValueError as error:
        raise InputError(
            say(
                "{account}: the proxy in {source} {reason}",
                account=account.name,
                source=source,
                reason=error,
            )
        ) from None


def adapter_account(account: AccountSettings, environ: Mapping[str, str]) -> Account:
    """The account as its adapter receives it, token included.

    :raises InputError: as :func:`token`.
    """
    return Account(
        name=account.name,
        platform=account.adapter,
        token=token(account, environ),
        base_url=account.base_url,
        reader_url=account.reader_url,
        proxy=proxy(account, environ),
        config=account.config,
    )


def alert_urls(alerts: AlertSettings, environ: Mapping[str, str]) -> tuple[Secret, ...]:
    """Where alerts go: a systemd credential called ``alerts``, urls_env or urls_file; else nowhere.

    :raises InputError: as :func:`token`; the message holds no URL.
    """
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    if credentials and is_file(path := Path(credentials) / _ALERTS):
        return _urls(_text(path, _ALERTS), path)
    if alerts.urls_env:
        value = environ.get(alerts.urls_env, "")
        if not value.strip():
            raise InputError(
                say(
                    "{alerts}: the environment variable {urls_env} is not set or empty",
                    alerts=_ALERTS,
                    urls_env=alerts.urls_env,
                )
            )
        return tuple(map(Secret, value.split()))
    if alerts.urls_file:
        return _urls(_guarded(alerts.urls_file, _ALERTS), alerts.urls_file)
    return ()


def secret_file(path: Path, name: str) -> Secret:
    """The content of a file that only its owner may open, without white space around it.

    :raises InputError: missing, empty, not readable, readable by others, or put there by others.
    """
    return _secret(_guarded(path, name), path, name)


def _guarded(path: Path, name: str) -> str:
    """The text of a file whose owner and rights are as a secret's must be."""
    quoted = shlex.quote(str(path))
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise InputError(
                say(
                    "{name}: {path} is not a file; name the file of the secret",
                    name=name,
                    path=path,
                )
            )
        if mode & _SHARED:
            raise InputError(
                say(
                    "{name}: {path} can be read by others; run: chmod 600 {quoted}",
                    name=name,
                    path=path,
                    quoted=quoted,
                )
            )
    except OSError as error:
        raise InputError(
            say(
                "{name}: {path}: {reason}; make it with: install -m 600 /dev/stdin "
                "{quoted}   (paste the secret, Enter, Ctrl-D)",
                name=name,
                path=path,
                reason=say(str(error.strerror)),
                quoted=quoted,
            )
        ) from None
    return _text(path, name, guarded=True)


def _text(path: Path, name: str, *, guarded: bool = False) -> str:
    """``guarded``: what was opened must be as :func:`_guarded` has seen it."""
    try:
        with os.fdopen(os.open(path, _AT_ONCE), "rb") as file:
            status = os.fstat(file.fileno())
            if guarded:
                if not stat.S_ISREG(status.st_mode) or status.st_mode & _SHARED:
                    raise InputError(
                        say("{name}: {path} was changed just now; look at it", name=name, path=path)
                    )
                require_secret(path, status, name)
            return _bare(file.read(_MOST).decode("utf-8-sig"))
    except OSError as error:
        raise InputError(
            say("{name}: {path}: {reason}", name=name, path=path, reason=say(str(error.strerror)))
        ) from None
    except UnicodeDecodeError:
        raise InputError(say("{name}: {path} is no text file", name=name, path=path)) from None


def _urls(text: str, path: Path) -> tuple[Secret, ...]:
    lines = [line.strip() for line in text.splitlines()]
    urls = tuple(Secret(line) for line in lines if line and not line.startswith("#"))
    if not urls:
        raise InputError(
            say(
                "{alerts}: {path} holds no URL; write one a line, or leave out the key",
                alerts=_ALERTS,
                path=path,
            )
        )
    return urls


def _read(path: Path, name: str) -> Secret:
    return _secret(_text(path, name), path, name)


def _secret(value: str, path: Path, name: str) -> Secret:
    if not value:
        raise InputError(
            say("{name}: {path} is empty; write the token into it", name=name, path=path)
        )
    if len(value.splitlines()) != 1:
        raise InputError(
            say(
                "{name}: {path} holds more than one line; it must be the secret alone",
                name=name,
                path=path,
            )
        )
    return Secret(value)


def _bare(text: str) -> str:
    """Without the white space and byte order marks that editors leave around it."""
    return text.strip().strip("\ufeff").strip()


def _plain(token: Secret, source: str) -> Secret:
    """``token``, which no editor has adorned; ``said`` names where it is from.

    Each of these would end as a refusal that blames the token itself.

    :raises InputError: it holds what no token does; the message does not repeat it.
    """
    value = token.reveal()
    # an address, as Apprise's are, may hold quotation marks of its own
    ends = value[:1] + value[-1:] if "://" in value else value
    if _QUOTES & set(ends):
        raise InputError(say("{source} holds quotation marks: remove them", source=source))
    for letter in value:
        if letter.isspace():
            raise InputError(
                say("{source} holds a blank or a line break: remove it", source=source)
            )
        if not letter.isprintable():
            raise InputError(
                say(
                    "{source} holds an invisible character (U+{ord:04X}): remove it",
                    source=source,
                    ord=ord(letter),
                )
            )
        if not letter.isascii():
            raise InputError(
                say(
                    "{source} holds a character that no token has (U+{ord:04X}): copy the "
                    "token once more",
                    source=source,
                    ord=ord(letter),
                )
            )
    return token
