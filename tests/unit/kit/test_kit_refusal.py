"""What a code means, and the words that people are shown of a platform's own."""

from __future__ import annotations

import pytest

from broadcaster.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    StaleHandle,
    Unauthorized,
)
from broadcaster.kit.refusal import (
    Advice,
    definite,
    file_forgotten,
    message_gone,
    quoted,
    refused,
)
from broadcaster.model import NO_SECRET, Media, MediaKind, Scope, Secret

ADVICE = Advice(account="new token", rights="make it an administrator", address="check address")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, OutcomeUnknown),
        (302, OutcomeUnknown),
        (400, Rejected),
        (401, Unauthorized),
        (403, Unauthorized),
        (404, Unauthorized),
        (408, OutcomeUnknown),
        (413, Rejected),
        (429, RateLimited),
        (440, Rejected),
        (500, OutcomeUnknown),
    ],
)
def test_a_code_has_one_meaning(status: int, kind: type[SendError]) -> None:
    error = refused(status, "words", ADVICE, retry_after=7)
    assert type(error) is kind
    assert definite(status) is not isinstance(error, OutcomeUnknown)
    assert error.code == str(status)
    assert "words" in error.detail
    if isinstance(error, RateLimited):
        assert error.retry_after == 7


def test_the_scope_comes_with_its_advice() -> None:
    account, channel = refused(401, "", ADVICE), refused(403, "", ADVICE)
    assert isinstance(account, Unauthorized)
    assert isinstance(channel, Unauthorized)
    assert (account.scope, channel.scope) == (Scope.ACCOUNT, Scope.CHANNEL)
    assert "new token" in account.detail
    assert "administrator" in channel.detail


def test_a_platforms_own_code_is_kept() -> None:
    assert refused(400, "", ADVICE, code="INVALID_INPUT").code == "INVALID_INPUT"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("متن  دراز\n است", "متن دراز است"),
        ("", "HTTP 400"),
        ("<HTML><h1>oops</h1>", "HTTP 400"),
        ("token s3cr3t/x is bad", "token *** is bad"),
        ("see https://x.ir/12345678:abcdefghij-K", "see https:x.ir/***"),
        ("GET /bots3cr3t%2fx/send", "GET /bot***/send"),
        ("GET /bot12345678%3Aabcdefghij-K/send", "GET /bot***/send"),
        ("ن" * 900, "ن" * 200),
    ],
)
def test_words_are_short_and_show_no_token_and_no_address(text: str, shown: str) -> None:
    assert quoted(text, 400, Secret("s3cr3t/x")) == shown


def test_the_secret_half_of_a_token_is_not_shown_alone() -> None:
    assert quoted("key 0a1b-2c3d-4e5f", 400, Secret("bot42:0a1b-2c3d-4e5f")) == "key ***"


def test_without_a_token_words_stay_words() -> None:
    assert quoted("abc", 400, NO_SECRET) == "abc"


@pytest.mark.parametrize(
    ("words", "gone", "forgotten"),
    [
        ("message not found", True, False),
        ("MESSAGE_ID_NOT_FOUND", True, False),
        ("message does not exist", True, False),
        ("unknown message", True, False),
        ("it was already deleted", True, False),
        ("message cannot be deleted", False, False),
        ("message is too old", False, False),
        ("chat not found", False, False),
        ("file_id is not valid", False, True),
        ("file not found", False, True),
        ("file_id has expired", False, True),
        ("ATTACHMENT_NOT_FOUND", False, True),
        ("invalid SID", False, True),
        ("profile not found", False, False),
        ("the file is too large", False, False),
    ],
)
def test_what_is_away_is_read_from_the_words(words: str, *, gone: bool, forgotten: bool) -> None:
    error = Rejected(f"the platform refuses it as it is: {words}")
    media = Media(digest="d", kind=MediaKind.PHOTO, name="n", mime="", size=1)
    assert message_gone(error) is gone
    assert isinstance(file_forgotten(error, [media]), StaleHandle) is forgotten
    assert file_forgotten(error, []) is error
