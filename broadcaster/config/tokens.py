"""Opening token files; only the daemon and online checks call this."""

from __future__ import annotations

import shlex
import stat
from collections.abc import Mapping
from pathlib import Path

from broadcaster.config.settings import AccountSettings
from broadcaster.errors import InputError
from broadcaster.model import NO_SECRET, Account, Secret

_SHARED = stat.S_IRWXG | stat.S_IRWXO


def token(account: AccountSettings, environ: Mapping[str, str]) -> Secret:
    """The account's token: a systemd credential of its name, its token_env or its token_file.

    :raises InputError: there is none, it is empty, or others may read it; the message holds the
        command that mends it, and never the token.
    """
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    if credentials and (path := Path(credentials) / account.name).is_file():
        return _read(path, account.name)  # systemd guards that folder itself
    if account.token_env:
        value = environ.get(account.token_env, "").strip()
        if not value:
            raise InputError(
                f"{account.name}: the environment variable {account.token_env} is not set or empty"
            )
        return Secret(value)
    if account.token_file:
        return secret_file(account.token_file, account.name)
    if account.needs_token:
        raise InputError(
            f"{account.name}: no token; name a file with token_file (or a variable with token_env)"
            f" in [platforms.{account.name}], or give systemd LoadCredential={account.name}:FILE"
        )
    return NO_SECRET


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
        proxy=account.proxy,
        config=account.config,
    )


def secret_file(path: Path, name: str) -> Secret:
    """The content of a file that only its owner may open, without white space around it.

    :raises InputError: missing, empty, not readable, or readable by others.
    """
    quoted = shlex.quote(str(path))
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise InputError(
            f"{name}: {path}: {error.strerror}; make it with:"
            f" install -m 600 /dev/stdin {quoted}   (paste the token, Enter, Ctrl-D)"
        ) from None
    if mode & _SHARED:
        raise InputError(f"{name}: {path} can be read by others; run: chmod 600 {quoted}")
    return _read(path, name)


def _read(path: Path, name: str) -> Secret:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InputError(f"{name}: {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{name}: {path} is no text file") from None
    if not value:
        raise InputError(f"{name}: {path} is empty; write the token into it")
    if len(value.splitlines()) != 1:
        raise InputError(f"{name}: {path} holds more than one line; it must be the secret alone")
    return Secret(value)
