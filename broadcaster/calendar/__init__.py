"""Time as people in Iran write and read it: two calendars, Persian and English, one grammar.

``digits`` folds what keyboards produce, ``durations`` and ``when`` read, ``show`` writes.
"""

from __future__ import annotations

from broadcaster.errors import InputError


class WhenError(InputError):
    """A time or duration that cannot be read in exactly one way; the message shows one that can."""
