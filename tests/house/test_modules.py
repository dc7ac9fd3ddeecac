"""Modules are small and say what they are for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

LINES = 450
"""Lines of code and comments; a docstring that teaches makes no module too long."""


def _documentation(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)


def test_no_module_has_grown_a_second_subject(
    texts: Mapping[str, str], modules: Mapping[str, ast.Module]
) -> None:
    sizes = {}
    for path, tree in modules.items():
        written = {n for n, line in enumerate(texts[path].splitlines(), 1) if line.strip()}
        sizes[path] = len(written - set(_documentation(tree)))
    assert {path: size for path, size in sizes.items() if size > LINES} == {}


def test_every_module_says_what_it_is_for(modules: Mapping[str, ast.Module]) -> None:
    assert [path for path, tree in modules.items() if not ast.get_docstring(tree)] == []


def test_a_class_name_has_one_meaning(modules: Mapping[str, ast.Module]) -> None:
    """The two stores have classes of one name for one role, and each adapter may have a Config."""
    defined: dict[str, set[str]] = {}
    for path, tree in modules.items():
        role = path.replace("/sqlite/", "/*/").replace("/postgresql/", "/*/")
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not (
                node.name == "Config" and path.startswith("adapters/")
            ):
                defined.setdefault(node.name, set()).add(role)
    assert {name: roles for name, roles in defined.items() if len(roles) > 1} == {}
