"""A throw-away office with many channels of one account, all at the server that is measured."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from broadcaster.app import Office
from broadcaster.engine.plan import Draft

TEXT = (
    "**اطلاعیه:** ساعت کار اداره از فردا ۸ صبح تا ۱۴ است؛ می‌توانید از نشانی setad.ir نوبت بگیرید."
)
SENDERS = 100


def build(folder: Path, base_url: str, channels: int) -> Office:
    """Write a config of ``channels`` channels into ``folder`` and load it; shipped defaults but
    for the pace, which is the platform's and not ours."""
    token = folder / "token"
    token.write_text("123456789:AAbenchAAbenchAAbenchAAbenchAAbench", encoding="utf-8")
    token.chmod(0o600)
    head = f"""state_dir = "state"
[platforms.bale]
token_file = "token"
base_url = "{base_url}"
rate = "none"
channel_rate = "none"
senders = {SENDERS}
"""
    tables = (
        f'[channels.c{number}]\nplatform = "bale"\naddress = "@channel{number}"\n'
        for number in range(channels)
    )
    path = folder / "broadcaster.toml"
    path.write_text(head + "".join(tables), encoding="utf-8")
    return Office.load(path)


def queue(office: Office, posts: int) -> None:
    """Queue ``posts`` posts to every channel."""
    now = datetime.now(UTC)
    draft = Draft(source=TEXT, to=("all",))
    planned = office.plan(draft, now=now)
    with office.store() as store:
        for _ in range(posts):
            office.submit(store, draft, planned, now=now)
