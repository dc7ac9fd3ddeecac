"""An office to begin with: a first config file and a folder for tokens."""

from __future__ import annotations

import os
from pathlib import Path

from broadcaster.config.find import FILE
from broadcaster.config.starter import starter
from broadcaster.errors import InputError
from broadcaster.language import current, say


def begin(folder: Path) -> tuple[Path, Path]:
    """Write a config file below ``folder``, and make a folder for tokens; returns both paths.

    :raises InputError: there is a config file already, or nothing can be written.
    """
    path, secrets = folder / "config" / FILE, folder / "config" / "secrets"
    try:
        for each, mode in ((path.parent, 0o755), (secrets, 0o700)):
            each.mkdir(mode=mode, parents=True, exist_ok=True)
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(made, "w", encoding="utf-8") as file:
            file.write(starter(timezone="Asia/Tehran", language=current()))
    except FileExistsError as error:
        raise InputError(
            say(
                "{filename} exists already and is left as it is; choose another folder",
                filename=error.filename,
            )
        ) from None
    except OSError as error:
        raise InputError(
            say(
                "cannot write {filename}: {reason}",
                filename=error.filename,
                reason=say(str(error.strerror)),
            )
        ) from None
    return path, secrets
