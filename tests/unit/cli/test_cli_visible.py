"""Nothing that a terminal would obey comes out of a text, and nothing that people write is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.app.reports import disarmed
from broadcaster.cli import output
from broadcaster.cli.run import note
from broadcaster.visible import json_escaped, visible

ISOLATED = "\u2067می‌گوید\u2069 و \u202aABC\u202c"
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202d\u202e]")
DAMAGE = st.text(
    st.characters()
    | st.sampled_from(
        "\x00\x07\x1b\r\n\t\x7f\x85\x9b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2069"
    )
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[8mپنهان\x1b[28m", r"\x1b[8mپنهان\x1b[28m"),
        ("\x1b]0;x\x07", r"\x1b]0;x\x07"),
        ("\x9b31m\x7f", r"\x9b31m\x7f"),
        ("a\r\nb\tc", "a\\r\nb\tc"),
        ("\x0b\x0c\x00\x85", r"\x0b\x0c\x00\x85"),
        ("invoice\u202egpj.exe", "invoice⟪U+202E⟫gpj.exe"),
        ("\u202dx\u202c", "⟪U+202D⟫x⟪U+202C⟫"),
        ("\u2066open", "⟪U+2066⟫open"),
        ("close\u2069 \u202c", "close⟪U+2069⟫ ⟪U+202C⟫"),
        ("\u2066a\nb\u2069", "⟪U+2066⟫a\nb⟪U+2069⟫"),
        ("\u202a\u2067x\u202c\u2069", "⟪U+202A⟫\u2067x⟪U+202C⟫\u2069"),
        ("\ud800", "\\ud800"),
        (ISOLATED, ISOLATED),
        ("نیم‌فاصله ۱۲۳ 👨‍👩‍👧‍👦 \u200fو\u200e", "نیم‌فاصله ۱۲۳ 👨‍👩‍👧‍👦 \u200fو\u200e"),
    ],
)
def test_what_acts_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(DAMAGE)
def test_of_no_text_a_terminal_obeys_a_letter(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert not OBEYED.search(shown)
    assert visible(shown) == shown
    plain = "".join(
        c for c in text if not OBEYED.match(c) and c not in "\u202a\u202b\u202c\u2066\u2067\u2069"
    )
    rest = iter(shown)
    assert all(c in rest for c in plain), "every letter of it is still there, in its order"


@given(st.recursive(DAMAGE, lambda inner: st.lists(inner) | st.dictionaries(DAMAGE, inner)))
def test_json_says_the_same_and_harms_no_screen(value: object) -> None:
    printed = json_escaped(json.dumps(value, ensure_ascii=False))
    assert json.loads(printed) == value
    assert not OBEYED.search(printed)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return "".join(capsys.readouterr())


@pytest.fixture
def coloured() -> Iterator[None]:
    """As on a terminal: nothing is taken out of what is printed."""
    with click.Context(click.Command("x")) as context:
        context.color = True
        yield


@pytest.mark.usefixtures("coloured")
def test_every_way_to_print_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b[31m\x1b]52;c;eA==\x07\u202e\x9b1mX"
    output.echo("a ", evil)
    note(evil)
    output.print_table(("post", "text"), [("1", f"{evil}\nfake 2"), ("2", output.cut(evil, 40))])
    output.print_json({"x": evil})
    assert output.state(evil) == evil, "a word that is no state has no colour"
    said = (
        printed(capsys)
        .replace(click.style("post", bold=True), "")
        .replace(click.style("text", bold=True), "")
    )
    assert not OBEYED.search(said)
    assert not any(line.startswith("fake") for line in said.splitlines())


@pytest.mark.usefixtures("coloured")
def test_states_keep_their_colours(capsys: pytest.CaptureFixture[str]) -> None:
    output.echo("post 1  ", output.state("delivered"))
    assert printed(capsys) == "post 1  " + click.style("delivered", fg="green") + "\n"


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://x"&A1)', "@SUM(1)", "+1+1", "-1", "- مورد یک", "\tx", "\rx", "\n=1",
        "\ufeff=1", " =1", "\u00a0\u200f=1", " \t x", "＝1", "\u200e-۵ درجه", "\x00=1",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_would_run_is_a_text(cell: str) -> None:
    assert disarmed(cell) == "'" + cell


@pytest.mark.parametrize(
    "cell", ["", "متن", "2026-12-01T08:15:08+03:30", "a=b", "https://t.me/x/1", "«- مورد»", 7, None]
)
def test_other_cells_stay(cell: object) -> None:
    assert disarmed(cell) == cell
