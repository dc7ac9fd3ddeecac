"""Failures on order: the next calls of a platform go wrong in a chosen way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

FOREVER = 1_000_000_000
"""As a count: until it is disarmed."""
KINDS = ("429", "401", "403", "400", "5xx", "drop-before", "drop-after", "slow")


@dataclass(slots=True)
class Fault:
    """One armed failure; it counts ``count`` down as it hits."""

    platform: str
    kind: str
    channel: str = ""
    """Address as sent, without ``@``; "" is any."""
    count: int = 1
    methods: frozenset[str] | None = None
    """In lower case; None means posting calls, ``*`` every call."""
    retry_after: float | None = None
    seconds: float = 1.0
    """Of ``slow``: how long the answer is held back after the call was accepted."""

    def hits(self, method: str, *, posting: bool) -> bool:
        if self.methods is None:
            return posting
        return "*" in self.methods or method.lower() in self.methods

    def to_json(self) -> dict[str, object]:
        return {
            "platform": self.platform,
            "kind": self.kind,
            "channel": self.channel or None,
            "count": self.count,
            "methods": None if self.methods is None else sorted(self.methods),
            "retry_after": self.retry_after,
            "seconds": self.seconds,
        }


def parse_fault(body: Any, platforms: tuple[str, ...]) -> Fault:
    """A fault as a control call describes it.  :raises ValueError: it cannot be read."""
    if not isinstance(body, Mapping):
        raise ValueError("a fault is a JSON object")
    unknown = sorted(set(body) - set(Fault.__dataclass_fields__))
    if unknown:
        raise ValueError(f"a fault has no {', '.join(unknown)}")
    if body.get("platform") not in platforms:
        raise ValueError(f"platform is one of {', '.join(platforms)}")
    kind = str(body.get("kind"))
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}")
    wait = body.get("retry_after")
    return Fault(
        platform=body["platform"],
        kind=kind,
        channel=str(body.get("channel") or "").removeprefix("@"),
        count=int(body.get("count", 1)),
        methods=_methods(body.get("methods")),
        retry_after=None if wait is None else float(wait),
        seconds=float(body.get("seconds", 1)),
    )


def _methods(value: Any) -> frozenset[str] | None:
    if value is None:
        return None
    return frozenset(str(each).lower() for each in ([value] if isinstance(value, str) else value))


class Faults:
    """What is armed, in the order it came."""

    def __init__(self, same_channel: Callable[[str, str, str], bool]) -> None:
        """``same_channel(platform, one address, another)``: whether they are joined."""
        self._same = same_channel
        self._armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        self._armed.append(fault)

    def clear(self, platform: str | None = None) -> None:
        """Disarm those of one platform, or all."""
        self._armed = [
            fault for fault in self._armed if platform is not None and fault.platform != platform
        ]

    def take(self, platform: str, method: str, channel: str, *, posting: bool) -> Fault | None:
        """The first fault that hits this call, used up by one."""
        for fault in self._armed:
            if fault.platform == platform and fault.hits(method, posting=posting):
                if fault.channel and not self._same(platform, fault.channel, channel):
                    continue
                fault.count -= 1
                if fault.count <= 0:
                    self._armed.remove(fault)
                return fault
        return None

    def listing(self) -> list[dict[str, object]]:
        return [fault.to_json() for fault in self._armed]
