"""The tables for whoever looks after the machine: alerts, metrics, log, retention, limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

import pytest

from broadcaster.config import AlertSettings, LogSettings, Settings, alert_urls
from broadcaster.errors import InputError
from broadcaster.model import Secret

URL = "json://127.0.0.1:9/alerts"


def test_all_of_it_may_be_left_out(read: Callable[[str], Settings]) -> None:
    settings = read("")
    assert settings.alerts == AlertSettings()
    assert settings.metrics_port is None
    assert settings.log == LogSettings(format="text", level="info")
    assert settings.retention.posts == timedelta(days=180)
    assert settings.retention.keys == timedelta(days=400)
    assert settings.text_bytes == 65_536


def test_each_key(read: Callable[[str], Settings], tmp_path: Path) -> None:
    settings = read(
        """
        [alerts]
        urls_file = "secrets/alerts"
        daily_summary = "۷:۳۰"
        [metrics]
        port = 9187
        [log]
        format = "json"
        level = "debug"
        [retention]
        posts = "30d"
        [limits]
        text_bytes = 100000
        """
    )
    assert settings.alerts.urls_file == tmp_path / "config" / "secrets" / "alerts"
    assert settings.alerts.daily_summary == time(7, 30)
    assert settings.metrics_port == 9187
    assert settings.log == LogSettings(format="json", level="debug")
    assert settings.retention.posts == timedelta(days=30)
    assert settings.text_bytes == 100_000


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('[alerts]\ndaily_summary = "24:00"', "alerts.daily_summary: must be an hour of the day"),
        ('[alerts]\nurls = ["x://y"]', "alerts.urls: unknown key"),
        ('[alerts]\nurls_file = "a"\nurls_env = "A"', "alerts: has both"),
        ("[metrics]\nport = 70000", "metrics.port: "),
        ('[metrics]\nport = "9187"', "metrics.port: "),
        ('[log]\nformat = "xml"', 'log.format: must be "text" or "json"'),
        ('[log]\nlevle = "info"', "log.levle: unknown key"),
        ('[retention]\nposts = "0s"', "retention.posts: must be longer than nothing"),
        ("[limits]\ntext_bytes = 0", "limits.text_bytes: "),
        ("[limits]\ntext_bytes = 2000000", "limits.text_bytes: "),
        ('signature = "\\u001b[31m"', "signature: holds a control character (U+001B)"),
    ],
)
def test_mistakes(mistakes: Callable[[str], tuple[str, ...]], text: str, mistake: str) -> None:
    (found,) = mistakes(text)
    assert found.startswith(mistake)


def test_urls_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "alerts"
    file.touch(mode=0o600)
    file.write_text(f"# تماس با کشیک\n{URL}\n\n  {URL}/2  \n", encoding="utf-8")
    found = alert_urls(AlertSettings(urls_file=file), {})
    assert found == (Secret(URL), Secret(f"{URL}/2"))
    file.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        alert_urls(AlertSettings(urls_file=file), {})
    file.chmod(0o600)
    file.write_text("# nothing yet\n")
    with pytest.raises(InputError, match="no URL"):
        alert_urls(AlertSettings(urls_file=file), {})


def test_urls_of_a_variable(tmp_path: Path) -> None:
    settings = AlertSettings(urls_env="ALERTS")
    assert alert_urls(settings, {"ALERTS": f"{URL} {URL}/2"}) == (Secret(URL), Secret(f"{URL}/2"))
    with pytest.raises(InputError, match="ALERTS is not set"):
        alert_urls(settings, {})


def test_urls_of_a_systemd_credential(tmp_path: Path) -> None:
    (tmp_path / "alerts").write_text(URL)
    assert alert_urls(AlertSettings(), {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == (Secret(URL),)
    assert alert_urls(AlertSettings(), {}) == ()
