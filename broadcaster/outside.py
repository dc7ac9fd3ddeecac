"""The gate for words and numbers from outside: what servers and outside adapters say.

Whatever is written into the store, the log or an alert, or is looked at by a pattern, is made
harmless here first: short, on one line, without half characters and controls, and without a known
secret.  Nothing here raises, whatever it is given.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

from broadcaster.secrecy import Mask, clean

LONGEST = 2_000
"""Characters of a text from outside that are looked at at all; more of it helps nobody."""
_ID = re.compile(r"[\x21-\x7e]{1,128}")
_NUMBER = re.compile(r"-?[0-9]{1,20}")
"""A number holds no secret, though a short password may happen to stand in one."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""All but line breaks and tabs.  Marks of direction go even where they are closed: what is cut, or
stands within words of ours, may lose the one that closes it."""
_ODD = re.compile(rf"{_CONTROL.pattern[:-1]}\ud800-\udfff]")
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""No messenger is older, and no date of a message is later."""
LONGEST_WAIT_S = 6 * 3_600.0
"""A platform that asks for more is asked again after so long: a post is given up after a day."""
_NONSENSE_S = 30 * 86_400.0
"""No platform asks to wait so long: what says so is broken."""


def said(text: object, mask: Mask | None = None, *, longest: int = LONGEST) -> str:
    """What may be kept and shown of ``text``: one line of at most ``longest`` characters.

    ``mask`` hides secrets that are not known to the whole program yet.
    """
    words = text if isinstance(text, str) else ""
    # cut twice: a secret that crosses the first cut is still whole here, and is hidden
    line = " ".join(whole(words[: 2 * LONGEST]).split())
    line = clean(mask.clean(line) if mask else line)
    return line[: min(longest, LONGEST)].strip()


def whole(text: str) -> str:
    """``text`` of whole characters: without controls, its surrogates joined or replaced."""
    if text.isprintable() or not _ODD.search(text):
        return text
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub("", joined)


def identifier(value: object) -> str:
    """A platform's name for a message; "" where it cannot be kept or called by it."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not value:
        return ""
    if isinstance(value, int) and value.bit_length() > 64:
        return ""
    name = str(value)
    if _NUMBER.fullmatch(name):
        return name
    return name if _ID.fullmatch(name) and clean(name) == name else ""


def moment(seconds: object) -> datetime | None:
    """A time that a platform gives in Unix seconds; None where it cannot be one of a message."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return plausible(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, ValueError, OSError):
        return None


def plausible(at: object) -> datetime | None:
    """``at`` itself, if a message can be of that time."""
    if isinstance(at, datetime) and at.tzinfo is not None and _EARLIEST <= at < _LATEST:
        return at
    return None


def wait(seconds: object) -> float | None:
    """How long to wait, in seconds; None where ``seconds`` name no time that can be meant."""
    if isinstance(seconds, str) and re.fullmatch(r"\d{1,9}(\.\d{1,6})?", seconds):
        seconds = float(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    if not math.isfinite(seconds) if isinstance(seconds, float) else seconds.bit_length() > 64:
        return None
    return min(float(seconds), LONGEST_WAIT_S) if 0 < seconds <= _NONSENSE_S else None
