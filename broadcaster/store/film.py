"""Shape and length of films and sound, as MediaInfo reads them.

The library is native code, fed with files of strangers: it runs in a process of its own, on a short
leash, so that a broken file can neither crash nor stop who asked.  Nothing but a file that may be a
film costs that.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LOOK_S = 10.0
"""Longest look at one file; a whole one takes a fraction of a second."""
_READER = Path(__file__).with_name("film_reader.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """``shows``, ``plays``: has a picture, has sound.  Width and height are those displayed."""

    shows: bool = False
    plays: bool = False
    width: int | None = None
    height: int | None = None
    seconds: float | None = None


def read(file: IO[bytes]) -> Film | None:
    """The film in an open file of the disk; None where it cannot be looked at."""
    try:
        # -P: the folder of the reader has names of the standard library in it
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
