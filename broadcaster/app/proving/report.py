"""The report of a proof for people: text, and what is kept of it for ``platforms``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from broadcaster.app.proving.outcome import Outcome, Report
from broadcaster.app.proving.words import OUTCOMES_FA
from broadcaster.model import Json
from broadcaster.outside import said
from broadcaster.store.sharing import make_folder, open_shared

FOLDER = "proved"
"""In the state folder: the last proof of each account, and a folder of each proof."""
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class KeptProof:
    """What is kept of the last proof of an account; ``at`` None: it says no time."""

    account: str
    at: datetime | None
    counts: Mapping[str, int]
    results: tuple[Mapping[str, str], ...]

    @property
    def summary(self) -> str:
        return ", ".join(
            f"{self.counts[word]} {word}" for word in OUTCOMES_FA if self.counts.get(word)
        )

    def to_json(self) -> dict[str, Json]:
        return {
            "at": self.at.isoformat() if self.at else None,
            "counts": dict(self.counts),
            "results": [dict(each) for each in self.results],
        }


def lines(report: Report, when: str) -> Iterator[str]:
    """The report as text; ``when``: its time in words."""
    yield f"{report.title} ({report.account}), #{report.channel}, {when}, {report.by}"
    yield f"mark / نشان: {report.mark}"
    yield ""
    for result in report.results:
        yield f"{result.outcome.value} / {OUTCOMES_FA[result.outcome.value]}: {result.promise}"
        yield f"    {result.promise_fa}"
        yield from (f"    {words}" for words in (result.why, result.link) if words)
    if report.measured:
        yield "\nmeasured / اندازه‌گیری:"
        for each in report.measured:
            yield f"    {each.name}: {each.found} (ours: {each.ours:,}; posts: {each.posts})"
    yield ""
    if report.left:
        yield "left standing / در کانال مانده:"
        for message in report.left:
            where = message.link or ", ".join(message.ids) or "?"
            yield f"    {message.key}: {where}"
            yield from (f"        {words}" for words in (message.why,) if words)
    else:
        yield "nothing is left in the channel / در کانال چیزی نماند"
    if report.ended_early:
        yield f"ended early / ناتمام: {report.ended_early}"


def keep(state_dir: Path, report: Report) -> None:
    """Let ``platforms`` show it.  :raises OSError: it cannot be written."""
    path = _path(state_dir, report.account)
    make_folder(path.parent)
    new = path.with_name(f"{path.name}.new")
    with suppress(FileNotFoundError):
        new.unlink()
    content = json.dumps(report.to_json(), ensure_ascii=False, indent=2)
    with os.fdopen(open_shared(new, os.O_WRONLY), "w", encoding="utf-8") as file:
        file.write(content)
    new.replace(path)


def kept(state_dir: Path, account: str) -> KeptProof | None:
    """The last proof of an account; None: there is none that can be read."""
    try:
        with _path(state_dir, account).open(encoding="utf-8") as file:
            found: Any = json.loads(file.read(_MOST_BYTES))
        return KeptProof(
            account,
            datetime.fromisoformat(found["at"]),
            {outcome.value: int(found["counts"][outcome.value]) for outcome in Outcome},
            tuple(_result(each) for each in found["results"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _result(found: Any) -> dict[str, str]:
    return {
        name: said(found[name]) for name in ("trial", "promise", "promise_fa", "outcome", "why")
    }


def _path(state_dir: Path, account: str) -> Path:
    return state_dir / FOLDER / f"{quote(account, safe='')}.json"
