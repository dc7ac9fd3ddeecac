"""The daemon as a service: what its manager, its instruments and its log are told."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.e2e.ops.conftest import TOKEN, until

PORT = "[metrics]\nport = 0"
WAIT_S = "broadcaster.daemon.daemon.LOOK_S"


def metrics_url(daemon: Any) -> str:
    daemon.says("metrics are served on port")
    port = daemon.text().split("metrics are served on port ")[1].split()[0]
    return f"http://127.0.0.1:{port}"


def get(url: str, **headers: str) -> tuple[int, str]:
    try:
        with urlopen(Request(url, headers=headers)) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_metrics_and_health(served: Any) -> None:
    served.write(more=PORT)
    url = metrics_url(served.daemon())
    post = served.post("اطلاعیه")
    until(lambda: set(served.states(post).values()) == {"delivered"})
    assert get(f"{url}/healthz") == (200, '{"healthy": true}')
    assert get(f"{url}/readyz") == (200, '{"ready": true, "obstacles": []}')
    code, text = get(f"{url}/metrics")
    assert code == 200
    for line in (
        'broadcaster_attempts_total{account="bale",outcome="receipt"} 1.0',
        'broadcaster_deliveries{account="telegram",state="in line"} 0.0',
        'broadcaster_oldest_due_seconds{account="bale"} 0.0',
        'broadcaster_breaker{account="bale",position="closed"} 1.0',
        "broadcaster_store_writable 1.0",
        "broadcaster_store_errors_total 0.0",
        "broadcaster_clock_trusted 1.0",
        "broadcaster_wake_lag_seconds ",
        "broadcaster_turn_seconds_count ",
        "process_resident_memory_bytes ",
    ):
        assert line in text
    assert TOKEN not in text
    port = url.rpartition(":")[2]
    assert get(f"{url}/metrics", Host=f"localhost:{port}")[0] == 200
    assert get(f"{url}/metrics", Host=f"a.example:{port}")[0] == 421, "a name made to lead here"
    served.run("halt", "--reason", "خطا در متن")
    code, text = get(f"{url}/readyz")
    assert (code, json.loads(text)["obstacles"]) == (503, ["halted: خطا در متن"])
    assert get(f"{url}/healthz")[0] == 200
    assert 'cause="halt"' in get(f"{url}/metrics")[1]


def test_off_by_default_and_a_taken_port_is_refused(office: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        office.write(more=f"[metrics]\nport = {taken.getsockname()[1]}")
        process = office.start("daemon")
        assert process.popen.wait(60) == 2
        assert "[metrics] port" in process.text()
    office.write()
    assert "metrics" not in office.daemon().text()


def test_what_the_service_manager_is_told(office: Any, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        env = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "600000"}
        daemon = office.start("daemon", env=env, constants={WAIT_S: 0.2})

        def heard(word: str) -> None:
            while word not in manager.recv(1000).decode().splitlines():
                pass

        heard("READY=1")
        heard("WATCHDOG=1")
        heard("WATCHDOG=1")
        daemon.popen.send_signal(signal.SIGHUP)
        heard("RELOADING=1")
        heard("READY=1")
        daemon.popen.terminate()
        heard("STOPPING=1")
        assert daemon.popen.wait(60) == 0


def test_a_changed_config_says_what_changed(office: Any) -> None:
    daemon = office.daemon(constants={WAIT_S: 0.2})
    office.write('grace = "20s"\n[log]\nformat = "json"')
    daemon.says("config: grace has changed")
    daemon.says("config: log: format has changed")
    text = office.config.read_text("utf-8")
    office.config.write_text(
        text.replace('token_file = "secrets/bale"', 'token_file = "secrets/bale"\nenabled = false')
        .replace("[channels.news-telegram]", '[channels.news-telegram]\nlate_after = "1h"')
        .replace('state_dir = "../state"', 'state_dir = "../elsewhere"'),
        encoding="utf-8",
    )
    daemon.says("account bale is off")
    daemon.says("channel news-telegram: late_after has changed")
    daemon.says("state_dir has changed: it takes effect when the daemon is restarted")
    last = json.loads(daemon.text().splitlines()[-1])
    assert last["level"] in ("info", "warning")
    daemon.popen.send_signal(signal.SIGHUP)
    daemon.says("state_dir has changed", times=2)


def test_a_bad_config_changes_nothing_and_shows_every_mistake(served: Any) -> None:
    daemon = served.daemon(constants={WAIT_S: 0.2})
    good = served.config.read_text("utf-8")
    served.config.write_text(
        good.replace('settle = "1s"', 'settle = "now"\nlate_aftr = "6h"'), encoding="utf-8"
    )
    daemon.says("the daemon keeps the old one")
    assert "settle: " in daemon.text()
    assert "late_aftr: unknown key; did you mean late_after?" in daemon.text()
    served.config.write_text(good, encoding="utf-8")
    post = served.post("باز هم می‌رود")
    until(lambda: set(served.states(post).values()) == {"delivered"})
    (served.config.parent / "secrets" / "bale").unlink()
    served.write("grace = '1s'")
    (served.config.parent / "secrets" / "bale").chmod(0o644)
    daemon.popen.send_signal(signal.SIGHUP)
    daemon.says("chmod 600")
    assert daemon.popen.poll() is None


def test_a_signal_without_a_change_says_so(office: Any) -> None:
    daemon = office.daemon(constants={WAIT_S: 0.2})
    daemon.popen.send_signal(signal.SIGHUP)
    daemon.says("config: read again, nothing has changed")


def test_the_log_says_what_starts_and_why_it_stops(office: Any) -> None:
    daemon = office.daemon()
    text = daemon.text()
    assert f"starts, pid {daemon.popen.pid}, config {office.config}" in text
    assert "store: sqlite; accounts on: " in text
    daemon.popen.terminate()
    assert daemon.popen.wait(60) == 0
    assert "stopped: SIGTERM" in daemon.text().splitlines()[-1]


def test_the_audit_logs_head_is_in_the_log(office: Any) -> None:
    office.post("متن")
    head = office.audit()[0]["hash"]
    office.daemon().says(f"audit head {head}")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_the_unit_is_one() -> None:
    unit = Path(__file__).parents[3] / "config" / "systemd" / "broadcaster.service"
    words = ["systemd-analyze", "verify", "--man=no", str(unit)]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    said = [line for line in ran.stderr.splitlines() if unit.name in line]
    assert [line for line in said if "is not executable" not in line] == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_the_unit_leaves_little_in_reach() -> None:
    unit = Path(__file__).parents[3] / "config" / "systemd" / "broadcaster.service"
    words = ["systemd-analyze", "security", "--offline=true", "--threshold=15", str(unit)]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    if "unrecognized option" in ran.stderr:
        pytest.skip("this systemd measures no file")
    assert ran.returncode == 0, ran.stdout.splitlines()[-1]


def test_a_bug_that_stops_the_daemon_leaves_its_traceback_in_the_log(office: Any) -> None:
    daemon = office.daemon()
    with closing(sqlite3.connect(office.store)) as broken:
        broken.execute("drop table lanes")
    assert daemon.popen.wait(60) == 1
    assert "ended by a bug" in daemon.text()
    assert "Traceback" in daemon.text()
