"""What the code of a refusal means by itself, and the words that people are told.

::

    401, 404                  -> Unauthorized    the account
    403                       -> Unauthorized    the channel
    429                       -> RateLimited
    400, 413, other 4xx       -> Rejected
    all others, and 408       -> OutcomeUnknown

A client may know more of a definite refusal from the platform's own words; none may turn an
answer into "surely not posted".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from broadcaster.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    StaleHandle,
    Unauthorized,
)
from broadcaster.model import Media, Scope, Secret

_TOKEN_LIKE = re.compile(r"\d{5,}(?::|%3a)[\w-]{10,}", re.IGNORECASE)
_GONE = re.compile(
    r"\bmessage[\w ]{0,12}[ _]not[ _](found|exist)|\b(unknown|no such) message"
    r"|\balready[ _](deleted|removed)",
    re.IGNORECASE,
)
_FORGOTTEN = re.compile(
    r"\b(file|attachment|sid)[\w ]{0,12}[ _](not[ _](found|exist|valid)|expired|invalid)"
    r"|\b(invalid|unknown|wrong)[ _](file|attachment|sid)",
    re.IGNORECASE,
)
_SECRET_HALF = 8
"""Characters from which on what follows the colon of a token is no mere word."""
_QUOTED = 200
"""Characters of a platform's own words that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a person should do at this platform, for each kind of refusal."""

    account: str
    rights: str
    address: str


def definite(status: int) -> bool:
    """Whether an answer of this code is a clear no."""
    return 400 <= status < 500 and status != 408


def refused(
    status: int, words: str, advice: Advice, *, code: str = "", retry_after: float | None = None
) -> SendError:
    """The meaning of a refusal whose words say nothing more.

    ``words`` are :func:`quoted`; ``code`` is the platform's own, where it is not ``status``.
    """
    code = code or str(status)
    if not definite(status):
        return OutcomeUnknown(f"the answer is no clear yes or no ({words})", code)
    match status:
        case 429:
            detail = f"the platform asks to slow down ({words})"
            return RateLimited(detail, code, retry_after=retry_after)
        case 401 | 404:
            return Unauthorized(f"{advice.account} ({words})", code, scope=Scope.ACCOUNT)
        case 403:
            return Unauthorized(f"{advice.rights} ({words})", code, scope=Scope.CHANNEL)
    return Rejected(f"the platform refuses it as it is: {words}", code)


def message_gone(error: Rejected) -> bool:
    """Whether a deletion was refused because the message is away already."""
    return bool(_GONE.search(error.detail))


def file_forgotten(error: Rejected, media: Sequence[Media]) -> SendError:
    """``error``, or what it means where it says that the uploaded file of a message is unknown."""
    if media and _FORGOTTEN.search(error.detail):
        return StaleHandle(error.detail, error.code, file=media[0].key)
    return error


def quoted(text: str, status: int, secret: Secret) -> str:
    """The platform's own words, short, without the token and addresses; a page is its status."""
    if "<html" in text.casefold():
        return f"HTTP {status}"
    if secret:
        text = _forms(secret).sub("***", text)
    text = _TOKEN_LIKE.sub("***", text).replace("://", ":")
    return " ".join(text.split())[:_QUOTED] or f"HTTP {status}"


def _forms(secret: Secret) -> re.Pattern[str]:
    """The token as it is, as an address holds it, and its half that is secret."""
    token = secret.reveal()
    half = token.rpartition(":")[2]
    forms = {token, quote(token, safe=""), *([half] if len(half) >= _SECRET_HALF else ())}
    return re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))), re.IGNORECASE)
