"""Modules that are loaded when they are first used: most people only post, and wait for it."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """Stands for the module ``name`` of this package until something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = f"{__package__}.{name}"

    def __getattr__(self, item: str) -> Any:
        return getattr(import_module(self._name), item)
