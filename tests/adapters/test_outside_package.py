"""A messenger in a package of its own: installed by pip, found by its entry point, and run."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

ROOT = Path(__file__).parents[2]
OUTSIDE = Path(__file__).parent / "outside"
TOKEN = "chapar-token-AAoutAAoutAAoutAAout"
CONFIG = """\
state_dir = "../state"
default_to = ["news"]

[platforms.chapar]
token_file = "secrets/chapar"
base_url = "{url}/chapar"

[channels.news]
platform = "chapar"
address = "@akhbar"
"""


def environment(installed: Path) -> dict[str, str]:
    path = os.pathsep.join((str(installed), str(ROOT)))
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that pip has installed the package into."""
    folder = tmp_path_factory.mktemp("installed")
    offline = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", *offline, "--target", folder, OUTSIDE],
        check=True,
        timeout=100,
    )
    return folder


@pytest.fixture
async def server() -> AsyncIterator[Any]:
    """The package's own fake, at its ``url``."""
    spec = importlib.util.spec_from_file_location("fake_chapar", OUTSIDE / "tests" / "fake.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    fake = module.Fake()
    runner = web.AppRunner(fake.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield fake
    await runner.cleanup()


async def broadcaster(installed: Path, config: Path, *arguments: str) -> Any:
    """Run the command, which must end well, and read its JSON, if it is asked for."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "broadcaster", "--config", str(config), *arguments),
        cwd=config.parent,
        env=environment(installed),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert TOKEN.encode() not in out + err
    return json.loads(out) if "--json" in arguments else out.decode()


def test_the_package_proves_itself_by_the_contract(installed: Path) -> None:
    proving = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=OUTSIDE,
        env=environment(installed),
        stdout=subprocess.PIPE,
        text=True,
        timeout=100,
        check=False,
    )
    assert proving.returncode == 0, proving.stdout
    assert re.search(r"\d{2} passed", proving.stdout)


async def test_a_post_goes_out_through_the_package(
    installed: Path, server: Any, tmp_path: Path
) -> None:
    config = tmp_path / "config" / "broadcaster.toml"
    token = config.parent / "secrets" / "chapar"
    token.parent.mkdir(parents=True)
    token.write_text(TOKEN, "utf-8")
    token.chmod(0o600)
    config.write_text(CONFIG.format(url=server.url), "utf-8")

    (facts,) = (await broadcaster(installed, config, "platforms", "chapar", "--json"))["platforms"]
    assert (facts["title"], facts["verbs"], facts["proven"]) == ("چاپار", ["recall"], "sandbox")
    checked = await broadcaster(installed, config, "check", "--online", "--json")
    assert [each["verified"] for each in checked["online"]] == [["token"], ["token"]]
    posted = await broadcaster(installed, config, "post", "سلام، می‌آییم", "--silent", "--json")
    await broadcaster(installed, config, "daemon", "--drain")
    shown = await broadcaster(installed, config, "show", str(posted["id"]), "--json")
    (delivery,) = shown["deliveries"]
    assert (delivery["adapter"], delivery["state"]) == ("chapar", "delivered")
    assert delivery["messages"][0]["link"] == "https://chapar.example/akhbar/1"
    (message,) = server.ledger
    assert (message["channel"], message["text"]) == ("akhbar", "سلام، می‌آییم")
    assert message["silent"] is True


def test_the_guide_shows_the_package_as_it_is() -> None:
    guide = (ROOT / "docs" / "adapters.md").read_text("utf-8")
    shown = re.findall(r"`(\S+)`:\n\n```\w+\n(.*?)```", guide, re.DOTALL)
    assert {name for name, _ in shown} == {
        "pyproject.toml",
        "chapar/facts.py",
        "chapar/adapter.py",
        "tests/test_chapar.py",
    }
    assert {name: text == (OUTSIDE / name).read_text("utf-8") for name, text in shown} == {
        name: True for name, _ in shown
    }
