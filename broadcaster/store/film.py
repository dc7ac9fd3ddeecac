"""Reads the size and length of films and sound by means of MediaInfo.

The library is native code and reads files of strangers.  So it runs in a process of its own with
limits, where a broken file can neither crash nor block the caller.  Only files that may be films
or sound pay for that process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LOOK_S = 10.0
"""Most seconds for one file; an intact one takes a fraction of a second."""
_READER = Path(__file__).with_name("film_reader.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """The properties of a film or sound.

    ``shows``: it has a picture; ``plays``: it has sound.  Width and height are those displayed.
    """

    shows: bool = False
    plays: bool = False
    width: int | None = None
    height: int | None = None
    seconds: float | None = None


def read(file: IO[bytes]) -> Film | None:
    """The film in ``file``, an open file on disk; None: it cannot be read."""
    try:
        # -P: the reader's folder has modules named like those of the standard library
        ran = subprocess.run(  # noqa: S603 (a file of our own, without arguments)
            [sys.executable, "-P", str(_READER)],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=LOOK_S,
            check=True,
        )
        return Film(**json.loads(ran.stdout))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return None
