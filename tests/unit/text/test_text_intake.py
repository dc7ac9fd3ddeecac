"""Line breaks of all kinds are one; what paints screens is refused; texts have an end."""

from __future__ import annotations

import pytest

from broadcaster.errors import InputError
from broadcaster.text.intake import checked, checked_word, on_one_line
from broadcaster.text.markdown import read


@pytest.mark.parametrize("mark", ["\n", "\r\n", "\r", "\v", "\x85", "\u2028"])
def test_every_line_break_is_one(mark: str) -> None:
    assert checked(f"یک{mark}دو{mark}") == "یک\nدو\n"
    assert read(f"یک{mark}دو").plain == "یک\nدو"


@pytest.mark.parametrize("mark", ["\n\n", "\r\r", "\u2029", "\f", "\r\n\f\r\n", "\u2028\u2028"])
def test_separators_of_paragraphs_are_two(mark: str) -> None:
    assert checked(f"یک{mark}- دو") == "یک\n\n- دو"


@pytest.mark.parametrize(
    "control", ["\0", "\x07", "\x08", "\x0e", "\x1b", "\x1f", "\x7f", "\x80", "\x9b", "\x9f"]
)
def test_control_characters_are_refused_with_their_place(control: str) -> None:
    with pytest.raises(InputError, match=rf"U\+{ord(control):04X}.*line 2, column 4"):
        checked(f"سلام\r\nمتن{control}[31m")
    with pytest.raises(InputError, match=rf"the key.*U\+{ord(control):04X}"):
        checked_word(f"خبر{control}", "the key")


@pytest.mark.parametrize(
    "text",
    [
        "می‌رود\u200d\u200e\u200f",
        "👨‍👩‍👧 ☀️ 1️⃣ 🇮🇷",
        "ستون\tدو",
        "\u2067سلام\u2069",
        "سَلامٌ",
        "\u00a0\u202f",
    ],
)
def test_marks_of_persian_and_emoji_are_no_control_characters(text: str) -> None:
    assert checked(text) == text
    assert checked_word(text.replace("\t", " "), "the key") == text.replace("\t", " ")


@pytest.mark.parametrize("mark", ["\n", "\t", "\u2028", "\r"])
def test_a_key_stands_on_one_line(mark: str) -> None:
    with pytest.raises(InputError, match="the key"):
        checked_word(f"خبر{mark}۱", "the key")


def test_a_text_has_an_end() -> None:
    assert checked("ب" * 100, 200) == "ب" * 100
    with pytest.raises(InputError, match=r"202 bytes.* 200.*text_bytes"):
        checked("ب" * 101, 200)


def test_a_reason_is_never_refused_and_stands_on_one_line() -> None:
    assert on_one_line(" خطا\n در\x1b[31m متن‌ها ") == "خطا در [31m متن‌ها"
