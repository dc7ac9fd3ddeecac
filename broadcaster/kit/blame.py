"""Classifies errors of the network by whether they came before or after the first byte."""

from __future__ import annotations

import ssl

import aiohttp
from aiohttp.http import HttpProcessingError

from broadcaster.errors import OutcomeUnknown, SendError, Unavailable
from broadcaster.kit.guard import InnerAddressError
from broadcaster.kit.passage import ClosedError, TooLateError
from broadcaster.language import say

FAILURES: tuple[type[Exception], ...] = (
    aiohttp.ClientError,
    HttpProcessingError,
    OSError,
    EOFError,  # a socks proxy that hangs up
    TooLateError,
    ClosedError,
)
"""The exceptions of a failed call; any other exception is a bug of ours."""


def classified(error: Exception, *, begun: bool) -> SendError:
    """The :class:`SendError` for ``error``, without its text, which may contain the token."""
    if begun:
        return OutcomeUnknown(say("the request left, but {after}", after=_after(error)))
    return Unavailable(say("{before}; nothing was sent", before=_before(error)))


def _before(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError(os_error=InnerAddressError()):
            return say("the server's name leads into an inner network: a filter may answer for it")
        case aiohttp.ClientConnectorDNSError():
            return say("the server's name could not be resolved: check base_url and the network")
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return say("the proxy could not be reached or refused: check proxy")
        case ssl.SSLError() | aiohttp.ClientSSLError() | ssl.CertificateError():
            return say(
                "no secure connection (TLS) could be made: something in between may interfere"
            )
        case TooLateError():
            return say("the time for this call was over before its first byte")
        case ClosedError():
            return say("it was switched off or halted before its first byte")
        case TimeoutError():
            return say("the server could not be reached in time: check the network and proxy")
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return say("the address to call is no valid one: check base_url")
    return say("the server could not be reached: check base_url, the network and proxy")


def _after(error: Exception) -> str:
    match error:
        case TooLateError():
            return say("its time was over just then")
        case ClosedError():
            return say("it was switched off or halted just then")
        case TimeoutError():
            return say("no answer came in time")
        case aiohttp.ClientPayloadError() | aiohttp.ClientResponseError() | HttpProcessingError():
            return say("its answer could not be read")
    return say("the connection broke before an answer came")
