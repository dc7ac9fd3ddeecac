"""The office of the demo: a folder, a sandbox and a daemon, each gone when it ends; its post."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import IO
from urllib.request import Request, urlopen

from PIL import Image, ImageDraw

from broadcaster.app.office import Office
from broadcaster.app.posting import Submission, Wish, submit
from broadcaster.errors import Refused
from broadcaster.model import Actor
from broadcaster.sandbox import HOST, PORT
from broadcaster.store.store import Store

TOKEN = "123456789:AAdemoAAdemoAAdemoAAdemoAAdemoAAdemo"  # noqa: S105 (any token is taken there)
STOP_S = 15.0
"""What a process may take to end after SIGTERM, before it is killed."""
ANNOUNCEMENT = """\
**اطلاعیهٔ روابط عمومی**

هم‌میهنان گرامی، از شنبه **۷ آذر ۱۴۰۵** ساعت کار همهٔ اداره‌ها از *۷ صبح تا ۱۳* است.

- نوبت‌دهی فقط از راه [سامانهٔ خدمات](https://example.ir/نوبت) انجام می‌شود.
- پرسش‌ها را می‌توانید با شمارهٔ ۱۲۳ در میان بگذارید.

این کانال از این پس در پیام‌رسان‌های داخلی نیز در کنار شماست. 👨‍👩‍👧
"""
_TAIL = 15
"""Lines of a log that are shown when its process has failed."""


@dataclass(frozen=True, slots=True)
class DemoOffice:
    """Running; ``url`` is the sandbox's page."""

    folder: Path
    config: Path
    url: str
    processes: tuple[subprocess.Popen[bytes], ...]

    @classmethod
    def open(cls, stack: ExitStack, *, keep: bool) -> DemoOffice:
        """Start it all; whatever happens, ``stack`` ends it.

        :raises Refused: a process did not start; its log is shown.
        """
        folder = Path(tempfile.mkdtemp(prefix="broadcaster-demo-"))
        if not keep:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        sandbox = _start(
            stack, folder, "sandbox", "--port", "0", "--ledger", str(folder / "ledger.jsonl")
        )
        assert sandbox.stdout is not None
        url = sandbox.stdout.readline().decode().strip()
        office = cls(folder, _write_config(folder, url), url, (sandbox,))
        if not url:
            sandbox.wait()
            office.check()
        _name_channels(office)
        daemon = _start(stack, folder, "daemon", config=office.config)
        return cls(folder, office.config, url, (sandbox, daemon))

    def check(self) -> None:
        """:raises Refused: a process has ended."""
        for name, process in zip(("sandbox", "daemon"), self.processes, strict=False):
            if process.poll() is not None:
                log = _log(self.folder, name).read_text("utf-8").splitlines()[-_TAIL:]
                said = "\n".join(f"  {line}" for line in log)
                raise Refused(f"the {name} of the demo has ended, its log says:\n{said}")

    def picture(self) -> Path:
        """Draw a picture to post: an eight-pointed star, as on old tiles."""
        width, height, fine = 960, 540, 2
        image = Image.new("RGB", (width * fine, height * fine), "#0b3c49")
        draw = ImageDraw.Draw(image)
        step = 120 * fine
        for row in range(-1, height * fine // step + 2):
            for column in range(-1, width * fine // step + 2):
                centre = (column * step + step * (row % 2) // 2, row * step)
                draw.polygon(_star(centre, step * 0.46), fill="#10596b")
        middle = (width * fine // 2, height * fine // 2)
        for radius, colour in (
            (190, "#e8c547"),
            (160, "#0b3c49"),
            (130, "#f4f1de"),
            (60, "#c8553d"),
        ):
            draw.polygon(_star(middle, radius * fine), fill=colour)
        path = self.folder / "announcement.png"
        image.resize((width, height), Image.Resampling.LANCZOS).save(path)
        return path


def await_daemon(demo: DemoOffice, store: Store) -> None:
    """:raises Refused: it has ended."""
    while not any(each.alive for each in store.daemons()):
        demo.check()
        time.sleep(0.05)


def post_announcement(
    demo: DemoOffice, office: Office, store: Store, *, actor: Actor, now: datetime
) -> Submission:
    """A Persian announcement with a picture, to every channel."""
    wish = Wish(text=ANNOUNCEMENT, to=("all",), media=(demo.picture(),))
    return submit(office, store, wish, actor=actor, now=now)


def _star(centre: tuple[int, int], radius: float) -> list[tuple[float, float]]:
    """Sixteen corners: two squares, one turned by an eighth."""
    inner = radius * math.cos(math.pi / 4) / math.cos(math.pi / 8)
    return [
        (
            centre[0] + (inner if corner % 2 else radius) * math.cos(math.pi * corner / 8),
            centre[1] + (inner if corner % 2 else radius) * math.sin(math.pi * corner / 8),
        )
        for corner in range(16)
    ]


def _write_config(folder: Path, url: str) -> Path:
    """The packaged sandbox.toml at this sandbox, and a token for each of its accounts."""
    text = _sample().replace(f"http://{HOST}:{PORT}", url)
    path = folder / "config" / "broadcaster.toml"
    for account in tomllib.loads(text)["platforms"].values():
        token = path.parent / account["token_file"]
        for each in (path.parent, token.parent):  # whatever the umask, nobody else writes there
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        token.touch(mode=0o600)
        token.write_text(TOKEN, "utf-8")
    path.touch(mode=0o600)
    path.write_text(text, "utf-8")
    return path


def _name_channels(office: DemoOffice) -> None:
    """Tell the sandbox the names and titles of the channels, which it cannot know otherwise."""
    config = tomllib.loads(office.config.read_text("utf-8"))
    for channel in config["channels"].values():
        said = {name: channel[name] for name in ("address", "username", "title") if name in channel}
        body = json.dumps({"platform": channel["platform"], **said}).encode()
        request = Request(f"{office.url}/_sandbox/channels", body)  # noqa: S310 (this machine)
        urlopen(request, timeout=STOP_S).close()  # noqa: S310


def _sample() -> str:
    """config/sandbox.toml: inside the package once installed, beside it in a checkout."""
    package = resources.files("broadcaster")
    installed = package / "data" / "config" / "sandbox.toml"
    if installed.is_file():
        return installed.read_text("utf-8")
    with resources.as_file(package) as here:
        return (here.parent / "config" / "sandbox.toml").read_text("utf-8")


def _start(
    stack: ExitStack, folder: Path, *command: str, config: Path | None = None
) -> subprocess.Popen[bytes]:
    """One of our own commands in a session of its own, so that Ctrl-C reaches only us.

    With ``-P`` it imports nothing of the folder where somebody happens to be.
    """
    options = ["--config", str(config)] if config else []
    log: IO[bytes] = stack.enter_context(_log(folder, command[0]).open("wb"))
    process = subprocess.Popen(  # noqa: S603 (our own interpreter, module and words)
        [sys.executable, "-P", "-m", "broadcaster", *options, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if config is None else log,
        stderr=log,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    stack.callback(_stop, process)
    return process


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


def _log(folder: Path, name: str) -> Path:
    return folder / f"{name}.log"
