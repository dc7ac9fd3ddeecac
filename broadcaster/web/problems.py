"""Errors as HTTP answers: problem documents (RFC 9457) for programs, plain pages for people."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from broadcaster.errors import BroadcasterError, ErrorKind
from broadcaster.language import say
from broadcaster.web.headers import ALWAYS, new_request_id
from broadcaster.web.state import REQUEST_ID

log = logging.getLogger(__name__)

STATUSES: Mapping[ErrorKind, int] = {
    ErrorKind.INVALID: 422,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.REFUSED: 409,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.BUSY: 503,
    ErrorKind.UNSURE: 503,
}
"""Kind of an error -> status; the command line has exit codes of the same kinds."""
TITLES: Mapping[int, str] = {
    400: say("Bad request"),
    401: say("Not signed in"),
    403: say("Not allowed"),
    404: say("Not found"),
    405: say("Method not allowed"),
    409: "Conflict",
    412: say("It has changed meanwhile"),
    413: say("Too large"),
    415: say("Wrong media type"),
    421: say("Wrong host"),
    422: say("It cannot be used as it is"),
    428: say("A precondition is needed"),
    429: say("Too many requests"),
    500: say("Unexpected error"),
    503: say("Busy; try again"),
}
RETRY_S = 1
API = "/api/"


class Problem(Exception):
    """An answer that says what is wrong: for the person, and by field where fields are."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})


def of_error(error: BroadcasterError) -> Problem:
    status = STATUSES[error.kind]
    headers = {"Retry-After": str(RETRY_S)} if status == 503 else None
    return Problem(status, str(error), headers=headers)


def answer(problem: Problem, request: web.Request) -> web.Response:
    """``problem`` in the form that whoever asked can read."""
    request_id = request[REQUEST_ID]
    title = TITLES.get(problem.status, "Error")
    if not request.path.startswith(API):
        return _page(problem, request, title, request_id)
    body = {
        "type": "about:blank",
        "title": title,
        "status": problem.status,
        "detail": problem.detail,
        "request_id": request_id,
    }
    if problem.fields:
        body["errors"] = [
            {"field": name, "detail": detail} for name, detail in problem.fields.items()
        ]
    return web.Response(
        status=problem.status,
        text=json.dumps(body, ensure_ascii=False),
        content_type="application/problem+json",
        headers=problem.headers,
    )


def guarded() -> Middleware:
    """Give each request an id, each answer the headers of all, and each error its form."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[REQUEST_ID] = new_request_id()
        try:
            response = await handler(request)
        except Problem as problem:
            response = answer(problem, request)
        except BroadcasterError as error:
            response = answer(of_error(error), request)
        except web.HTTPException as error:
            if error.status < 400:
                _add_headers(error, request)
                raise
            response = _of_aiohttp(error, request)
        except (ConnectionResetError, TimeoutError):
            raise
        except Exception:
            log.exception("request %s failed", request[REQUEST_ID])
            response = answer(
                Problem(500, say("unexpected error; give the administrator this request's id")),
                request,
            )
        if not response.prepared:
            _add_headers(response, request)
        return response

    return guard


def _add_headers(response: web.StreamResponse, request: web.Request) -> None:
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = request[REQUEST_ID]


def _of_aiohttp(error: web.HTTPException, request: web.Request) -> web.Response:
    """aiohttp's own errors, in the form of all others."""
    known = {
        404: say("there is nothing at this address"),
        405: say("this address does not take {method}", method=request.method),
        413: say("the body is too large"),
        421: say("this server is not known by that name"),
    }
    detail = known.get(error.status) or error.text or error.reason
    headers = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
    return answer(Problem(error.status, detail.strip(), headers=headers), request)


def _page(problem: Problem, request: web.Request, title: str, request_id: str) -> web.Response:
    from broadcaster.web.rendering import page  # here: only pages need it, not the API

    return page(
        request,
        "problem.html",
        status=problem.status,
        headers=problem.headers,
        title=title,
        problem=problem,
        request_id=request_id,
    )
