"""The outcomes of a failed send, by what the queue does next.

::

    SendError
    ├── Rejected         never, as it is                     -> failed
    ├── Unauthorized     token or right to post is gone      -> held (account or channel)
    ├── RateLimited      wait                                -> later, no attempt counted
    ├── Unavailable      surely not posted                   -> later, with backoff
    ├── OutcomeUnknown   may be posted                       -> unknown, never resent blindly
    └── StaleHandle      the uploaded file is forgotten      -> uploaded again, once

An adapter raises these ``from None``; ``detail`` says what a person should do next and holds no
URL, no header and no token.  Anything else that leaves an adapter is a bug of ours.

::

    BroadcasterError
    ├── InputError       input, config or environment is wrong, nothing was done
    │   ├── NotFound     there is no such post, schedule or channel
    │   └── Conflict     the same key stands for something else already
    ├── Refused          the state of things does not allow it
    │   └── Forbidden    who asked may not do this
    └── Busy             the store cannot be written now, nothing was recorded
        └── Unsure       nobody knows whether it was recorded

Each has a :class:`ErrorKind`, from which a front door takes its answer: the command line an exit
code (``cli/run.py``), an HTTP server a status.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from broadcaster import outside
from broadcaster.model import FileKey, Scope


class ErrorKind(StrEnum):
    """What a failure means to whoever asked, whatever the front door."""

    INVALID = "invalid"
    NOT_FOUND = "not found"
    CONFLICT = "conflict"
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    BUSY = "busy"
    UNSURE = "unsure"


class BroadcasterError(Exception):
    """A message for the person who asked, with the next step in it."""

    kind: ClassVar[ErrorKind] = ErrorKind.REFUSED


class InputError(BroadcasterError):
    """The input, the config or the environment is wrong; nothing was done."""

    kind = ErrorKind.INVALID


class NotFound(InputError):
    """What was named is not there; nothing was done."""

    kind = ErrorKind.NOT_FOUND


class Conflict(InputError):
    """A key or a version stands for something else already; nothing was done."""

    kind = ErrorKind.CONFLICT


class Refused(BroadcasterError):
    """The state of the post, delivery or store does not allow it; nothing was changed."""

    kind = ErrorKind.REFUSED

    def __init__(self, message: str = "", *, channels: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.channels: Mapping[str, str] = channels or {}
        """Channel -> why, where each was asked; empty: it was no matter of channels."""


class Forbidden(Refused):
    """Who asked may not do this; nothing was changed."""

    kind = ErrorKind.FORBIDDEN


class Busy(BroadcasterError):
    """The store cannot be written now; nothing was recorded, as far as is known."""

    kind = ErrorKind.BUSY


class Unsure(Busy):
    """Nobody can say whether it was recorded."""

    kind = ErrorKind.UNSURE


class SendError(Exception):
    """A send (or edit, recall, pin, upload, probe) that did not end in a receipt.

    ``detail`` is for people; ``code`` is the platform's own short word or number, if it gave one.
    """

    def __init__(self, detail: str, code: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code


class Rejected(SendError):
    """The platform will never take this message as it is."""


class Unauthorized(SendError):
    """The token (scope account) or the right to post (scope channel) is gone."""

    def __init__(self, detail: str, code: str = "", *, scope: Scope) -> None:
        super().__init__(detail, code)
        self.scope = scope


class RateLimited(SendError):
    """The platform asks to wait: ``retry_after`` seconds, or None where it named no delay.

    A delay that nobody can mean counts as none: see :func:`broadcaster.outside.wait`.
    """

    def __init__(
        self,
        detail: str,
        code: str = "",
        *,
        retry_after: float | None = None,
        scope: Scope = Scope.ACCOUNT,
    ) -> None:
        super().__init__(detail, code)
        self.retry_after = outside.wait(retry_after)
        self.scope = scope


class Unavailable(SendError):
    """Surely not posted: no byte of the request was accepted, or the platform said so."""

    def __init__(self, detail: str, code: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(detail, code)
        self.retry_after = outside.wait(retry_after)


class OutcomeUnknown(SendError):
    """The request left and no clear answer came back: it may be posted.

    ``said_yes``: the platform says that it is, but not so that it could be found again.  Then it is
    sent again only when a person, or the platform's public page, says that it is not there.
    """

    def __init__(self, detail: str, code: str = "", *, said_yes: bool = False) -> None:
        super().__init__(detail, code)
        self.said_yes = said_yes


class StaleHandle(SendError):
    """The platform no longer knows the uploaded file ``file``."""

    def __init__(self, detail: str, code: str = "", *, file: FileKey) -> None:
        super().__init__(detail, code)
        self.file = file
