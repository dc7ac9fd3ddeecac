"""What chat writers, editors and offices type that only CommonMark takes for markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.model import SpanKind
from broadcaster.text.encode import entities_utf16, html, markdown_spaced, metadata, plain
from broadcaster.text.markdown import read
from broadcaster.text.rich import of_kind

ENCODERS = (entities_utf16, metadata, markdown_spaced, plain, html)


@pytest.mark.parametrize(
    "typed",
    [
        "~~~ اطلاعیه ~~~\nساعت کار از شنبه ۷ است.\nhttps://example.ir",
        "~~~\nمتن\n~~~\nپس",
        "~~~متن~~~",
        "||||||||||\nمتن\n||||||||||",
        "ادارهٔ کل\nساعت کار\n------------\nتلفن ۱۲۳",
        "عنوان\n---\nمتن",
        "عنوان\n=====\nمتن",
        "-----------\n\nمتن",
        "متن\n\n* * * * *\n\nپس",
        "- - - - -",
        "نام: ________\n______________\nامضا",
        "**********\nمتن\n**********",
        "######",
        "متن\n#\nپس",
        "## ##",
        "# # #",
        "متن\n## # ##\nپس",
        ">>>>>>>>",
        "متن\n>>>>>\nپس",
        f"{'>' * 25} فوری: جلسه لغو شد <<<<",
        f"متن\n{'> ' * 30}فوری",
        f"{'- ' * 12}متن\n\nبند بعدی",
        f"{'1. ' * 12}متن\n\nبند بعدی",
        "-\n\nمتن",
        "* اطلاعیه *\nمتن",
        "- ۳ -",
        ">> فوری <<",
        "متن\n> فوری <\nپس",
        "1.\n\nمتن",
        "+ 98 21 8888 1234",
        "```\n```",
    ],
)
def test_decorations_stay_as_they_were_typed(typed: str) -> None:
    text = read(typed)
    assert (text.plain, text.spans) == (typed, ())


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("    با سلام\n\nمتن", "با سلام\n\nمتن"),
        ("\tبا سلام\n    متن", "با سلام\nمتن"),
        ("متن\n\n    **مهم**", "متن\n\nمهم"),
    ],
)
def test_an_indented_line_is_no_code(source: str, plain: str) -> None:
    text = read(source)
    assert text.plain == plain
    assert of_kind(text, SpanKind.PRE) == ()


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("- الف\n---\nپس", "• الف\n———\nپس"),
        ("- الف\n------\nپس", "• الف\n------\nپس"),
        ("1. الف\n* * * *\nپس", "۱. الف\n* * * *\nپس"),
    ],
)
def test_a_drawn_line_ends_a_list(source: str, plain: str) -> None:
    assert read(source).plain == plain


def test_a_line_below_a_quote_is_not_in_it() -> None:
    text = read("> نقل\nپس")
    assert text.plain == "نقل\nپس"
    assert [(span.start, span.length) for span in text.spans] == [(0, 3)]


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("204. نفر\n117. نفر\n398. نفر", "۲۰۴. نفر\n۱۱۷. نفر\n۳۹۸. نفر"),
        ("3) الف\n5) ب\n9) ج", "۳) الف\n۵) ب\n۹) ج"),
        ("3. a\n\n5. b", "3. a\n\n5. b"),
        ("007. الف\n008. ب", "۰۰۷. الف\n۰۰۸. ب"),
        ("1. الف\n1. ب\n1. ج", "۱. الف\n۲. ب\n۳. ج"),
        ("1. الف\n1. ب\n2. ج", "۱. الف\n۱. ب\n۲. ج"),
        ("2. الف\n2. ب", "۲. الف\n۲. ب"),
        ("0. a\n0. b", "0. a\n0. b"),
        ("1. a\n   7. b\n   3. c\n9. d", "1. a\n  7. b\n  3. c\n9. d"),
        ("۲۰۴. نفر\n۱۱۷. نفر", "۲۰۴. نفر\n۱۱۷. نفر"),
        ("مادهٔ\n117. متن", "مادهٔ\n117. متن"),
    ],
)
def test_the_numbers_of_a_list_are_those_that_were_typed(source: str, plain: str) -> None:
    assert read(source).plain == plain


@pytest.mark.parametrize(
    "path",
    [
        r"\\192.168.1.5\_اسناد",
        r"\\srv\share\~new\[1]"[:-3],
        r"D:\1405\#گزارش",
        r"D:\اسناد اداری\_نامه",
        r"C:\*.pdf",
        r"c:\a_b\c_d\!x",
        r".\_build و ..\_src",
        r"%APPDATA%\broadcaster\_state",
        r"HKLM\Software\_x",
        r"MRUD\ali",
        r"%USERPROFILE%\_a و %TEMP%\#b",
        r"~\_b",
        r"file:\\srv\_a",
        r"(D:\_a\_b)",
        "D:\\پوشه\\\nخط دو",
    ],
)
@pytest.mark.parametrize("before", ["پوشه: ", "پوشه:"])
def test_the_backslashes_of_paths_stay(path: str, before: str) -> None:
    assert read(before + path).plain == before + path


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        (r"D:\\1405\\\#x", r"D:\1405\#x"),
        (r"\\\\srv\\\_x", r"\\srv\_x"),
        (r"snake\_case\_name و 2\*3", "snake_case_name و 2*3"),
        (r"پوشه D:\_a را ببینید و \*متن\*", r"پوشه D:\_a را ببینید و *متن*"),
        (r"**D:\_a**", r"D:\_a"),
        (r"[D:\_a](https://a.ir)", r"D:\_a"),
    ],
)
def test_other_backslashes_are_escapes(source: str, plain: str) -> None:
    assert read(source).plain == plain


def test_no_cell_of_a_table_is_lost() -> None:
    text = read("|نام|تعداد|\n|-|-|\n|الف|۱|توضیح|دیگر|\n|ب||")
    for word in ("نام", "تعداد", "الف", "۱", "توضیح", "دیگر", "ب"):
        assert word in text.plain


def test_a_definition_that_comes_twice_is_a_text() -> None:
    assert "https://b.ir" in read("[راه][1]\n\n[1]: https://a.ir\n[1]: https://b.ir").plain


def test_lists_and_quotes_of_any_depth_keep_their_words() -> None:
    items = "\n".join(f"{'  ' * n}- بند{n}." for n in range(40))
    quotes = "\n".join(f"{'>' * n} نقل{n}." for n in range(1, 40))
    mixed = "> - " * 15 + "پایان."
    for source in (items, quotes, mixed, f"{items}\n\n{quotes}"):
        seen = read(source).plain
        for word in re.findall(r"\w+\.", source):
            assert word in seen


WORDS = st.integers(0, 9999).map(lambda n: f"واژه{n}م")
MARKS = st.sampled_from(
    [
        *("> ", ">>> ", ">" * 22, "- ", "* ", "+ ", "- - ", "1. ", "12. ", "7) ", "# ", "###### "),
        *(
            "    ",
            "\t",
            "  - ",
            "      - ",
            "~~~ ",
            "~~~",
            "``` ",
            "---",
            "===",
            "***",
            "____",
            "|",
        ),
        *(
            "|-|-|",
            "| ",
            " | ",
            "**",
            "*",
            "_",
            "~~",
            "||",
            "`",
            "\\",
            "\\\\",
            "D:\\",
            "!",
            "[",
            "]",
        ),
        *(")", "<", "<!--", "&", "@", "«", "»", "\u200c", "\u200f", " ", "\u2028", "\v"),
    ]
)
LINES = st.lists(st.lists(MARKS | WORDS, max_size=8).map("".join), max_size=8)


@given(LINES, st.sampled_from(["\n", "\n\n", "\r\n", "\u2028"]))
def test_every_word_reaches_every_platform_in_its_order(lines: list[str], between: str) -> None:
    source = between.join(lines)
    text = read(source)
    wanted = re.findall(r"واژه\d+م", source)
    for encode in ENCODERS:
        assert re.findall(r"واژه\d+م", encode(text)[0]) == wanted
