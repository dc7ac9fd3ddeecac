"""An announcement in one file: options, pictures, words."""

from __future__ import annotations

import pytest

from broadcaster.errors import InputError
from broadcaster.text.frontmatter import Value, announcement

YAML = """---
# برای فردا
to: [news, مردم]
at: فردا ۸ صبح
expires: "شنبه ۱۲:۳۰"   # پس از آن نه
silent: true
pin: no
reply_to: 12
media:
  - پوستر.jpg
  - "فایل ۲.pdf"
---

# عنوان

متن
"""


def test_lines_of_key_and_value() -> None:
    found = announcement(YAML)
    assert found.options == {
        "to": ["news", "مردم"],
        "at": "فردا ۸ صبح",
        "expires": "شنبه ۱۲:۳۰",
        "silent": True,
        "pin": False,
        "reply_to": 12,
        "media": ["پوستر.jpg", "فایل ۲.pdf"],
    }
    assert found.text == "# عنوان\n\nمتن"
    assert found.pictures == ()


def test_toml() -> None:
    found = announcement('+++\nto = ["news"]\nsilent = true\nat = 2026-11-23T14:30:00\n+++\nمتن\n')
    assert found.options == {"to": ["news"], "silent": True, "at": "2026-11-23T14:30:00"}
    assert found.text == "متن"


@pytest.mark.parametrize(
    "source", ["متن", "", "---\n\nمتن\n\n---\n", "---", "---\nمتن: بی‌پایان", "--- متن\nto: x\n---"]
)
def test_a_text_without_front_matter_is_left_as_it_is(source: str) -> None:
    assert announcement(source).text == source
    assert announcement(source).options == {}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("+++\nto = \n+++\nمتن", "no TOML"),
        ("+++\nto = 'x'\nمتن", "not closed"),
        ("+++\n[a]\nb = 1\n+++\nمتن", '"a" must be'),
        ("---\nto: a\nنه\n---\nمتن", 'line 3: "نه" is no option'),
        ("---\nto: a\nto: b\n---\nمتن", 'line 3: "to" comes twice'),
    ],
)
def test_front_matter_that_cannot_be_read_is_refused(source: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        announcement(source)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("[]", []), ("", ""), ("''", ""), ("۱۲", "۱۲"), ("a: b", "a: b"), ("#x", "#x"), ("yes", True)],
)
def test_values(value: str, expected: Value) -> None:
    assert announcement(f"---\nkey: {value}\n---\n").options == {"key": expected}


def test_pictures_are_taken_out_and_addresses_stay() -> None:
    source = (
        '![پوستر](پوستر روز (۱).jpg)\n\nمتن ![دو](<b c.png> "عنوان") پایان\n\n'
        "![شبکه](https://mrud.ir/p.jpg)\n\n`![کد](x.png)`\n\n```\n![کد](y.png)\n```\n\n"
        "![پوستر](پوستر روز (۱).jpg)\n"
    )
    found = announcement(source)
    assert found.pictures == ("پوستر روز (۱).jpg", "b c.png")
    assert found.text == (
        "متن  پایان\n\n![شبکه](https://mrud.ir/p.jpg)\n\n`![کد](x.png)`\n\n```\n![کد](y.png)\n```"
    )


def test_an_escaped_picture_is_a_text() -> None:
    assert announcement(r"\![الف](ب.jpg)").pictures == ()
