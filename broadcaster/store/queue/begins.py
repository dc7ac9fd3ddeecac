"""An upload is done: mark its message as on the wire, if its lease and its post still stand."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from broadcaster.model import Message
from broadcaster.store.exchange import Begin, Purpose, Want
from broadcaster.store.queue import lanes
from broadcaster.store.queue.claiming import Claiming, Head
from broadcaster.store.queue.database import pack
from broadcaster.store.queue.effects import Effects
from broadcaster.store.queue.media import Media
from broadcaster.store.queue.renderings import ODD


def begin(tick: Claiming, begins: Sequence[Begin]) -> None:
    """Keep the handles in any case; free the lanes of what may not begin now, or any more."""
    if not begins:
        return
    cx = tick.cx
    ids = pack([item.delivery for item in begins])
    accounts = {row["id"]: row["account"] for row in cx.all("claims.accounts_of", ids=ids)}
    effects = Effects()
    for item in begins:
        if item.delivery in accounts:
            effects.handles(accounts[item.delivery], item.handles)
    effects.write(cx, tick.now)
    keys = pack([[item.delivery, item.step, item.fence] for item in begins])
    wanted = cx.table("claims.begun", begins=keys, owner=tick.owner, now=tick.now)
    heads = [head for head in map(Head._make, wanted) if not tick.quiet(head.account)]
    messages: dict[int, Message] = {}
    for head in heads:
        with suppress(*ODD):  # damaged since: it is judged as any other once its lane is free
            messages[head.id] = tick.renderings.get(head.rendering)[head.step]
    heads = [head for head in heads if head.id in messages]
    begun = {head.lane_id for head in heads}
    mark = [[head.id, head.step, head.lane_fence + 1] for head in heads]
    cx.run("deliveries.mark", rows=pack(mark), now=tick.now)
    handles = {item.delivery: item.handles for item in begins}
    rates = {item.delivery: item.rate for item in begins}
    for head in heads:
        message = messages[head.id]
        media = Media(cx, Want(account=head.account, count=0, uploads=0), tick.now)
        media.look([message])
        ready = {**media.of(message), **handles[head.id]}
        tick.add(Purpose.SEND, head, message, ready, until=head.wake_at)
        tick.spend(head.account, 1, rates[head.id])
    lanes.end_uploads(cx, begun)
    held = {row["id"] for row in cx.all("claims.dropped", begins=keys, owner=tick.owner)}
    lanes.free(cx, held - begun)
