"""Wire dialects: each turns a :class:`~broadcaster.model.Text` into (wire text, markup), purely.

A platform's facts name one of these as its ``encode``; an outside adapter may bring its own.
"""

from __future__ import annotations

from broadcaster.text.encode.entities import entities_utf16, metadata
from broadcaster.text.encode.html import html
from broadcaster.text.encode.plain import plain
from broadcaster.text.encode.spaced import markdown_spaced

__all__ = ["entities_utf16", "html", "markdown_spaced", "metadata", "plain"]
