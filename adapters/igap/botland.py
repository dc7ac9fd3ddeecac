"""iGap's wire for bots: one protobuf message out, one back, and what a refusal means.

Neither the form of an error over HTTP nor its codes are documented.  An answer counts as good only
if it names what was asked for; an ErrorResponse is a clear no, under HTTP 200 as well, and a code
of it that looks like one of HTTP is read as one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.message import DecodeError

from adapters.igap.messages import ErrorResponse
from broadcaster import outside
from broadcaster.errors import RateLimited, Rejected, SendError
from broadcaster.kit.http import Answer, Http
from broadcaster.kit.refusal import Advice, definite, foreign, quoted, refused
from broadcaster.model import Account, Verb

ADVICE = Advice(
    account="iGap does not know this token: take a new one where the bot was made in iGap, put it"
    " in the account's token file",
    rights="the bot may not do this in the channel: in iGap, make it an administrator of the"
    " channel with the right to post",
    address="iGap knows no such channel: check its room id, and that the bot was added to it",
)


class Botland:
    """Calls of one account."""

    def __init__(self, http: Http, account: Account) -> None:
        self._http = http
        self._secret = account.token
        self._url = f"{account.base_url}/botland/v1/api"

    async def ask(
        self,
        action: int,
        request: Any,
        response: type[Any],
        good: Callable[[Any], object],
        *,
        deadline: float,
        verb: Verb = Verb.SEND,
    ) -> Any:
        """The answer to an action that does ``verb``, if it is ``good``.

        :raises SendError: what a refusal, or an answer that cannot be read, means.
        """
        answer = await self._http.post(
            f"{self._url}?actionId={action}",
            raw=request.SerializeToString(),
            headers={
                "Authorization": f"Bearer {self._secret.reveal()}",
                "Content-Type": "application/octet-stream",
            },
            deadline=deadline,
        )
        if 200 <= answer.status < 300:
            message = _read(response, answer)
            if message is not None and good(message):
                return message
        raise self._refusal(answer, getattr(request, "room_id", 0), verb)

    def _refusal(self, answer: Answer, room: int, verb: Verb) -> SendError:
        clear = answer.status < 300 or definite(answer.status)
        error = _read(ErrorResponse, answer) if clear else None
        # what names our room is half an answer, and no error
        if error is None or not error.major_code or error.major_code == room & 0xFFFFFFFF:
            return foreign(answer.status, retry_after=answer.retry_after)
        code = f"{error.major_code}.{error.minor_code}"
        shown = outside.said(error.message)
        words = quoted(shown or f"error {code}", answer.status, self._secret)
        if error.wait:
            detail = f"iGap asks to wait ({words})"
            return RateLimited(detail, code, retry_after=float(error.wait))
        if "PAGE_NOT_FOUND" in shown:
            return Rejected(f"iGap's bots cannot do this ({words})", code)
        status = 400 if answer.status < 300 else answer.status
        if 400 <= error.major_code < 600:
            status = error.major_code
        if status == 404:  # the token stands in no address here: another thing is not found
            status = 400
        wait = answer.retry_after
        return refused(status, words, ADVICE, code=code, retry_after=wait, verb=verb)


def _read(kind: type[Any], answer: Answer) -> Any:
    """The body as a message of this kind; None where it is none."""
    try:
        return kind.FromString(answer.body)
    except DecodeError:
        return None
