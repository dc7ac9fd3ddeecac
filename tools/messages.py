"""Brings the catalogues up to date with the texts of the program, and compiles them.

New texts get an empty translation, gone ones are removed.  ``--check`` changes nothing, and ends
with 1 where the catalogues are not what the program says.
"""

from __future__ import annotations

import ast
import errno
import importlib
import os
import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from io import BytesIO
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from broadcaster.cli import EXIT_CODES, SECTIONS, main, speech  # noqa: E402  # from this checkout
from broadcaster.language import DOMAIN  # noqa: E402
from hatch_build import LOCALE, compile_catalogues  # noqa: E402

KEYWORDS = {"say": None, "joined": (1,), "plural": (2,)}
OF_CLICK = {"_": None, "ngettext": (1, 2)}
OF_TEMPLATES = {"_": None, "gettext": None, "ngettext": (1, 2)}
ENUMS = (
    "model.State",
    "model.Stage",
    "model.Kind",
    "model.Verb",
    "model.MediaKind",
    "model.Role",
    "model.Permission",
    "model.Door",
    "app.follow.FollowRemark",
    "app.follow.Ending",
    "adapter.Proven",
    "store.live.Cause",
    "store.record.RemarkKind",
    "store.record.Stands",
)
"""Words of the program that are shown as they are."""
ERRORS = [
    "EACCES",
    "EADDRINUSE",
    "EADDRNOTAVAIL",
    "ECONNREFUSED",
    "EDQUOT",
    "EEXIST",
    "EFBIG",
    "EIO",
    "EISDIR",
    "ELOOP",
    "EMFILE",
    "ENAMETOOLONG",
    "ENOENT",
    "ENOSPC",
    "ENOTDIR",
    "EPERM",
    "EROFS",
]
"""What the operating system says of files and addresses."""
_PLACE = re.compile(r"\{[^{}]*\}")


def worth(text: str) -> bool:
    """Whether there is anything to translate in it."""
    return bool(re.search("[A-Za-z]{2}", _PLACE.sub("", text))) or text in (", ", "; ")


def extracted() -> Catalog:
    """All texts of the program, of its web pages and of click."""
    catalogue = Catalog(domain=DOMAIN, project="channel-broadcaster", fuzzy=False)
    for where, text in (*_sources(), *_of_click(), *_help(), *_words(), *_headings()):
        if any(map(worth, text if isinstance(text, tuple) else (text,))):
            catalogue.add(text, locations=[(where, 0)])
    return catalogue


def _sources() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    methods = [
        ("broadcaster/testing/**", "ignore"),
        ("broadcaster/web/templates/**.html", "jinja2"),
        ("broadcaster/**.py", "python"),
        ("adapters/**.py", "python"),
    ]
    for package in ("broadcaster", "adapters"):
        for file, _line, text, _comments, _context in extract_from_dir(
            ROOT / package,
            [
                (pattern.removeprefix(f"{package}/"), method)
                for pattern, method in methods
                if pattern.startswith(package)
            ],
            keywords={**KEYWORDS, **OF_TEMPLATES},
        ):
            yield f"{package}/{file}", text


def _of_click() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    folder = Path(click.__file__).parent
    for _file, _line, text, _comments, _context in extract_from_dir(
        folder, [("**.py", "python")], keywords=OF_CLICK
    ):
        yield "click", text


def _help() -> Iterator[tuple[str, str]]:
    for heading, commands in SECTIONS.items():
        yield "broadcaster/cli/__init__.py", heading
        for name, (module, line) in commands.items():
            yield "broadcaster/cli/__init__.py", line
            command = main.get_command(click.Context(main), name)
            for text in speech.texts(command) if command else ():
                yield f"broadcaster/cli/{module}.py", text
    for text in (*speech.texts(main), EXIT_CODES):
        yield "broadcaster/cli/__init__.py", text


def _words() -> Iterator[tuple[str, str]]:
    for place in ENUMS:
        module, _, name = place.rpartition(".")
        words: type[StrEnum] = getattr(importlib.import_module(f"broadcaster.{module}"), name)
        for word in words:
            yield f"broadcaster/{module.replace('.', '/')}.py", word.value
    for name in ERRORS:
        yield "errno", os.strerror(getattr(errno, name))


def _headings() -> Iterator[tuple[str, str]]:
    """Heads of tables, and states with a colour."""
    for path in sorted((ROOT / "broadcaster/cli").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "print_table",
                "state",
            ):
                for word in ast.walk(node.args[0]):
                    if isinstance(word, ast.Constant) and isinstance(word.value, str):
                        yield f"broadcaster/cli/{path.name}", word.value


def updated(source: Path, template: Catalog) -> bytes:
    """The catalogue at ``source`` with the texts of ``template``, as its file is to be."""
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parents[1].name, domain=DOMAIN)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    out = BytesIO()
    write_po(out, catalogue, width=100, include_lineno=False, sort_by_file=True, omit_header=False)
    return re.sub(
        rb'^"(POT-Creation-Date|PO-Revision-Date|Generated-By).*\n',
        b"",
        out.getvalue(),
        flags=re.MULTILINE,
    )


def run(*, check: bool) -> int:
    template = extracted()
    stale = 0
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        content = updated(source, template)
        if check:
            stale |= content != source.read_bytes()
            continue
        source.write_bytes(content)
        with source.open("rb") as file:
            missing = [each.id for each in read_po(file) if each.id and not _complete(each.string)]
        print(f"{source.relative_to(ROOT)}: {len(missing)} without a translation")
    if not check:
        compile_catalogues()
    return stale


def _complete(string: str | tuple[str, ...]) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


if __name__ == "__main__":
    sys.exit(run(check="--check" in sys.argv[1:]))
