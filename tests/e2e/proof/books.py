"""The books: what the platforms accepted, held against what the queue says of it.

The sandbox's ledger is the witness.  A message is known there by its channel and its text without
white space, so every post of a proof has a text that no other has, and no markup.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from broadcaster.model import State
from broadcaster.store.queue.results import FOUND
from broadcaster.store.views import DeliveryView, MessageView, PostView

SHOWN = 40


class Key(NamedTuple):
    """One message of one channel."""

    platform: str
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """One message that a platform took; an album is one of several ids."""

    seq: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One message as the queue tells of it."""

    key: Key
    state: str
    ids: tuple[str, ...]
    post: int
    delivery: int
    channel: str
    index: int
    reason: str
    found: bool
    """Its proof was found on the public page."""
    clean: bool
    """Its delivery was never anything but waiting, sending and delivered."""


class Books:
    """Both sides of one moment; every check raises AssertionError with what is wrong."""

    def __init__(
        self,
        ledger: Path,
        views: Iterable[PostView],
        addresses: Mapping[str, tuple[str, str]],
        *,
        doubted: Collection[int] = (),
    ) -> None:
        """``addresses``: channel -> platform and address; ``doubted``: deliveries that were in
        doubt at some time, whatever they are now."""
        self.accepted = read(ledger)
        self.told = list(_told(views, addresses, doubted))
        self.found = {(each.post, each.channel, each.index) for each in self.told if each.found}
        """Messages that were in doubt, and were found."""

    def of(self, *states: str) -> list[Told]:
        return [each for each in self.told if each.state in states]

    def never_twice(self) -> None:
        """Every message was accepted at most once."""
        twice = {key: found for key, found in self.accepted.items() if len(found) > 1}
        assert not twice, f"accepted more than once: {twice}"

    def never_lost(self) -> None:
        """What is delivered was accepted, under the ids that the queue has."""
        for each in self.of("delivered"):
            found = self.accepted.get(each.key)
            assert found, f"delivered, but not accepted: {each}"
            assert each.ids == found[0].ids, f"{each} has the ids {found[0].ids} there"

    def never_secretly(self) -> None:
        """What was accepted is delivered, or known to be in doubt."""
        known = {each.key for each in self.of("delivered", "unknown")}
        secret = {key: found for key, found in self.accepted.items() if key not in known}
        assert not secret, f"accepted, but neither delivered nor unknown: {secret}"

    def all_there(self) -> None:
        """Everything is delivered, exactly once, and nothing else was accepted."""
        self.never_twice()
        self.never_lost()
        open_ = [each for each in self.told if each.state != "delivered"]
        assert not open_, f"not delivered: {open_}"
        assert {each.key for each in self.told} == set(self.accepted)

    def in_order(self) -> None:
        """Each lane in order, among deliveries that never left waiting and sending."""
        lanes: dict[str, list[Told]] = defaultdict(list)
        for each in self.told:
            if each.clean:
                lanes[each.channel].append(each)
        for channel, line in lanes.items():
            came = [self.accepted[each.key][0].seq for each in line]
            assert came == sorted(came), f"{channel}: out of order: {line}"

    def overlooked(self, *platforms: str) -> list[Told]:
        """Unknown, although the platform has it, and its page could be looked at."""
        return [
            each
            for each in self.of("unknown")
            if each.key in self.accepted
            and each.key.platform in platforms
            and "could not be reached" not in each.reason
        ]

    def check(self) -> None:
        """All that must hold at any moment."""
        self.never_twice()
        self.never_lost()
        self.never_secretly()
        self.in_order()


def read(ledger: Path) -> dict[Key, list[Accepted]]:
    """The messages that were accepted, in order, by what they say."""
    groups: dict[tuple[str, ...], list[dict[str, object]]] = defaultdict(list)
    for line in ledger.read_text("utf-8").splitlines():
        said = json.loads(line)
        if said["event"] == "posted":
            name = (said["platform"], said["chat"], str(said["group"] or said["id"]))
            groups[name].append(said)
    found: dict[Key, list[Accepted]] = defaultdict(list)
    for items in groups.values():
        first = items[0]
        key = Key(str(first["platform"]), str(first["channel"]), plain(str(first["text"])))
        ids = tuple(str(item["id"]) for item in items)
        found[key].append(Accepted(int(str(first["seq"])), ids))
    return dict(found)


def plain(text: str) -> str:
    """A text as a key: without white space, and short enough to be read in a failure."""
    said = "".join(text.split())
    if len(said) <= SHOWN:
        return said
    return f"{said[:SHOWN]}… ({len(said)} letters, {zlib.crc32(said.encode()):x})"


def _told(
    views: Iterable[PostView],
    addresses: Mapping[str, tuple[str, str]],
    doubted: Collection[int],
) -> Iterator[Told]:
    for view in views:
        for delivery in view.deliveries:
            channel = delivery.delivery.channel
            platform, address = addresses[channel]
            clean = delivery.delivery.id not in doubted and _clean(delivery)
            for message in delivery.messages:
                yield Told(
                    key=Key(platform, address.removeprefix("@"), plain(message.message.text)),
                    state=_state(delivery, message),
                    ids=message.receipt.ids if message.receipt else (),
                    post=view.post.id,
                    delivery=delivery.delivery.id,
                    channel=channel,
                    index=message.index,
                    reason=delivery.delivery.reason,
                    found=message.receipt is not None and message.receipt.note == FOUND,
                    clean=clean,
                )


def _state(delivery: DeliveryView, message: MessageView) -> str:
    """A message that did not get its turn shares its delivery's fate, unless that is doubt."""
    if message.state == "waiting" and delivery.delivery.state is not State.UNKNOWN:
        return delivery.delivery.state.value
    return message.state


def _clean(delivery: DeliveryView) -> bool:
    notes = {each.receipt.note for each in delivery.messages if each.receipt}
    tried = {each.outcome for each in delivery.attempts}
    delivered = delivery.delivery.state is State.DELIVERED
    return delivered and FOUND not in notes and "OutcomeUnknown" not in tried
