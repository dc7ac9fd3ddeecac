"""Random secrets that are shown once, and the hashes that the store keeps of them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256

TOKEN_PREFIX = "bc_"  # noqa: S105 (what a token of the API begins with, so that scanners know it)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A secret of 256 random bits, and its hash."""

    secret: str
    hash: str

    def __repr__(self) -> str:
        return "Ticket(…)"


def ticket(prefix: str = "") -> Ticket:
    """A new secret that begins with ``prefix``."""
    secret = prefix + secrets.token_urlsafe(32)
    return Ticket(secret, hash_of(secret))


def hash_of(secret: str) -> str:
    """SHA-256 in hexadecimal: enough for 256 random bits, which nobody guesses."""
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
