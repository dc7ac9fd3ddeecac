"""No known secret in any line of the log, whoever wrote it."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster import logs
from broadcaster.engine.schedule import Ticker
from broadcaster.model import Secret
from broadcaster.secrecy import Mask

TOKEN = "123456789:AAlogs-AAlogs_AAlogsAAlogs"
PASSWORD = 'پا"س\\ورد@%'
URL = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ?key=geheim-geheim"


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """What stands in the log by now; everything global is put back afterwards."""
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield lambda: capsys.readouterr().err
    root.handlers[:], root.level = handlers, level
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(False)


def fail() -> None:
    raise ValueError(f"https://api.example/bot{TOKEN}/getMe")


@pytest.mark.parametrize("form", ["text", "json"])
def test_in_no_form_and_from_no_logger(written: Callable[[], str], form: str) -> None:
    logs.conceal([Secret(TOKEN), Secret(PASSWORD)])
    logs.conceal_urls([Secret(URL)])
    logs.configure("debug", form)  # type: ignore[arg-type]
    for name in ("broadcaster.engine", "httpx", "somebody.else"):
        logger = logging.getLogger(name)
        logger.error("GET https://api.example/bot%s/getMe", TOKEN)
        logger.error("%s", {"token": TOKEN, "password": PASSWORD})
        logger.error("%s", json.dumps([TOKEN, PASSWORD]))
        logger.error("%s %s", quote(TOKEN, safe=""), quote(PASSWORD))
        logger.error("%s", URL)
        try:
            fail()
        except ValueError:
            logger.exception("it failed")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"deprecated {TOKEN}", stacklevel=1)
    text = written()
    secrets = (TOKEN, PASSWORD, quote(TOKEN, safe=""), quote(PASSWORD), json.dumps(PASSWORD)[1:-1])
    for secret in (*secrets, "TIiajkdnlazkcOXrIdevi7FQ", "geheim-geheim", "A1BRTD4JD"):
        assert secret not in text
    assert text.count("***") > 20
    assert "it failed" in text


def test_a_thread_that_ends_by_a_bug(written: Callable[[], str]) -> None:
    logs.conceal([Secret(TOKEN)])
    logs.configure("info")
    thread = threading.Thread(target=fail, name="store-watch")
    thread.start()
    thread.join()
    text = written()
    assert "the thread store-watch ended by a bug" in text
    assert TOKEN not in text


def test_an_uncaught_error_of_the_program(tmp_path: Path) -> None:
    code = f"""
from broadcaster import logs
from broadcaster.model import Secret
logs.conceal([Secret("{TOKEN}")])
logs.configure("info")
raise ValueError("bot{TOKEN}")
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "ended by a bug" in ran.stderr
    assert TOKEN not in ran.stderr.replace(f'conceal([Secret("{TOKEN}")])', "")


def test_a_line_of_json_is_an_object_with_persian_as_it_is(written: Callable[[], str]) -> None:
    logs.configure("info", "json")
    logging.getLogger("broadcaster").info("post %d: «می‌رود»\nدو خط", 12)
    text = written()
    line = json.loads(text)
    assert line["message"] == "post 12: «می‌رود»\nدو خط"
    assert (line["level"], line["logger"]) == ("info", "broadcaster")
    assert line["time"].endswith("+00:00")
    assert "می‌رود" in text


async def test_a_chore_that_takes_longer_than_its_interval_is_no_news(
    written: Callable[[], str],
) -> None:
    logs.configure("info")
    ticker = Ticker({"probe": (0.02, lambda: asyncio.sleep(10))})
    await asyncio.sleep(0.2)
    ticker.stop()
    assert "skipped" not in written()


def test_libraries_are_quiet_even_when_we_are_not(written: Callable[[], str]) -> None:
    logs.configure("debug")
    logging.getLogger("httpx").info("GET https://api.telegram.org/bot…")
    logging.getLogger("urllib3.connectionpool").warning("Retrying … /hooks/…")
    logging.getLogger("apprise").error("Unparseable URL: …")
    logging.getLogger("broadcaster").debug("here")
    (line,) = written().splitlines()
    assert line.endswith("here")


@given(st.text(min_size=4, alphabet=st.characters(codec="utf-8", exclude_characters="*")))
def test_whatever_the_secret_is_its_forms_go(secret: str) -> None:
    mask = Mask([secret])
    for form in (secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]):
        assert form not in mask.clean(f"a {form} b")


@given(st.text("abcXYZ0189_-:+/=", min_size=24, max_size=60), st.binary(max_size=4))
def test_nor_does_base64_or_hexadecimal_show_it(secret: str, before: bytes) -> None:
    mask, raw = Mask([secret]), secret.encode()
    for encoded in (
        base64.b64encode(before + raw + b"~~~"),
        base64.urlsafe_b64encode(before + raw + b"~~~"),
        (before + raw).hex().encode(),
        (before + raw).hex().upper().encode(),
    ):
        shown = mask.clean(f"Basic {encoded.decode()}")
        assert "***" in shown
        for start in range(3):
            sure = base64.b64encode(b"~" * start + raw).decode()[4:-4]
            assert sure not in shown
        assert raw.hex() not in shown.lower()


@pytest.mark.parametrize(
    "cut",
    [TOKEN[:24], TOKEN[:-3], TOKEN[len(TOKEN) // 2 :], TOKEN[8:], quote(TOKEN, safe="")[:25]],
)
def test_nor_a_half_of_it(cut: str) -> None:
    shown = Mask([TOKEN]).clean(f"said «{cut}» …")
    assert cut not in shown
    assert TOKEN[:12] not in shown
    assert TOKEN[-12:] not in shown


@pytest.mark.parametrize("between", ["", " ", ":", "-"])
@pytest.mark.parametrize("upper", [False, True])
def test_nor_do_its_bytes_one_by_one(between: str, upper: bool) -> None:
    numbers = TOKEN.encode().hex(between) if between else TOKEN.encode().hex()
    numbers = numbers.upper() if upper else numbers
    assert Mask([TOKEN]).clean(f"said «{numbers}»") == "said «***»"


@pytest.mark.parametrize(
    "escape", ["%{:02x}", "%{:02X}", r"\x{:02x}", r"\u{:04x}", "&#{};", "&#x{:x};"]
)
def test_nor_escapes_of_every_letter(escape: str) -> None:
    escaped = "".join(escape.format(ord(letter)) for letter in TOKEN)
    assert Mask([TOKEN]).clean(f"said «{escaped}»") == "said «***»"


def test_words_of_its_length_stay() -> None:
    assert Mask([TOKEN]).clean("123456789 سلام AAlogs") == "123456789 سلام AAlogs"


def test_what_is_printed_stands_in_the_log(written: Callable[[], str]) -> None:
    logs.conceal([Secret(TOKEN)])
    logs.configure("info")
    with redirect_stdout(logs.Printed()):
        print(f"token {TOKEN[:20]}", end="")
        print(TOKEN[20:])
        print("\x1b[8m hidden")
    first, second = written().splitlines()
    assert first.endswith("printed: token ***")
    assert second.endswith(r"printed: \x1b[8m hidden")


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_word_from_outside_looks_like_a_line_of_the_log(
    written: Callable[[], str], form: str
) -> None:
    logs.configure("info", form)  # type: ignore[arg-type]
    said = "moved to\r\n2026-12-01 00:00:00 INFO fake line\x1b]0;title\x07 \x9b\u202e \ud800"
    logging.getLogger("x").error("%s", said)
    text = written()
    assert not set(text) & set("\r\x1b\x07\x9b\u202e\ud800")
    assert not any(line.startswith("2026-12-01 00:00:00 INFO fake") for line in text.splitlines())
    if form == "json":
        (line,) = text.splitlines()
        assert json.loads(line)["message"] == said
