"""A post as one HTML page that needs nothing else: each channel as its readers see it.

Of a dry run, and of a post in the queue.  The page is Persian.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from html import escape
from types import MappingProxyType

from broadcaster.adapter import Measure, Platform
from broadcaster.app.office import Office
from broadcaster.app.persian import KINDS, STATES, in_persian, number, size
from broadcaster.app.preview import pinned
from broadcaster.app.thumbnails import kept, thumbnails
from broadcaster.app.wire_words import words
from broadcaster.model import (
    Digest,
    Kind,
    Media,
    MediaKind,
    Rendering,
)
from broadcaster.planning.plan import Plan, PlannedChannel, PlannedMessage, measured
from broadcaster.planning.times import Times
from broadcaster.store.views import PostView

_SIGNS = {
    MediaKind.PHOTO: "🖼",
    MediaKind.VIDEO: "🎬",
    MediaKind.DOCUMENT: "📄",
    MediaKind.AUDIO: "🎵",
    MediaKind.VOICE: "🎙",
    MediaKind.ANIMATION: "🎞",
}
_MEASURES = {Measure.CHARS: "نویسه", Measure.UTF16: "نویسه", Measure.UTF8: "بایت"}

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
.picture { min-height: 9rem; background: center/contain no-repeat
  color-mix(in srgb, var(--accent) 14%, var(--paper)); border-radius: 8px }
.gone { opacity: .5; text-decoration: line-through }
article footer { margin-top: .3rem }
.over { color: #c62828; font-weight: bold }
ul { margin: 0; padding: .2rem 2rem 1rem; font-size: .85rem }
.refused { padding: 1rem; color: #c62828 }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownState:
    """What became of one channel's part of a post in the queue."""

    state: str
    links: Mapping[int, str] = field(default_factory=dict)
    """Index of a message -> its public page."""
    gone: frozenset[int] = frozenset()
    """Indexes of messages that were removed again."""


def page_of(office: Office, times: Times, planned: Plan) -> str:
    """The page of what ``office`` has planned."""
    when = in_persian_words(times).show(planned.due) if planned.due else "همین حالا"
    pictures = thumbnails(planned, {**kept(office, planned), **planned.files})
    return page(planned, _platforms(office, planned), when=when, pictures=pictures)


def page_of_post(office: Office, times: Times, view: PostView) -> str:
    """The page of a post in the queue: what each channel has received, or will.

    Channels that the config does not know any more are left out.
    """
    planned, standings = _as_planned(office, view)
    pictures = thumbnails(planned, kept(office, planned))
    post = view.post
    state = STATES.get(view.state, view.state)
    return page(
        planned,
        _platforms(office, planned),
        when=in_persian_words(times).show(post.due),
        pictures=pictures,
        heading=f"پیام {number(post.id)}: {state}",
        standings=standings,
    )


def page(
    planned: Plan,
    platforms: Mapping[str, Platform],
    *,
    when: str,
    pictures: Mapping[Digest, bytes] = MappingProxyType({}),
    heading: str = "پیش‌نمایش، هنوز چیزی فرستاده نشده",
    standings: Mapping[str, ShownState] = MappingProxyType({}),
) -> str:
    """The page; ``platforms`` and ``standings``: by channel name; ``when``: the due time, in words;
    ``pictures``: small JPEGs of attached files."""
    sections = "".join(
        _section(each, platforms, pictures, standings.get(each.settings.channel.name))
        for each in planned.channels
    )
    shown = "".join(
        f".p{digest}{{background-image:url(data:image/jpeg;base64,{b64encode(content).decode()})}}\n"
        for digest, content in pictures.items()
    )
    return (
        '<!doctype html>\n<html lang="fa" dir="rtl"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
        f"<title>{escape(heading)}</title><style>{_STYLE}{shown}</style></head><body>"
        f'<h1>{escape(heading)} <span class="faint"><bdi>{escape(when)}</bdi>'
        f"</span></h1><main>{sections}</main></body></html>\n"
    )


def in_persian_words(times: Times) -> Times:
    """The same office's times, said in Persian."""
    return Times(replace(times.settings, language="fa"))


def _as_planned(office: Office, view: PostView) -> tuple[Plan, dict[str, ShownState]]:
    """A post in the queue in the form of a plan, with what became of it."""
    channels: list[PlannedChannel] = []
    standings: dict[str, ShownState] = {}
    for each in view.deliveries:
        name = each.delivery.channel
        settings = office.settings.channels.get(name)
        if each.delivery.kind is not Kind.POST or settings is None:
            continue
        limits = office.settings.accounts[settings.account].limits
        sends = [message.message for message in each.messages]
        channels.append(
            PlannedChannel(
                settings=settings,
                rendering=Rendering(messages=tuple(sends), lost=each.lost, digest=""),
                messages=tuple(measured(limits, message) for message in sends),
            )
        )
        standings[name] = ShownState(
            state=each.delivery.state,
            links={
                message.index: link
                for message in each.messages
                if message.receipt
                and message.receipt.ids
                and (link := office.link(name, message.receipt.ids[0], message.chat))
            },
            gone=frozenset(each.index for each in each.messages if each.state == "recalled"),
        )
    return Plan(due=None, channels=tuple(channels)), standings


def _platforms(office: Office, planned: Plan) -> dict[str, Platform]:
    names = [each.settings.channel.name for each in planned.channels]
    return {name: found for name in names if (found := office.platform_of(name))}


def _section(
    planned: PlannedChannel,
    platforms: Mapping[str, Platform],
    pictures: Mapping[Digest, bytes],
    standing: ShownState | None,
) -> str:
    channel = planned.settings.channel
    platform = platforms[channel.name]
    hue = int(sha256(platform.name.encode()).hexdigest()[:8], 16) % 360
    state = f" · {escape(STATES.get(standing.state, standing.state))}" if standing else ""
    head = (
        f'<section style="--accent: hsl({hue} 45% 40%)"><header>'
        f"<b><bdi>{escape(channel.title or channel.name)}</bdi></b> <span>{escape(platform.title)}"
        f' · <bdi dir="ltr">{escape(channel.address)}</bdi>{state}</span></header>'
    )
    if planned.rendering is None:
        return f'{head}<p class="refused">{_remark(planned.reason)}</p></section>'
    pins = pinned(planned)
    articles = "".join(
        _article(each, platform, pins, pictures, standing or ShownState(state=""))
        for each in planned.messages
    )
    said = [f"تفاوت: {_remark(each)}" for each in planned.rendering.lost]
    said += [f"هشدار: {_remark(each)}" for each in (planned.off_warning, *planned.warnings) if each]
    said += [f"یادداشت: {_remark(each)}" for each in planned.rendering.notes]
    notes = "".join(f"<li>{each}</li>" for each in said)
    return f"{head}{articles}{f'<ul>{notes}</ul>' if notes else ''}</section>"


def _remark(said: str) -> str:
    """In Persian, where it has been put into words; else as it is."""
    words = in_persian(said)
    return escape(words) if words else f'<bdi dir="auto">{escape(said)}</bdi>'


def _article(
    planned: PlannedMessage,
    platform: Platform,
    pins: frozenset[int],
    pictures: Mapping[Digest, bytes],
    standing: ShownState,
) -> str:
    message = planned.message
    files = "".join(_file(each, pictures) for each in message.media)
    flags = [
        *(['<span title="بی‌صدا">🔕</span>'] if message.silent else []),
        *(['<span title="سنجاق">📌</span>'] if message.index in pins else []),
    ]
    length = (
        f"{number(planned.length)} از {number(planned.limit)} {_MEASURES[platform.limits.measure]}"
    )
    over = ' class="over"' if planned.length > planned.limit else ""
    link = standing.links.get(message.index)
    out = f' <a href="{escape(link)}">پیوند</a>' if link else ""
    gone = ' class="gone"' if message.index in standing.gone else ""
    return (
        f"<article{gone}>{f'<div class=files>{files}</div>' if files else ''}"
        f'<div class="words">{words(message, platform)}</div>'
        f"<footer><span{over}>{length if message.text else 'بی‌متن'}</span>{out}"
        f" {' '.join(flags)}</footer></article>"
    )


def _file(media: Media, pictures: Mapping[Digest, bytes]) -> str:
    named = f"{_name(media.name)} <bdi>{size(media.size)}</bdi>"
    if media.digest in pictures:
        kind = KINDS[media.kind]
        label = f"{kind} {media.name}"
        return (
            f'<div><div class="picture p{media.digest}" role="img" aria-label="{escape(label)}">'
            f"</div><small>{named}</small></div>"
        )
    return f'<div class="file"><i>{_SIGNS[media.kind]}</i>{named}</div>'


def _name(name: str) -> str:
    """The name of a file, its ending at the right of it whatever its letters are."""
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    return f'<bdi dir="ltr"><bdi>{escape(stem)}</bdi>{dot}{escape(ending)}</bdi>'
