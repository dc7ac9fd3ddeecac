"""The Bot-API family: reading its envelope, and calling its methods.

A good answer contains the ``result``.  A refusal is judged by its code (see
:mod:`broadcaster.kit.refusal`), unless the refusal is definite and its text is a known one: no such
chat, a lost right or token, a forgotten file.  The error's ``code`` is the recognised text in the
platform's own words, otherwise the number.  An answer without the envelope says nothing about token
or rights.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from broadcaster import outside
from broadcaster.errors import OutcomeUnknown, Rejected, SendError, StaleHandle, Unauthorized
from broadcaster.kit.http import Answer, FilePart, Http
from broadcaster.kit.refusal import (
    Advice,
    definite,
    foreign,
    is_page,
    named_wait,
    no_right,
    quoted,
    refused,
)
from broadcaster.model import Account, FileKey, Json, Media, Scope, Secret, Verb

NOT_MODIFIED = "message is not modified"
UNKNOWN_METHOD = "404"
GONE = ("message to delete not found", "message to unpin not found", "message not found")
"""Codes of a :class:`Rejected` deletion that mean: the message is already gone."""

_NO_CHAT = ("chat not found", "no such group or user", "chat_id is empty")
_NOT_THERE = (
    "bot was kicked",
    "bot is not a member",
    "chat was deactivated",
    "chat is deactivated",
    "channel_private",
    "channel_invalid",
    "user_banned_in_channel",
    "user_not_participant",
    "chat_forbidden",
    "chat_restricted",
    "peer_id_invalid",
    "can't access the chat",
)
"""Texts that mean, for every method: the bot was removed from the channel, or the channel is gone.

:source: tdlib's error strings, and the names of MTProto's errors that the Bot API hands on.
"""
_NO_RIGHT = (
    "not enough rights",
    "have no write access",
    "have no rights",
    "no rights to send",
    "need administrator rights",
    "administrator rights are required",
    "permission_denied",
    "chat_write_forbidden",
    "chat_admin_required",
    "chat_send_plain_forbidden",
    "right_forbidden",
    "user_restricted",
    "user_is_blocked",
    "bot was blocked",
)
"""Texts that mean: the right for the called method is missing."""
_VERBS = {"pin": Verb.PIN, "unpin": Verb.UNPIN, "edit": Verb.EDIT, "delete": Verb.RECALL}
_NO_TOKEN = ("token not found", "unauthorized")
_BARE = ("token not found",)
"""Whole texts that a platform sends without the envelope. :source: Bale, seen in the field.
"""
_HASTE = ("too many requests", "bot limit exceed", "rate_limited", "flood_wait", "slowmode_wait")
_FORGOTTEN = ("wrong file identifier", "wrong remote file identifier", "invalid file_id")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the answers to one account's calls."""

    advice: Advice
    secret: Secret
    """The token, which is removed from quoted texts."""

    def result(self, answer: Answer, verb: Verb = Verb.SEND) -> Json:
        """The ``result`` of a good answer to a call that does ``verb``.

        :raises SendError: for a refusal, or an answer that cannot be read.
        """
        parsed = answer.json()
        envelope = parsed if isinstance(parsed, dict) else {}
        good = 200 <= answer.status < 300
        if good and says_yes(envelope):
            return envelope["result"]
        status, named = answer.status, envelope.get("error_code")
        if good and envelope.get("ok") is False and isinstance(named, int):
            status = named  # a refusal in a good answer: its own number counts
        raise self._refusal(status, answer, envelope, verb)

    def _refusal(
        self, status: int, answer: Answer, envelope: Mapping[str, Json], verb: Verb
    ) -> SendError:
        description = envelope.get("description")
        text = outside.said(answer.text if description is None else description)
        words = quoted(text, status, self.secret)
        wait = outside.wait(_parameters(envelope).get("retry_after")) or answer.retry_after
        known = text.casefold()
        if definite(status) and not is_page(text) and _first(_HASTE, known):
            return refused(429, words, self.advice, retry_after=wait or named_wait(text))
        if not isinstance(envelope.get("ok"), bool) and known not in _BARE:
            return foreign(status, words, retry_after=wait)
        if definite(status) and status != 429:
            if new := outside.identifier(_parameters(envelope).get("migrate_to_chat_id")):
                detail = f"the chat has a new id: set the channel's address to {new}"
                return Rejected(detail, str(status))
            if recognised := self._recognised(known, words, verb):
                return recognised
        wait = wait or named_wait(text)
        return refused(status, words, self.advice, retry_after=wait, verb=verb)

    def _recognised(self, text: str, words: str, verb: Verb) -> SendError | None:
        if word := _first(_NO_TOKEN, text):
            return Unauthorized(f"{self.advice.account} ({words})", word, scope=Scope.ACCOUNT)
        if word := _first(_NO_CHAT, text):
            return Rejected(f"{self.advice.address} ({words})", word)
        if word := _first(_NOT_THERE, text):
            return Unauthorized(f"{self.advice.rights} ({words})", word, scope=Scope.CHANNEL)
        if word := _first(_NO_RIGHT, text):
            return no_right(words, word, self.advice, verb)
        if word := _first((NOT_MODIFIED, *GONE, *_FORGOTTEN), text):
            return Rejected(f"the platform refuses it as it is: {words}", word)
        return None


def forgotten(error: SendError, handles: Sequence[FileKey]) -> SendError:
    """``error``, or :class:`StaleHandle` if it refuses one of the files ``handles``."""
    if handles and isinstance(error, Rejected) and error.code in _FORGOTTEN:
        return StaleHandle(error.detail, error.code, file=handles[0])
    return error


class BotApi:
    """Calls of one account to a Bot-API-like platform, through the kit."""

    def __init__(self, account: Account, advice: Advice) -> None:
        self._http = Http(account.proxy)
        self._reader = Reader(advice, account.token)
        self._base = f"{account.base_url}/bot{account.token.reveal()}"

    async def call(
        self,
        method: str,
        params: Mapping[str, Json] | None = None,
        *,
        files: Mapping[str, tuple[Media, Path]] | None = None,
        deadline: float | None = None,
    ) -> Json:
        """Call ``method`` and return its result.

        Parameters that are None are left out.  They are urlencoded, for one of the family refuses
        a JSON body whose media is a string; with ``files`` (part name -> file) they are multipart.

        :raises SendError: see :class:`Reader`.
        """
        data = {name: _wire(value) for name, value in (params or {}).items() if value is not None}
        url, verb = self._url(method), _verb(method)
        if not files:
            answer = await self._http.post(url, data=data, deadline=deadline)
            return self._reader.result(answer, verb)
        with ExitStack() as opened:
            parts = {
                name: FilePart(media.name, opened.enter_context(path.open("rb")), media.mime)
                for name, (media, path) in files.items()
            }
            answer = await self._http.post(url, data=data, files=parts, deadline=deadline)
        return self._reader.result(answer, verb)

    async def asked(self, method: str, params: Mapping[str, Json]) -> Json:
        """The result of a reading method; None: the platform does not know the method.

        :raises SendError: as :meth:`call`, but for an unknown method, which looks like an unknown
            token: ask ``getMe`` first.
        """
        try:
            return await self.call(method, params)
        except Unauthorized as error:
            if error.scope is Scope.CHANNEL:
                raise
        except OutcomeUnknown as error:
            if error.code != UNKNOWN_METHOD:  # a bare page of the server says so as well
                raise
        return None

    async def relay(
        self,
        method: str,
        data: Mapping[str, str],
        files: Mapping[str, FilePart],
        *,
        deadline: float,
    ) -> Answer:
        """Send a call that another library has composed; returns the answer.

        :raises SendError: there is no answer.
        """
        return await self._http.post(self._url(method), data=data, files=files, deadline=deadline)

    def result(self, method: str, answer: Answer) -> Json:
        """The result in ``answer`` to a call of ``method``.

        :raises SendError: see :class:`Reader`.
        """
        return self._reader.result(answer, _verb(method))

    async def close(self) -> None:
        await self._http.close()

    def _url(self, method: str) -> str:
        return f"{self._base}/{method}"


def says_yes(envelope: Mapping[str, Json]) -> bool:
    """Whether ``envelope`` contains the result of a successful call."""
    result = envelope.get("result")
    return envelope.get("ok") is True and result is not None and result is not False


def _wire(value: Json) -> str:
    """Nested values, numbers and booleans are JSON text in a form; a string is itself."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _parameters(envelope: Mapping[str, Json]) -> Mapping[str, Json]:
    parameters = envelope.get("parameters")
    return parameters if isinstance(parameters, dict) else {}


def _verb(method: str) -> Verb:
    """The verb of a method; :attr:`Verb.SEND` for reading methods, which need no other right."""
    name = method.casefold()
    return next((verb for begins, verb in _VERBS.items() if name.startswith(begins)), Verb.SEND)


def _first(words: tuple[str, ...], text: str) -> str:
    return next((word for word in words if word in text), "")
