"""Tables as spreadsheets write them become the lines of a batch."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.app.post_object import KEYS
from broadcaster.app.table_batch import _PERSIAN, _rows, lines_of
from broadcaster.errors import InputError


def read(tmp_path: Path, content: bytes | str, name: str = "خبرها.csv") -> list[tuple[int, Any]]:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(number, json.loads(line)) for number, line in lines_of(file)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_as_spreadsheets_write_it(tmp_path: Path, delimiter: str, encoding: str) -> None:
    rows = [
        ["متن", "کانال‌ها", "ساعت", "سنجاق", "پاسخ به", ""],
        ['"نوبت ""صبح""\nاز ۷؛ می‌توانید 🙂"', '"news-bale، news-eitaa"', "فردا ۸ صبح", "بله", "۱۲"],
        ["", "", "", "", ""],
        ["عصر", "news", "", "خیر", ""],
    ]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    assert read(tmp_path, text.encode(encoding)) == [
        (
            2,
            {
                "text": 'نوبت "صبح"\nاز ۷؛ می‌توانید 🙂',
                "to": ["news-bale", "news-eitaa"],
                "at": "فردا ۸ صبح",
                "pin": True,
                "reply_to": 12,
            },
        ),
        (4, {"text": "عصر", "to": ["news"], "pin": False}),
    ]


def test_a_text_of_its_own_for_a_channel(tmp_path: Path) -> None:
    said = read(tmp_path, "text,text_for.gap,متن eitaa\nسلام,کوتاه,بلند\n")
    assert said == [(2, {"text": "سلام", "text_for": {"gap": "کوتاه", "eitaa": "بلند"}})]


def test_excels_own_first_line(tmp_path: Path) -> None:
    assert read(tmp_path, "sep=;\r\ntext;to\r\nسلام, شما;news\r\n") == [
        (3, {"text": "سلام, شما", "to": ["news"]})
    ]


def test_json_lines_in_a_file(tmp_path: Path) -> None:
    assert read(tmp_path, '{"text": "سلام"}\n', "a.jsonl") == [(1, {"text": "سلام"})]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("متن,کانل\nسلام,news\n", "did you mean کانال"),
        ("", "no head row"),
        ("text,to\nسلام, شما,news\n", "row 2 has more cells"),
        ("متن,text\nسلام,درود\n", "two columns are text"),
        ("متن\nسلام\n".encode("cp1256"), "not UTF-8"),
        ('text\n"سلام\n', "is no CSV"),
    ],
)
def test_what_is_wrong_with_a_table(tmp_path: Path, content: bytes | str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read(tmp_path, content)


def test_each_key_has_a_persian_name() -> None:
    assert {*_PERSIAN.values()} | {"text_for"} == {*KEYS}


@given(st.text())
def test_whatever_a_table_holds_is_read_or_refused(text: str) -> None:
    try:
        for _, line in _rows("text,to\n" + text):
            assert set(json.loads(line)) <= {"text", "to"}
    except (InputError, csv.Error):
        pass
