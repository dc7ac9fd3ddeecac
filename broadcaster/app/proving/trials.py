"""What there is to prove about a platform: a list of trials, made of its facts alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from broadcaster.adapter import AlbumMix, Fact, Limits, Platform
from broadcaster.app.proving import words
from broadcaster.model import MediaKind, Span, SpanKind, Text
from broadcaster.text.measure import measure


class Act(StrEnum):
    """What a trial asks of the platform."""

    PROBE = "probe"
    SEND = "send"
    EDIT = "edit"
    RECALL = "recall"
    PIN = "pin"
    UNPIN = "unpin"
    COUNT = "count"


class Aim(StrEnum):
    """What the adapter claims that becomes of it."""

    TAKEN = "taken"
    TOO_LONG = "too long"
    """Refused for what it is."""
    NO_CHANNEL = "no channel"
    """Refused because there is no such channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One claim and how it is tried."""

    key: str
    act: Act
    text: Text = field(default_factory=lambda: Text(plain=""))
    media: tuple[MediaKind, ...] = ()
    silent: bool = False
    pin: bool = False
    aim: Aim = Aim.TAKEN
    upon: str = ""
    """Key of the trial whose message it replies to, or acts on."""
    page_tells: bool = False
    """Whether a public page, where there is one, shows all that is claimed."""

    @property
    def claim(self) -> str:
        """In English."""
        return words.of(self.key).claim

    @property
    def claim_fa(self) -> str:
        return words.of(self.key).claim_fa

    @property
    def messages(self) -> int:
        """How many messages appear in the channel if all is as claimed."""
        if self.act is not Act.SEND or self.aim is not Aim.TAKEN:
            return 0
        return max(1, len(self.media))


def trials(platform: Platform, limits: Limits, mark: str) -> tuple[Trial, ...]:
    """One trial of each claim; ``mark`` stands in every text, so that each can be found again."""
    return tuple(_trials(platform, limits, mark))


def guesses(limits: Limits) -> dict[str, int]:
    """Limits that nobody documents and that can be measured by texts: name -> our number."""
    facts = {"text": limits.text, "caption": limits.caption if limits.media else None}
    return {
        name: fact.value for name, fact in facts.items() if fact and fact.value and guessed(fact)
    }


def guessed(fact: Fact[int]) -> bool:
    """Whether nobody but us says so."""
    return fact.source.startswith("guess")


def exactly(platform: Platform, limits: Limits, length: int, mark: str) -> Text:
    """A Persian text whose wire text has ``length``, as the platform counts."""

    def long(plain: str) -> int:
        return measure(platform.encode(Text(plain=plain))[0], limits.measure)

    plain = f"{mark} {words.LONG}"
    while long(plain) < length:
        plain += " " + words.FILLER
    while (over := long(plain) - length) > 0:
        plain = plain[: -max(1, over // 2)]
    plain = plain.rstrip(" \u200c")
    while (short := length - long(plain)) > 0:
        plain += "x" * short
    return Text(plain=plain)


def _trials(platform: Platform, limits: Limits, mark: str) -> Iterator[Trial]:
    def text(key: str) -> Text:
        return Text(plain=f"{mark} {key}: {words.of(key).shown}")

    longest = limits.text.value or 1
    yield Trial(key="probe", act=Act.PROBE)
    yield Trial(key="text", act=Act.SEND, text=text("text"), page_tells=True)
    yield Trial(key="styles", act=Act.SEND, text=styled(mark))
    yield Trial(
        key="longest",
        act=Act.SEND,
        text=exactly(platform, limits, longest, f"{mark} longest:"),
        page_tells=True,
    )
    yield Trial(
        key="too-long",
        act=Act.SEND,
        text=exactly(platform, limits, longest + 1, f"{mark} too-long:"),
        aim=Aim.TOO_LONG,
    )
    for kind in limits.media:
        bare = kind in limits.uncaptioned
        caption = Text(plain="") if bare else text(kind.value)
        yield Trial(key=kind.value, act=Act.SEND, text=caption, media=(kind,), page_tells=not bare)
    yield from _albums(limits, text("album"))
    if limits.silent:
        yield Trial(key="silent", act=Act.SEND, text=text("silent"), silent=True)
    if limits.reply:
        yield Trial(key="reply", act=Act.SEND, text=text("reply"), upon="text")
    if limits.pin_at_send:
        yield Trial(key="pin-at-send", act=Act.SEND, text=text("pin-at-send"), pin=True)
    yield from _acts(platform, limits, mark)
    yield Trial(key="no-channel", act=Act.SEND, text=text("no-channel"), aim=Aim.NO_CHANNEL)
    if "audience" in platform.verbs:
        yield Trial(key="audience", act=Act.COUNT)


def _albums(limits: Limits, caption: Text) -> Iterator[Trial]:
    most = (limits.album.value or (1, 1))[1]
    if most > 1 and limits.album_mix is not AlbumMix.NONE and MediaKind.PHOTO in limits.media:
        yield Trial(
            key="album",
            act=Act.SEND,
            text=caption,
            media=(MediaKind.PHOTO,) * most,
            page_tells=True,
        )


def _acts(platform: Platform, limits: Limits, mark: str) -> Iterator[Trial]:
    def text(key: str) -> Text:
        return Text(plain=f"{mark} {key}: {words.of(key).shown}")

    if "pin" in platform.verbs:
        yield Trial(key="pin", act=Act.PIN, upon="text")
    if {"pin", "unpin"} <= platform.verbs:
        yield Trial(key="unpin", act=Act.UNPIN, upon="styles")
    if "edit" in platform.verbs:
        yield Trial(key="before-edit", act=Act.SEND, text=text("before-edit"), page_tells=True)
        yield Trial(
            key="edit", act=Act.EDIT, text=text("edit"), upon="before-edit", page_tells=True
        )
        captioned = [kind for kind in limits.media if kind not in limits.uncaptioned]
        if limits.edits_caption and captioned:
            kind = captioned[0]
            yield Trial(
                key="edit-caption",
                act=Act.EDIT,
                text=text("edit-caption"),
                media=(kind,),
                upon=kind.value,
                page_tells=True,
            )
    if "recall" in platform.verbs:
        yield Trial(key="before-recall", act=Act.SEND, text=text("before-recall"), page_tells=True)
        yield Trial(key="recall", act=Act.RECALL, upon="before-recall", page_tells=True)


def styled(mark: str) -> Text:
    """A line for each kind of span, called by its name and set in it."""
    plain, spans = f"{mark} styles:", list[Span]()
    for kind in SpanKind:
        plain += f"\n{words.STYLES[kind]}: "
        shown = f"{kind.value} {words.STYLED}"
        url = words.LINK if kind is SpanKind.LINK else None
        spans.append(Span(kind=kind, start=len(plain), length=len(shown), url=url))
        plain += shown
    return Text(plain=plain, spans=tuple(spans))


def messages(chosen: Sequence[Trial]) -> int:
    """How many messages appear in the channel if all is as claimed."""
    return sum(trial.messages for trial in chosen)
