"""A post as a JSON object: every key, and what no post can say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from broadcaster.app import post_object
from broadcaster.errors import InputError
from broadcaster.planning.announcement import Wish

WHOLE = {
    "text": "متن «یکم»",
    "to": ["news", "desk"],
    "key": "1405-09-02",
    "at": "فردا ۸ صبح",
    "expires": "فردا ۹ صبح",
    "media": "p.png",
    "text_for": {"desk": "کوتاه"},
    "reply_to": 3,
    "silent": True,
    "pin": True,
    "preview": False,
    "allow_long": True,
}


def test_each_key_is_a_field_of_a_wish() -> None:
    assert Wish(**post_object.read(json.dumps(WHOLE))) == Wish(
        text="متن «یکم»",
        to=("news", "desk"),
        key="1405-09-02",
        at="فردا ۸ صبح",
        expires="فردا ۹ صبح",
        media=(Path("p.png"),),
        texts={"desk": "کوتاه"},
        reply_to=3,
        silent=True,
        pin=True,
        preview=False,
        allow_long=True,
    )


def test_null_says_nothing() -> None:
    assert post_object.read('{"text": "a", "to": null, "text_for": null}') == {"text": "a"}


@pytest.mark.parametrize("name", sorted(post_object.KEYS))
def test_no_key_takes_just_anything(name: str) -> None:
    with pytest.raises(InputError, match=f"^{name} must be"):
        post_object.read(json.dumps({name: 1.5}))
