"""Classifies refusals by their code, and composes the text for people.

In the platform's own form::

    401, 404                  -> Unauthorized    the account
    403                       -> Unauthorized    the channel
    429                       -> RateLimited
    400, 413, other 4xx       -> Rejected
    all others, and 408       -> OutcomeUnknown

A client may refine a definite refusal by the platform's own words.  No client may turn another
answer into "surely not posted".

An answer in another form comes from something in between: a filter, a proxy, a captive portal, a
wrong base_url.  It says nothing about the token or a right.  It is not a definite refusal, either,
because a filter may replace the platform's answer to a request that has arrived.  So the post is in
doubt, and neither lost nor sent twice.  Three codes concern the request alone, whatever their
sender::

    407                       -> Unavailable     the proxy has not let it pass
    413                       -> Rejected        too large for something on the way
    429                       -> RateLimited
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from broadcaster import outside
from broadcaster.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    StaleHandle,
    Unauthorized,
    Unavailable,
)
from broadcaster.language import say
from broadcaster.model import Media, Scope, Secret, Verb
from broadcaster.secrecy import Mask

_TOKEN_LIKE = re.compile(r"\d{5,20}(?::|%3a)[\w-]{10,}", re.IGNORECASE)
_PAGE = re.compile(r"\s*<(!doctype|html|head|body|script|\?xml|!--)|<html", re.IGNORECASE)
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
_UNITS = {
    0.001: r"ms|milliseconds?|millis",
    1.0: r"s|secs?|seconds?|ثانیه",
    60.0: r"m|mins?|minutes?|دقیقه",
    3600.0: r"h|hrs?|hours?|ساعت",
}
_UNIT = "|".join(_UNITS.values())
_WAIT = re.compile(
    r"(?:retry[ _-]?after|(?:flood|slowmode)[ _-]?wait|wait(?: of| for)?|(?:again|after|in)|پس از"
    rf"|بعد از|تا)[\W_]{{0,6}}(\d{{1,9}})[ \u200c]?(?:({_UNIT})\b|(?![\w.]))"
    rf"|(\d{{1,9}})[ \u200c]?({_UNIT})\b",
    re.IGNORECASE,
)
_QUOTED = 200
"""Most characters that are quoted from a platform's answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Advice for people about a platform, for each kind of refusal."""

    account: str
    rights: str
    address: str
    pin: str = say(
        "the post is out, only its pin is refused: give the bot the right to "
        "pin messages in the channel, then retry it"
    )
    unpin: str = say(
        "only the unpinning is refused, the post is still pinned: give the "
        "bot the right to pin messages in the channel, then retry it"
    )
    edit: str = say(
        "only the edit is refused, the post stands as it was: give the bot "
        "the right to edit messages in the channel, then retry it"
    )
    recall: str = say(
        "only the removal is refused, the post still stands: give the bot the "
        "right to delete messages in the channel, then retry it"
    )

    def of(self, verb: Verb) -> str:
        """The advice for a missing right to do ``verb``."""
        own = {
            Verb.PIN: self.pin,
            Verb.UNPIN: self.unpin,
            Verb.EDIT: self.edit,
            Verb.RECALL: self.recall,
        }
        return own.get(verb, self.rights)


def definite(status: int) -> bool:
    """Whether an answer with this code is a definite refusal."""
    return 400 <= status < 500 and status != 408


def refused(
    status: int,
    words: str,
    advice: Advice,
    *,
    code: str = "",
    retry_after: float | None = None,
    verb: Verb = Verb.SEND,
) -> SendError:
    """The error for a refusal, by its code alone.

    ``words`` are :func:`quoted`; ``code`` is the platform's own, where it is not ``status``.
    ``verb``: what was asked, for the right to pin is not the right to post.
    """
    code = code or str(status)
    if not definite(status):
        return OutcomeUnknown(say("the answer is no clear yes or no ({words})", words=words), code)
    match status:
        case 429:
            detail = say("the platform asks to slow down ({words})", words=words)
            return RateLimited(detail, code, retry_after=retry_after or named_wait(words))
        case 401 | 404:
            return Unauthorized(
                say("{account} ({words})", account=advice.account, words=words),
                code,
                scope=Scope.ACCOUNT,
            )
        case 403:
            return no_right(words, code, advice, verb)
        case 407:
            return foreign(status)
    return Rejected(say("the platform refuses it as it is: {words}", words=words), code)


def no_right(words: str, code: str, advice: Advice, verb: Verb) -> SendError:
    """The error for a missing right to do ``verb``; only the right to post closes the channel."""
    detail = say("{of} ({words})", of=advice.of(verb), words=words)
    if verb is Verb.SEND:
        return Unauthorized(detail, code, scope=Scope.CHANNEL)
    return Rejected(detail, code)


def as_verb(error: SendError, advice: Advice, verb: Verb) -> SendError:
    """``error``, or that of a missing right to do ``verb``, if the right to post exists."""
    if isinstance(error, Unauthorized) and error.scope is Scope.CHANNEL and verb is not Verb.SEND:
        return Rejected(error.detail.replace(advice.rights, advice.of(verb)), error.code)
    return error


def foreign(status: int, words: str = "", *, retry_after: float | None = None) -> SendError:
    """The error for an answer that is not in the platform's own form.

    ``words`` are :func:`quoted`, and told only where they are no page.
    """
    code = str(status)
    match status:
        case 407:
            return Unavailable(
                say(
                    "the proxy wants a name and a password (HTTP 407), and let nothing "
                    "pass: check proxy"
                ),
                code,
            )
        case 413:
            return Rejected(
                say(
                    "it is larger than the platform, or something on the way to it, takes "
                    "(HTTP 413)"
                ),
                code,
            )
        case 429:
            wait = retry_after or named_wait(words)
            detail = say("the platform asks to slow down ({words})", words=words or "HTTP 429")
            return RateLimited(detail, code, retry_after=wait)
    if status == 408 or (status >= 500 and status != 511):
        return OutcomeUnknown(
            say("the answer is no clear yes or no (HTTP {status})", status=status), code
        )
    return OutcomeUnknown(
        say(
            "the answer is a page that is not the platform's (HTTP {status}): "
            "look at the proxy, a filter on the way, and base_url",
            status=status,
        ),
        code,
    )


def is_page(text: str) -> bool:
    """Whether ``text`` is a page for people, and not an answer for programs."""
    return bool(_PAGE.match(text[: outside.LONGEST]))


def named_wait(text: str) -> float | None:
    """The seconds to wait that a text names: "retry after 8", "FLOOD_WAIT_8", "۲ دقیقه دیگر"."""
    match = _WAIT.search(text[: outside.LONGEST])
    if match is None:
        return None
    number, unit = match[1] or match[3], (match[2] or match[4] or "s").casefold()
    factor = next(seconds for seconds, words in _UNITS.items() if re.fullmatch(words, unit))
    return outside.wait(int(number) * factor)


def message_gone(error: Rejected) -> bool:
    """Whether a deletion was refused because the message is already gone."""
    return bool(_GONE.search(error.detail))


def file_forgotten(error: Rejected, media: Sequence[Media]) -> SendError:
    """``error``, or :class:`StaleHandle` if it says that an uploaded file is unknown."""
    if media and _FORGOTTEN.search(error.detail):
        return StaleHandle(error.detail, error.code, file=media[0].key)
    return error


def quoted(text: str, status: int, secret: Secret) -> str:
    """The platform's own words, shortened, without token and addresses; of a page, the status."""
    text = outside.said(text, Mask([secret.reveal()]) if secret else None)
    if _PAGE.search(text):
        return say("HTTP {status}", status=status)
    return _TOKEN_LIKE.sub("***", text).replace("://", ":")[:_QUOTED] or say(
        "HTTP {status}", status=status
    )
