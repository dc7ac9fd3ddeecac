"""What the pages say about the program is so."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest

from broadcaster.cli import main
from broadcaster.config.schema import KEYS
from broadcaster.model import EDGES, Door, Kind, Stage, State, Verb, after

CODE = re.compile(r"```[^\n]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
COMMAND = re.compile(r"^(?:\$ |# )?(?:sudo |runuser -u \S+ -- )?(?:\S*/)?broadcaster (?P<rest>.*)")
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?[^)]*\)")
HEADING = re.compile(r"(?m)^#+ (.*)$")


def pages(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((path, text) for path, text in texts.items() if path.endswith(".md"))


def said(texts: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Where, and the words after ``broadcaster`` of each command that a page shows."""
    for path, text in pages(texts):
        for code in CODE.finditer(text):
            for line in (code[1] or code[2]).splitlines():
                if command := COMMAND.match(line.strip()):
                    yield path, words(command["rest"])


def words(rest: str) -> list[str]:
    """As the shell splits it, up to a comment, a pipe or another command."""
    lexer = shlex.shlex(rest, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found = list(lexer)
    stops = [at for at, word in enumerate(found) if word in {";", "|", "<", ">", "&&"}]
    return found[: min(stops, default=len(found))]


def leaf(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that ``words`` call, and what it is given; a KeyError says there is none."""
    command: click.Command = main
    rest = words[2:] if words[:1] == ["--config"] else words
    while isinstance(command, click.Group) and rest and rest[0][0].islower():
        found = command.get_command(click.Context(command), rest[0])
        if found is None:
            raise KeyError(rest[0])
        command, rest = found, rest[1:]
    return command, rest


def test_the_commands_and_options_that_pages_show_exist(texts: Mapping[str, str]) -> None:
    seen, wrong = set[str](), list[str]()
    for path, shown in said(texts):
        try:
            command, rest = leaf(shown)
        except KeyError as error:
            wrong.append(f"{path}: broadcaster {error.args[0]}")
            continue
        seen.add(str(command.name))
        context = click.Context(command)
        known = {
            name
            for each in command.get_params(context)
            for name in (*each.opts, *each.secondary_opts)
        }
        wrong += [
            f"{path}: broadcaster {command.name} {word}"
            for word in rest
            if word.startswith("-") and word.split("=")[0] not in known
        ]
    assert wrong == []
    assert seen >= {"demo", "init", "post", "daemon", "add"}


@pytest.mark.parametrize("rest", ["posts", "schedule ad", "--config F posst"])
def test_a_command_that_is_none_is_found(rest: str) -> None:
    with pytest.raises(KeyError):
        leaf(rest.split())


def test_both_readmes_show_the_same_commands(texts: Mapping[str, str]) -> None:
    english, persian = (
        {
            command.name
            for path, shown in said(texts)
            if path == page
            for command, _ in [leaf(shown)]
        }
        for page in ("README.md", "README.fa.md")
    )
    assert persian == english


def test_each_persian_page_stands_for_an_english_one(texts: Mapping[str, str]) -> None:
    persian = {path: text for path, text in texts.items() if path.startswith("docs/fa/")}
    assert persian
    for text in persian.values():
        first = LINK.search(text)
        assert first is not None
        assert f"docs/{first[1].removeprefix('../')}" in texts


def test_the_table_of_the_configs_keys_is_what_the_config_takes(texts: Mapping[str, str]) -> None:
    """Names, where they may stand, default, and whether the daemon takes a change while it runs."""
    rows = re.findall(
        r"(?m)^\| (`\w+`(?:, `\w+`)*) \| ([a-z_, ]+) \| ([^|]+) \| ([a-z ]+) \|$",
        texts["docs/operations.md"],
    )
    table = {
        name: (tuple(levels.split(", ")), default, live)
        for names, levels, default, live in rows
        for name in re.findall(r"\w+", names)
    }
    assert table.keys() == {key.name for key in KEYS}
    for key in KEYS:
        levels, default, live = table[key.name]
        assert levels == key.levels, key.name
        assert live == ("at once" if key.live else "at the next start"), key.name
        if key.default:
            assert default.startswith(f"`{key.default}`"), key.name
        else:
            assert "`" not in default, key.name


def test_the_example_config_shows_every_key(texts: Mapping[str, str]) -> None:
    missing = {
        key.name
        for key in KEYS
        if not re.search(rf"(?m)\b{key.name} *=", texts["config/example.toml"])
    }
    assert missing == set()
    tomllib.loads(texts["config/example.toml"])


def test_links_between_pages_lead_somewhere(texts: Mapping[str, str], root: Path) -> None:
    lost = []
    for path, text in pages(texts):
        for link in LINK.finditer(CODE.sub("", text)):
            if "://" in link[0]:
                continue
            target = (root / path).parent.joinpath(link[1]).resolve() if link[1] else root / path
            if not target.exists() or (link[2] and link[2] not in headings(target)):
                lost.append(f"{path}: {link[0]}")
    assert lost == []


def test_the_map_names_files_that_exist(texts: Mapping[str, str], root: Path) -> None:
    """``<platform>`` stands for any of them."""
    path = r"`((?:broadcaster|adapters|docs|config)/[^`\s]*)`"
    named = re.findall(path, texts["ARCHITECTURE.md"])
    assert len(named) > 5
    patterns = {name: re.sub(r"<\w+>", "*", name).rstrip("/") for name in named}
    assert [name for name, pattern in patterns.items() if not any(root.glob(pattern))] == []


def headings(page: Path) -> set[str]:
    """As links name them."""
    return {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(CODE.sub("", page.read_text("utf-8")))
    }


def test_the_page_of_the_lifecycle_has_every_state_and_no_other(texts: Mapping[str, str]) -> None:
    table = re.search(r"(?m)^\| *state *\|.*\n\|[-| :]+\n((?:\|.*\n)+)", texts["docs/lifecycle.md"])
    assert table, "docs/lifecycle.md has a table whose first column is named state"
    assert re.findall(r"(?m)^\| *`([a-z]+)` *\|", table[1]) == list(State)
    for row, state in zip(table[1].strip().splitlines()[-len(State) :], State, strict=True):
        leaves_by = row.split("|")[3]
        named = {State(word) for word in re.findall(r"`([a-z]+)`", leaves_by) if word in set(State)}
        assert named == after(state), f"what {state} leaves by"


def test_the_picture_of_the_states_is_that_of_the_model(texts: Mapping[str, str]) -> None:
    edges = [
        f"    {state} --> {then}: {', '.join(cause for cause in by if then in by[cause])}"
        for state, by in EDGES.items()
        for then in State
        if then in after(state)
    ]
    picture = "\n".join(
        [
            "```mermaid",
            "stateDiagram-v2",
            "    [*] --> waiting",
            "    [*] --> held",
            *edges,
            *(f"    {state} --> [*]" for state in State if not after(state)),
            "```",
        ]
    )
    assert picture in texts["docs/lifecycle.md"], f"what must stand there:\n{picture}"


def entries(texts: Mapping[str, str]) -> list[str]:
    """What the glossary explains, in its order."""
    return re.findall(r"(?m)^- \*\*([^*]+)\*\*: \w", texts["docs/glossary.md"])


def test_the_glossary_has_the_words_of_the_model(
    texts: Mapping[str, str], modules: Mapping[str, ast.Module]
) -> None:
    """A class is called by the words of its name: ``MediaKind`` is a media kind."""
    classes = {
        re.sub(r"(?<!^)(?=[A-Z])", " ", node.name).lower()
        for node in modules["broadcaster/model.py"].body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }
    assert classes >= {"post", "delivery", "media kind"}
    assert classes - set(entries(texts)) == set()


def test_the_glossary_has_every_state_stage_and_kind(texts: Mapping[str, str]) -> None:
    words = {*State, *Stage, *Kind}
    assert words - set(entries(texts)) == set()
    page = re.sub(r"\s+", " ", texts["docs/glossary.md"])
    for word in (*Verb, *(each for each in Door if each is not Door.CLI)):
        assert re.search(rf"\b{word}\b", page, re.IGNORECASE), word


def test_the_glossary_is_in_order_and_explains_each_word_once(texts: Mapping[str, str]) -> None:
    found = entries(texts)
    begins = [line for line in texts["docs/glossary.md"].splitlines() if line.startswith("- ")]
    assert len(found) == len(begins)
    assert found == sorted(set(found), key=lambda word: word.replace("-", " "))
