"""Which permissions a role has, and what a token's scopes let through."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from broadcaster.config.settings import Settings
from broadcaster.model import Permission, Role

if TYPE_CHECKING:
    from broadcaster.store.people import Grant, Token

_SEE = frozenset({Permission.SEE})
_STOP = frozenset({Permission.HALT})
"""Stopping is cheap: who may write may stop.  Going on is for operators."""
_WRITE = (
    _SEE
    | _STOP
    | {Permission.DRAFT, Permission.POST, Permission.EDIT_OWN, Permission.CANCEL, Permission.UPLOAD}
)
_APPROVE = _WRITE | {Permission.APPROVE, Permission.RECALL, Permission.EDIT, Permission.PIN}
_OPERATE = _SEE | {
    Permission.RETRY,
    Permission.RELEASE,
    Permission.RESOLVE,
    Permission.SWITCH,
    Permission.HALT,
    Permission.RESUME,
    Permission.SCHEDULE,
}
ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: _SEE,
    Role.WRITER: _WRITE,
    Role.APPROVER: _APPROVE,
    Role.OPERATOR: _OPERATE,
    Role.ADMIN: frozenset(Permission),
}
SCOPES: Mapping[str, frozenset[Permission]] = {
    "read": _SEE,
    "draft": frozenset({Permission.DRAFT, Permission.UPLOAD, Permission.EDIT_OWN}),
    "publish": _WRITE - _SEE,
    "approve": _APPROVE - _WRITE,
    "operate": _OPERATE - _SEE,
    "admin": frozenset({Permission.USERS, Permission.STORE}),
}
"""What a token of the API may at most; its owner's rights bound it as well."""
Given = Mapping[Permission, Collection[str] | None]
"""Permission -> the channels that it holds in; None: everywhere."""


def of_person(settings: Settings, grants: Iterable[Grant]) -> Given:
    """What a person's roles let them do, by today's groups of the config."""
    given: dict[Permission, frozenset[str] | None] = {}
    for grant in grants:
        where = channels(settings, [grant.place]) if grant.place else None
        for permission in ROLES[grant.role]:
            before = given.get(permission, frozenset())
            given[permission] = None if where is None or before is None else before | where
    return given


def of_token(settings: Settings, token: Token) -> Given:
    """What a token lets its bearer do: its scopes and places, as far as its owner may."""
    scopes = frozenset[Permission]().union(
        *(SCOPES.get(name, frozenset()) for name in token.scopes)
    )
    owner = of_person(settings, token.owner.grants)
    if not token.places:
        return {name: where for name, where in owner.items() if name in scopes}
    places = channels(settings, token.places)
    return {
        name: places if where is None else places.intersection(where)
        for name, where in owner.items()
        if name in scopes
    }


def channels(settings: Settings, places: Iterable[str]) -> frozenset[str]:
    """The channels of groups, accounts and channels; a name that the config has lost has none."""
    known = {*settings.channels, *settings.groups, *settings.accounts}
    names = [place for place in places if place in known or place in ("foreign", "domestic")]
    return (
        frozenset(found.channel.name for found in settings.resolve(names)) if names else frozenset()
    )
