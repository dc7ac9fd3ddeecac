"""The words of alerts: what happened, the evidence, and the commands to type next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from broadcaster.model import Micros, State
from broadcaster.store.exchange import LateReceipt
from broadcaster.store.live import DaemonRow, Gate
from broadcaster.store.views import AWAY, Backlog, Outgoing, PostRow, ScheduleRow, Trouble, Troubles

LONGEST = 300
"""Letters of one reason; the whole stands in `show`."""


@dataclass(frozen=True, slots=True)
class Alert:
    cause: str
    title: str
    body: str


def troubles(group: Troubles, cause: str, at: Callable[[Micros], str]) -> Alert:
    """Failed, missed or unknown deliveries of one account; ``at`` shows a time."""
    count = _plural(group.count, "delivery", "deliveries")
    match group.state:
        case State.UNKNOWN:
            title = f"{group.account}: {count} may or may not have been posted"
            lines = [line for each in group.examples for line in _unknown(each)]
            more = "broadcaster list --state unknown"
        case State.MISSED:
            title = f"{group.account}: {count} missed"
            lines = [_line(each) for each in group.examples]
            lines.append("not begun in time, so not sent: broadcaster retry --missed sends them")
            more = "broadcaster list --state missed"
        case _:
            title = f"{group.account}: {count} failed"
            lines = [line for each in group.examples for line in _failed(each)]
            more = "broadcaster list --state failed"
    rest = group.count - len(group.examples)
    if rest > 0:
        lines.append(f"and {rest:,} more: {more}")
    since = at(group.first) if group.count == 1 else f"{at(group.first)} – {at(group.last)}"
    return Alert(cause, title, "\n".join([since, *lines]))


def breaker(account: str, reason: str, cause: str) -> Alert:
    return Alert(
        cause,
        f"{account} does not answer",
        f"{_cut(reason)}\nnothing is sent there until it does, and no attempt is used up; what is"
        " not begun in time is missed, and told of once it answers again\nbroadcaster status",
    )


def contested(account: str, cause: str) -> Alert:
    return Alert(
        cause,
        f"{account}: the daemons do not work by the same settings",
        "nothing is sent there until they do: give every machine the same config (they take it up"
        " by themselves)\nbroadcaster status",
    )


def unauthorized(gate: Gate, cause: str, at: Callable[[Micros], str]) -> Alert:
    what = "its token is refused" if gate.scope == "account" else "we may not post there"
    return Alert(
        cause,
        f"{gate.name}: {what}",
        f"{at(gate.at)}: {_cut(gate.reason)}\nits deliveries are held; once it is put right they"
        f" go out by themselves\nbroadcaster check --online",
    )


def stuck(why: str, cause: str) -> Alert:
    return Alert(
        cause,
        "the queue cannot be written",
        f"{why}\nnothing is sent that cannot be recorded; what is on the wire is remembered until"
        " it can: do not kill the daemon, make the store writable",
    )


def doubled(late: Sequence[LateReceipt], cause: str) -> Alert:
    lines = [
        f"post {each.post} in {each.channel}, message {each.step + 1}: broadcaster show {each.post}"
        for each in late
    ]
    return Alert(
        cause,
        f"{_plural(len(late), 'message')} posted twice",
        "\n".join(["a receipt came late, after somebody had said it was not posted:", *lines]),
    )


def clock(jump: str, cause: str) -> Alert:
    return Alert(
        cause,
        f"the clock is {jump}",
        "nothing is claimed and no deadline judged until that is understood; if nothing explains"
        " it, everything halts: check the date, then: broadcaster resume",
    )


def restarted(row: DaemonRow, cause: str, at: Callable[[Micros], str]) -> Alert:
    return Alert(
        cause,
        f"a daemon on {row.host} exited without unregistering",
        f"pid {row.pid}, last heard of {at(row.seen)}\nwhat was on the wire then is unknown,"
        " nothing of it is sent again by itself\nbroadcaster list --state unknown",
    )


def bug(error: BaseException, cause: str) -> Alert:
    return Alert(
        cause,
        "the daemon stops because of a bug of ours",
        f"{type(error).__name__}; the log has its traceback. What was on the wire is unknown, all"
        " else goes on where it stood once it is started again",
    )


def ailing(name: str, why: str, cause: str) -> Alert:
    return Alert(
        cause,
        f"the daemon fails at one of its tasks: {name}",
        f"a fault of the program ({why}); its log says where. It is tried again, and all else"
        " goes on",
    )


def schedule(row: ScheduleRow, cause: str, at: Callable[[Micros], str]) -> Alert:
    """What recurs and could not be posted."""
    since = (row.problem_at if row.problem else row.passed_at) or 0
    why = _cut(row.problem or row.passed_why or AWAY)
    return Alert(
        cause,
        f"schedule {row.name}: nothing was posted",
        f"{at(since)}\n{why}\nwhat is repaired in time is still posted\n"
        f"broadcaster schedule show {row.name}",
    )


def config(mistakes: str, cause: str) -> Alert:
    return Alert(cause, "the changed config is not taken", f"all goes on as before:\n{mistakes}")


def summary(
    day: str,
    out: Sequence[Outgoing],
    posts: Sequence[PostRow],
    backlog: Sequence[Backlog],
    head: str,
) -> Alert:
    """What went out in a day, and what waits; ``head`` of the audit log, to be kept."""
    lines = [
        f"{each.channel}: {_plural(each.posts, 'post')}, {_plural(each.messages, 'message')}"
        for each in out
    ] or ["nothing went out"]
    lines += [f"post {row.post.id}, {row.state}: {_first(row.post.source)}" for row in posts]
    for each in backlog:
        counts = [
            ("in line", each.in_line),
            *((state.value, n) for state, n in each.states.items()),
        ]
        said = ", ".join(f"{count:,} {word}" for word, count in counts if count)
        if said:
            lines.append(f"{each.account}: {said}")
    if head:
        lines.append(f"audit head {head}")
    return Alert(f"summary {day}", f"what went out until {day}", "\n".join(lines))


def _unknown(each: Trouble) -> Iterable[str]:
    say = f"broadcaster resolve {each.post} {each.channel}"
    yield f"{_line(each)}\nlook into the channel, then say one of"
    yield f"  {say} --posted"
    yield f"  {say} --not-posted"


def _failed(each: Trouble) -> Iterable[str]:
    yield f"{_line(each)}\n  broadcaster retry {each.post} --to {each.channel}"


def _line(each: Trouble) -> str:
    part = f", message {each.step + 1} of {each.steps}" if each.steps > 1 else ""
    return f"post {each.post} in {each.channel}{part}: {_cut(each.reason)}"


def _cut(reason: str) -> str:
    line = " ".join(reason.split())
    return line if len(line) <= LONGEST else line[:LONGEST] + "…"


def _first(source: str) -> str:
    line = next((line for line in source.splitlines() if line.strip()), "")
    return line if len(line) <= 60 else line[:60] + "…"


def _plural(count: int, word: str, many: str = "") -> str:
    return f"{count:,} {word if count == 1 else many or word + 's'}"
