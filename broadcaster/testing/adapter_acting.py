"""Contract of an adapter, third part: what is posted can be acted on again, counted and found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broadcaster.adapter import (
    AlbumMix,
    Countable,
    Editable,
    Pinnable,
    Present,
    Recallable,
    Undecided,
    Unpinnable,
    Verifiable,
)
from broadcaster.errors import OutcomeUnknown, Unauthorized
from broadcaster.model import MediaKind, Message, Verb
from broadcaster.testing.adapter_trial import AdapterTrial, Trial, failing


class ActingContract(AdapterTrial):
    async def test_an_edit_replaces_the_text_and_may_be_repeated(self, trial: Trial) -> None:
        adapter = trial.adapter
        if not isinstance(adapter, Editable):
            pytest.skip("the facts claim no edit")
        posted = await trial.send(trial.text())
        edited = replace(trial.text("متن درست‌شده ۱۴۰۵"), verb=Verb.EDIT, acts_on=0)
        call = await trial.call(edited, ids=posted.ids)
        for _ in range(2):
            receipt = await adapter.edit(call)
            assert receipt.ids in ((), posted.ids)
        message = await trial.control.only_message()
        assert message["text"] == "متن درست‌شده ۱۴۰۵"
        assert message["edited"]

    async def test_an_edit_of_a_file_replaces_its_caption(self, trial: Trial) -> None:
        adapter = trial.adapter
        if not isinstance(adapter, Editable) or not trial.limits.edits_caption:
            pytest.skip("the facts claim no edit of captions")
        file = trial.file(next(iter(trial.limits.media)))
        sent = await trial.call(trial.captioned(file))
        posted = await adapter.send(sent)
        edited = replace(trial.captioned(file, plain="شرحِ نو"), verb=Verb.EDIT, acts_on=0)
        await adapter.edit(replace(sent, message=edited, ids=posted.ids))
        message = await trial.control.only_message()
        assert message["text"] == "شرحِ نو"
        assert message["media"]

    async def test_an_edit_replaces_a_file_and_its_caption(self, trial: Trial) -> None:
        """As often as it is asked, by the file itself or by its handle."""
        adapter, kinds = trial.adapter, trial.limits.edits_media
        if not isinstance(adapter, Editable) or not kinds:
            pytest.skip("the facts claim no edit of files")
        for kind in sorted(kinds & trial.limits.media.keys()):
            old, new = trial.file(kind), trial.file(kind, 1)
            posted = await trial.send(trial.captioned(old))
            wanted = trial.captioned(new, plain="شرحِ نو")
            edited = replace(wanted, verb=Verb.EDIT, acts_on=0, replaces=True)
            call = await trial.call(edited, ids=posted.ids)
            first = await adapter.edit(call)
            again = await adapter.edit(replace(call, handles=first.handles))
            for receipt in (first, again):
                assert receipt.ids in ((), posted.ids)
            (*_, message) = await trial.control.messages()
            assert message["text"] == "شرحِ نو"
            assert message["edited"]
            assert [each["sha256"] for each in message["media"]] == [new.digest]

    async def test_a_recall_removes_and_may_be_repeated(self, trial: Trial) -> None:
        adapter = trial.adapter
        if not isinstance(adapter, Recallable):
            pytest.skip("the facts claim no recall")
        posted = await trial.send(trial.text())
        kept = await trial.send(trial.text("می‌ماند"))
        call = await trial.call(self._recalling(), ids=posted.ids)
        for _ in range(2):
            await adapter.recall(call)
        messages = await trial.control.messages()
        assert [str(each["id"]) for each in messages if not each["deleted"]] == [*kept.ids]

    async def test_a_recall_removes_a_whole_album(self, trial: Trial) -> None:
        adapter = trial.adapter
        if not isinstance(adapter, Recallable) or trial.limits.album_mix is AlbumMix.NONE:
            pytest.skip("the facts claim no recall of albums")
        album = trial.captioned(*(trial.file(MediaKind.PHOTO, n) for n in range(3)))
        posted = await trial.send(album)
        await adapter.recall(await trial.call(self._recalling(), ids=posted.ids))
        assert all(each["deleted"] for each in await trial.control.messages())

    async def test_a_pin_may_be_repeated(self, trial: Trial) -> None:
        adapter = trial.adapter
        if not isinstance(adapter, Pinnable):
            pytest.skip("the facts claim no pin")
        posted = await trial.send(trial.text())
        pinning = Message(index=1, verb=Verb.PIN, acts_on=0)
        call = await trial.call(pinning, ids=posted.ids)
        for _ in range(2):
            await adapter.pin(call)
        message = await trial.control.only_message()
        assert message["pinned"]

    async def test_an_unpin_may_be_repeated_and_leaves_other_pins(self, trial: Trial) -> None:
        adapter = trial.adapter
        if not isinstance(adapter, Unpinnable) or not isinstance(adapter, Pinnable):
            pytest.skip("the facts claim no unpin")
        first, second = await trial.send(trial.text()), await trial.send(trial.text("دیگر"))
        for posted in (first, second):
            pinning = Message(index=1, verb=Verb.PIN, acts_on=0)
            await adapter.pin(await trial.call(pinning, ids=posted.ids))
        unpinning = Message(index=1, verb=Verb.UNPIN, acts_on=0)
        call = await trial.call(unpinning, ids=first.ids)
        for _ in range(2):
            await adapter.unpin(call)
        messages = await trial.control.messages()
        assert [str(each["id"]) for each in messages if each["pinned"]] == [*second.ids]

    async def test_what_is_gone_counts_as_unpinned(self, trial: Trial) -> None:
        adapter = trial.adapter
        if not isinstance(adapter, Unpinnable) or not isinstance(adapter, Recallable):
            pytest.skip("the facts claim no unpin, or no recall")
        posted = await trial.send(trial.text())
        await adapter.recall(await trial.call(self._recalling(), ids=posted.ids))
        unpinning = Message(index=1, verb=Verb.UNPIN, acts_on=0)
        await adapter.unpin(await trial.call(unpinning, ids=posted.ids))

    async def test_acts_in_doubt_say_so(self, trial: Trial) -> None:
        posted = await trial.send(trial.text())
        call = await trial.call(trial.text("متن نو"), ids=posted.ids)
        adapter = trial.adapter
        if isinstance(adapter, Editable):
            await trial.control.arm("5xx", methods="*")
            await failing(adapter.edit(call), OutcomeUnknown)
        if isinstance(adapter, Recallable):
            await trial.control.arm("5xx", methods="*")
            await failing(adapter.recall(call), OutcomeUnknown)
        if isinstance(adapter, Pinnable):
            await trial.control.arm("5xx", methods="*")
            await failing(adapter.pin(call), OutcomeUnknown)
        if isinstance(adapter, Unpinnable):
            await trial.control.arm("5xx", methods="*")
            await failing(adapter.unpin(call), OutcomeUnknown)

    async def test_the_audience_is_a_number(self, trial: Trial) -> None:
        adapter = trial.adapter
        if not isinstance(adapter, Countable):
            pytest.skip("the facts claim no count")
        audience = await adapter.audience(trial.channel)
        assert audience.number >= 0
        assert audience.source

    async def test_what_is_posted_is_found_by_its_text(self, trial: Trial) -> None:
        adapter = trial.adapter
        if not isinstance(adapter, Verifiable):
            pytest.skip("the facts claim no way to find posts")
        since = datetime.now(UTC) - timedelta(minutes=1)
        call = await trial.call(trial.text())
        other = await trial.call(trial.text("خبری دیگر"))
        first = await adapter.send(call)
        await adapter.send(other)
        none: frozenset[str] = frozenset()
        assert await adapter.find(call, since=since, known=none) == Present(ids=first.ids)
        owned = await adapter.find(call, since=since, known=frozenset(first.ids))
        assert not isinstance(owned, Present)
        later = datetime.now(UTC) + timedelta(minutes=1)
        assert not isinstance(await adapter.find(call, since=later, known=none), Present)
        twin = await adapter.send(call)
        assert isinstance(await adapter.find(call, since=since, known=none), Undecided)
        assert await adapter.find(call, since=since, known=frozenset(first.ids)) == Present(
            ids=twin.ids
        )

    async def test_what_is_posted_is_found_by_its_files(self, trial: Trial) -> None:
        adapter = trial.adapter
        if not isinstance(adapter, Verifiable) or MediaKind.PHOTO not in trial.limits.media:
            pytest.skip("the facts claim no way to find posts, or no photos")
        since = datetime.now(UTC) - timedelta(minutes=1)
        photos = [trial.file(MediaKind.PHOTO, n) for n in range(4)]
        messages = [trial.captioned(photos[0]), trial.captioned(photos[1], plain="")]
        if trial.limits.album_mix is not AlbumMix.NONE:
            messages += [trial.captioned(*photos[2:]), trial.captioned(*photos[2:], plain="")]
        known: frozenset[str] = frozenset()
        for message in messages:
            call = await trial.call(message)
            receipt = await adapter.send(call)
            assert await adapter.find(call, since=since, known=known) == Present(ids=receipt.ids)
            known |= {*receipt.ids}

    async def test_a_probe_posts_nothing(self, trial: Trial) -> None:
        for channel in (None, trial.channel):
            probe = await trial.adapter.probe(channel)
            assert probe.ok
            assert probe.verified or probe.unverified
        assert await trial.control.messages() == []

    async def test_a_probe_says_that_the_token_is_refused(self, trial: Trial) -> None:
        await trial.control.arm("401", methods="*", count=9)
        try:
            probe = await trial.adapter.probe(None)
        except Unauthorized as error:
            assert error.detail  # noqa: PT017 (either way of saying it is good)
        else:
            assert not probe.ok or not probe.verified

    @staticmethod
    def _recalling() -> Message:
        return Message(index=0, verb=Verb.RECALL, acts_on=0)
