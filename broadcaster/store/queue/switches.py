"""Closes and opens gates: off and on, halt and resume, and those of the daemon's config."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from broadcaster.errors import Refused
from broadcaster.language import say
from broadcaster.store.changes import AccountHealth, Changed, Close, Halt, Lanes, Open, Resume
from broadcaster.store.live import Cause
from broadcaster.store.queue import lanes
from broadcaster.store.queue.enqueue import lanes_json
from broadcaster.store.queue.tick import HELD
from broadcaster.store.queue.work import Row, Work, pack

SEND, DROP, ASK = "send", "drop", "ask"
_AUTOMATIC = {Cause.HALT, Cause.UNAUTHORIZED}
"""Causes whose held deliveries wait again as soon as the gate opens."""
DROPPED = say('its channel came back, and `when_back = "drop"`')
NOT_IN_CONFIG = say("no longer in the config")
NOT_ENABLED = "enabled = false in the config"


def close(work: Work, change: Close) -> Changed:
    """Close gates; from now on nothing begins behind them."""
    for scope, names in (("account", change.accounts), ("channel", change.channels)):
        for name in names:
            lanes.close_gate(work, scope, name, change.cause, change.reason)
    lanes.park(work, accounts=change.accounts, channels=change.channels)
    named = (*change.accounts, *change.channels)
    return Changed(channels=_names(work, change.accounts, change.channels) or named)


def halt(work: Work, change: Halt) -> Changed:
    """Halt; from now on nothing begins."""
    lanes.close_gate(work, "all", "*", Cause.HALT, change.reason)
    lanes.park(work, every=True)
    return Changed(channels=_names(work, every=True) or ("*",))


def resume(work: Work, _change: Resume) -> Changed:
    done = _lift(work, Cause.HALT, every=True)
    if done is None:
        raise Refused(say("nothing is halted"))
    return Changed(deliveries=done, channels=_names(work, every=True) or ("*",))


def lift(work: Work, change: Open) -> Changed:
    """Open gates; deliveries held by a refusal wait again, unless ``when_back`` says otherwise."""
    automatic = change.cause is Cause.UNAUTHORIZED and not change.when_back
    done = _lift(
        work,
        change.cause,
        accounts=change.accounts,
        channels=change.channels,
        when_back=None if automatic else change.when_back,
    )
    if done is None:
        return Changed()
    return Changed(
        deliveries=done,
        channels=_names(work, change.accounts, change.channels)
        or (*change.accounts, *change.channels),
    )


def configure(work: Work, change: Lanes) -> Changed:
    """Open and close the gates of the config; channels that are not in it are `gone`."""
    cx = work.cx
    settings = pack(dict(change.settings))
    cx.run("daemons.undeclare", owner=work.by.name, settings=settings)
    if cx.run("daemons.declare", owner=work.by.name, settings=settings):
        cx.run("enqueue.nudge")  # accounts may be uncontested by now
    lane_accounts = {row["channel"]: row["account"] for row in cx.all("change.lane_accounts")}
    wanted = {lane.channel: lane for lane in change.lanes}
    new = [lane for lane in change.lanes if lane_accounts.get(lane.channel) != lane.account]
    if new:
        cx.run("enqueue.put_lanes", fans=lanes_json((lane.channel, lane.account) for lane in new))
        lanes.park(work, channels=[lane.channel for lane in new])
    moved = lanes.settle_in(work, change.lanes)
    closed: dict[Cause, set[str]] = {Cause.CONFIG: set(), Cause.GONE: set()}
    for row in cx.all("change.gates_of_config"):
        closed[Cause(row["cause"])].add(row["name"])
    off = {name for name, lane in wanted.items() if not lane.enabled}
    gone = lane_accounts.keys() - wanted.keys()
    changed: set[str] = moved
    deliveries: list[int] = []
    for cause, names, reason in (
        (Cause.CONFIG, off, NOT_ENABLED),
        (Cause.GONE, set(gone), NOT_IN_CONFIG),
    ):
        shut, back = names - closed[cause], closed[cause] - names
        if shut:
            for name in sorted(shut):
                lanes.close_gate(work, "channel", name, cause, reason)
            lanes.park(work, channels=shut)
        if back:
            deliveries += _lift(work, cause, channels=back, when_back=change.when_back) or ()
        changed |= shut | back
    return Changed(deliveries=tuple(deliveries), channels=tuple(sorted(changed)))


def note_health(work: Work, change: AccountHealth) -> Changed:
    work.cx.run(
        "change.put_health",
        account=change.account,
        breaker=change.breaker,
        failures=change.failures,
        retry_at=change.retry_at,
        reason=change.reason,
        by=work.by.name,
    )
    return Changed()


def _lift(
    work: Work,
    cause: Cause,
    *,
    accounts: Collection[str] = (),
    channels: Collection[str] = (),
    every: bool = False,
    when_back: Mapping[str, str] | None = None,
) -> tuple[int, ...] | None:
    """Open gates of one cause and decide about deliveries held by them; None: no gate was closed.

    ``when_back`` None: everything waits again.
    """
    cx = work.cx
    named = {"accounts": pack(list(accounts)), "channels": pack(list(channels)), "every": every}
    lifted = cx.all("change.lift_gates", cause=cause, **named)
    if not lifted:
        return None
    behind = {
        "accounts": pack([row["name"] for row in lifted if row["scope"] == "account"]),
        "channels": pack([row["name"] for row in lifted if row["scope"] == "channel"]),
        "every": every,
    }
    if when_back is not None:
        gated = [row for row in cx.all("change.gated_lanes", **behind) if row["parked"] is not None]
        ids = pack([row["id"] for row in gated])
        cx.run("change.hold_waiting", lanes=ids, now=work.now, reason=HELD)
    lanes.park(work, accounts=accounts, channels=channels, every=every)
    touched: list[int] = []
    for word, group in _by_word(cx.all("change.gated_lanes", **behind), when_back).items():
        ids = pack(group)
        if word in {ASK, DROP}:
            cx.run("change.take_over", cause=cause, lanes=ids)
        if word == DROP:
            dropped = cx.all("change.drop", cause=cause, lanes=ids, now=work.now, reason=DROPPED)
            touched += [row["id"] for row in dropped]
        elif word == SEND:
            waiting = cx.all("change.let_go", cause=cause, lanes=ids, now=work.now)
            touched += [row["id"] for row in waiting]
        elif word is None:
            cx.run("change.still_held", cause=cause, lanes=ids)
        lanes.wake(work, group)
    return tuple(touched)


def _by_word(rows: list[Row], when_back: Mapping[str, str] | None) -> dict[str | None, list[int]]:
    """Lanes by the word of ``when_back``; None: another gate is still closed, and decides.

    A halt or a refused token does not: what they held goes on by itself, and this must not.
    """
    words: dict[str | None, list[int]] = {}
    for row in rows:
        word: str | None = SEND if when_back is None else when_back.get(row["channel"], ASK)
        if row["parked"] is not None and (word == SEND or row["parked"] not in _AUTOMATIC):
            word = None
        words.setdefault(word, []).append(row["id"])
    return words


def _names(
    work: Work,
    accounts: Collection[str] = (),
    channels: Collection[str] = (),
    *,
    every: bool = False,
) -> tuple[str, ...]:
    rows = work.cx.all(
        "change.gated_lanes",
        accounts=pack(list(accounts)),
        channels=pack(list(channels)),
        every=every,
    )
    return tuple(sorted({row["channel"] for row in rows} | set(channels)))
