"""What the pages say about the program is so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from broadcaster.cli import main
from broadcaster.model import State

CODE = re.compile(r"```[^\n]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
COMMAND = re.compile(r"^(?:\$ |# )?(?:sudo )?(?:\S*/)?broadcaster (?:--config \S+ )?([a-z]+)\b")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def pages(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((path, text) for path, text in texts.items() if path.endswith(".md"))


def test_the_commands_that_pages_name_exist(texts: Mapping[str, str]) -> None:
    assert isinstance(main, click.Group)
    named = {
        command[1]
        for _, text in pages(texts)
        for code in CODE.finditer(text)
        for line in (code[1] or code[2]).splitlines()
        if (command := COMMAND.match(line.strip()))
    }
    assert named >= {"demo", "init", "post", "daemon"}
    assert named <= set(main.list_commands(click.Context(main)))


def test_links_between_pages_lead_somewhere(texts: Mapping[str, str], root: Path) -> None:
    lost = [
        f"{path}: {link[1]}"
        for path, text in pages(texts)
        for link in LINK.finditer(CODE.sub("", text))
        if "://" not in link[1] and not (root / path).parent.joinpath(link[1]).exists()
    ]
    assert lost == []


def test_the_page_of_the_lifecycle_has_every_state_and_no_other(texts: Mapping[str, str]) -> None:
    table = re.search(r"(?m)^\| *state *\|.*\n\|[-| :]+\n((?:\|.*\n)+)", texts["docs/lifecycle.md"])
    assert table, "docs/lifecycle.md has a table whose first column is named state"
    assert re.findall(r"(?m)^\| *`([a-z]+)` *\|", table[1]) == list(State)
