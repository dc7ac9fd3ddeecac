"""Texts: from Markdown to rich text, and to the form that each platform's readers see.

``markdown`` reads, ``rich`` holds the algebra of rich text, ``encode`` writes each platform's
dialect, ``split`` cuts by measured length, and ``render`` puts a whole post together.  All of it is
pure.
"""

from __future__ import annotations

from broadcaster.errors import InputError


class RenderError(InputError):
    """A platform cannot take a post; the message names it, with the limit and the number."""
