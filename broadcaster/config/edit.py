"""Changing one switch in the file people wrote, and nothing else of it."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Literal

from broadcaster.config.settings import ConfigError
from broadcaster.language import say


def set_enabled(
    path: Path, kind: Literal["platforms", "channels"], name: str, enabled: bool
) -> None:
    """Write ``enabled`` into ``[kind.name]``; comments, order, mode and owner stay.

    The file is replaced at once or not at all.

    :raises ConfigError: the table is not there, the file is broken, or cannot be written.
    """
    import tomlkit  # imported here: slow, and every command imports this module
    from tomlkit.exceptions import TOMLKitError

    path = path.resolve()  # a linked file is replaced where it lies
    try:
        document = tomlkit.parse(path.read_bytes().decode("utf-8-sig"))
        table = document.get(kind, {}).get(name)
        if not isinstance(table, MutableMapping):
            raise ConfigError(
                path, [say("there is no [{kind}.{name}] table", kind=kind, name=name)]
            )
        if table.get("enabled", True) == enabled:
            return
        table["enabled"] = enabled
        _replace(path, tomlkit.dumps(document).encode())
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise ConfigError(path, [say("broken TOML: {reason}", reason=error)]) from None
    except OSError as error:
        line = f"enabled = {str(enabled).lower()}"
        raise ConfigError(
            path,
            [
                say(
                    "cannot be changed ({reason}); set {line} in [{kind}.{name}] by hand",
                    reason=say(str(error.strerror)),
                    line=line,
                    kind=kind,
                    name=name,
                )
            ],
        ) from None


def _replace(path: Path, content: bytes) -> None:
    """Atomic: readers see the old file or the new one, also after a power cut."""
    import tempfile  # here, as tomlkit above

    old = path.stat()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            if (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(handle, old.st_uid, old.st_gid)
            os.fchmod(handle, old.st_mode & 0o7777)
            file.write(content)
            file.flush()
            os.fsync(handle)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
