"""Second factors: time-based codes (RFC 6238) and recovery codes."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

import pyotp
from cryptography.fernet import Fernet, InvalidToken

from broadcaster.app.tickets import hash_of
from broadcaster.errors import InputError
from broadcaster.language import say

STEP_S = 30
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are mistaken for each other on paper."""


class SecondFactors:
    """Secrets of second factors, encrypted with a key that stands in a file of its own.

    A copy of the store alone does not hold them in clear.
    """

    def __init__(self, key: bytes) -> None:
        self._sealer = Fernet(key)

    def seal(self, secret: str) -> str:
        return self._sealer.encrypt(secret.encode()).decode()

    def step_of(self, sealed: str, code: str, now: float | None = None) -> int | None:
        """The time step that ``code`` belongs to: this one, or one before or after; None: none.

        :raises InputError: ``sealed`` was made with another key.
        """
        try:
            totp = pyotp.TOTP(self._sealer.decrypt(sealed.encode()).decode(), interval=STEP_S)
        except InvalidToken:
            raise InputError(
                say(
                    "the second factor was made with another key; put key_file back, or "
                    "take the factor off with `broadcaster user link NAME --no-totp`"
                )
            ) from None
        current = int((time.time() if now is None else now) // STEP_S)
        for step in (current, current - 1, current + 1):
            if secrets.compare_digest(totp.at(step * STEP_S).encode(), code.encode()):
                return step
        return None


def new_secret() -> str:
    return pyotp.random_base32()


def address(secret: str, user: str, office: str) -> str:
    """What an authenticator reads from a QR code."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=user, issuer_name=office)


def recovery_codes() -> list[str]:
    """Codes that each replace one time-based code, such as ``k7mq-x2pd-9hvt``."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str) -> str:
    """What the store keeps of a recovery code, however it was typed."""
    return hash_of("".join(code.split()).replace("-", "").casefold())


def load_key(path: Path) -> bytes:
    """The key in ``path``, which is made when there is none.

    :raises InputError: it cannot be read or made, others may read it, or it is no key.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            return _read(path)
        with os.fdopen(made, "wb") as file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
        return _read(path)
    except OSError as error:
        raise InputError(
            say("the key {path}: {reason}", path=path, reason=say(str(error.strerror)))
        ) from None


def _read(path: Path) -> bytes:
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(opened, "rb") as file:
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise InputError(say("others may read the key {path}: chmod 600 {path}", path=path))
        key = file.read(1024).strip()
    try:
        Fernet(key)
    except ValueError:
        raise InputError(
            say("{path} holds no key; remove it to have a new one made", path=path)
        ) from None
    return key
