"""What an answer of the Bot-API family means, and what people are told of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    StaleHandle,
    Unauthorized,
    Unavailable,
)
from broadcaster.kit.botapi import GONE, NOT_MODIFIED, BotApi, Reader, forgotten
from broadcaster.kit.http import Answer
from broadcaster.kit.refusal import Advice
from broadcaster.model import Account, Scope, Secret, Verb
from broadcaster.outside import LONGEST_WAIT_S
from broadcaster.testing.loopback import Loopback, answer

TOKEN = Secret("123456:AAsecretAAsecretAAsecret-AA")
ADVICE = Advice(account="new token", rights="make it an administrator", address="check address")
READER = Reader(ADVICE, TOKEN)


def refused(code: int, description: str = "", *, status: int | None = None, **more: Any) -> Answer:
    envelope = {"ok": False, "error_code": code, "description": description, **more}
    return Answer(status or code, json.dumps(envelope).encode())


def read(said: Answer, verb: Verb = Verb.SEND) -> SendError:
    with pytest.raises(SendError) as raised:
        READER.result(said, verb)
    return raised.value


@pytest.mark.parametrize("result", [{"message_id": 7}, [{"message_id": 7}], True, 0, "x"])
def test_a_good_answer_is_its_result(result: Any) -> None:
    assert READER.result(Answer(200, json.dumps({"ok": True, "result": result}).encode())) == result


def test_an_emoji_in_two_surrogates_hides_no_receipt() -> None:
    """As some Java servers write it; the post is out, and its id stands in the same answer."""
    echoed = b'{"ok":true,"result":{"message_id":7,"text":"\xed\xa0\xbd\xed\xb8\x80"}}'
    result = READER.result(Answer(200, echoed))
    assert isinstance(result, dict)
    assert result["message_id"] == 7


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (refused(400, "Bad Request: message is too long"), Rejected),
        (refused(413, "Request Entity Too Large"), Rejected),
        (refused(440, "odd"), Rejected),
        (refused(400, "Bad Request: chat not found"), Rejected),
        (refused(404, "no such group or user"), Rejected),
        (refused(404, "message to delete not found"), Rejected),
        (refused(400, "x", parameters={"migrate_to_chat_id": -100777}), Rejected),
        (refused(400, "ناشناخته", status=200), Rejected),
        (Answer(413, b"<html>Request Entity Too Large</html>"), Rejected),
        (refused(429, "Too Many Requests"), RateLimited),
        (Answer(429, b"local_rate_limited"), RateLimited),
        (refused(500, "Internal Server Error"), OutcomeUnknown),
        (refused(400, "chat not found", status=502), OutcomeUnknown),
        (refused(408, "Request Timeout"), OutcomeUnknown),
        (Answer(502, b"<html>Bad Gateway</html>"), OutcomeUnknown),
        (Answer(307, b""), OutcomeUnknown),
        (Answer(200, b""), OutcomeUnknown),
        (Answer(200, b"<html>login</html>"), OutcomeUnknown),
        (Answer(200, b"[]"), OutcomeUnknown),
        (Answer(200, b"[" * 100_000), OutcomeUnknown),
        (Answer(200, b'{"ok": true}'), OutcomeUnknown),
        (Answer(200, b'{"ok": true, "result": null}'), OutcomeUnknown),
        (Answer(200, b'{"ok": true, "result": false}'), OutcomeUnknown),
        (Answer(200, b'{"ok": false}'), OutcomeUnknown),
        (refused(500, "x", status=200), OutcomeUnknown),
    ],
)
def test_the_code_decides(said: Answer, kind: type[SendError]) -> None:
    assert type(read(said)) is kind


@pytest.mark.parametrize(
    ("said", "scope", "told"),
    [
        (refused(401, "Unauthorized"), Scope.ACCOUNT, "new token"),
        (refused(403, "Unauthorized"), Scope.ACCOUNT, "new token"),
        (refused(404, "Not Found"), Scope.ACCOUNT, "new token"),
        (refused(400, "Bad Request: Token not found"), Scope.ACCOUNT, "new token"),
        (Answer(401, b"Token not found"), Scope.ACCOUNT, "new token"),
        (refused(403, "Forbidden: bot was kicked"), Scope.CHANNEL, "administrator"),
        (
            refused(400, "Bad Request: not enough rights to send text messages to the chat"),
            Scope.CHANNEL,
            "administrator",
        ),
        (refused(400, "Bad Request: CHAT_WRITE_FORBIDDEN"), Scope.CHANNEL, "administrator"),
        (
            refused(400, "Bad Request: need administrator rights in the channel chat"),
            Scope.CHANNEL,
            "administrator",
        ),
    ],
)
def test_a_lost_right_names_its_scope_and_the_next_step(
    said: Answer, scope: Scope, told: str
) -> None:
    error = read(said)
    assert isinstance(error, Unauthorized)
    assert error.scope is scope
    assert told in error.detail


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        (refused(429, parameters={"retry_after": 7}), 7.0),
        (refused(429, parameters=None), None),
        (refused(429, parameters={"retry_after": 0}), None),
        (refused(429, parameters={"retry_after": "soon"}), None),
        (Answer(429, b"local_rate_limited", retry_after=5.0), 5.0),
        (Answer(429, b"{}"), None),
        (refused(429, "Too Many Requests: retry after 8"), 8.0),
        (refused(429, "درخواست‌ها زیاد است؛ ۸ ثانیه دیگر تلاش کنید"), 8.0),
        (refused(400, "bot limit exceed, try again in 2 minutes"), 120.0),
        (refused(420, "FLOOD_WAIT_17"), 17.0),
        (refused(429, "Too Many Requests: retry after 8", parameters={"retry_after": 5}), 5.0),
        (Answer(429, b"local_rate_limited, retry after 8s"), 8.0),
        (Answer(429, b"Too Many Requests: retry after 8"), 8.0),
        (Answer(429, b"<html><title>429</title>slow down</html>"), None),
        (refused(429, parameters={"retry_after": "9"}), 9.0),
        (refused(429, parameters={"retry_after": -9}), None),
        (refused(429, parameters={"retry_after": True}), None),
        (Answer(429, b'{"ok":false,"parameters":{"retry_after":%s}}' % (b"9" * 400)), None),
        (Answer(429, b'{"ok":false,"parameters":{"retry_after":1e999}}'), None),
        (refused(429, parameters={"retry_after": 86_400}), LONGEST_WAIT_S),
    ],
)
def test_the_wait_is_the_one_named(said: Answer, wait: float | None) -> None:
    error = read(said)
    assert isinstance(error, RateLimited)
    assert error.retry_after == wait


LOST = (
    "Bad Request: have no write access to the chat",
    "Bad Request: CHAT_ADMIN_REQUIRED",
    "Bad Request: CHANNEL_PRIVATE",
    "Bad Request: USER_BANNED_IN_CHANNEL",
    "Bad Request: CHAT_RESTRICTED",
    "Bad Request: CHAT_WRITE_FORBIDDEN",
    "Bad Request: PEER_ID_INVALID",
    "Bad Request: group chat was deactivated",
    "Forbidden: bot was kicked from the channel chat",
    "Forbidden: bot is not a member of the channel chat",
    "Bad Request: not enough rights to send photos to the chat",
    "Forbidden: permission_denied",
)


@pytest.mark.parametrize("words", LOST)
@pytest.mark.parametrize("code", [400, 403])
def test_a_lost_right_is_known_by_each_of_its_names(words: str, code: int) -> None:
    error = read(refused(code, words))
    assert isinstance(error, Unauthorized)
    assert error.scope is Scope.CHANNEL
    assert "make it an administrator" in error.detail


@pytest.mark.parametrize(
    "words",
    [
        "Bad Request: not enough rights to manage pinned messages in the chat",
        "Bad Request: not enough rights to pin a message",
        "Bad Request: CHAT_ADMIN_REQUIRED",
        "Bad Request: need administrator rights in the channel chat",
        "Forbidden: permission_denied",
    ],
)
@pytest.mark.parametrize("code", [400, 403])
@pytest.mark.parametrize(
    ("verb", "right"),
    [
        (Verb.PIN, "pin"),
        (Verb.UNPIN, "pin"),
        (Verb.EDIT, "edit"),
        (Verb.RECALL, "delete"),
    ],
)
def test_the_right_to_act_is_not_the_right_to_post(
    words: str, code: int, verb: Verb, right: str
) -> None:
    error = read(refused(code, words), verb)
    assert type(error) is Rejected
    assert f"the right to {right} messages" in error.detail


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("words", ["Forbidden: bot was kicked", "Bad Request: CHANNEL_PRIVATE"])
def test_who_has_been_put_out_may_nothing_there(verb: Verb, words: str) -> None:
    error = read(refused(400, words), verb)
    assert isinstance(error, Unauthorized)
    assert error.scope is Scope.CHANNEL


PAGES = (
    b"",
    b"<html>filtered</html>",
    b" \n<!DOCTYPE html><h1>403</h1>",
    b'{"detail":"no"}',
    b"[]",
)


@pytest.mark.parametrize(
    "page", [*PAGES, b"<html>Unauthorized: chat not found</html>", b"Forbidden"]
)
@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 451, 511])
def test_a_page_of_something_in_between_is_nobodys_word(status: int, page: bytes) -> None:
    error = read(Answer(status, page))
    assert type(error) is OutcomeUnknown
    assert f"a page that is not the platform's (HTTP {status})" in error.detail
    assert "proxy" in error.detail
    assert "base_url" in error.detail


@pytest.mark.parametrize("page", PAGES)
def test_a_proxy_that_wants_a_password_lets_nothing_pass(page: bytes) -> None:
    error = read(Answer(407, page))
    assert type(error) is Unavailable
    assert "check proxy" in error.detail


def test_a_moved_chat_names_its_new_address() -> None:
    error = read(refused(400, "upgraded", parameters={"migrate_to_chat_id": -1001234}))
    assert "-1001234" in error.detail


@pytest.mark.parametrize("new", ["x\r\nfake line", [1], {}, True, "1 2", "\ud800", 10**30])
def test_a_moved_chat_names_nothing_else(new: Any) -> None:
    error = read(refused(400, "upgraded", parameters={"migrate_to_chat_id": new}))
    assert "the chat has a new id" not in error.detail


def test_what_was_recognised_is_the_code() -> None:
    edited = read(refused(400, "Bad Request: message is not modified: same content"))
    deleted = read(refused(400, "Bad Request: message to delete not found"))
    other = read(refused(400, "Bad Request: BUTTON_INVALID"))
    assert edited.code == NOT_MODIFIED
    assert deleted.code in GONE
    assert other.code == "400"


def test_a_forgotten_file_is_stale_only_where_a_handle_was_used() -> None:
    error = read(refused(400, "Bad Request: wrong file identifier/HTTP URL specified"))
    stale = forgotten(error, ["d1", "d2"])
    assert isinstance(stale, StaleHandle)
    assert stale.file == "d1"
    assert forgotten(error, []) is error
    assert isinstance(error, Rejected)
    other = read(refused(400, "Bad Request: message is too long"))
    assert forgotten(other, ["d1"]) is other


@given(status=st.integers(100, 599), body=st.binary(max_size=60) | st.text(max_size=60))
def test_no_answer_is_surely_not_posted(status: int, body: bytes | str) -> None:
    """ "Surely not posted, try again" is for calls that brought no answer at all."""
    raw = body.encode() if isinstance(body, str) else body
    error = read(Answer(status, raw))
    if status == 407:  # the proxy says so before it lets anything pass
        assert isinstance(error, Unavailable)
        return
    assert not isinstance(error, Unavailable)
    assert isinstance(error, OutcomeUnknown) or status in {413, 429}


@given(text=st.text(max_size=300))
def test_no_text_makes_a_doubtful_answer_definite(text: str) -> None:
    assert type(read(refused(500, text + " chat not found Unauthorized"))) is OutcomeUnknown


def test_words_are_short_and_show_no_token() -> None:
    said = f"bad {TOKEN.reveal()} and 99887766:otherTokenOfSomebody_- " + "بسیار " * 100
    detail = read(refused(400, said)).detail
    assert TOKEN.reveal() not in detail
    assert "otherTokenOfSomebody" not in detail
    assert len(detail) < 300


def test_a_page_is_not_quoted() -> None:
    detail = read(Answer(502, b"<!doctype html><HTML><h1>oops</h1>")).detail
    assert "HTTP 502" in detail
    assert "<" not in detail


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback(answer(200, b'{"ok": true, "result": true}')) as running:
        yield running


async def test_a_call_is_urlencoded(server: Loopback) -> None:
    api = BotApi(Account(name="a", platform="p", token=TOKEN, base_url=server.url), ADVICE)
    params: Any = {"text": "می‌گوید «۱۲۳»", "n": 5, "on": True, "no": None, "nested": [{"نوع": "x"}]}
    assert await api.call("sendMessage", params) is True
    await api.close()
    head, _, body = server.received[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST /bot{TOKEN.reveal()}/sendMessage HTTP/1.1".encode())
    assert b"application/x-www-form-urlencoded" in head
    assert parse_qs(body.decode()) == {
        "text": ["می‌گوید «۱۲۳»"],
        "n": ["5"],
        "on": ["true"],
        "nested": ['[{"نوع": "x"}]'],
    }
