"""A whole office for one test: a folder, a sandbox, the proxy before it, daemons, the command."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit
from urllib.request import urlopen

from broadcaster.app.office import Office
from broadcaster.model import State
from broadcaster.planning.plan import PostRequest
from broadcaster.store.queue.verbs import QueueStore
from broadcaster.store.store import Store, StoreBusy
from broadcaster.store.views import PostView, Query
from tests.e2e import warm
from tests.e2e.proof.books import Books
from tests.e2e.proof.faults import Weather
from tests.e2e.proof.processes import PATIENCE_S, Child, Ran, until
from tests.e2e.proof.proxy import HOST, Proxy

T = TypeVar("T")
ALL = ("bale", "eitaa", "gap", "igap", "rubika", "soroush", "telegram")
_ORPHAN = re.compile(r"delivery (\d+) was on the wire when its daemon died")
READY = "the daemon is running"


def token(platform: str) -> str:
    """A well-formed token that nothing else on this machine resembles."""
    return f"987654321:AAproof{platform}AAproofAAproofAAproofAA"[:46]


def address(platform: str, number: int) -> str:
    """A channel's address in the platform's own form."""
    match platform:
        case "igap":
            return f"61884613570283{number:05}"
        case "eitaa":
            return f"105254{number:05}"
        case "rubika":
            return f"c0{number:030x}"
    return f"@proof_{platform}_{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What kind of office: ``channels`` of each platform, all of them in the group ``news``."""

    platforms: Sequence[str] = ("telegram", "bale")
    channels: int = 2
    senders: int = 4
    store: str = ""
    """URL of a database; empty: the SQLite file in the office's own folder."""
    top: Mapping[str, object] = field(default_factory=dict)
    """Further keys of the config's top level."""
    account: Mapping[str, object] = field(default_factory=dict)
    """Further keys of each account."""
    base_urls: Mapping[str, str] = field(default_factory=dict)
    """Platform -> another server than the sandbox's."""
    level: str = "debug"
    """Of the daemons' logs."""


class Bureau:
    """``with Bureau(folder, plan) as bureau:`` has a config and a sandbox, and no daemon yet."""

    def __init__(self, folder: Path, plan: Plan, weather: Weather | None = None) -> None:
        self.folder = folder
        self.plan = plan
        self.config = folder / "config" / "broadcaster.toml"
        self.database = folder / "state" / "broadcaster.db"
        self.ledger = folder / "ledger.jsonl"
        self.proxy = Proxy(weather=weather or Weather(seed=0))
        self.daemons: list[Child] = []
        self.kills = 0
        """Of daemons and of the sandbox: each may leave a message per sender in doubt."""
        self._stack = ExitStack()
        self._spoken = folder / "spoken.txt"
        self._started = 0
        self._desk: tuple[str, Office] | None = None
        self._read_to, self._accepted = 0, 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.proxy)
            self._write_config()
            self._sandbox_port = 0
            self._start_sandbox()
            stack.callback(lambda: self.sandbox.close())
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for daemon in self.daemons:
            daemon.close()
        self._stack.close()

    # --- the config -----------------------------------------------------------------------------

    def _write_config(self) -> None:
        secrets = self.config.parent / "secrets"
        secrets.mkdir(mode=0o700, parents=True)
        for platform in self.plan.platforms:
            file = secrets / platform
            file.touch(mode=0o600)
            file.write_text(token(platform), encoding="utf-8")
        self.config.write_text("".join(self._lines()), encoding="utf-8")

    def _lines(self) -> Iterator[str]:
        top = {"state_dir": "../state", "default_to": ["news"], "settle": "10s", **self.plan.top}
        yield _keys(top)
        if self.plan.store:
            yield f"\n[store]\n{_keys({'url': self.plan.store})}"
        for platform in self.plan.platforms:
            server = self.plan.base_urls.get(platform, f"{self.proxy.url}/{platform}")
            account = {
                "token_file": f"secrets/{platform}",
                "base_url": server,
                "reader_url": f"{server}/reader",
                "senders": self.plan.senders,
                "rate": "none",
                "channel_rate": "none",
                "insecure_http": True,  # to the servers of other machines of the proof
                **({"media": True} if platform == "igap" else {}),
                **self.plan.account,
            }
            yield f"\n[platforms.{platform}]\n{_keys(account)}"
            for number in range(self.plan.channels):
                where = address(platform, number)
                channel = {
                    "platform": platform,
                    "address": where,
                    # a channel known by its number has this name in the sandbox
                    "username": f"c{where}" if where.isdecimal() else where.removeprefix("@"),
                    "groups": ["news"],
                }
                yield f"\n[channels.{platform}-{number}]\n{_keys(channel)}"

    def rewrite(self, old: str, new: str) -> None:
        """Change the config file as an editor does: all at once."""
        text = self.config.read_text("utf-8")
        assert old in text
        beside = self.config.with_suffix(".new")
        beside.write_text(text.replace(old, new), "utf-8")
        beside.replace(self.config)

    @property
    def senders(self) -> int:
        """Most messages that can be on the wire of one daemon at once."""
        return self.plan.senders * len(self.plan.platforms)

    # --- processes ------------------------------------------------------------------------------

    def _start_sandbox(self) -> None:
        port, ledger = str(self._sandbox_port), str(self.ledger)
        hosts = {urlsplit(url).hostname or "" for url in self.plan.base_urls.values()}
        allowed = [word for host in hosts for word in ("--allow-host", host)]
        words = ("sandbox", "--port", port, *allowed, "--ledger", ledger, "--json")
        self.sandbox = Child("sandbox", words, self.folder)
        until(lambda: self._sandbox_answers() or not self.sandbox.running, "the sandbox starts")
        assert self.sandbox.running, self.sandbox.said()
        said = json.loads(self.sandbox.printed())
        missing = set(self.plan.platforms) - set(said["platforms"])
        assert not missing, f"the sandbox has no {missing}"
        self.proxy.upstream = self._sandbox_port = int(said["port"])

    def _sandbox_answers(self) -> bool:
        return self.sandbox.printed().rstrip().endswith("}")

    def kill_sandbox(self) -> None:
        """The platforms' machine dies; connections break, and none can be made."""
        self.proxy.dark(cut=True)
        self.sandbox.kill()
        self.kills += 1

    def revive_sandbox(self) -> None:
        """It comes back at the same port, knowing what it had accepted."""
        self._start_sandbox()
        self.proxy.light()

    def start_daemon(
        self,
        *more: str,
        constants: Mapping[str, float] | None = None,
        ready: bool = True,
    ) -> Child:
        """A daemon, at work once this returns; ``constants``: see :mod:`hasty`."""
        words = ("--config", str(self.config), "daemon", "--log-level", self.plan.level, *more)
        self._started += 1
        daemon = Child(f"daemon-{self._started}", words, self.folder, constants=constants)
        self.daemons.append(daemon)
        if ready:
            daemon.wait_for(READY)
        return daemon

    def kill(self, daemon: Child) -> None:
        daemon.kill()
        self.daemons.remove(daemon)
        self.kills += 1

    def run(
        self, *words: str, code: int | None = 0, preexec: Callable[[], None] | None = None
    ) -> Ran:
        """A command, to its end; ``code`` None: it may end as it likes, but not in a traceback."""
        args = ("--config", str(self.config), *words)
        if preexec:
            done = subprocess.run(
                [sys.executable, "-m", "broadcaster", *args],
                cwd=self.folder,
                env=warm.environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=PATIENCE_S,
                preexec_fn=preexec,
            )
        else:
            done = warm.run(args, cwd=self.folder)
        with self._spoken.open("ab") as spoken:
            spoken.write(done.stdout + done.stderr)
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert code is None or ran.code == code, ran
        assert "Traceback" not in ran.err, ran.err
        return ran

    def json(self, *words: str, code: int | None = 0) -> Any:
        """What a command prints with ``--json``."""
        return json.loads(self.run(*words, "--json", code=code).out)

    def post_killed(self, *words: str, after_s: float) -> None:
        """A person's ``post`` that is killed on its way."""
        args = ("--config", str(self.config), "post", *words)
        process = warm.Command(args, cwd=self.folder)
        time.sleep(after_s)
        process.kill()
        process.wait(PATIENCE_S)

    # --- the queue ------------------------------------------------------------------------------

    def desk(self) -> Office:
        """The office by the config file as it is now."""
        text = self.config.read_text("utf-8")
        if self._desk is None or self._desk[0] != text:
            self._desk = text, Office.load(self.config)
        return self._desk[1]

    @contextmanager
    def store(self) -> Iterator[Store]:
        with self.desk().store() as store:
            yield store

    def post(
        self, texts: Iterable[str], *, to: Sequence[str] = ("news",), media: Sequence[Path] = ()
    ) -> list[int]:
        """Queue one post per text in this process, as ``post`` does in its own."""
        office = self.desk()
        files = tuple(office.take_media(path) for path in media)
        queued: list[int] = []
        with office.store() as store:
            for text in texts:
                now = datetime.now(UTC)
                draft = PostRequest(source=text, to=tuple(to), media=files)
                planned = office.plan(draft, now=now)
                submit = partial(office.submit, store, draft, planned, now=now)
                queued.append(patient(submit).post)
        return queued

    def views(self) -> list[PostView]:
        """Every post with all of its deliveries, oldest first."""
        with self.store() as store:
            rows = patient(lambda: store.posts(Query(limit=100_000)))
            ids = sorted(row.post.id for row in rows)
            return [patient(partial(store.post, each)) for each in ids]

    def queue(self, text: str, posts: int) -> None:
        """The same text many times over, planned once: a backlog in a few seconds."""
        office = self.desk()
        draft = PostRequest(source=text, to=("news",))
        now = datetime.now(UTC)
        planned = office.plan(draft, now=now)
        with office.store() as store:
            for _ in range(posts):
                patient(partial(office.submit, store, draft, planned, now=now))

    def counts(self) -> Mapping[State, int]:
        """Deliveries by state."""
        with self.store() as store:
            return patient(store.health).counts

    def let_go(self, name: str) -> None:
        """Switch it on again, and release what was held, if anything was."""
        self.run("on", name)
        if self.counts().get(State.HELD):
            self.run("release", name)

    def busy(self) -> bool:
        """Whether anything waits or is on the wire."""
        counts = self.counts()
        return bool(counts.get(State.WAITING) or counts.get(State.SENDING))

    def leases_of(self, daemon: Child) -> int:
        """How many channels a daemon holds."""
        held = f"select count(*) from lanes where owner like '%:{daemon.process.pid}:%'"
        with self.store() as store:
            return int(self._ask(store, held))

    def unrecorded(self) -> int:
        """Messages that the platforms have taken and the queue does not know of yet."""
        delivered = self.counts().get(State.DELIVERED, 0)
        return self.accepted() - delivered

    def books(self) -> Books:
        """Both sides as they stand: ledger and queue."""
        return Books(self.ledger, self.views(), self.addresses(), doubted=self.doubted())

    def addresses(self) -> dict[str, tuple[str, str]]:
        """Channel -> its platform and address."""
        return {
            f"{platform}-{number}": (platform, address(platform, number))
            for platform in self.plan.platforms
            for number in range(self.plan.channels)
        }

    def doubted(self) -> set[int]:
        """Deliveries that a daemon found on a dead one's wire."""
        logs = (path.read_text("utf-8", "replace") for path in self.folder.glob("daemon-*.log"))
        return {int(each) for log in logs for each in _ORPHAN.findall(log)}

    def accepted(self) -> int:
        """How many messages the platforms have taken so far."""
        with self.ledger.open("rb") as ledger:
            ledger.seek(self._read_to)
            whole, end, _ = ledger.read().rpartition(b"\n")
        self._read_to += len(whole + end)
        self._accepted += whole.count(b'"event": "posted"')
        return self._accepted

    def until_accepted(self, count: int) -> None:
        """Until the platforms have taken so many messages in all."""
        until(lambda: self.accepted() >= count, f"{count} messages are accepted")

    def no_secret_anywhere(self) -> None:
        """No token in a byte of what was said, logged or stored, the secrets' own files apart."""
        secrets = self.config.parent / "secrets"
        for path in self.folder.rglob("*"):
            if path.is_file() and secrets not in path.parents:
                content = path.read_bytes()
                for platform in self.plan.platforms:
                    for part in token(platform), token(platform).partition(":")[2]:
                        assert part.encode() not in content, f"the token of {platform} in {path}"

    def until_settled(self, *, patience_s: float = PATIENCE_S) -> None:
        """Until nothing is due, on the wire, or being looked for."""
        with self.store() as store:
            until(lambda: self._settled(store), "all is settled", patience_s=patience_s)

    def _settled(self, store: Store) -> bool:
        """What a person has to decide is settled, and so is a recall that waits for that."""
        open_ = """select (select count(*) from deliveries where open is not null)
          + (select count(*) from scheduled)"""
        return not self._ask(store, open_)

    @staticmethod
    def _ask(store: Store, query: str) -> Any:
        """What no verb of the port tells."""
        assert isinstance(store, QueueStore)
        return patient(lambda: store._read(lambda _: store._db.scalar(query)))

    def control(self, path: str, body: object = None) -> Any:
        """Ask the sandbox's own side."""
        data = None if body is None else json.dumps(body).encode()
        url = f"http://{HOST}:{self._sandbox_port}/_sandbox/{path}"
        with urlopen(url, data, timeout=PATIENCE_S) as answer:
            return json.load(answer)


def patient(work: Callable[[], T]) -> T:
    """``work``, tried again while the store is busy: the machine is small and daemons write."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return work()
        except StoreBusy:
            assert time.monotonic() < end, "the store stays busy"


def _keys(values: Mapping[str, object]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
