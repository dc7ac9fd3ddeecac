"""What lets a command start and end sooner; nothing here changes what it does."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

YOUNG = 100_000
"""New objects before the collector looks at them: a command makes fewer while it loads, nearly all
of which stay.  (The daemon sets a number of its own.)"""
LOADER = "pydantic.plugin._loader"


def begin() -> None:
    """Before anything is loaded."""
    gc.set_threshold(YOUNG, 20, 50)
    sys.modules.setdefault(LOADER, _NoPlugins(LOADER))


def leave() -> None:
    """After all is done: what is in memory goes with the process; none of it is looked through."""
    gc.freeze()


class _NoPlugins(ModuleType):
    """Stands for pydantic's search for plugins among all installed packages: we have none.

    To load what it searches with takes longer than checking the config.  Whatever else is asked of
    that module is answered by the module itself.
    """

    @staticmethod
    def get_plugins() -> tuple[()]:
        return ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import system asks of any module
            raise AttributeError(name)
        if sys.modules.get(LOADER) is self:
            del sys.modules[LOADER]
        return getattr(import_module(LOADER), name)
