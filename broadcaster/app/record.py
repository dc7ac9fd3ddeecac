"""What stands in each channel, in words for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo

from broadcaster.app.words import iso, plural
from broadcaster.language import joined, say
from broadcaster.model import Json
from broadcaster.store.chat import Chat
from broadcaster.store.record import Slot, Standing, Stands, Version
from broadcaster.store.views import PostRow, PostView

__all__ = [
    "Link",
    "Slot",
    "Standing",
    "Stands",
    "Version",
    "eventful",
    "links",
    "record_json",
    "remains",
    "text_there",
    "version",
]

Link = Callable[[str, str, Chat | None], str | None]
"""(channel, message id, chat where it stands) -> public address."""
NAMED = 3
"""Channels that are named; more are counted."""


def eventful(view: PostView) -> bool:
    """Whether there is more to say of its channels than that it stands there."""
    return (
        len(view.versions) > 1
        or bool(view.remarks)
        or any(each.wanted or each.removed_at for each in view.standings)
    )


def version(view: PostView, number: int | None) -> Version:
    """The version of that number; None: the present one."""
    return next((each for each in view.versions if each.number == number), view.versions[-1])


def text_there(view: PostView, channel: str) -> str:
    """The Markdown that the channel shows, or showed last; else what is to be sent there."""
    there = next((each for each in view.standings if each.channel == channel), None)
    said = version(view, there.version if there else None)
    return said.texts.get(channel, said.source)


def links(link: Link, there: Standing) -> tuple[str, ...]:
    """Addresses of what stands there now."""
    found = (link(there.channel, each, slot.chat) for slot in there.live for each in slot.ids)
    return tuple(each for each in found if each)


def places(link: Link, there: Standing) -> str:
    """Where it stands: addresses, or ids where a platform has none."""
    found = []
    for slot in there.live:
        for number in slot.ids[:1]:
            where = say(" in {address}", address=slot.chat.address) if slot.chat else ""
            found.append(
                link(there.channel, number, slot.chat)
                or say("id {number}{where}", number=number, where=where)
            )
    return " ".join(found)


def why(view: PostView, there: Standing) -> str:
    """What stands in the way of what was wanted, and what was said instead."""
    instead = [post for post, names in view.corrections.items() if there.channel in names]
    if there.wanted == "edit" and instead:
        return say("corrected by post {instead}", instead=joined(", ", map(str, instead)))
    if there.wanted:
        to = say("to be removed") if there.wanted == "recall" else say("to be edited")
        return say("{to}: {why}", to=to, why=there.why) if there.why else to
    if there.doubt:
        return say(
            "unknown: broadcaster resolve {post} {channel}",
            post=view.post.id,
            channel=there.channel,
        )
    return ""


def remains(row: PostRow) -> str:
    """Of a post that was changed: where it is not what was wanted, on one line."""
    said = []
    if row.removed:
        said.append(say("removed in {names}", names=_names(row.removed)))
    if row.removed and row.stands:
        said.append(say("still in {names}", names=_names(row.stands)))
    elif there := [name for name, what in row.wanted.items() if what == "recall"]:
        said.append(say("still in {names}", names=_names(there)))
    if old := [name for name, what in row.wanted.items() if what == "edit"]:
        said.append(say("old text in {names}", names=_names(old)))
    return joined(", ", said)


def _names(channels: Sequence[str]) -> str:
    if len(channels) <= NAMED:
        return joined(", ", channels)
    return plural(len(channels), "channel")


def record_json(view: PostView, link: Link, zone: tzinfo) -> dict[str, Json]:
    """The keys of ``show --json`` that tell what was said, and what stands where."""
    return {
        "version": view.versions[-1].number,
        "versions": [_version_json(each, zone) for each in view.versions],
        "corrects": view.corrects,
        "corrected_by": [*view.corrections],
        "channels": [_standing_json(view, each, link, zone) for each in view.standings],
        "remarks": [
            {
                "at": iso(each.at, zone),
                "by": each.by,
                "door": each.door,
                "channel": each.channel,
                "what": each.what.value,
                "version": each.version,
                "why": each.why or None,
            }
            for each in view.remarks
        ],
    }


def _version_json(each: Version, zone: tzinfo) -> Json:
    return {
        "number": each.number,
        "text": each.source,
        "texts": dict(each.texts),
        "media": [{"name": file.name, "digest": file.digest} for file in each.media],
        "options": {name: getattr(each.options, name) for name in each.options.__slots__},
        "digest": each.digest,
        "by": each.by,
        "door": each.door,
        "at": iso(each.at, zone),
    }


def _standing_json(view: PostView, there: Standing, link: Link, zone: tzinfo) -> Json:
    return {
        "channel": there.channel,
        "platform": there.account,
        "stands": there.stands.value,
        "version": there.version,
        "current": there.current,
        "text": text_there(view, there.channel) if there.slots else None,
        "links": [*links(link, there)],
        "edited": iso(there.edited_at, zone),
        "removed": iso(there.removed_at, zone),
        "removed_by": there.removed_by or None,
        "pinned": iso(there.pinned_at, zone),
        "wanted": there.wanted or None,
        "why": why(view, there) or None,
        "unknown": there.doubt,
        "messages": [_slot_json(each, zone) for each in there.slots],
    }


def _slot_json(slot: Slot, zone: tzinfo) -> Json:
    return {
        "index": slot.slot,
        "ids": [*slot.ids],
        "wire": slot.message.text,
        "posted": iso(slot.posted_at, zone),
        "edited": iso(slot.edited_at, zone),
        "pinned": iso(slot.pinned_at, zone),
        "removed": iso(slot.removed_at, zone),
        "removed_by": slot.removed_by,
        "note": slot.note or None,
    }
