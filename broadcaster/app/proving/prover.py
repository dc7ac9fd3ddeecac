"""Trying the trials, one after the other, through the adapter itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from broadcaster.adapter import (
    Adapter,
    Call,
    Countable,
    Editable,
    Limits,
    Pinnable,
    Present,
    Recallable,
    Unpinnable,
    Uploader,
    Verifiable,
)
from broadcaster.app.proving.measuring import search
from broadcaster.app.proving.outcome import (
    Measured,
    Outcome,
    ProofNotes,
    StandingMessage,
    TrialResult,
)
from broadcaster.app.proving.pacing import LineBusyError, Pacer
from broadcaster.app.proving.recording import Recording
from broadcaster.app.proving.samples import Samples
from broadcaster.app.proving.trials import Act, Aim, ProofTrial, exactly
from broadcaster.engine.intake import contained, found, posted
from broadcaster.errors import (
    InputError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    Unauthorized,
    Unavailable,
)
from broadcaster.kit.wire import Wire, watch
from broadcaster.model import Channel, Handle, Media, MediaKind, Message, Scope, Verb
from broadcaster.outside import said

T = TypeVar("T")

CALL_S = 60.0
"""For one call; a file takes its time."""
TRIES = 4
"""Of a call that the platform asks to slow down, or that surely did not reach it."""
LOOK_S = 2.0
"""Between two looks at a public page, which is no API."""
BEFORE = timedelta(minutes=2)
"""How far the platform's clock may be behind ours."""
_ACTS = {
    Act.EDIT: Editable,
    Act.RECALL: Recallable,
    Act.PIN: Pinnable,
    Act.UNPIN: Unpinnable,
    Act.COUNT: Countable,
}
_VERBS = {Act.RECALL: Verb.RECALL, Act.PIN: Verb.PIN, Act.UNPIN: Verb.UNPIN}


class StopError(Exception):
    """Nothing more can be tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a proof works with; ``nowhere``: an address where there is no channel, None: none is
    known; ``patience``: seconds in which a page must show what was posted."""

    adapter: Adapter
    limits: Limits
    channel: Channel
    mark: str
    """Stands in every text of the proof."""
    nowhere: str | None
    samples: Samples
    pacer: Pacer
    recording: Recording
    patience: float
    told: Callable[[str], None] = field(default=lambda _line: None)


class Prover:
    """Writes what it finds into ``notes``, trial by trial."""

    def __init__(self, bench: Bench, notes: ProofNotes) -> None:
        self._bench = bench
        self._adapter = bench.adapter
        self._notes = notes
        self._calls = notes.calls
        self._since = datetime.now(UTC) - BEFORE
        self._blocked = ""
        self._cancelled = False
        """Whether somebody ended the proof while a call was on the wire."""

    async def run(self, chosen: tuple[ProofTrial, ...]) -> None:
        """Try them all; one that cannot be tried says why."""
        for trial in chosen:
            self._bench.recording.trial = trial.key
            if self._blocked:
                result = self._result(trial, Outcome.NOT_TRIED, self._blocked)
            else:
                self._bench.told(trial.promise)
                result = await self._tried(trial)
            self._notes.results[trial.key] = result
            self._end_if_asked()
        self._notes.ended_early = self._blocked

    async def measure(self, name: str, ours: int, mark: str) -> Measured:
        """Find the limit of a text or caption.

        :raises StopError: the platform gives no clear answer.
        """
        halving, posts = search(ours), 1
        length = next(halving)
        while True:
            taken = await self._fits(name, length, mark)
            try:
                length = halving.send(taken)
            except StopIteration as end:
                most, least = end.value
                return Measured(name=name, ours=ours, taken=most, refused=least, posts=posts)
            posts += 1

    async def remove(self) -> None:
        """Recall all that stands, newest first; what cannot be removed says why."""
        standing = self._notes.standing
        self._bench.recording.trial = "remove"
        for key, message in reversed([*standing.items()]):
            if not message.ids:
                continue
            try:
                why = await self._removed(key, message.ids)
            except SendError as error:
                why = said(error.detail)
            except Exception as bug:
                why = f"the adapter failed ({type(bug).__name__})"
            if why:
                standing[key] = replace(message, why=why)
            else:
                del standing[key]

    async def _removed(self, key: str, ids: tuple[str, ...]) -> str:
        """Recall one message; why it still stands, or nothing."""
        if not isinstance(self._adapter, Recallable):
            return "no bot can remove a message at this platform"
        posted_call = self._calls[key]
        await self._act(Act.RECALL, replace(posted_call, message=_upon(Verb.RECALL), ids=ids))
        recall = self._notes.results.get("recall")
        if recall is not None and recall.outcome is Outcome.PROVED:
            return ""
        if await self._still_shows(posted_call):
            return "the platform says yes, and its page still shows it"
        return ""

    async def _fits(self, name: str, length: int, mark: str) -> bool:
        """Whether the platform takes a text of this length; it is noted as standing."""
        text = exactly(self._adapter.platform, self._bench.limits, length, f"{mark} {length}:")
        media = (MediaKind.PHOTO,) if name == "caption" else ()
        trial = ProofTrial(key=f"{name} of {length}", act=Act.SEND, text=text, media=media)
        self._bench.recording.trial = trial.key
        try:
            await self._send(trial)
        except Rejected:
            return False
        except SendError as error:
            raise StopError(said(error.detail)) from None
        return True

    async def _tried(self, trial: ProofTrial) -> TrialResult:
        if missing := self._missing(trial):
            return self._result(trial, Outcome.NOT_TRIED, missing)
        try:
            return await self._judged(trial)
        except LineBusyError:
            self._blocked = "deliveries of this account are in line; they go first"
            return self._result(trial, Outcome.NOT_TRIED, self._blocked)
        except InputError as error:
            return self._result(trial, Outcome.NOT_TRIED, str(error))
        except SendError as error:
            return self._refused(trial, error)
        except Exception as bug:
            if trial.act is Act.SEND:
                self._notes.standing[trial.key] = StandingMessage(
                    key=trial.key, ids=(), why="the adapter failed while it was sent"
                )
            return self._result(
                trial, Outcome.UNKNOWN, f"the adapter failed ({type(bug).__name__}): report it"
            )

    def _missing(self, trial: ProofTrial) -> str:
        """Why a trial cannot be tried; empty: it can."""
        if trial.upon and trial.upon not in self._calls:
            return f"the message that it needs was not posted (see: {trial.upon})"
        if (needed := _ACTS.get(trial.act)) and not isinstance(self._adapter, needed):
            return "the adapter names the verb in its facts, and does not have it"
        if trial.aim is Aim.NO_CHANNEL and self._bench.nowhere is None:
            return "no address is known at this platform where surely is no channel"
        return ""

    async def _judged(self, trial: ProofTrial) -> TrialResult:
        match trial.act:
            case Act.PROBE:
                return await self._probe(trial)
            case Act.COUNT:
                return await self._count(trial)
            case Act.SEND:
                return await self._sent(trial)
            case _:
                return await self._acted(trial)

    async def _probe(self, trial: ProofTrial) -> TrialResult:
        probe = await self._asked(lambda: self._adapter.probe(self._bench.channel))
        if not probe.ok:
            return self._result(trial, Outcome.REFUSED, said(probe.advice))
        why = f"verified: {', '.join(probe.verified) or 'nothing'}"
        if probe.unverified:
            return self._result(
                trial,
                Outcome.NOT_VISIBLE,
                f"{why}; only a post shows: {', '.join(probe.unverified)}",
            )
        return self._result(trial, Outcome.PROVED, why)

    async def _count(self, trial: ProofTrial) -> TrialResult:
        adapter = self._adapter
        assert isinstance(adapter, Countable)
        audience = await self._asked(lambda: adapter.audience(self._bench.channel))
        return self._result(
            trial, Outcome.PROVED, f"{audience.number:,}, says {said(audience.source)}"
        )

    async def _sent(self, trial: ProofTrial) -> TrialResult:
        call = await self._send(trial)
        if trial.aim is Aim.TOO_LONG:
            return self._result(
                trial,
                Outcome.DEVIATES,
                "it was taken: the platform's limit is higher than ours, which harms nothing, or it"
                " cuts texts off: look at its end",
                call.ids,
            )
        if trial.aim is Aim.NO_CHANNEL:
            return self._result(
                trial, Outcome.DEVIATES, f"it was taken, at {call.channel.address}", call.ids
            )
        return await self._seen(trial, call)

    async def _acted(self, trial: ProofTrial) -> TrialResult:
        before = self._calls[trial.upon]
        if trial.act is Act.EDIT:
            return await self._edited(trial, before)
        shown = trial.act is Act.RECALL and await self._shows(before)
        if trial.act is Act.UNPIN:  # only what is pinned can show that
            await self._act(Act.PIN, replace(before, message=_upon(Verb.PIN)))
        await self._act(trial.act, replace(before, message=_upon(_VERBS[trial.act])))
        if trial.act is Act.RECALL:
            return await self._recalled(trial, before, shown=shown)
        return self._result(trial, Outcome.NOT_VISIBLE, "the platform says yes", before.ids)

    async def _edited(self, trial: ProofTrial, before: Call) -> TrialResult:
        words, markup = self._adapter.platform.encode(trial.text)
        message = replace(before.message, text=words, markup=markup, verb=Verb.EDIT, acts_on=0)
        call = replace(before, message=message)
        await self._act(Act.EDIT, call)
        result = await self._seen(trial, call)
        if result.outcome is not Outcome.PROVED and await self._shows(before):
            return self._result(
                trial,
                Outcome.DEVIATES,
                "the platform says yes, and its page still shows the old words",
                call.ids,
            )
        self._calls[trial.upon] = call
        return result

    async def _recalled(self, trial: ProofTrial, before: Call, *, shown: bool) -> TrialResult:
        if shown and await self._still_shows(before):
            return self._result(
                trial,
                Outcome.DEVIATES,
                "the platform says yes, and its page still shows the message",
                before.ids,
            )
        self._notes.standing.pop(trial.upon, None)
        if shown and await self._shows(self._calls.get("text")):
            return self._result(
                trial, Outcome.PROVED, "its page showed it, and does not any more", before.ids
            )
        return self._result(trial, Outcome.NOT_VISIBLE, "the platform says yes", before.ids)

    async def _seen(self, trial: ProofTrial, call: Call) -> TrialResult:
        """Whether the public page shows what the platform says that it has posted."""
        why, ids = await self._page(call, self._bench.patience)
        told = "the platform says yes"
        if ids is None:
            return self._result(trial, Outcome.NOT_VISIBLE, f"{told}; {why}", call.ids)
        if ids != call.ids:
            return self._result(
                trial,
                Outcome.DEVIATES,
                f"its page shows it as {', '.join(ids)}, its answer names {', '.join(call.ids)}",
                call.ids,
            )
        if not trial.page_tells:
            return self._result(
                trial, Outcome.NOT_VISIBLE, "its words are on the public page", call.ids
            )
        return self._result(trial, Outcome.PROVED, "seen on its public page", call.ids)

    async def _still_shows(self, call: Call) -> bool:
        """Whether the page goes on showing a message; it may be an old copy for a while."""
        until = time.monotonic() + self._bench.patience
        while await self._shows(call):
            if time.monotonic() >= until:
                return True
            await asyncio.sleep(LOOK_S)
        return False

    async def _shows(self, call: Call | None) -> bool:
        return call is not None and (await self._page(call, 0.0))[1] == call.ids

    async def _page(self, call: Call, patience: float) -> tuple[str, tuple[str, ...] | None]:
        """Why the page does not show a message, or the ids under which it does."""
        adapter = self._adapter
        if not isinstance(adapter, Verifiable):
            return "the adapter cannot read its pages", None
        if hidden := adapter.hidden(call.channel):
            return said(hidden), None
        known = frozenset(
            one for each in self._calls.values() if each.ids != call.ids for one in each.ids
        )
        until = time.monotonic() + patience
        while True:
            late = replace(call, deadline=time.monotonic() + CALL_S)
            try:
                with watch(Wire(heard=self._bench.recording)), contained():
                    seen = found(await adapter.find(late, since=self._since, known=known))
            except SendError as error:
                return said(error.detail), None
            if isinstance(seen, Present):
                return "", seen.ids
            if time.monotonic() >= until:
                return getattr(seen, "why", "its page does not show it"), None
            await asyncio.sleep(LOOK_S)

    async def _send(self, trial: ProofTrial) -> Call:
        """Post the message of a trial; it is noted as standing."""
        channel = self._bench.channel
        if trial.aim is Aim.NO_CHANNEL:
            channel = replace(channel, address=self._bench.nowhere or "", username="")
        call = await self._prepared(trial, channel)
        standing = self._notes.standing
        standing[trial.key] = StandingMessage(
            key=trial.key, ids=(), why="the proof ended while it was sent: look whether it stands"
        )
        try:
            receipt = posted(await self._asked(lambda: self._adapter.send(_timed(call))))
        except OutcomeUnknown as error:
            standing[trial.key] = StandingMessage(
                key=trial.key, ids=(), why=f"nobody knows whether it stands: {said(error.detail)}"
            )
            raise
        except (SendError, LineBusyError):
            del standing[trial.key]
            raise
        except asyncio.CancelledError:
            if not self._cancelled:  # it had not begun
                del standing[trial.key]
            raise
        call = replace(call, ids=receipt.ids)
        standing[trial.key] = StandingMessage(
            key=trial.key, ids=receipt.ids, link=self._link(channel, receipt.ids)
        )
        self._calls[trial.key] = call
        return call

    async def _prepared(self, trial: ProofTrial, channel: Channel) -> Call:
        words, markup = self._adapter.platform.encode(trial.text)
        files = tuple(
            self._bench.samples.file(kind, number) for number, kind in enumerate(trial.media)
        )
        message = Message(
            index=0, text=words, markup=markup, media=files, silent=trial.silent, pin=trial.pin
        )
        handles = {file.key: handle for file in files if (handle := await self._upload(file))}
        paths = self._bench.samples.paths
        upon = self._calls.get(trial.upon)
        return Call(
            channel=channel,
            message=message,
            key=f"{self._bench.mark}-{trial.key}",
            deadline=time.monotonic() + CALL_S,
            reply_to=upon.ids[0] if upon else None,
            paths={file.digest: paths[file.digest] for file in files},
            handles=handles,
        )

    async def _upload(self, file: Media) -> Handle | None:
        """The handle of a file, where the platform wants it before the message."""
        adapter, bench = self._adapter, self._bench
        if not isinstance(adapter, Uploader):
            return None
        path = bench.samples.paths[file.digest]
        return await self._asked(
            lambda: adapter.upload(file, path, bench.channel, deadline=time.monotonic() + CALL_S)
        )

    async def _act(self, act: Act, call: Call) -> None:
        adapter = self._adapter
        if act is Act.EDIT and isinstance(adapter, Editable):
            await self._asked(lambda: adapter.edit(_timed(call)))
        elif act is Act.RECALL and isinstance(adapter, Recallable):
            await self._asked(lambda: adapter.recall(_timed(call)))
        elif act is Act.PIN and isinstance(adapter, Pinnable):
            await self._asked(lambda: adapter.pin(_timed(call)))
        elif act is Act.UNPIN and isinstance(adapter, Unpinnable):
            await self._asked(lambda: adapter.unpin(_timed(call)))

    async def _asked(self, calling: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The answer of one call, at its turn; again where the platform surely did nothing."""
        for _ in range(TRIES - 1):
            self._end_if_asked()
            await self._bench.pacer.turn()
            try:
                return await self._watched(calling)
            except RateLimited as error:
                quiet = self._bench.limits.quiet.value
                self._bench.pacer.wait(error.retry_after or quiet or LOOK_S)
            except Unavailable as error:
                self._bench.pacer.wait(error.retry_after or LOOK_S)
        await self._bench.pacer.turn()
        return await self._watched(calling)

    def _end_if_asked(self) -> None:
        if self._cancelled:
            raise asyncio.CancelledError

    async def _watched(self, calling: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The answer of one call; one that is on the wire is waited for, whoever ends the proof."""
        with watch(Wire(heard=self._bench.recording)):
            call = asyncio.ensure_future(calling())
        try:
            with contained():
                return await asyncio.shield(call)
        except asyncio.CancelledError:
            if call.cancelled():
                raise
            self._cancelled = True
            await asyncio.wait([call])
            with contained():
                return call.result()

    def _refused(self, trial: ProofTrial, error: SendError) -> TrialResult:
        """What a failure says about a promise."""
        kind, words = type(error).__name__, said(error.detail)
        if isinstance(error, OutcomeUnknown):
            return self._result(trial, Outcome.UNKNOWN, words)
        if trial.aim is Aim.TOO_LONG and isinstance(error, Rejected):
            return self._result(trial, Outcome.PROVED, words)
        if trial.aim is Aim.NO_CHANNEL:
            alone = isinstance(error, Rejected) or (
                isinstance(error, Unauthorized) and error.scope is Scope.CHANNEL
            )
            if alone:
                return self._result(trial, Outcome.PROVED, f"{kind}: {words}")
            return self._result(
                trial, Outcome.DEVIATES, f"it would stop the whole account ({kind}): {words}"
            )
        if isinstance(error, Unauthorized | Unavailable | RateLimited) and trial.act is Act.SEND:
            self._blocked = f"the platform lets nothing be posted (see: {trial.key})"
        return self._result(trial, Outcome.REFUSED, words)

    def _result(
        self, trial: ProofTrial, outcome: Outcome, why: str, ids: tuple[str, ...] = ()
    ) -> TrialResult:
        return TrialResult(
            key=trial.key,
            promise=trial.promise,
            promise_fa=trial.promise_fa,
            outcome=outcome,
            why=why,
            ids=ids,
            link=self._link(self._bench.channel, ids),
        )

    def _link(self, channel: Channel, ids: tuple[str, ...]) -> str:
        return (self._adapter.platform.link(channel, ids[0]) or "") if ids else ""


def _upon(verb: Verb) -> Message:
    return Message(index=1, verb=verb, acts_on=0)


def _timed(call: Call) -> Call:
    return replace(call, deadline=time.monotonic() + CALL_S)
