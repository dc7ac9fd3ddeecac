"""The house as its own tests see it: every file a person would commit, and every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _committable(folder: Path, ignored: list[str]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        name = path.name + "/" * path.is_dir()
        anchored = f"/{path.relative_to(ROOT)}" + "/" * path.is_dir()
        if name == ".git/" or path.is_symlink():
            continue
        names = (name, name.removesuffix("/"), anchored)  # a rule without a slash is for both
        if any(fnmatch(each, rule) for rule in ignored for each in names):
            continue
        if path.is_dir():
            yield from _committable(path, ignored)
        else:
            yield path


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def texts() -> Mapping[str, str]:
    """Path from the root -> content, of each text file that ``.gitignore`` lets in."""
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    found: dict[str, str] = {}
    for path in _committable(ROOT, ignored):
        try:
            found[path.relative_to(ROOT).as_posix()] = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
    return found


@pytest.fixture(scope="session")
def modules(texts: Mapping[str, str]) -> Mapping[str, ast.Module]:
    """Path from the root -> syntax tree, of each module that is shipped and not empty."""
    return {
        path: ast.parse(text)
        for path, text in texts.items()
        if path.startswith(("broadcaster/", "adapters/")) and path.endswith(".py") and text
    }
