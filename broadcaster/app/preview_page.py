"""A dry run as one HTML page that needs nothing else: each channel as its readers would see it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from html import escape
from typing import Any

from broadcaster.adapter import Platform
from broadcaster.app.office import Office
from broadcaster.app.preview import pinned
from broadcaster.app.words import MEASURES, size
from broadcaster.model import Media, MediaKind, Message, Span, SpanKind, Text
from broadcaster.planning.plan import Plan, PlannedChannel, PlannedMessage
from broadcaster.planning.times import Times
from broadcaster.text.encode import html, markdown_spaced

_SIGNS = {
    MediaKind.PHOTO: "🖼",
    MediaKind.VIDEO: "🎬",
    MediaKind.DOCUMENT: "📄",
    MediaKind.AUDIO: "🎵",
    MediaKind.VOICE: "🎙",
    MediaKind.ANIMATION: "🎞",
}
_KINDS = {
    "bold": SpanKind.BOLD,
    "italic": SpanKind.ITALIC,
    "underline": SpanKind.UNDERLINE,
    "strikethrough": SpanKind.STRIKE,
    "strike": SpanKind.STRIKE,
    "spoiler": SpanKind.SPOILER,
    "code": SpanKind.CODE,
    "mono": SpanKind.CODE,
    "pre": SpanKind.PRE,
    "text_link": SpanKind.LINK,
    "link": SpanKind.LINK,
    "blockquote": SpanKind.QUOTE,
    "quote": SpanKind.QUOTE,
}
"""Types of entities and of metadata parts, in lower case."""
_SPACED = re.compile(
    r"\[(?P<words>[^\]\n]+)\]\((?P<url>[^)\s]+)\)"
    r"|(?<!\S)(?P<mark>[*_])(?=\S)(?P<styled>[^\n]+?)(?<=\S)(?P=mark)(?!\S)"
)
_ADDRESS = re.compile(r"https?://[^\s<>«»\"]+[^\s<>«»\".,:;!?،؛؟)]")

_STYLE = """
:root { color-scheme: light dark; --ground: #eef1f4; --paper: #fff; --ink: #1b2430;
  --faint: #66717e }
@media (prefers-color-scheme: dark) {
  :root { --ground: #11161c; --paper: #1b222b; --ink: #e6ebf0; --faint: #93a0ad }
}
* { box-sizing: border-box }
body { margin: 0; padding: 1.5rem; background: var(--ground); color: var(--ink);
  font: 16px/1.75 Vazirmatn, "IRANSansX", Tahoma, "Segoe UI", sans-serif }
h1 { font-size: 1.1rem; margin: 0 0 1rem }
.faint, footer { color: var(--faint); font-size: .8rem }
main { display: grid; gap: 1.25rem; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)) }
section { border-radius: 14px; overflow: hidden; box-shadow: 0 1px 4px #0003;
  background: color-mix(in srgb, var(--accent) 9%, var(--ground)) }
section > header { padding: .6rem 1rem; background: var(--accent); color: #fff }
section > header b { font-size: 1rem }
section > header span { opacity: .85; font-size: .8rem }
article { margin: .8rem; padding: .6rem .8rem; border-radius: 12px 12px 4px 12px;
  background: var(--paper); overflow-wrap: anywhere }
.words { white-space: pre-wrap; unicode-bidi: plaintext; text-align: start }
.words a { color: var(--accent); unicode-bidi: isolate }
blockquote { margin: 0; padding-inline: .6rem; border-inline-start: 3px solid var(--accent) }
pre, code { font-family: ui-monospace, monospace; font-size: .9em }
pre { margin: 0; white-space: pre-wrap }
tg-spoiler { background: var(--ink); color: transparent; border-radius: 4px }
tg-spoiler:hover { background: none; color: inherit }
.files { display: grid; gap: 2px; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr));
  margin-bottom: .4rem }
.file { padding: 1.2rem .5rem; border-radius: 8px; text-align: center; font-size: .8rem;
  background: color-mix(in srgb, var(--accent) 14%, var(--paper)) }
.file i { display: block; font-size: 1.6rem; font-style: normal }
article footer { margin-top: .3rem; direction: ltr; text-align: left }
.over { color: #c62828; font-weight: bold }
ul { margin: 0; padding: .2rem 2rem 1rem; font-size: .85rem; direction: ltr; text-align: left }
.refused { padding: 1rem; color: #c62828; direction: ltr; text-align: left }
"""


def page_of(office: Office, times: Times, planned: Plan) -> str:
    """The page of what ``office`` has planned."""
    names = [each.settings.channel.name for each in planned.channels]
    platforms = {name: found for name in names if (found := office.platform_of(name))}
    when = times.show(planned.due) if planned.due else "at once"
    return page(planned, platforms, when=when)


def page(planned: Plan, platforms: Mapping[str, Platform], *, when: str) -> str:
    """The page; ``platforms``: by channel name; ``when``: the due time, in words."""
    sections = "".join(_section(each, platforms) for each in planned.channels)
    return (
        '<!doctype html>\n<html lang="fa" dir="rtl"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>پیش‌نمایش</title><style>{_STYLE}</style></head><body>"
        f'<h1>پیش‌نمایش، هنوز چیزی فرستاده نشده <span class="faint"><bdi>{escape(when)}</bdi>'
        f"</span></h1><main>{sections}</main></body></html>\n"
    )


def _section(planned: PlannedChannel, platforms: Mapping[str, Platform]) -> str:
    channel = planned.settings.channel
    platform = platforms[channel.name]
    hue = int(sha256(platform.name.encode()).hexdigest()[:8], 16) % 360
    head = (
        f'<section style="--accent: hsl({hue} 45% 40%)"><header>'
        f"<b><bdi>{escape(channel.title or channel.name)}</bdi></b> <span>{escape(platform.title)}"
        f" · <bdi>{escape(channel.address)}</bdi></span></header>"
    )
    if planned.rendering is None:
        return f'{head}<p class="refused">{escape(planned.reason)}</p></section>'
    pins = pinned(planned)
    articles = "".join(_article(each, platform, pins) for each in planned.messages)
    said = [f"lost: {each}" for each in planned.rendering.lost]
    said += [f"warning: {each}" for each in (planned.off_warning, *planned.warnings) if each]
    notes = "".join(f"<li><bdi>{escape(each)}</bdi></li>" for each in said)
    return f"{head}{articles}{f'<ul>{notes}</ul>' if notes else ''}</section>"


def _article(planned: PlannedMessage, platform: Platform, pins: frozenset[int]) -> str:
    message = planned.message
    files = "".join(map(_file, message.media))
    measure = MEASURES[platform.limits.measure]
    flags = [
        *(["🔕"] if message.silent else []),
        *(["📌"] if message.index in pins else []),
    ]
    length = f"{planned.length:,} / {planned.limit:,} {measure}"
    over = ' class="over"' if planned.length > planned.limit else ""
    return (
        f"<article>{f'<div class=files>{files}</div>' if files else ''}"
        f'<div class="words">{words(message, platform)}</div>'
        f"<footer><span{over}>{length}</span> {' '.join(flags)}</footer></article>"
    )


def _file(media: Media) -> str:
    return (
        f'<div class="file"><i>{_SIGNS[media.kind]}</i><bdi>{escape(media.name)}</bdi>'
        f" <bdi>{size(media.size)}</bdi></div>"
    )


def words(message: Message, platform: Platform) -> str:
    """The text of a message as HTML, read from its wire form as its platform reads it."""
    text = _read_spaced(message.text) if platform.encode is markdown_spaced else _read(message)
    return html(Text(plain=text.plain, spans=(*text.spans, *_addresses(text))))[0]


def _read(message: Message) -> Text:
    entities: Any = message.markup.get("entities", [])
    metadata: Any = message.markup.get("metadata", {})
    offsets = _offsets(message.text)
    spans = [
        _span(offsets, each["type"], each["offset"], each["length"], each.get("url"))
        for each in entities
    ]
    spans += [
        _span(offsets, each["type"], each["from_index"], each["length"], each.get("link_url"))
        for each in metadata.get("meta_data_parts", [])
    ]
    return Text(plain=message.text, spans=tuple(spans))


def _offsets(text: str) -> Sequence[int]:
    """Code point of each UTF-16 unit."""
    found = [at for at, letter in enumerate(text) for _ in range(1 + (letter > "\uffff"))]
    return [*found, len(text)]


def _span(offsets: Sequence[int], kind: str, offset: int, length: int, url: str | None) -> Span:
    start = offsets[offset]
    end = offsets[offset + length]
    return Span(kind=_KINDS[kind.lower()], start=start, length=end - start, url=url)


def _read_spaced(wire: str) -> Text:
    plain: list[str] = []
    spans: list[Span] = []
    at = length = 0
    for found in _SPACED.finditer(wire):
        shown = found["words"] or found["styled"]
        kind = SpanKind.BOLD if found["mark"] == "*" else SpanKind.ITALIC
        length += found.start() - at
        plain += (wire[at : found.start()], shown)
        spans.append(
            Span(
                kind=SpanKind.LINK if found["words"] else kind,
                start=length,
                length=len(shown),
                url=found["url"],
            )
        )
        length += len(shown)
        at = found.end()
    plain.append(wire[at:])
    return Text(plain="".join(plain), spans=tuple(spans))


def _addresses(text: Text) -> Iterator[Span]:
    """Bare addresses, which every messenger makes links of."""
    taken: Iterable[Span] = [span for span in text.spans if span.kind is SpanKind.LINK]
    for found in _ADDRESS.finditer(text.plain):
        start, end = found.span()
        if all(end <= span.start or span.start + span.length <= start for span in taken):
            yield Span(kind=SpanKind.LINK, start=start, length=end - start, url=found[0])
