"""What a person should look at before a text goes out: nothing here stops it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache

from broadcaster.adapter import Limits
from broadcaster.language import say
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
            say(
                "the caption is too long (at most {caption:,}): {more} follows in a "
                "message of its own",
                caption=limits.caption.value,
                more=say("the rest") if captioned else say("the text"),
            )
        )
    words = " ".join(
        say("{text} {markup}", text=message.text, markup=message.markup) for message in sends
    )
    for host in leaving if _HOST.search(words) else ():  # they are known to the platforms' facts
        if re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w.-])", words, re.IGNORECASE):
            yield say("it leads readers to {host}, a platform that is being left", host=host)
    for message in sends:
        entities = message.markup.get("entities")
        if isinstance(entities, list) and len(entities) > STYLES:
            yield (
                say(
                    "message {index} has {count} styles and links; readers may see the "
                    "first {styles} only",
                    index=message.index + 1,
                    count=len(entities),
                    styles=STYLES,
                )
            )
    unknown = dict.fromkeys(name for message in sends for name in _VARIABLE.findall(message.text))
    for name in unknown:
        if f"{{{name}}}" not in source:
            yield say(
                "{name} stands in it as it is: there is no variable of this name for the channel",
                name=name,
            )
    strays = [stray(each) for each in written or (source,) if "**" in each or "```" in each]
    if any(each.bold for each in strays):
        yield say("a ** stands in it as it is: nothing closes it, or a space is on its inner side")
    if any(each.fence for each in strays):
        yield say("a ``` is not closed by a line of its own, so all that is below it is code")
    for picture in pictures(source):
        if picture.origin is From.WEB:
            yield say(
                "the picture at {target} is not attached: readers see its address only",
                target=picture.target,
            )
    if _NO_PICTURE.search(source):
        yield say(
            "a picture without a file, ![…](), stands in it as it is: name its file, or remove it"
        )
    for title in dict.fromkeys(_TITLED.findall(source)):
        if title not in words:
            yield say('the title of a link is not shown: "{title}"', title=title)
    if not normalised and re.search("[يك]", source):
        yield say(
            "it has Arabic ي or ك among its Persian letters; searches will not find those words"
        )
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
