"""Incidents by name: what an administrator rehearses, made of faults and switches."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from broadcaster.language import say
from broadcaster.sandbox.backend import SandboxState
from broadcaster.sandbox.faults import FOREVER, Fault

CLEAR = "clear"
INCIDENTS: Mapping[str, str] = {
    "filtered": say("it is out of reach: every connection is closed before an answer"),
    "token-revoked": say("every token is refused"),
    "bot-removed": say("the bot was removed from every channel"),
    "slow": say("every answer takes half a minute"),
    "loses-answers": say("what is asked is done, and no answer comes back"),
    CLEAR: say("all is well again"),
}
"""Name -> what it is."""
ALL = "all"
_SLOW_S = 30.0
_FAULTS = {"filtered": "drop-before", "slow": "slow", "loses-answers": "drop-after"}
_REMOVED = ("kicked", "none", "left")
"""Values of the switch ``rights`` that mean it, the clearest first."""


def begin(state: SandboxState, name: str, platforms: Collection[str]) -> None:
    """Let these platforms have an incident instead of the one that they have.

    :raises ValueError: there is none of this name.
    """
    if name not in INCIDENTS:
        raise ValueError(f"name is one of {', '.join(INCIDENTS)}")
    for platform in platforms:
        _end(state, platform)
        if name != CLEAR:
            _begin(state, name, platform)
            state.incidents[platform] = name


def listing(state: SandboxState, platforms: Collection[str]) -> dict[str, object]:
    """What there is, and which platform has what now."""
    return {
        "known": dict(INCIDENTS),
        "now": {platform: state.incidents.get(platform) for platform in platforms},
    }


def _end(state: SandboxState, platform: str) -> None:
    state.incidents.pop(platform, None)
    state.faults.clear(platform)
    for switch in ("token", "rights"):
        state.switches.restore(platform, switch)


def _begin(state: SandboxState, name: str, platform: str) -> None:
    if kind := _FAULTS.get(name):
        every = frozenset({"*"})
        state.faults.arm(
            Fault(platform=platform, kind=kind, count=FOREVER, methods=every, seconds=_SLOW_S)
        )
    elif name == "token-revoked":
        state.switches.set(platform, "token", "revoked")
    else:
        values = state.switches.values(platform, "rights")
        state.switches.set(platform, "rights", next(word for word in _REMOVED if word in values))
