"""Passwords: which are accepted, and how they are hashed and checked."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from broadcaster.errors import InputError
from broadcaster.language import say

LEAST = 12
"""Characters."""
MOST_BYTES = 1024
_GUESSED = 72
"""Characters that the estimate of a password's strength looks at; it grows with their square."""
_HARD = 3
"""Of zxcvbn's scores from 0 to 4: at least 10**8 guesses."""
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
"""argon2id with 64 MiB and three passes.

:source: OWASP, Password Storage Cheat Sheet; RFC 9106, second recommended option
"""


def check_new(password: str, about: Collection[str] = ()) -> None:
    """Refuse what is guessed quickly; ``about``: names that somebody would try first.

    :raises InputError: too short, too long, or easy to guess.
    """
    if len(password) < LEAST:
        raise InputError(
            say(
                "the password needs at least {least} characters; several words are best",
                least=LEAST,
            )
        )
    if len(password.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise InputError(
            say(
                "the password has more than {most_bytes} bytes; choose a shorter one",
                most_bytes=MOST_BYTES,
            )
        )
    beginning = password[:_GUESSED]
    known = [each for each in (*about, "broadcaster") if each]
    if zxcvbn(beginning, user_inputs=known, max_length=_GUESSED)["score"] < _HARD:
        raise InputError(
            say("the password is easy to guess; choose several words that do not belong together")
        )


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """Whether a password was right; ``newer``: its hash by today's parameters, if it had others."""

    right: bool
    newer: str | None = None


class Passwords:
    """Hashes in threads, never more than two at once: each takes 64 MiB."""

    def __init__(self) -> None:
        self._two = asyncio.Semaphore(2)
        self._nobody = _HASHER.hash(say("nobody has this password"))

    async def hash(self, password: str) -> str:
        async with self._two:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def check(self, password: str, known: str | None) -> PasswordCheck:
        """Compare with a hash; None (there is no such user) takes the same time, and is wrong."""
        if len(password.encode("utf-8", "surrogatepass")) > MOST_BYTES:
            return PasswordCheck(right=False)
        async with self._two:
            return await asyncio.to_thread(self._check, password, known)

    def _check(self, password: str, known: str | None) -> PasswordCheck:
        try:
            _HASHER.verify(known or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return PasswordCheck(right=False)
        if known is None:
            return PasswordCheck(right=False)
        newer = _HASHER.hash(password) if _HASHER.check_needs_rehash(known) else None
        return PasswordCheck(right=True, newer=newer)
