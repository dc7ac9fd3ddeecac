"""Where and with what it was measured: facts without which a number says little."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("aiohttp", "uvloop", "psycopg", "python-telegram-bot", "click", "httpx")


def facts() -> dict[str, str]:
    """Words for people, in the order in which they are shown."""
    from broadcaster.store.sqlite.driver import ENGINE

    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {sys.version.split()[0]}",
        "store": ENGINE,
        **{name: version for name in PACKAGES if (version := _version(name))},
    }


def load() -> float:
    """How busy the machine is: runnable processes over the last minute, ours among them."""
    return os.getloadavg()[0]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _memory() -> str:
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return f"{pages * size / 2**30:.0f} GiB"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
