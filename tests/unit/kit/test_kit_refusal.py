"""What a code means, and the words that people are shown of a platform's own."""

from __future__ import annotations

import pytest

from broadcaster.errors import OutcomeUnknown, RateLimited, Rejected, SendError, Unauthorized
from broadcaster.kit.refusal import Advice, definite, quoted, refused
from broadcaster.model import NO_SECRET, Scope, Secret

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
        ("ن" * 900, "ن" * 200),
    ],
)
def test_words_are_short_and_show_no_token_and_no_address(text: str, shown: str) -> None:
    assert quoted(text, 400, Secret("s3cr3t/x")) == shown


def test_without_a_token_words_stay_words() -> None:
    assert quoted("abc", 400, NO_SECRET) == "abc"
