"""Contract of an adapter, first part: one send is one message, and its receipt proves it."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from broadcaster.adapter import ABCS, AlbumMix
from broadcaster.calendar.digits import persian_digits
from broadcaster.errors import StaleHandle
from broadcaster.model import Handle, MediaKind, Options, Post
from broadcaster.testing.adapter_trial import WORDS, AdapterTrial, Trial, failing


class SendingContract(AdapterTrial):
    forgets_files: bool = True
    """Whether the fake refuses a handle that it never gave."""

    async def test_verbs_are_what_the_class_can_do(self) -> None:
        can = {verb for verb, abc in ABCS.items() if issubclass(self.adapter, abc)}
        assert self.adapter.platform.verbs == can

    async def test_the_address_of_the_contract_is_a_normal_one(self) -> None:
        assert self.adapter.platform.address(self.address) == self.address

    async def test_a_link_of_its_own_leads_back_to_the_message(self, trial: Trial) -> None:
        read = self.adapter.platform.message_id
        if read is None:
            pytest.skip("it does not say how its ids are read")
        receipt = await trial.send(trial.text())
        for number in receipt.ids:
            assert read(trial.channel, persian_digits(number)) == number
            if link := self.adapter.platform.link(trial.channel, number):
                bare = link.partition("://")[2]
                assert {read(trial.channel, each) for each in (link, bare, f"{link}?s")} == {number}
        for wrong in ("سلام", "https://example.ir/somewhere/12"):
            with pytest.raises(ValueError, match=r"\S"):
                read(trial.channel, wrong)

    async def test_a_text_is_one_message_and_a_receipt(self, trial: Trial) -> None:
        receipt = await trial.send(trial.text())
        message = await trial.control.only_message()
        assert message["text"] == WORDS
        assert receipt.ids == (str(message["id"]),)

    async def test_publishing_is_one_call(self, trial: Trial) -> None:
        await trial.send(trial.text())
        assert await trial.control.requests() == 1

    async def test_two_sends_at_once_are_two_messages(self, trial: Trial) -> None:
        first, second = await asyncio.gather(
            trial.send(trial.text("یکم")), trial.send(trial.text("دوم"))
        )
        assert {*first.ids, *second.ids} == {*await trial.ledger_ids()}
        assert len({*first.ids, *second.ids}) == 2

    @pytest.mark.parametrize("kind", MediaKind)
    async def test_a_file_is_one_message(self, trial: Trial, kind: MediaKind) -> None:
        if kind not in trial.limits.media:
            pytest.skip(f"the facts claim no {kind}")
        words = "" if kind in trial.limits.uncaptioned else WORDS
        receipt = await trial.send(trial.captioned(trial.file(kind), plain=words))
        message = await trial.control.only_message()
        assert receipt.ids == (str(message["id"]),)
        assert message["text"] == words
        assert message["media"]

    async def test_a_file_without_words(self, trial: Trial) -> None:
        for kind in trial.limits.media:
            await trial.send(trial.captioned(trial.file(kind), plain=""))
        messages = await trial.control.messages()
        assert [each["text"] or "" for each in messages] == [""] * len(trial.limits.media)

    async def test_an_album_is_one_call_with_an_id_for_each(self, trial: Trial) -> None:
        most = trial.limits.album.value
        assert most is not None
        if most[1] < 2 or trial.limits.album_mix is AlbumMix.NONE:
            pytest.skip("the facts claim no albums")
        album = trial.captioned(*(trial.file(MediaKind.PHOTO, n) for n in range(most[1])))
        receipt = await trial.send(album)
        messages = await trial.control.messages()
        assert len(receipt.ids) == most[1]
        assert receipt.ids == await trial.ledger_ids()
        assert [each["text"] or "" for each in messages] == [WORDS] + [""] * (most[1] - 1)

    async def test_an_uploaded_file_is_named_by_its_handle(self, trial: Trial) -> None:
        for kind in trial.limits.media:
            message = trial.captioned(trial.file(kind))
            call = await trial.call(message)
            receipt = await trial.adapter.send(call)
            if handles := {**call.handles, **receipt.handles}:
                known = replace(await trial.call(message), handles=handles, paths={})
                again = await trial.adapter.send(known)
                assert again.ids != receipt.ids

    async def test_the_same_bytes_go_out_under_each_name(self, trial: Trial) -> None:
        """However well the platform knows the bytes: readers see the name."""
        if MediaKind.DOCUMENT not in trial.limits.media:
            pytest.skip("the facts claim no document")
        file = trial.file(MediaKind.DOCUMENT)
        call = await trial.call(trial.captioned(file))
        receipt = await trial.adapter.send(call)
        other = trial.captioned(replace(file, name="نسخه‌ی نهایی.pdf"))
        known = {**call.handles, **receipt.handles}
        again = await trial.call(other)
        await trial.adapter.send(replace(again, handles={**known, **again.handles}))
        names = [item["name"] for each in await trial.control.messages() for item in each["media"]]
        assert names == [file.name, "نسخه‌ی نهایی.pdf"]

    async def test_a_forgotten_file_is_said_to_be_stale(self, trial: Trial) -> None:
        for kind in trial.limits.media:
            file = trial.file(kind)
            call = await trial.call(trial.captioned(file))
            receipt = await trial.adapter.send(call)
            if self.forgets_files and {**call.handles, **receipt.handles}:
                handle = Handle(value="of-another-time")
                stale = replace(call, handles={file.key: handle}, paths={})
                error = await failing(trial.adapter.send(stale), StaleHandle)
                assert isinstance(error, StaleHandle)
                assert error.file == file.key

    async def test_silence_is_as_claimed(self, trial: Trial) -> None:
        await trial.send(replace(trial.text(), silent=trial.limits.silent))
        await trial.send(trial.text())
        assert [bool(each["silent"]) for each in await trial.control.messages()] == [
            trial.limits.silent,
            False,
        ]

    async def test_a_reply_is_posted_where_it_is_claimed(self, trial: Trial) -> None:
        first = await trial.send(trial.text())
        reply_to = first.ids[0] if trial.limits.reply else None
        await trial.adapter.send(await trial.call(trial.text("پاسخ"), reply_to=reply_to))
        assert len(await trial.control.messages()) == 2

    async def test_a_long_post_loses_nothing(self, trial: Trial) -> None:
        from broadcaster.text.render import render  # here: only this case needs all of it

        length = trial.limits.text.value
        assert length is not None
        source = " ".join(f"بند{n} می‌آید." for n in range(length * 2 // 10))
        now = time.time_ns() // 1000
        post = Post(id=1, source=source, options=Options(allow_long=True), due=now, created=now)
        due = datetime.now(UTC)
        rendering = render(self.adapter.platform, trial.limits, post, trial.channel, due=due)
        assert len(rendering.messages) > 1
        for message in rendering.messages:
            await trial.send(message)
        posted = " ".join(each["text"] for each in await trial.control.messages())
        assert re.findall(r"بند\d+", posted) == re.findall(r"بند\d+", source)
