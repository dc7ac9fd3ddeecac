"""The web process: started, listening, and stopped."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from broadcaster.app.office import Office
from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.web.application import application
from broadcaster.web.passwords import Passwords
from broadcaster.web.second_factor import SecondFactors, load_key
from broadcaster.web.state import Console

HEAD_BYTES = 16 * 1024
"""Of a request line, and of a header."""
KEEP_ALIVE_S = 30
SOCKET_MODE = 0o660


@dataclass(frozen=True, slots=True)
class WebServer:
    """A server that answers at ``url`` until it is stopped."""

    url: str
    _runner: web.AppRunner

    async def stop(self) -> None:
        await self._runner.cleanup()


async def serve(office: Office, ready: Callable[[str], None], stopped: asyncio.Event) -> None:
    """Answer until ``stopped``; ``ready`` is called with the address once it listens.

    :raises InputError: it cannot listen there, or the store or its key cannot be had.
    """
    settings = office.settings.web
    factors = SecondFactors(load_key(settings.key_file))
    with office.open_store() as opened:
        found = Console(office, opened, Passwords(), factors, secrets.token_bytes(32))
        running = await start(found)
        try:
            ready(running.url)
            await stopped.wait()
        finally:
            await running.stop()


async def start(found: Console) -> WebServer:
    """:raises InputError: it cannot listen there."""
    runner = web.AppRunner(
        application(found),
        access_log=None,
        shutdown_timeout=2.0,
        keepalive_timeout=KEEP_ALIVE_S,
        max_line_size=HEAD_BYTES,
        max_field_size=HEAD_BYTES,
    )
    await runner.setup()
    listen = found.office.settings.web.listen
    try:
        if listen.startswith("unix:"):
            return WebServer(listen, await _on_socket(runner, Path(listen.removeprefix("unix:"))))
        host, _, port = listen.rpartition(":")
        await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        bound = runner.addresses[0][1]
        return WebServer(found.office.settings.web.url or f"http://{host}:{bound}", runner)
    except OSError as error:
        await runner.cleanup()
        if error.errno == errno.EADDRINUSE:
            raise InputError(
                say(
                    "{listen} is in use, perhaps by another web process: stop that one, "
                    "or choose another address with listen in [web]",
                    listen=listen,
                )
            ) from None
        raise InputError(
            say(
                "cannot listen at {listen}: {reason}",
                listen=listen,
                reason=say(str(error.strerror)),
            )
        ) from None


async def _on_socket(runner: web.AppRunner, path: Path) -> web.AppRunner:
    """A socket that the group may use; one that a dead process has left is replaced."""
    await asyncio.to_thread(_clear, path)
    before = os.umask(0o777 & ~SOCKET_MODE)
    try:
        await web.UnixSite(runner, path).start()
    finally:
        os.umask(before)
    return runner


def _clear(path: Path) -> None:
    with suppress(FileNotFoundError):
        if path.is_socket() and not _answers(path):
            path.unlink()


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
