"""One message, one call: how the family's words are put together and read again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from broadcaster.adapter import Call
from broadcaster.errors import OutcomeUnknown
from broadcaster.kit.botclient import may_post, posting, receipt
from broadcaster.model import Channel, Handle, Media, MediaKind, Message

CHANNEL = Channel(name="news", account="a", address="@akhbar")


def media(digest: str, kind: MediaKind = MediaKind.PHOTO) -> Media:
    return Media(digest=digest, kind=kind, name=f"{digest}.bin", mime="x/y", size=1)


def call(message: Message, *, handles: tuple[str, ...] = (), reply_to: str | None = None) -> Call:
    return Call(
        channel=CHANNEL,
        message=message,
        key="k",
        deadline=0.0,
        reply_to=reply_to,
        paths={each.digest: Path(each.digest) for each in message.media},
        handles={
            each.key: Handle(value=f"id-{each.digest}")
            for each in message.media
            if each.digest in handles
        },
    )


def test_a_text_goes_with_its_markup() -> None:
    made = posting(call(Message(index=0, text="سلام", markup={"entities": [1]}), reply_to="41"))
    assert made.method == "sendMessage"
    assert made.params == {
        "chat_id": "@akhbar",
        "text": "سلام",
        "entities": [1],
        "reply_to_message_id": "41",
    }


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        (MediaKind.PHOTO, "sendPhoto"),
        (MediaKind.VIDEO, "sendVideo"),
        (MediaKind.DOCUMENT, "sendDocument"),
        (MediaKind.AUDIO, "sendAudio"),
        (MediaKind.VOICE, "sendVoice"),
        (MediaKind.ANIMATION, "sendAnimation"),
    ],
)
def test_a_file_goes_under_the_name_of_its_kind(kind: MediaKind, method: str) -> None:
    file = media("d", kind)
    made = posting(call(Message(index=0, text="شرح", media=(file,), markup={"entities": [1]})))
    assert made.method == method
    assert made.files == {kind.value: (file, Path("d"))}
    assert made.params["caption"] == "شرح"
    assert made.params["caption_entities"] == [1]
    assert not {"text", "entities", kind.value} & set(made.params)


def test_a_file_without_words_has_no_caption() -> None:
    assert "caption" not in posting(call(Message(index=0, media=(media("d"),)))).params


def test_a_known_file_is_named_by_its_handle() -> None:
    made = posting(call(Message(index=0, media=(media("d"),)), handles=("d",)))
    assert made.params["photo"] == "id-d"
    assert (made.files, made.handles) == ({}, [media("d").key])


def test_an_album_is_one_call_with_its_caption_on_the_first() -> None:
    album = (media("a"), media("b", MediaKind.VIDEO), media("c"))
    made = posting(call(Message(index=0, text="آلبوم", media=album), handles=("b",)))
    assert made.method == "sendMediaGroup"
    items: Any = [
        {"type": "photo", "media": "attach://file0", "caption": "آلبوم"},
        {"type": "video", "media": "id-b"},
        {"type": "photo", "media": "attach://file2"},
    ]
    assert made.params["media"] == items
    assert made.files == {"file0": (album[0], Path("a")), "file2": (album[2], Path("c"))}
    assert made.handles == [album[1].key]
    assert "caption" not in made.params


def test_a_receipt_has_id_time_and_the_largest_photo() -> None:
    sizes: Any = [{"file_id": "small"}, {"file_id": "large"}]
    got = receipt({"message_id": 7, "date": 1_700_000_000, "photo": sizes}, [media("d")])
    assert got.ids == ("7",)
    assert got.at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert got.handles == {media("d").key: Handle(value="large")}


def test_a_receipt_of_an_album_has_all_ids() -> None:
    album = [media("a"), media("b", MediaKind.VIDEO)]
    messages: list[Any] = [{"message_id": 7}, {"message_id": 8, "video": {"file_id": "v"}}]
    got = receipt(messages, album)
    assert got.ids == ("7", "8")
    assert got.handles == {album[1].key: Handle(value="v")}


def test_a_handle_of_another_kind_is_not_kept() -> None:
    """A silent video comes back as an animation; its handle would be refused as a video."""
    message: Any = {"message_id": 7, "animation": {"file_id": "x"}}
    assert receipt(message, [media("d", MediaKind.VIDEO)]).handles == {}


@pytest.mark.parametrize(
    "result",
    [
        True,
        {},
        "7",
        {"message_id": None},
        {"message_id": True},
        {"message_id": 0},
        {"message_id": "7\n"},
        {"message_id": "\ud800"},
        {"message_id": "۷"},
        {"message_id": "7" * 129},
        {"message_id": 7.5},
        {"message_id": [7]},
        [],
        [{"message_id": 1}, {"message_id": 2}],
    ],
)
def test_a_yes_that_names_no_message_is_in_doubt(result: Any) -> None:
    with pytest.raises(OutcomeUnknown):
        receipt(result)


@pytest.mark.parametrize(
    "date", [10**18, -(10**12), 0, -1, True, "soon", None, [], 1e300, float("inf"), float("nan")]
)
def test_an_impossible_date_does_not_spoil_the_proof(date: Any) -> None:
    message: Any = {"message_id": 7, "date": date}
    got = receipt(message)
    assert got.ids == ("7",)
    assert got.at is None


def test_a_date_is_the_time_of_the_message() -> None:
    message: Any = {"message_id": 7, "date": 1_700_000_000}
    assert receipt(message).at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("member", "may"),
    [
        ({"status": "creator"}, True),
        ({"status": "administrator"}, True),
        ({"status": "administrator", "can_post_messages": True}, True),
        ({"status": "administrator", "can_post_messages": False}, False),
        ({"status": "member"}, False),
        ({"status": "left"}, False),
        ({}, False),
    ],
)
def test_the_right_to_post(member: Any, *, may: bool) -> None:
    assert may_post(member) is may
