"""``{date}`` and its like in a text, by the hour when a post is due."""

from __future__ import annotations

import re
from datetime import datetime

from broadcaster.text.options import ChannelOptions

_NAME = r"[^\W\d][\w\u200c]*"
_VARIABLE = re.compile(rf"\{{\{{({_NAME})\}}\}}|\{{({_NAME})\}}")


def filled(source: str, options: ChannelOptions, due: datetime) -> str:
    """``source`` with every known ``{name}`` replaced.

    Unknown ones stay as written; ``{{name}}`` of a known one is a literal ``{name}``.
    """

    def value(match: re.Match[str], own: bool = True) -> str:
        name = match[1] or match[2]
        text = options.variables.get(name) if own else None
        if text is not None:
            text = _VARIABLE.sub(lambda inner: value(inner, own=False), text)
        else:
            text = _known(name, options, due)
        if text is None:
            return match[0]
        return f"{{{name}}}" if match[1] else text

    return _VARIABLE.sub(value, source) if "{" in source else source


def _known(name: str, options: ChannelOptions, due: datetime) -> str | None:
    match name:
        case "date" | "time" | "weekday":
            from broadcaster.text.dates import in_words  # the calendar: only where it is asked

            local = due.astimezone(options.zone)
            return in_words(name, local, calendar=options.calendar, language=options.language)
        case "channel_link" if options.link:
            return options.link
        case "addresses" if options.addresses:
            return options.addresses
        case "channel_links" if options.channel_links:
            return options.channel_links
    return None
