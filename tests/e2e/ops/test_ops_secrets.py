"""No token, proxy password or alert address in any byte that is left behind."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.ops.conftest import TOKEN, until

PROXY_PASSWORD = "proxy-Geheim-7%"
ALERT = "json://user:alert-Geheim-9@127.0.0.1:9/hooks/T0KEN-of-a-hook-1234567890"
PIECES = ("alert-Geheim-9", "T0KEN-of-a-hook-1234567890")

HASTY = {
    "broadcaster.daemon.daemon.ALERTS_S": 0.2,
    "broadcaster.daemon.daemon.LOOK_S": 0.2,
    "broadcaster.daemon.alerts.rules.REST": 100_000,
    "broadcaster.daemon.alerts.notifier.TRIES_S": (0.0, 0.1),
}


def left_behind(folder: Path) -> dict[str, bytes]:
    """All that was written, the person's own config and secrets aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "config" not in path.relative_to(folder).parts
    }


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "json"])
def test_none_in_any_output_log_or_database(served: Any, form: str) -> None:
    served.secret("alerts", ALERT)
    proxy = f"http://office:{quote(PROXY_PASSWORD, safe='')}@127.0.0.1:9"
    served.write(more=f'[alerts]\nurls_file = "secrets/alerts"\n[log]\nformat = "{form}"')
    text = served.config.read_text("utf-8")
    text = text.replace("[platforms.telegram]", f'[platforms.telegram]\nproxy = "{proxy}"', 1)
    served.config.write_text(text, encoding="utf-8")
    for kind in ("400", "401", "5xx", "drop-before"):
        served.fault("bale", kind, methods="*")
    daemon = served.daemon("--log-level", "debug", constants=HASTY)
    said = []
    for number in range(4):
        said.append(served.run("post", f"اطلاعیهٔ {number}", "--json"))
        time.sleep(0.5)
    daemon.says("an alert could not be sent through address 1 (json)")
    env = {"BROADCASTER_DEBUG": "1"}
    looks = (("status",), ("list",), ("audit", "--json"), ("platforms",))
    said += [served.run(*words, env=env) for words in looks]
    said.append(served.run("check", "--online", "--alerts", code=None, env=env))
    served.run("backup", "copy")
    daemon.end()
    until(lambda: daemon.popen.poll() is not None)
    found = left_behind(served.folder)
    assert {"state/broadcaster.db", "copy/broadcaster.db"} <= set(found)
    for number, ran in enumerate(said):
        found[f"output {number}"] = (ran.out + ran.err).encode()
    for secret in (TOKEN, quote(TOKEN, safe=""), PROXY_PASSWORD, quote(PROXY_PASSWORD), *PIECES):
        leaks = [name for name, content in found.items() if secret.encode() in content]
        assert leaks == [], f"{secret} is in {leaks}"
