"""Changes of posts that were sent: edit, recall, pin and unpin, in each channel that allows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from broadcaster.errors import Refused
from broadcaster.language import say
from broadcaster.model import Kind, MediaKind, Message, Rendering, Stage, State, Verb
from broadcaster.store import changes, codec
from broadcaster.store.queue import approval, lanes, record
from broadcaster.store.queue.deliveries import DeliveryRow, post_row, retarget, rewrite, save
from broadcaster.store.queue.enqueue import rerender
from broadcaster.store.queue.pending import (
    ELSEWHERE,
    NOT_FANNED_OUT,
    ChangeOutcome,
    cancel_planned,
    of_post,
)
from broadcaster.store.queue.succession import (
    CLOSED,
    SUPERSEDED,
    insert,
    live_slots,
    next_revision,
)
from broadcaster.store.queue.work import Work
from broadcaster.store.record import RemarkKind
from broadcaster.store.steps import Live, edit_steps, pin_steps, recall_steps, unpin_steps

if TYPE_CHECKING:
    from broadcaster.store.changes import Changed, Edit, Pin, Recall, Unpin
    from broadcaster.store.submit import Target


NOTHING_THERE = say("nothing of it stands there")
SAYS_THAT = say("it says that already")
_UNTOUCHED = {State.WAITING, State.HELD, State.FAILED, State.MISSED}
ON_ITS_WAY = {State.SENDING, State.UNKNOWN}


@dataclass(slots=True)
class There:
    """One channel of a post: its deliveries, and its live messages."""

    rows: list[DeliveryRow]
    live: list[Live]
    next_slot: int

    @property
    def original(self) -> DeliveryRow:
        return self.rows[0]

    @property
    def active(self) -> list[DeliveryRow]:
        """The deliveries that may still change the channel."""
        return [row for row in self.rows if row.state not in CLOSED and row.kind is not Kind.PIN]

    @property
    def out_of_reach(self) -> str:
        """Why the messages in the channel cannot be changed by our bot; "": they can."""
        reasons = (lanes.out_of_reach(self.original, item.chat) for item in self.live)
        return next(filter(None, reasons), "")

    @property
    def untouched(self) -> bool:
        """Whether nothing was ever sent, so that an edit changes the delivery itself."""
        first = self.original
        return not first.step and first.state in _UNTOUCHED


def edit(work: Work, change: Edit) -> Changed:
    """Edit the messages that were sent, and the renderings of those that were not."""
    post = post_row(work, change.post)
    stage = Stage(post["stage"])
    if stage is Stage.CANCELLED:
        raise Refused(say("the post is {stage}; post it again", stage=stage))
    if stage is Stage.FANNED_OUT:
        approval.changes_out(work, post)
    work.renderings.put(target.rendering for target in change.targets)
    revision = next_revision(work, change.post)
    outcome = ChangeOutcome()
    if stage is not Stage.FANNED_OUT:
        _replan(work, change, stage, outcome)
    else:
        channels = channels_of(work, change.post, None)
        for target in change.targets:
            if target.channel in channels:
                there = channels[target.channel]
                _edit_one(work, change, target, there, revision, outcome)
    texts = codec.dumps(dict(change.texts))
    work.cx.run("change.set_text", post=change.post, source=change.source, texts=texts)
    if change.media is not None:
        media, converted = codec.media_json(change.media), codec.conversions_json(change.converted)
        work.cx.run("change.set_media", post=change.post, media=media, converted=converted)
    outcome.elsewhere(target.channel for target in change.targets)
    changed = outcome.end(say("there is nothing to edit"))
    record.revise(work, post, revision)
    remember(work, change, changed.refused, record.latest(work, change.post))
    return changed


def recall(work: Work, change: Recall) -> Changed:
    """Recall the messages that were sent, and cancel the others."""
    post = post_row(work, change.post)
    outcome = ChangeOutcome()
    if Stage(post["stage"]) in NOT_FANNED_OUT:
        cancel_planned(work, change.post, change.channels, outcome)
    else:
        revision = next_revision(work, change.post)
        for there in channels_of(work, change.post, change.channels).values():
            _recall_one(work, change, there, revision, outcome)
    outcome.elsewhere(change.channels)
    changed = outcome.end(NOTHING_THERE)
    remember(work, change, changed.refused)
    return changed


def remember(
    work: Work, change: Edit | Recall, refused: Mapping[str, str], version: int | None = None
) -> None:
    """Keep in the record where it could not be done; ``version``: the text that was wanted."""
    said = {channel: why for channel, why in refused.items() if why == SAYS_THAT}
    kept = {
        channel: why
        for channel, why in refused.items()
        if why not in {SAYS_THAT, NOTHING_THERE, ELSEWHERE}
    }
    refusal = (
        RemarkKind.EDIT_REFUSED if isinstance(change, changes.Edit) else RemarkKind.RECALL_REFUSED
    )
    record.remark(work, change.post, refusal, kept, version)
    record.remark(work, change.post, RemarkKind.SAYS_SO, said, version)


def pin(work: Work, change: Pin) -> Changed:
    """Pin the post's first message."""
    steps = partial(pin_steps, alone=change.replace)
    return _pins(work, change, steps, say("this platform cannot pin"))


def unpin(work: Work, change: Unpin) -> Changed:
    """Unpin the pinned messages of the post."""
    return _pins(work, change, unpin_steps, say("this platform cannot unpin; do it by hand"))


def _pins(
    work: Work,
    change: Pin | Unpin,
    steps_of: Callable[[Sequence[Live]], tuple[Message, ...]],
    unable: str,
) -> Changed:
    post_row(work, change.post)
    revision = next_revision(work, change.post)
    outcome = ChangeOutcome()
    for channel, there in channels_of(work, change.post, change.channels).items():
        if channel not in change.pinnable:
            outcome.refused[channel] = unable
            continue
        if why := there.out_of_reach:
            outcome.refused[channel] = why
            continue
        try:
            steps = steps_of(there.live)
        except Refused as error:
            outcome.refused[channel] = str(error)
            continue
        rendering = work.renderings.compose(steps)
        made = insert(work, there.original, Kind.PIN, revision, rendering)
        outcome.did(there.original, made)
        lanes.wake(work, [there.original.lane])
    outcome.elsewhere(change.channels)
    return outcome.end(NOTHING_THERE)


def _replan(work: Work, change: Edit, stage: Stage, outcome: ChangeOutcome) -> None:
    """Replace the renderings of a planned post; a draft waits for approval again."""
    outcome.channels.update(dict.fromkeys(rerender(work, change.post, change.targets)))
    if stage in approval.CHANGEABLE:
        approval.reopen(work, change.post, writer=work.by.person)


def _edit_one(
    work: Work,
    change: Edit,
    target: Target,
    there: There,
    revision: int,
    outcome: ChangeOutcome,
) -> None:
    row = there.original
    if there.untouched:
        new = retarget(row, target)._replace(deadline=row.deadline, revision=revision)
        rewrite(work, [new])
        outcome.did(row)
        return
    if not there.live and not there.active:
        outcome.refused[row.channel] = NOTHING_THERE
        return
    if why := there.out_of_reach:
        outcome.refused[row.channel] = why
        return
    waits = any(active.state in ON_ITS_WAY for active in there.active)
    try:
        messages = target.rendering.messages
        if not waits:
            messages = edit_steps(there.live, messages, next_slot=there.next_slot)
        _able(messages, there, change, waits)
    except Refused as error:
        outcome.refused[row.channel] = str(error)
        return
    if not messages and not there.active:
        outcome.refused[row.channel] = SAYS_THAT
        return
    _succeed(work, there, Kind.EDIT, revision, messages, outcome, aside=waits, target=target)


def _able(messages: Sequence[Message], there: There, change: Edit, waits: bool) -> None:
    """Check that the platform can do the edit.

    :raises Refused: it cannot.
    """
    channel = there.original.channel
    verbs = {message.verb for message in messages}
    if (Verb.EDIT in verbs or waits) and channel not in change.editable:
        raise Refused(
            say("this platform cannot edit; `edit --correction` posts the new text there")
        )
    kinds = change.replaceable.get(channel, frozenset())
    if any(not {*_kinds(message, there)} <= kinds for message in messages if message.replaces):
        raise Refused(
            say(
                "this platform cannot replace a file that is out; `edit --correction` "
                "posts the new one there"
            )
        )
    if waits and change.media is not None and not kinds:
        raise Refused(
            say(
                "this platform cannot replace a file, and whether it is out is not "
                "known yet; try again once it is settled"
            )
        )
    captions = any(message.verb is Verb.EDIT and message.media for message in messages)
    if captions and channel not in change.captions:
        raise Refused(say("this platform cannot edit a caption; recall it and post it again"))
    if Verb.RECALL in verbs and channel not in change.recallable:
        raise Refused(say("the new text needs fewer messages, and this platform cannot delete one"))


def _kinds(message: Message, there: There) -> Iterator[MediaKind]:
    """The media kinds of the new file and of the replaced one."""
    yield from (each.kind for each in message.media)
    for old in there.live:
        if old.slot == message.acts_on:
            yield from (each.kind for each in old.message.media)


def _recall_one(
    work: Work, change: Recall, there: There, revision: int, outcome: ChangeOutcome
) -> None:
    row = there.original
    states = {active.state for active in there.active}
    if not there.live and not states & ON_ITS_WAY:
        if there.active:
            close(work, there.active, None, say("recalled before it was out"))
            outcome.did(row)
        else:
            outcome.refused[row.channel] = NOTHING_THERE
        return
    if row.channel not in change.recallable:
        outcome.refused[row.channel] = say(
            "this platform cannot delete a message; do it by hand, then say: "
            "broadcaster recall {post} --to {channel} --done",
            post=change.post,
            channel=row.channel,
        )
        return
    if why := there.out_of_reach:
        outcome.refused[row.channel] = why
        return
    try:
        steps = () if State.SENDING in states else recall_steps(there.live)
    except Refused as error:
        outcome.refused[row.channel] = str(error)
        return
    _succeed(work, there, Kind.RECALL, revision, steps, outcome, aside=not steps)


def _succeed(
    work: Work,
    there: There,
    kind: Kind,
    revision: int,
    messages: tuple[Message, ...],
    outcome: ChangeOutcome,
    *,
    aside: bool,
    target: Target | None = None,
) -> None:
    """Insert the edit or recall, and let it take over from all earlier deliveries."""
    row = there.original
    if not messages and not aside:  # nothing to do in the channel: only cancel what is left
        close(work, there.active, None, SUPERSEDED)
        outcome.did(row)
        return
    rendering: Rendering = (
        target.rendering if aside and target else work.renderings.compose(messages)
    )
    lost = row.lost if target is None else codec.dumps(list(target.rendering.lost))
    made = insert(work, row, kind, revision, rendering, aside=aside, lost=lost)
    close(work, there.active, made, SUPERSEDED)
    lanes.wake(work, [row.lane])
    outcome.did(row, made)


def close(work: Work, rows: list[DeliveryRow], successor: int | None, reason: str) -> None:
    """Supersede deliveries; those with an outcome to come only note their successor."""
    moves = []
    for row in rows:
        if row.state in ON_ITS_WAY:
            moves.append((row, row._replace(superseded_by=successor)))
        else:
            closed = row.settles(State.CANCELLED, work.now, reason)
            moves.append((row, closed._replace(superseded_by=successor)))
    save(work, moves)
    lanes.wake(work, {row.lane for row in rows})


def channels_of(work: Work, post: int, channels: tuple[str, ...] | None) -> dict[str, There]:
    """Each channel of a post, its first delivery first."""
    found: dict[str, list[DeliveryRow]] = {}
    for row in of_post(work, post, channels):
        found.setdefault(row.channel, []).append(row)
    return {
        channel: There(rows, *live_slots(work, post, rows[0].lane))
        for channel, rows in found.items()
    }
