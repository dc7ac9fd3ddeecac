"""What people type as the id of a message."""

from __future__ import annotations

import pytest

from broadcaster.app.stuck import message_id


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("4711", "4711"),
        (" 4711 ", "4711"),
        ("۴۷۱۱", "4711"),
        ("٤٧١١", "4711"),
        ("a-B_9.x:1", "a-B_9.x:1"),
        ("4" * 128, "4" * 128),
    ],
)
def test_an_id_is_taken_with_the_digits_of_platforms(typed: str, meant: str) -> None:
    assert message_id(typed) == meant
