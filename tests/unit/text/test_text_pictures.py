"""Pictures in the notations of Markdown and of editors, and texts made to be slow."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from broadcaster.errors import InputError
from broadcaster.text.frontmatter import announcement
from broadcaster.text.pictures import From, pictures, unattached

SIZE = 1 << 16


def found(source: str) -> list[tuple[str, From]]:
    return [(each.target, each.origin) for each in pictures(source)]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("![الف](ب.jpg)", "ب.jpg"),
        ("![عکس [۱]](ب.jpg)", "ب.jpg"),
        (r"![الف \] ب](ب.jpg)", "ب.jpg"),
        ("![الف\nب](ب.jpg)", "ب.jpg"),
        ("![](C:/عکس/x.png)", "C:/عکس/x.png"),
        ("![](file:///x%20y.png)", "file:///x%20y.png"),
        ("![ ](<a b.png>)", "a b.png"),
        ('![ ](a b.png  "عنوان")', "a b.png"),
        ("![](\n  ب.jpg\n)", "ب.jpg"),
        ('![](<a b.png>\n "عنوان" )', "a b.png"),
    ],
)
def test_files_to_attach(source: str, target: str) -> None:
    assert found(source) == [(target, From.FILE)]
    assert announcement(source).text == ""


@pytest.mark.parametrize(
    "source", ["![a](https://mrud.ir/p.jpg)", "![a](//mrud.ir/p.jpg)", "![a]\n\n[A]: http://b.ir/c"]
)
def test_pictures_on_the_web_stay(source: str) -> None:
    ((_, origin),) = found(source)
    assert origin is From.WEB
    assert announcement(source).text == source
    assert unattached(source) == ""


@pytest.mark.parametrize(
    "source",
    [
        "مهم![۱][۲]",
        "مهم![^1]\n\n[^1]: توضیح",
        r"\![الف](ب.jpg)",
        r"\![[ب.jpg]]",
        "`![الف](ب.jpg)` و `<img src=x>`",
        "```\n![[ب.jpg]]\n```",
        "![الف]",
        "<img> و <image src=x> و a <b",
        "![الف](ب.jpg",
        "![الف\n\nب](ب.jpg)",
        "![الف](\n\nب.jpg)",
    ],
)
def test_what_is_no_picture_is_a_text(source: str) -> None:
    assert found(source) == []
    assert unattached(source) == ""


def test_data_within_a_text_is_not_repeated_as_a_whole() -> None:
    assert len(unattached(f"![x](data:image/png;base64,{'A' * SIZE})")) < 300


@pytest.mark.parametrize(
    "part",
    [
        "![a]( ",
        "![a](",
        "![a](\n",
        "![",
        "![[",
        "![\\]",
        "![a][",
        '![a](b "',
        "![a](b(",
        "[a]: x\n![a]",
        "![a\n",
        "<img ",
        "<img src=",
        "`",
        "~",
        "``a`",
        "```\n",
        " ",
        "\n ",
    ],
)
@pytest.mark.parametrize("before", ["", "![a]( ", "---\na", "---\na: b", "---\na: b\n- "])
def test_no_text_takes_long(before: str, part: str) -> None:
    source = (before + part * SIZE)[:SIZE] + "\n---\nx"
    start = time.process_time()
    with suppress(InputError):
        announcement(source)
    assert time.process_time() - start < 2  # a quadratic pattern takes minutes


@pytest.mark.parametrize(
    "said",
    [
        "a = " + "[" * 100_000,
        "a = " + "{a=" * 100_000,
        'a = ["""x"""", ' + "[" * 100_000,
        "a." * 50_000 + "b = 1",
        '"a".' * 50_000 + "b = 1",
        "[" + "a . " * 50_000 + "b]",
        "a = " + "1" * 5_000,
        '"""' + '\\"""' * 20_000,
    ],
)
def test_toml_that_is_made_to_break_its_parser_is_refused(said: str) -> None:
    start = time.process_time()
    with pytest.raises(InputError, match="no TOML") as refused:
        announcement(f"+++\n{said}\n+++\nمتن")
    assert len(str(refused.value)) < 300
    assert time.process_time() - start < 2


def test_toml_of_people_may_be_as_deep_as_they_need() -> None:
    said = 'a = [[[[1]]]] # [[[[[[[[[[[[[[[[[[[[[\nb = \'[[[[[[[[[[[[[[[[[[[[[[\' \nc = "a.\\"[[["'
    with pytest.raises(InputError, match='"a" must be words'):
        announcement(f"+++\n{said}\n+++\n")


def test_a_number_of_many_digits_is_a_word() -> None:
    assert announcement(f"---\nkey: {'1' * 5_000}\n---\n").options == {"key": "1" * 5_000}
