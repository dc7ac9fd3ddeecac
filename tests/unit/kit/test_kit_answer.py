"""What a server sends is read, whatever it is: in little time, and without harm."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.errors import SendError
from broadcaster.kit.answer import ANSWER_BYTES, Answer
from broadcaster.kit.botapi import Reader
from broadcaster.kit.botclient import receipt
from broadcaster.kit.refusal import Advice, is_page, named_wait, quoted
from broadcaster.model import Secret, Verb
from broadcaster.outside import identifier, said

TOKEN = "123456:AAanswer-AAanswer_AAanswerAAanswer"
SECRET = Secret(TOKEN)
READER = Reader(Advice(account="a", rights="r", address="c"), SECRET)
LONG = ANSWER_BYTES - 200
QUADRATIC_S = 2.0
"""What grows with the square of four million takes hours."""
CONTROLS = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0))}


@pytest.mark.parametrize(
    "piece",
    ["9", "<", " ", "\ud800", "a:", "9:", "1234567", "<a", "&#", "%3a", "%", "\u202e", "\n", "ن",
     "message ", "file ", "retry after ", "in 1", "\x00", TOKEN[:20], "***", ":", "-", "\u200c"],
)  # fmt: skip
def test_a_long_word_is_not_looked_at_for_long(piece: str) -> None:
    text = piece * (LONG // len(piece))
    began = time.monotonic()
    words = quoted(text, 400, SECRET)
    named_wait(text)
    is_page(text)
    assert time.monotonic() - began < QUADRATIC_S
    assert len(words) <= 200
    assert not set(words) & (CONTROLS | {"\ud800", "\u202e"})


NUMBERS = [b"9" * 2_000_000, b"-" + b"9" * 5_000, b"9" * 400, b"9" * 21, b"1e999999", b"1e400",
           b"0." + b"9" * 1_000_000, b"NaN", b"Infinity", b"1" + b"0" * 4_400]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "form",
    [
        b'{"ok":true,"result":{"message_id":%s}}',
        b'{"ok":true,"result":{"message_id":7,"date":%s}}',
        b'{"ok":true,"result":%s}',
        b'{"ok":false,"error_code":%s,"description":"x"}',
        b'{"ok":false,"error_code":429,"parameters":{"retry_after":%s}}',
        b'{"ok":false,"error_code":400,"parameters":{"migrate_to_chat_id":%s}}',
    ],
)
def test_no_number_is_too_long_to_be_read(number: bytes, form: bytes) -> None:
    status = 200 if b"true" in form else 400
    began = time.monotonic()
    try:
        result = READER.result(Answer(status, form % number))
        got = receipt(result)
    except SendError as error:
        shown = error.detail
    else:
        shown = f"{got.ids} {got.at}"
        assert shown == "('7',) None"
    assert time.monotonic() - began < QUADRATIC_S
    assert len(shown) < 400


@given(st.integers(-(10**19), 10**19) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_that_can_be_meant_are_read_as_they_are(number: float) -> None:
    assert Answer(200, json.dumps([number]).encode()).json() == [number]


DAMAGE = st.text(
    st.characters() | st.sampled_from("\x00\x1b\x85\ud800\udfff\u202e\u2066سلام\u200c")
)


@given(st.recursive(DAMAGE, lambda inner: st.lists(inner) | st.dictionaries(DAMAGE, inner)))
def test_what_a_body_holds_can_be_kept(value: Any) -> None:
    shown = json.dumps(Answer(200, json.dumps(value).encode()).json(), ensure_ascii=False)
    shown.encode()
    assert not set(shown) & CONTROLS


def test_what_stands_in_it_stays() -> None:
    value: Any = {"متن": "می‌گوید «۱۲۳» 👨‍👩‍👧‍👦", "n": [7, 1.5, True, None], "lines": "a\nb\tc"}
    for bare in (False, True):
        body = json.dumps(value, ensure_ascii=bare).encode()
        assert Answer(200, body).json() == value


@pytest.mark.parametrize("depth", [900, 20_000, 1_000_000])
def test_no_depth_is_too_deep(depth: int) -> None:
    """It is read, or is none; nothing is raised."""
    Answer(200, b"[" * depth + b'"\\ud800"' + b"]" * depth).json()


@given(DAMAGE | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_what_is_said_is_one_harmless_line(text: str) -> None:
    shown = said(text)
    shown.encode()
    assert not set(shown) & (CONTROLS | {"\u202e", "\u2066"})
    assert len(shown.splitlines()) <= 1


@pytest.mark.parametrize("before", [0, 1_970, 1_990, 1_999, 2_000, 3_970, 3_999])
def test_no_cut_lets_a_half_of_the_token_through(before: int) -> None:
    shown = quoted("x" * before + TOKEN + " y" * 5_000, 400, SECRET)
    whole = said("x" * before + TOKEN + " y" * 5_000)
    assert TOKEN[:12] not in shown
    assert len(whole) <= 2_000


def test_controls_do_not_hide_a_token() -> None:
    hidden = "\x00".join(TOKEN)
    assert quoted(f"bad {hidden}", 400, SECRET) == "bad ***"


@pytest.mark.parametrize("value", [0, "", None, True, False, 7.0, [], {}, "a b", "ی", "x" * 129])
def test_no_message_is_called_so(value: Any) -> None:
    assert identifier(value) == ""


@pytest.mark.parametrize("value", [7, -7, "7", "AbC_-=/+:.~", "x" * 128, 2**64 - 1])
def test_a_message_may_be_called_so(value: Any) -> None:
    assert identifier(value) == str(value)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("Too Many Requests: retry after 8", 8.0),
        ("retry_after: 8", 8.0),
        ('"retry_after":8', 8.0),
        ("A wait of 30 seconds is required", 30.0),
        ("please wait 5s", 5.0),
        ("wait 500 ms", 0.5),
        ("SLOWMODE_WAIT_9", 9.0),
        ("try again in 1 hour", 3600.0),
        ("لطفاً پس از ۲ دقیقه دوباره تلاش کنید", 120.0),
        ("۸ ثانیه دیگر", 8.0),
        ("تا ۳ ساعت دیگر", 3 * 3600.0),
        ("429 Too Many Requests", None),
        ("too many requests", None),
        ("retry after 0", None),
        ("retry after " + "9" * 400, None),
        ("", None),
    ],
)
def test_a_wait_is_read_from_words(text: str, wait: float | None) -> None:
    assert named_wait(text) == wait


@given(status=st.integers(200, 599), body=st.binary(max_size=80), verb=st.sampled_from(Verb))
def test_whatever_comes_is_an_outcome(status: int, body: bytes, verb: Verb) -> None:
    for raw in (body, b'{"ok":false,"description":"%s"}' % body.replace(b'"', b"")):
        with pytest.raises(SendError) as raised:
            READER.result(Answer(status, raw), verb)
        raised.value.detail.encode()
