"""Carries out one claim: checks the gates a last time, makes the one call, and judges its end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from broadcaster.adapter import (
    Adapter,
    Call,
    Editable,
    Found,
    Pinnable,
    Recallable,
    Undecided,
    Unpinnable,
    Uploader,
    Verifiable,
)
from broadcaster.engine import intake
from broadcaster.engine.decide import Policy, Tried, decide, is_fault, look_again
from broadcaster.errors import OutcomeUnknown, Rejected, SendError, Unavailable
from broadcaster.kit.cutoff import cutoff
from broadcaster.kit.wire import Wire, watch
from broadcaster.language import say
from broadcaster.model import (
    Channel,
    Digest,
    FileKey,
    Handle,
    Media,
    Micros,
    Receipt,
    State,
    Verb,
    brings_files,
)
from broadcaster.store.checked import FilesAway, Spoilt
from broadcaster.store.exchange import Checked, Claim, Outcome, Purpose, UploadDone, Verdict

log = logging.getLogger(__name__)

CALL_S = 30.0
"""Seconds within which a call without a file must have written its last byte."""
SLOWEST_UPLOAD = 50_000
"""Bytes per second on a poor line, from which the extra time for a call with a file follows."""
GRACE_S = 5.0
"""Seconds after its deadline at which a call is cut off, if the adapter has not returned."""
BUG_WAIT: Micros = 60_000_000
"""Wait before the next look, if a bug of ours ended the last one."""
ONCE = Policy(max_attempts=1, give_up_after=timedelta(0), settle=timedelta(0))
"""The policy of claims that get no further attempt."""
AWAY: Micros = 5_000_000
"""Wait before the next attempt, if files could not be fetched."""
NO_FILES: Mapping[Digest, Path] = MappingProxyType({})
CLOCK_SKEW = timedelta(minutes=1)
"""How far a platform's clock may be behind ours; a look for a post begins so much earlier."""


Files: TypeAlias = Callable[[Sequence[Media]], AbstractAsyncContextManager[Mapping[Digest, Path]]]
"""Provides checked files within a ``with`` block.

:raises Spoilt: a file is damaged or missing.
:raises FilesAway: the files cannot be had now.
"""


class Ended(NamedTuple):
    """The end of one call, for the store and for the account's breaker."""

    outcome: Outcome
    called: bool = False
    """Whether the platform was called."""
    fault: str = ""
    """The platform's fault, for the breaker; empty: the platform answered."""
    posted: bool = False
    """Whether a posting call left this machine, which counts for the channel's pace."""


async def deliver(
    claim: Claim,
    adapter: Adapter,
    channel: Channel,
    policy: Policy,
    *,
    files: Files,
    closed: Callable[[], str],
) -> Ended:
    """Send the claimed message in ONE posting call.

    :param closed: why nothing may be sent to the channel now, or the empty string.  It is asked
        before and after files are fetched, and again when the first byte is written.
    """
    if reason := closed():
        return Ended(_gate(reason))
    wire = Wire(closed=closed)
    try:
        missing = _missing(claim)
        async with files(missing) if missing else nullcontext(NO_FILES) as paths:
            if reason := closed():  # a gate may have closed while the files were fetched
                return Ended(_gate(reason))
            call = _made_ready(claim, channel, paths)
            with watch(wire), cutoff(call.deadline + GRACE_S), intake.contained():
                receipt = await _post(adapter, call)
    except (Spoilt, FilesAway) as problem:
        return Ended(_without_files(problem))
    except _Unready as unready:
        return Ended(_failed(str(unready), "Unready"))
    except Exception as error:
        touched = wire.touched or not adapter.watched
        return _judged(error, claim, policy, closed, touched=touched)
    return Ended(receipt, called=True, posted=True)


async def upload(
    claim: Claim,
    adapter: Adapter,
    channel: Channel,
    policy: Policy,
    *,
    files: Files,
    closed: Callable[[], str],
) -> UploadDone | Ended:
    """Upload the files of ``claim`` without a handle; posts nothing."""
    assert isinstance(adapter, Uploader), "only accounts that upload want UPLOAD claims"
    if reason := closed():
        return Ended(_gate(reason))
    handles: dict[FileKey, Handle] = dict(claim.handles)
    wire = Wire(closed=closed)
    try:
        with watch(wire):
            for media in claim.message.media:
                if media.key in handles:
                    continue
                async with files((media,)) as paths:
                    deadline = _deadline((media,))
                    path = paths[media.digest]
                    with cutoff(deadline + GRACE_S), intake.contained():
                        handle = await adapter.upload(media, path, channel, deadline=deadline)
                    handles |= _usable(media, handle)
    except (Spoilt, FilesAway) as problem:
        return Ended(_without_files(problem))
    except Exception as error:
        return _judged(error, claim, policy, closed, touched=wire.touched, uploading=True)
    return UploadDone(
        delivery=claim.delivery, position=claim.position, fence=claim.fence, handles=handles
    )


async def verify(
    claim: Claim,
    adapter: Adapter,
    channel: Channel,
    policy: Policy,
    *,
    closed: Callable[[], str],
) -> Ended:
    """Look for the unknown message on the platform's public page."""
    assert isinstance(adapter, Verifiable), "only accounts that can find want VERIFY claims"
    assert claim.sent_at is not None, "an unknown was sent at some time"
    since = datetime.fromtimestamp(claim.sent_at / 1e6, UTC) - CLOCK_SKEW
    found: Found
    try:
        call = _call(claim, channel, {})
        with watch(Wire(closed=closed)), cutoff(call.deadline + GRACE_S), intake.contained():
            found = await adapter.find(call, since=since, known=claim.known)
    except SendError as error:
        found = Undecided(why=error.detail)
    except Exception as error:
        log.exception("looking for delivery %d failed", claim.delivery)
        found = Undecided(why=say("a bug of ours ({name})", name=type(error).__name__))
    found = intake.found(found)
    resend = policy.on_unknown == "resend"
    return Ended(Checked(found=found, delay=look_again(found, policy), resend=resend))


def broken(bug: Exception, claim: Claim, *, touched: bool) -> Checked | Verdict:
    """The outcome of a claim that ended by a bug of ours."""
    if claim.purpose is Purpose.VERIFY:
        return Checked(
            found=Undecided(why=say("a bug of ours ({name})", name=type(bug).__name__)),
            delay=BUG_WAIT,
        )
    uploading = claim.purpose is Purpose.UPLOAD
    tried = Tried(
        verb=claim.message.verb, failures=0, age_s=0.0, touched=touched, uploading=uploading
    )
    return decide(bug, tried, ONCE)


async def _post(adapter: Adapter, call: Call) -> Receipt:
    match call.message.verb:
        case Verb.SEND:
            return intake.posted(await adapter.send(call))
        case Verb.EDIT if isinstance(adapter, Editable):
            kinds = adapter.platform.limits.edits_media
            if call.message.replaces and not {media.kind for media in call.message.media} <= kinds:
                raise Rejected(
                    say("this platform cannot replace a file; recall it and post it again")
                )
            edited = await adapter.edit(call)
            return Receipt(ids=call.ids, handles=intake.usable(edited.handles))
        case Verb.RECALL if isinstance(adapter, Recallable):
            await adapter.recall(call)
        case Verb.PIN if isinstance(adapter, Pinnable):
            await adapter.pin(call)
        case Verb.UNPIN if isinstance(adapter, Unpinnable):
            await adapter.unpin(call)
        case verb:
            raise AssertionError(f"planned a {verb} that {adapter.platform.name} cannot do")
    return Receipt()


def _usable(media: Media, handle: Handle) -> Mapping[str, Handle]:
    """The handle of ``media``, validated.

    :raises OutcomeUnknown: the platform took the file, but its handle cannot be used.
    """
    if kept := intake.usable({media.key: handle}):
        return kept
    raise OutcomeUnknown(say("the platform took the file, but its name for it cannot be used"))


def _missing(claim: Claim) -> Sequence[Media]:
    """The files that the call must upload, because the platform has no handle of them."""
    if not brings_files(claim.message):
        return ()
    return [media for media in claim.message.media if media.key not in claim.handles]


class _Unready(Exception):
    """A stored message cannot be turned into a call."""


def _made_ready(claim: Claim, channel: Channel, paths: Mapping[Digest, Path]) -> Call:
    """The call for ``claim``.

    :raises _Unready: the message's row is damaged.  Nothing was sent; other claims are unaffected.
    """
    try:
        return _call(claim, channel, paths)
    except Exception as error:
        log.exception("delivery %d cannot be made ready", claim.delivery)
        why = say("it cannot be made ready ({name}): post it anew", name=type(error).__name__)
        raise _Unready(why) from None


def _call(claim: Claim, channel: Channel, paths: Mapping[Digest, Path]) -> Call:
    sent = claim.message.media if brings_files(claim.message) else ()
    return Call(
        channel=channel,
        message=claim.message,
        key=claim.key,
        # counts every file: a platform processes a file before it answers, uploaded now or not
        deadline=_deadline(sent),
        ids=claim.ids,
        reply_to=claim.reply_to,
        paths=paths,
        handles=claim.handles,
    )


def _deadline(files: Sequence[Media]) -> float:
    return time.monotonic() + CALL_S + sum(file.size for file in files) / SLOWEST_UPLOAD


def _judged(
    error: Exception,
    claim: Claim,
    policy: Policy,
    closed: Callable[[], str],
    *,
    touched: bool,
    uploading: bool = False,
) -> Ended:
    if isinstance(error, TimeoutError):  # raised by cutoff(): the whole call took too long
        error = (
            OutcomeUnknown(say("no answer in time"))
            if touched
            else Unavailable(say("no connection"))
        )
    elif not isinstance(error, SendError):
        log.error("delivery %d: a bug of ours", claim.delivery, exc_info=error)
    repeatable = uploading or claim.message.verb is not Verb.SEND
    undone = isinstance(error, Unavailable) or (repeatable and isinstance(error, OutcomeUnknown))
    if undone and (reason := closed()):
        return Ended(_gate(reason))  # a gate closed during the call: no fault of the platform
    tried = Tried(
        verb=claim.message.verb,
        failures=claim.failures,
        age_s=0.0 if claim.first_try is None else max(0.0, time.time() - claim.first_try / 1e6),
        touched=touched,
        uploading=uploading,
    )
    verdict = intake.decided(decide(error, tried, policy), claim.message)
    return Ended(
        verdict,
        called=True,
        fault=verdict.reason if is_fault(error) else "",
        posted=touched and not uploading,
    )


def _gate(reason: str) -> Verdict:
    return Verdict(state=State.HELD, reason=reason, code="gate", outcome="Gate", counts=False)


def _without_files(problem: Spoilt | FilesAway) -> Verdict:
    """The verdict if files are missing: failed for a damaged one, otherwise another attempt."""
    if isinstance(problem, Spoilt):
        return _failed(str(problem), "MediaMissing")
    return Verdict(
        state=State.WAITING, reason=str(problem), outcome="MediaAway", delay=AWAY, counts=False
    )


def _failed(reason: str, outcome: str) -> Verdict:
    return Verdict(state=State.FAILED, reason=reason, outcome=outcome, counts=False)
