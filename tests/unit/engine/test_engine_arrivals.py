"""The log names each message that arrived, but never has a thousand lines a second."""

from __future__ import annotations

import logging

import pytest

from broadcaster.engine import arrivals
from broadcaster.model import Kind, Message, Receipt
from broadcaster.store.exchange import Claim, Purpose

CLAIM = Claim(
    purpose=Purpose.SEND,
    delivery=1,
    post=7,
    channel="news",
    account="bale",
    kind=Kind.POST,
    revision=0,
    position=0,
    steps=2,
    message=Message(index=0, text="متن"),
    attempt=1,
    failures=0,
    first_try=None,
    fence=1,
    lease_until=0,
    key="k",
)
RECEIPT = Receipt(ids=("12", "13"))


def told(
    caplog: pytest.LogCaptureFixture, arrived: list[tuple[Claim, Receipt]], level: int
) -> list[str]:
    with caplog.at_level(level, logger=arrivals.log.name):
        arrivals.report(arrived)
    return [record.getMessage() for record in caplog.records]


def test_a_few_have_a_line_each(caplog: pytest.LogCaptureFixture) -> None:
    arrived = [(CLAIM, RECEIPT), (CLAIM._replace(channel="desk", position=1), Receipt())]
    assert told(caplog, arrived, logging.INFO) == [
        "post 7 news 1/2: send as 12,13",
        "post 7 desk 2/2: send as done",
    ]


def test_many_have_one_line(caplog: pytest.LogCaptureFixture) -> None:
    arrived = [(CLAIM, RECEIPT)] * 20 + [(CLAIM._replace(post=8), RECEIPT)]
    (line,) = told(caplog, arrived, logging.INFO)
    assert line == "21 messages delivered: 20 of post 7, 1 of post 8"


def test_who_wants_to_know_each_gets_each(caplog: pytest.LogCaptureFixture) -> None:
    assert len(told(caplog, [(CLAIM, RECEIPT)] * 20, logging.DEBUG)) == 20


@pytest.mark.parametrize("count", [0, 1, 20])
def test_who_wants_only_warnings_gets_nothing(caplog: pytest.LogCaptureFixture, count: int) -> None:
    assert told(caplog, [(CLAIM, RECEIPT)] * count, logging.WARNING) == []
