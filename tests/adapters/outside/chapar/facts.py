"""Facts of Chapar, from its documents at docs.chapar.example."""

from datetime import timedelta

from broadcaster.adapter import Fact, Limits, Measure, Platform, Proven, Rate
from broadcaster.model import Channel
from broadcaster.text.encode import plain

DOCS = "D docs.chapar.example"


def address(text: str) -> str:
    """``@name`` or a bare name -> ``name``."""
    name = text.strip().removeprefix("@")
    if not name.isidentifier() or not name.isascii():
        raise ValueError(f"{text!r} is no channel of Chapar: write its name, such as @akhbar")
    return name


def link(channel: Channel, message_id: str) -> str:
    return f"https://chapar.example/{channel.address}/{message_id}"


PLATFORM = Platform(
    name="chapar",
    title="چاپار",
    jurisdiction="domestic",
    limits=Limits(
        measure=Measure.CHARS,
        text=Fact(value=1000, source=DOCS),
        caption=Fact(value=1000, source="no files"),
        album=Fact(value=(1, 1), source="no files"),
        account_rate=Fact(value=Rate(count=5, per_s=1), source=DOCS),
        channel_rate=Fact(value=None, source="? not documented"),
        quiet=Fact(value=10.0, source="guess: its refusals name the delay"),
        edit_within=Fact(value=None, source=f"{DOCS}: there is no edit"),
        recall_within=Fact(value=timedelta.max, source=DOCS),
        silent=True,
    ),
    proven=Proven.SANDBOX,
    base_url="https://api.chapar.example",
    senders=2,
    verbs=frozenset({"recall"}),
    encode=plain,
    link=link,
    address=address,
)
