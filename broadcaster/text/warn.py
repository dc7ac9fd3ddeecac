"""What a person should look at before a text goes out: nothing here stops it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache

from broadcaster.adapter import Limits
from broadcaster.model import Rendering, Verb
from broadcaster.text.markdown import stray
from broadcaster.text.pictures import From, pictures

STYLES = 100
"""Entities that Telegram shows in one message; it drops the rest in silence. :source: L+ clients"""


_MARKERS = re.compile(r"[*_~|`]")
_VARIABLE = re.compile(r"\{[^\W\d][\w\u200c]*\}")
_HOST = re.compile(r"[A-Za-z0-9-]\.[A-Za-z]")
_TITLED = re.compile(
    r"(?:\]\([^()\s]*|^[ ]{0,3}\[[^\]\n]+\]:[ \t]*\S+)[ \t]+"
    r"""["'(]([^"'()\n]+)["')][ \t]*(?:\)|$)""",
    re.MULTILINE,
)
"""A link with a title, which programs show on the web."""
_NO_PICTURE = re.compile(r"(?<![\\`])!\[[^\]\n]{0,200}\]\([ \t]*(?:<>)?[ \t]*\)")
_MAY_NAME_A_DAY = re.compile(
    "شنبه|جمعه|[آا]دینه|[a-z]day|(?:mon|tue|wed|thu|fri|sat|sun)[ ,.]", re.IGNORECASE
)


def warnings(
    source: str,
    rendering: Rendering,
    limits: Limits,
    *,
    due: date,
    written: Sequence[str] = (),
    leaving: Iterable[str] = (),
    normalised: bool = True,
) -> Iterator[str]:
    """One sentence for each.

    ``source``: the channel's Markdown; ``due``: the day by which a date without a year is read;
    ``written``: all that was read as Markdown, variables filled in (default: ``source``);
    ``leaving``: hosts that readers are led away from; ``normalised``: whether Persian letters were
    normalised.
    """
    sends = [message for message in rendering.messages if message.verb is Verb.SEND]
    if any(each.media for each in sends) and any(not each.media for each in sends):
        captioned = any(each.media and each.text for each in sends)
        yield (
            f"the caption is too long (at most {limits.caption.value:,}):"
            f" {'the rest' if captioned else 'the text'} follows in a message of its own"
        )
    words = " ".join(f"{message.text} {message.markup}" for message in sends)
    for host in leaving if _HOST.search(words) else ():  # they are known to the platforms' facts
        if re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w.-])", words, re.IGNORECASE):
            yield f"it leads readers to {host}, a platform that is being left"
    for message in sends:
        entities = message.markup.get("entities")
        if isinstance(entities, list) and len(entities) > STYLES:
            yield (
                f"message {message.index + 1} has {len(entities)} styles and links; readers may see"
                f" the first {STYLES} only"
            )
    unknown = dict.fromkeys(name for message in sends for name in _VARIABLE.findall(message.text))
    for name in unknown:
        if f"{{{name}}}" not in source:
            yield f"{name} stands in it as it is: there is no variable of this name for the channel"
    strays = [stray(each) for each in written or (source,) if "**" in each or "```" in each]
    if any(each.bold for each in strays):
        yield "a ** stands in it as it is: nothing closes it, or a space is on its inner side"
    if any(each.fence for each in strays):
        yield "a ``` is not closed by a line of its own, so all that is below it is code"
    for picture in pictures(source):
        if picture.origin is From.WEB:
            yield f"the picture at {picture.target} is not attached: readers see its address only"
    if _NO_PICTURE.search(source):
        yield "a picture without a file, ![…](), stands in it as it is: name its file, or remove it"
    for title in dict.fromkeys(_TITLED.findall(source)):
        if title not in words:
            yield f'the title of a link is not shown: "{title}"'
    if not normalised and re.search("[يك]", source):
        yield "it has Arabic ي or ك among its Persian letters; searches will not find those words"
    yield from wrong_weekdays(source, due)


@lru_cache(maxsize=8)  # the same for all channels that share a text
def wrong_weekdays(source: str, due: date) -> tuple[str, ...]:
    """Dates beside another day of the week than theirs; ``due``: as in :func:`warnings`."""
    lines = [line for line in source.splitlines() if _MAY_NAME_A_DAY.search(line)]
    if not lines:
        return ()
    from broadcaster.text.weekdays import misnamed  # the calendar: only where a day is named

    misnomers = (sentence for line in lines for sentence in misnamed(_MARKERS.sub("", line), due))
    return tuple(dict.fromkeys(misnomers))
