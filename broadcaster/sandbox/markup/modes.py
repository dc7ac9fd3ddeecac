"""``parse_mode`` and ``entities`` of a call, as Telegram and those who follow it read them."""

from __future__ import annotations

from typing import Any

from broadcaster.sandbox.markup.html import parse_html
from broadcaster.sandbox.markup.markdown import parse_markdown, parse_markdown_v2
from broadcaster.sandbox.markup.spans import CannotParse, MarkedText, from_entities

_PARSERS = {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_markdown}


def read_markup(text: str, parse_mode: str, entities: Any) -> MarkedText:
    """What readers see; ``entities`` count only where there is no ``parse_mode``.

    :raises CannotParse: the markup is broken, or of no known mode.
    """
    mode = parse_mode.lower()
    if mode in ("", "none"):
        return from_entities(text, entities)
    if mode not in _PARSERS:
        raise CannotParse("unsupported parse_mode")
    return _PARSERS[mode](text)
