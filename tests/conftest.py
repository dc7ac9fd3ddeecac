"""Where every test runs: apart from the person's own set-up, with what this machine has."""

from __future__ import annotations

import os
import shutil
import tempfile

import hypothesis
import pytest

from broadcaster.testing.postgres import binaries

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

# A slow machine is no failure: laws are judged by what they find, never by how long it took.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Workers of a parallel run inherit the environment that is made here."""
    for name in ("BROADCASTER_CONFIG", "BROADCASTER_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        os.environ.pop(name, None)  # a Persian locale would be answered in Persian
    if "XDG_RUNTIME_DIR" not in os.environ:
        folder = tempfile.mkdtemp(prefix="broadcaster-run-")
        os.environ["XDG_RUNTIME_DIR"] = folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_report_header() -> list[str]:
    return [
        f"browser: {BROWSER or 'none, so the tests marked browser are not run'}",
        f"postgresql: {binaries() or 'none, so the tests of the shared store are not run'}",
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if BROWSER:
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium here: apt install chromium"))


@pytest.fixture(params=["direct", "public"])
def each_transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The test runs once with each transport of the kit."""
    name = str(request.param)
    monkeypatch.setenv("BROADCASTER_TRANSPORT", name)
    return name


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The Chromium on this machine, for tests marked ``browser``."""
    assert BROWSER, "mark this test with pytest.mark.browser"
    return BROWSER
