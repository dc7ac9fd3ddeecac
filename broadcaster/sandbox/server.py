"""A running sandbox: every fake on one port, with control side and pages."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aiohttp import web

from broadcaster.errors import InputError
from broadcaster.kit.doorway import THIS_MACHINE, doorway
from broadcaster.sandbox.backend import Backend, SandboxState
from broadcaster.sandbox.channels import ChannelDirectory
from broadcaster.sandbox.control import add_control
from broadcaster.sandbox.fake import Fake
from broadcaster.sandbox.faults import Faults
from broadcaster.sandbox.files import FileStore
from broadcaster.sandbox.journal import Journal
from broadcaster.sandbox.ledger import Ledger
from broadcaster.sandbox.page.serve import PAGE_SWITCHES, add_pages
from broadcaster.sandbox.switches import COMMON, Switches

MAX_BODY = 100 * 2**20
"""Bytes, which are held in memory; more than nearly every platform takes, which then refuses them
itself."""
EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 (a way to listen, and no name)
MAX_LINE = 2**18
"""Bytes of a request line: a long Persian text in a query is nine times its letters."""


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox that answers at ``url`` until it is stopped."""

    url: str
    port: int
    _runner: web.AppRunner
    _state: SandboxState

    async def stop(self) -> None:
        self._state.closing.set()
        await self._runner.cleanup()


def all_switches(fakes: Mapping[str, Fake]) -> Switches:
    """The switches of these platforms, as they stand at the beginning."""
    return Switches(
        {name: (*PAGE_SWITCHES, *COMMON, *fake.switches) for name, fake in fakes.items()}
    )


async def start(
    fakes: Mapping[str, Fake],
    *,
    host: str,
    port: int,
    ledger: Path | None = None,
    switches: Mapping[str, Mapping[str, str]] | None = None,
    allowed: Collection[str] = (),
) -> Running:
    """Serve these platforms; port 0 takes any free one.

    :param allowed: names that it is called by beside those of this machine, see :func:`doorway`.
    :param ledger: file to take up and append what is accepted to.
    :raises InputError: the port is in use, a switch is unknown, the ledger cannot be written.
    """
    known = all_switches(fakes)
    for platform, chosen in (switches or {}).items():
        for name, value in chosen.items():
            known.set(platform, name, value)
    with ExitStack() as stack:
        state = _state(stack, fakes, known, ledger)
        kept = stack.pop_all()
    app = _application(fakes, state, {*allowed, *_own_name(host)})
    app.on_cleanup.append(_closed(kept))
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=0.2, max_line_size=MAX_LINE, max_field_size=MAX_LINE
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        if error.errno != errno.EADDRINUSE:
            raise InputError(f"cannot listen at {host}:{port}: {error.strerror}") from None
        raise InputError(
            f"port {port} is in use, perhaps by another sandbox: stop that one,"
            " or choose another with --port (0 takes any free one)"
        ) from None
    bound: int = runner.addresses[0][1]
    shown = "127.0.0.1" if host in EVERYWHERE else _bracketed(host)
    return Running(f"http://{shown}:{bound}", bound, runner, state)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _own_name(host: str) -> tuple[str, ...]:
    """What it is called by the address that it listens at."""
    return () if host in {*EVERYWHERE, *THIS_MACHINE, "::1"} else (_bracketed(host),)


def _application(
    fakes: Mapping[str, Fake], state: SandboxState, allowed: Collection[str]
) -> web.Application:
    backends = {name: Backend(name, state, name_id=fake.message_id) for name, fake in fakes.items()}

    def acts(request: web.Request) -> bool:
        """A call of a platform may post by any method; pages and the control side show by GET."""
        head, _, rest = request.path.lstrip("/").partition("/")
        return head in backends and not rest.startswith("reader/")

    app = web.Application(client_max_size=MAX_BODY, middlewares=[doorway(allowed, acts)])
    add_control(app, backends, state)
    add_pages(app, fakes, backends, state)
    for name, fake in fakes.items():
        for path in fake.paths:
            app.router.add_route("*", f"/{name}{path}", partial(fake.serve, backends[name]))
    return app


def _closed(stack: ExitStack) -> Callable[[web.Application], Awaitable[None]]:
    async def close(_app: web.Application) -> None:
        stack.close()

    return close


def _state(
    stack: ExitStack, fakes: Mapping[str, Fake], switches: Switches, path: Path | None
) -> SandboxState:
    """What they share, with what an earlier run has left in the ledger file."""
    channels = ChannelDirectory()
    for name, fake in fakes.items():
        channels.teach(name, fake.addressing)
    faults = Faults(channels.same)
    if path is None:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="broadcaster-sandbox-"))
        return SandboxState(Ledger(), FileStore(Path(folder)), channels, switches, faults)
    journal = stack.enter_context(closing(Journal(path)))
    ledger = Ledger(journal.keep)
    for event, entry in journal.entries():
        if entry is None or event == "reset":
            ledger.forget()
            channels.clear()
            continue
        if entry.platform in fakes:
            channels.join(entry.platform, entry.chat, username=entry.username)
        ledger.restore(entry)
    return SandboxState(
        ledger, FileStore(path.with_name(f"{path.name}.files")), channels, switches, faults
    )
