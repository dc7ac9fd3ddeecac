"""Proof on the real platform: what an adapter promises, tried in the office's test channel.

::

    propose ─→ Proof.try_all ─→ Proof.questions, answer ─→ Proof.remove ─→ Proof.write

It posts through the adapter itself and not through the queue, see docs/decisions/0025.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TextIO

from broadcaster.adapter import Platform
from broadcaster.app.checks import open_accounts, open_channels
from broadcaster.app.clients import client
from broadcaster.app.office import Office
from broadcaster.app.permissions import require
from broadcaster.app.proving import report_page, words
from broadcaster.app.proving.measuring import MOST_POSTS
from broadcaster.app.proving.outcome import Outcome, ProofNotes, Report, TrialResult
from broadcaster.app.proving.pacing import Pacer, interval
from broadcaster.app.proving.prover import Bench, Prover, StopError
from broadcaster.app.proving.recording import Recording, opened
from broadcaster.app.proving.report import FOLDER, KeptProof, keep, kept, lines
from broadcaster.app.proving.samples import Samples
from broadcaster.app.proving.trials import ProofTrial, guesses, messages, trials
from broadcaster.config import AccountSettings, ChannelSettings
from broadcaster.errors import InputError, Refused
from broadcaster.model import Actor, Json, Permission
from broadcaster.store.sharing import make_folder
from broadcaster.store.store import Store

__all__ = [
    "PATIENCE_S",
    "KeptProof",
    "Outcome",
    "Proof",
    "Proposal",
    "Question",
    "Report",
    "last",
    "propose",
]

PATIENCE_S = 15.0
"""For a public page to show what was posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a proof would do."""

    account: AccountSettings
    channel: ChannelSettings
    platform: Platform
    trials: tuple[ProofTrial, ...]
    mark: str
    measures: dict[str, int]
    """Limits to be measured -> our number."""
    is_test: bool
    """Whether the channel is the office's test channel."""
    removes: bool
    """Whether its messages can be removed in the end."""
    force: bool = False

    @property
    def messages(self) -> int:
        """How many messages appear in the channel, if all is as promised."""
        return messages(self.trials)

    @property
    def more(self) -> int:
        """How many more may appear: what should be refused, and what is measured."""
        return 2 + MOST_POSTS * len(self.measures)


class Question(NamedTuple):
    """For somebody who looks into the channel; ``key`` is for :meth:`Proof.answer`."""

    key: str
    text: str
    text_fa: str
    link: str


def propose(
    office: Office,
    store: Store,
    account: str,
    channel: str | None = None,
    *,
    measure: bool = False,
    force: bool = False,
    actor: Actor,
) -> Proposal:
    """What a proof of ``account`` in ``channel`` (None: the test channel) would do.

    :raises InputError: there is no such account or channel, or it is another account's.
    :raises Refused: they are off, or deliveries of the account are in line and ``force`` is not.
    """
    chosen = _account(office, account)
    where = _channel(office, account, channel)
    name = where.channel.name
    require(actor, Permission.POST, (name,))
    health = store.health(counted=False)
    if account not in open_accounts(office, health) or name not in open_channels(office, health):
        raise Refused(f"{account} or {name} is off: switch both on first (broadcaster on NAME)")
    if not force and _in_line(store, account):
        raise Refused(
            f"deliveries of {account} are in line, and a proof would post between them: wait until"
            " they are out (broadcaster status), or add --force"
        )
    platform, mark = office.platforms[chosen.adapter], f"bp{secrets.token_hex(4)}"
    return Proposal(
        account=chosen,
        channel=where,
        platform=platform,
        trials=trials(platform, chosen.limits, mark),
        mark=mark,
        measures=guesses(chosen.limits) if measure else {},
        is_test=name == office.settings.test_channel,
        removes="recall" in platform.verbs,
        force=force,
    )


def last(office: Office, platforms: Collection[str]) -> dict[str, KeptProof]:
    """Account of one of these platforms -> its last proof, for those that have one."""
    settings = office.settings
    found = {
        account.name: kept(settings.state_dir, account.name)
        for account in settings.accounts.values()
        if account.adapter in platforms
    }
    return {account: proof for account, proof in found.items() if proof is not None}


class Proof:
    """One proof, step by step; each step may be broken off, and the next one still be taken."""

    def __init__(
        self,
        office: Office,
        store: Store,
        proposal: Proposal,
        *,
        out: Path | None = None,
        patience: float = PATIENCE_S,
        actor: Actor,
        now: datetime,
        told: Callable[[str], None] = lambda _line: None,
    ) -> None:
        """``out``: a new folder for the report; None: one in the state folder.

        :raises InputError: the folder is there and not empty, or the token cannot be read.
        """
        client(office, proposal.account)  # a token that cannot be read stops it here
        self._office, self._store, self._proposal = office, store, proposal
        self._patience, self._actor, self._now, self._told = patience, actor, now, told
        self._notes = ProofNotes()
        account = proposal.account.name
        stamp = f"{account}-{now:%Y%m%d-%H%M%S}-{proposal.mark}"
        self.folder = out or office.settings.state_dir / FOLDER / stamp
        if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise InputError(f"{self.folder} is not empty: name a new folder")
        make_folder(self.folder)
        self._recording = self._opened(opened(self.folder / "exchange.jsonl"))

    def try_all(self) -> None:
        """Try every promise, and measure what is to be measured."""
        self._notes.ended_early = "it was broken off"
        asyncio.run(self._with(self._try_all, in_line=self._in_line))

    def questions(self) -> Iterator[Question]:
        """What somebody in the channel could tell."""
        for key, result in self._notes.results.items():
            asked = words.of(key)
            if result.outcome is Outcome.NOT_VISIBLE and asked.question:
                yield Question(key, asked.question, asked.question_fa, result.link)

    def answer(self, key: str, yes: bool) -> None:
        """Note what somebody has seen."""
        result = self._notes.results[key]
        outcome = Outcome.PROVED if yes else Outcome.DEVIATES
        seen = "is as promised" if yes else "is not as promised"
        why = f"{self._actor.name} looked, and says that it {seen}; {result.why}"
        self._notes.results[key] = replace(result, outcome=outcome, why=why)

    def remove(self) -> None:
        """Remove what can be removed of what was posted."""
        if self._notes.standing:
            asyncio.run(self._with(self._remove, in_line=lambda: False))

    def write(self) -> Report:
        """Write the report into the folder, and keep it for ``platforms``."""
        report = self.report()
        when = self._office.times.show(report.at)
        (self.folder / "report.txt").write_text("\n".join((*lines(report, when), "")), "utf-8")
        (self.folder / "report.html").write_text(report_page.page(report, when), "utf-8")
        (self.folder / "report.json").write_text(
            json.dumps(report.to_json(), ensure_ascii=False, indent=2) + "\n", "utf-8"
        )
        keep(self._office.settings.state_dir, report)
        return report

    def report(self) -> Report:
        """What is known so far."""
        proposal, notes = self._proposal, self._notes
        missing = [
            _not_tried(trial, notes.ended_early)
            for trial in proposal.trials
            if trial.key not in notes.results
        ]
        return Report(
            account=proposal.account.name,
            platform=proposal.platform.name,
            title=proposal.platform.title,
            channel=proposal.channel.channel.name,
            at=self._now,
            by=self._actor.name,
            mark=proposal.mark,
            results=(*notes.results.values(), *missing),
            left=tuple(notes.standing.values()),
            measured=tuple(notes.measured),
            ended_early=notes.ended_early,
        )

    def text(self, report: Report) -> Iterator[str]:
        """The report, line by line."""
        return lines(report, self._office.times.show(report.at))

    def close(self) -> None:
        self._file.close()

    def _opened(self, file: TextIO) -> Recording:
        self._file = file
        proposal, channel = self._proposal, self._proposal.channel.channel
        head: dict[str, Json] = {
            "platform": proposal.platform.name,
            "channel": {"address": channel.address, "username": channel.username},
            "mark": proposal.mark,
            "nowhere": nowhere(proposal.platform, proposal.mark),
        }
        return Recording(file, head, proposal.account.base_url)

    def _in_line(self) -> bool:
        proposal = self._proposal
        return not proposal.force and _in_line(self._store, proposal.account.name)

    async def _try_all(self, prover: Prover) -> None:
        await prover.run(self._proposal.trials)
        if self._notes.ended_early:
            return
        for name, ours in self._proposal.measures.items():
            self._told(f"measuring: {name}")
            try:
                measured = await prover.measure(name, ours, self._proposal.mark)
            except StopError as stop:
                self._notes.ended_early = f"measuring of {name}: {stop}"
                return
            self._notes.measured.append(measured)

    async def _remove(self, prover: Prover) -> None:
        self._told("removing what was posted")
        await prover.remove()

    async def _with(
        self, doing: Callable[[Prover], Awaitable[None]], *, in_line: Callable[[], bool]
    ) -> None:
        """Do something with a client of its own, which belongs to one event loop."""
        proposal = self._proposal
        adapter = client(self._office, proposal.account)
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="broadcaster-proof-"))
            async with AsyncExitStack() as later:
                await adapter.open()
                later.push_async_callback(adapter.close)
                bench = Bench(
                    adapter=adapter,
                    limits=proposal.account.limits,
                    channel=proposal.channel.channel,
                    mark=proposal.mark,
                    nowhere=nowhere(proposal.platform, proposal.mark),
                    samples=Samples(Path(folder), proposal.account.limits),
                    pacer=Pacer(interval(proposal.account.rate, proposal.channel.rate), in_line),
                    recording=self._recording,
                    patience=self._patience,
                    told=self._told,
                )
                await doing(Prover(bench, self._notes))


def nowhere(platform: Platform, mark: str) -> str | None:
    """An address of the platform's form where surely is no channel; None: no form is known.

    A name is made up of ``mark``, which is new; a platform that takes numbers only gets one with
    far more digits than it has channels.
    """
    for text in (f"@nobody_{mark}", "9" * 18):
        try:
            return platform.address(text)
        except ValueError:
            continue
    return None


def _account(office: Office, name: str) -> AccountSettings:
    accounts = office.settings.accounts
    if name not in accounts:
        raise InputError(f'"{name}" is no account; there are {", ".join(accounts) or "none"}')
    return accounts[name]


def _channel(office: Office, account: str, name: str | None) -> ChannelSettings:
    settings = office.settings
    if name is None and settings.test_channel is None:
        raise InputError(
            f'there is no test channel: write test_channel = "…" in {settings.path}, or name a'
            " channel that nobody reads with --channel"
        )
    chosen = name or str(settings.test_channel)
    if chosen not in settings.channels:
        raise InputError(f'"{chosen}" is no channel; there are {", ".join(settings.channels)}')
    channel = settings.channels[chosen]
    if channel.account != account:
        what = "the test channel, " if name is None else ""
        raise InputError(
            f"{what}{chosen}, is a channel of {channel.account}, not of {account}: name a channel"
            f" of {account} that nobody reads with --channel"
        )
    return channel


def _in_line(store: Store, account: str) -> bool:
    return any(each.account == account and each.in_line for each in store.backlog())


def _not_tried(trial: ProofTrial, why: str) -> TrialResult:
    return TrialResult(
        key=trial.key,
        promise=trial.promise,
        promise_fa=trial.promise_fa,
        outcome=Outcome.NOT_TRIED,
        why=why,
    )
