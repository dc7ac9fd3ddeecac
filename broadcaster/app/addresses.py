"""The office's address book, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence

from broadcaster.app.office import Office
from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.model import Json
from broadcaster.planning.addresses import ChannelAddress, book

__all__ = ["ChannelAddress", "address_json", "addresses"]


def addresses(office: Office, to: Sequence[str] = ()) -> tuple[ChannelAddress, ...]:
    """Where readers find the channels that ``to`` names; default: ``addresses`` of the config.

    :raises InputError: an unknown name, or nobody can find any of them.
    """
    found = book(office.settings, office.platforms, to)
    if not found:
        raise InputError(
            say(
                "no channel has a public address: give them a username, switch them "
                "on, or name others with --to"
            )
        )
    return found


def address_json(address: ChannelAddress) -> dict[str, Json]:
    """An element of the list that ``addresses --json`` prints."""
    return {
        "channel": address.channel,
        "title": address.title,
        "platform": address.platform,
        "platform_title": address.platform_title,
        "jurisdiction": address.jurisdiction,
        "username": address.username or None,
        "link": address.link or None,
    }
