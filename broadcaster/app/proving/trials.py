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
    """What the adapter promises that becomes of it."""

    TAKEN = "taken"
    TOO_LONG = "too long"
    """Refused for what it is."""
    NO_CHANNEL = "no channel"
    """Refused because there is no such channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofTrial:
    """One promise and how it is tried."""

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
    """Whether a public page, where there is one, shows all that is promised."""

    @property
    def promise(self) -> str:
        """In English."""
        return words.of(self.key).promise

    @property
    def promise_fa(self) -> str:
        return words.of(self.key).promise_fa

    @property
    def messages(self) -> int:
        """How many messages appear in the channel if all is as promised."""
        if self.act is not Act.SEND or self.aim is not Aim.TAKEN:
            return 0
        return max(1, len(self.media))


def trials(platform: Platform, limits: Limits, mark: str) -> tuple[ProofTrial, ...]:
    """One trial of each promise; ``mark`` stands in every text, so that each can be found again."""
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
    step = " " + words.FILLER
    plain += step * max(0, (length - long(plain)) // (4 * len(step)))
    while long(plain) < length:
        plain += step
    while (over := long(plain) - length) > 0:
        plain = plain[: -max(1, over // 2)]
    plain = plain.rstrip(" \u200c")
    while (short := length - long(plain)) > 0:
        plain += "x" * short
    return Text(plain=plain)


def _trials(platform: Platform, limits: Limits, mark: str) -> Iterator[ProofTrial]:
    def text(key: str) -> Text:
        return Text(plain=f"{mark} {key}: {words.of(key).shown}")

    longest = limits.text.value or 1
    yield ProofTrial(key="probe", act=Act.PROBE)
    yield ProofTrial(key="text", act=Act.SEND, text=text("text"), page_tells=True)
    yield ProofTrial(key="styles", act=Act.SEND, text=styled(mark))
    yield ProofTrial(
        key="longest",
        act=Act.SEND,
        text=exactly(platform, limits, longest, f"{mark} longest:"),
        page_tells=True,
    )
    yield ProofTrial(
        key="too-long",
        act=Act.SEND,
        text=exactly(platform, limits, longest + 1, f"{mark} too-long:"),
        aim=Aim.TOO_LONG,
    )
    for kind in limits.media:
        bare = kind in limits.uncaptioned
        caption = Text(plain="") if bare else text(kind.value)
        yield ProofTrial(
            key=kind.value, act=Act.SEND, text=caption, media=(kind,), page_tells=not bare
        )
    yield from _albums(limits, text("album"))
    if limits.silent:
        yield ProofTrial(key="silent", act=Act.SEND, text=text("silent"), silent=True)
    if limits.reply:
        yield ProofTrial(key="reply", act=Act.SEND, text=text("reply"), upon="text")
    if limits.pin_at_send:
        yield ProofTrial(key="pin-at-send", act=Act.SEND, text=text("pin-at-send"), pin=True)
    yield from _acts(platform, limits, mark)
    yield ProofTrial(key="no-channel", act=Act.SEND, text=text("no-channel"), aim=Aim.NO_CHANNEL)
    if "audience" in platform.verbs:
        yield ProofTrial(key="audience", act=Act.COUNT)


def _albums(limits: Limits, caption: Text) -> Iterator[ProofTrial]:
    most = (limits.album.value or (1, 1))[1]
    if most > 1 and limits.album_mix is not AlbumMix.NONE and MediaKind.PHOTO in limits.media:
        yield ProofTrial(
            key="album",
            act=Act.SEND,
            text=caption,
            media=(MediaKind.PHOTO,) * most,
            page_tells=True,
        )


def _acts(platform: Platform, limits: Limits, mark: str) -> Iterator[ProofTrial]:
    def text(key: str) -> Text:
        return Text(plain=f"{mark} {key}: {words.of(key).shown}")

    if "pin" in platform.verbs:
        yield ProofTrial(key="pin", act=Act.PIN, upon="text")
    if {"pin", "unpin"} <= platform.verbs:
        yield ProofTrial(key="unpin", act=Act.UNPIN, upon="styles")
    if "edit" in platform.verbs:
        yield ProofTrial(key="before-edit", act=Act.SEND, text=text("before-edit"), page_tells=True)
        yield ProofTrial(
            key="edit", act=Act.EDIT, text=text("edit"), upon="before-edit", page_tells=True
        )
        captioned = [kind for kind in limits.media if kind not in limits.uncaptioned]
        if limits.edits_caption and captioned:
            kind = captioned[0]
            yield ProofTrial(
                key="edit-caption",
                act=Act.EDIT,
                text=text("edit-caption"),
                media=(kind,),
                upon=kind.value,
                page_tells=True,
            )
    if "recall" in platform.verbs:
        yield ProofTrial(
            key="before-recall", act=Act.SEND, text=text("before-recall"), page_tells=True
        )
        yield ProofTrial(key="recall", act=Act.RECALL, upon="before-recall", page_tells=True)


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


def messages(chosen: Sequence[ProofTrial]) -> int:
    """How many messages appear in the channel if all is as promised."""
    return sum(trial.messages for trial in chosen)
