"""Finds the messengers: folders of ``adapters``, and packages of others by entry point.

A messenger is a package with the modules ``facts`` (``PLATFORM``), ``adapter`` (``ADAPTER``) and
optionally ``sandbox`` (``FAKE``); only the part that is asked for is imported.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from broadcaster.adapter import Platform
from broadcaster.errors import InputError
from broadcaster.language import joined, say

GROUP = "broadcaster.adapters"
"""Entry-point group of outside adapters; its value names the package."""

_OURS = Path(__file__).resolve().parent.parent / "adapters"


class Platforms(Mapping[str, Platform]):
    """Name -> facts, imported when first asked for, so that a post loads only what it needs."""

    def __init__(self) -> None:
        self._loaded: dict[str, Platform] = {}
        self._names: list[str] = []

    def __getitem__(self, name: str) -> Platform:
        if name not in self._loaded:
            if not _package(name):
                raise KeyError(name)
            self._loaded[name] = load_part(name, "facts").PLATFORM
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _package(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> list[str]:
        """Looked up once: it reads the metadata of everything that is installed."""
        self._names = self._names or sorted({*_built_in(), *_outside()})
        return self._names


def load_part(name: str, part: str) -> Any:
    """The module ``facts``, ``adapter`` or ``sandbox`` of messenger ``name``.

    :raises InputError: it is not installed, or cannot be imported.
    """
    package = _package(name)
    if package is None:
        raise InputError(
            say(
                "there is no adapter called {name}; known: {platforms}",
                name=name,
                platforms=joined(", ", Platforms()),
            )
        )
    try:
        module: ModuleType = importlib.import_module(f"{package}.{part}")
    except ImportError as error:
        raise InputError(
            say(
                "the adapter {name} cannot be loaded ({reason}); install it anew with "
                "what it needs",
                name=name,
                reason=error,
            )
        ) from None
    return module


def find_fakes() -> dict[str, Any]:
    """Name -> ``FAKE`` of every messenger that ships a fake server."""
    return {
        name: load_part(name, "sandbox").FAKE
        for name in Platforms()
        if importlib.util.find_spec(f"{_package(name)}.sandbox")
    }


def _package(name: str) -> str | None:
    if name in _built_in():
        return f"adapters.{name}"
    return _outside().get(name)


@cache
def _built_in() -> frozenset[str]:
    """The folders beside this package, and of no other package that is called adapters.

    :raises InputError: another one would be imported in its place.
    """
    spec = importlib.util.find_spec("adapters")  # imports nothing yet
    folders = spec.submodule_search_locations if spec else None
    if spec is None or not spec.origin or not folders:
        raise InputError(
            say(
                "the messengers are missing: there is no folder {ours}; install it anew", ours=_OURS
            )
        )
    if Path(folders[0]).resolve() != _OURS:
        raise InputError(
            say(
                "{origin} stands in the way of {ours}: another package is called "
                "adapters; run broadcaster in another folder, or uninstall that "
                "package",
                origin=spec.origin,
                ours=_OURS,
            )
        )
    return frozenset(module.name for module in pkgutil.iter_modules(folders) if module.ispkg)


def _outside() -> dict[str, str]:
    from importlib.metadata import (
        entry_points,  # here: slow, and only other packages' adapters need it
    )

    return {point.name: point.value for point in entry_points(group=GROUP)}
