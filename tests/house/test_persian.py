"""The Persian catalogue says all that the program says, and the command line shows it."""

from __future__ import annotations

import json
import os
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from broadcaster.cli import SECTIONS, main

CATALOGUE = "broadcaster/locale/fa/LC_MESSAGES/broadcaster.po"
COMMAND_THEN_PERSIAN_DIGITS = re.compile(
    r"broadcaster (?:show|watch|cancel|retry|approve|move|edit|recall|resolve) \{(?:post|number)\}"
)


@pytest.fixture(scope="module")
def messages(root: Path) -> list[Message]:
    with (root / CATALOGUE).open("rb") as file:
        return [message for message in read_po(file) if message.id]


def _pairs(message: Message) -> Iterator[tuple[str, str]]:
    if isinstance(message.id, str):
        yield message.id, str(message.string)
    else:
        yield from zip(message.id, message.string or (), strict=True)


def test_the_catalogue_holds_the_texts_of_the_program_and_no_others(root: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "tools/messages.py", "--check"], cwd=root, check=False, text=True
    )
    assert ran.returncode == 0, "run `make messages`, and translate what is new"


def test_every_text_has_a_translation(messages: list[Message]) -> None:
    missing = [text for each in messages for text, told in _pairs(each) if not told.strip()]
    assert missing == []


def test_a_translation_has_the_places_of_its_text(messages: list[Message]) -> None:
    def places(text: str) -> set[str]:
        if "{" in text and "}" not in text:
            return set()
        try:
            return {
                name.partition(".")[0] for _, name, _, _ in string.Formatter().parse(text) if name
            }
        except ValueError:
            return set()

    differing = [
        text
        for each in messages
        if isinstance(each.id, str)
        for text, told in _pairs(each)
        if places(text) != places(told)
    ]
    assert differing == []


def test_numbers_in_commands_stay_as_they_are_typed(messages: list[Message]) -> None:
    wrong = [
        told
        for each in messages
        for _, told in _pairs(each)
        if COMMAND_THEN_PERSIAN_DIGITS.search(told)
    ]
    assert wrong == []


def test_persian_is_written_with_persian_letters(messages: list[Message]) -> None:
    shown_as_wrong = {"it has Arabic", "{letters} changed for Persian"}
    wrong = [
        told
        for each in messages
        for text, told in _pairs(each)
        if re.search("[يك٤٥٦?]", told.replace("?.", ""))
        and not text.startswith(tuple(shown_as_wrong))
        and "?" not in text.replace("?{", "").rstrip("?")
    ]
    assert wrong == []


def _commands() -> Iterator[tuple[str, ...]]:
    yield ()
    for commands in SECTIONS.values():
        for name in commands:
            yield (name,)
            command = main.get_command(click.Context(main), name)
            if isinstance(command, click.Group):
                yield from ((name, below) for below in command.commands)


def _help(root: Path, arguments: tuple[str, ...], **environment: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "broadcaster", *arguments, "--help"],
        cwd=root,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return ran.stdout


ENGLISH = re.compile(r"\b(?:the|of|is|are|and|it|to be|without|each)\b", re.IGNORECASE)
EXAMPLE = re.compile(
    r"^\s+(?:broadcaster |echo |crontab ).*$|\"[^\"]*\"|«[^»]*»|`[^`]*`", re.MULTILINE
)


ALL_HELP = """
import json, sys
from click.testing import CliRunner
from broadcaster.cli import main, speech
runner = CliRunner()
speech.begin([])
asked = json.load(sys.stdin)
print(json.dumps([runner.invoke(main, [*names, "--help"]).output for names in asked]))
"""


def test_help_is_persian(root: Path) -> None:
    commands = list(_commands())
    ran = subprocess.run(
        [sys.executable, "-c", ALL_HELP],
        cwd=root,
        env={**os.environ, "BROADCASTER_LANGUAGE": "fa"},
        input=json.dumps(commands),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    pages = dict(zip(commands, json.loads(ran.stdout), strict=True))
    plain = {name: EXAMPLE.sub("", page) for name, page in pages.items()}
    assert [name for name, page in plain.items() if not re.search("[آ-ی]{3}", page)] == []
    assert {name: said for name, page in plain.items() if (said := ENGLISH.findall(page))} == {}


@pytest.mark.parametrize(
    ("environment", "persian"),
    [
        ({"BROADCASTER_LANGUAGE": "fa"}, True),
        ({"LANG": "fa_IR.UTF-8"}, True),
        ({"LANG": "fa_IR.UTF-8", "LC_ALL": "C.UTF-8"}, False),
        ({"LANG": "fa_IR.UTF-8", "BROADCASTER_LANGUAGE": "en"}, False),
        ({"LANG": "en_US.UTF-8"}, False),
        ({}, False),
    ],
)
def test_persian_is_spoken_where_it_is_asked_for(
    root: Path, environment: dict[str, str], persian: bool
) -> None:
    assert ("گزینه‌ها" in _help(root, (), **environment)) is persian
