"""Alerts arrive, once, with the next command in them; and they hold nothing up."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from broadcaster import logs
from broadcaster.daemon.alerts.catalog import Alert
from broadcaster.daemon.alerts.notifier import Notifier
from broadcaster.model import Secret
from tests.e2e.ops.conftest import until

ALERTS = '[alerts]\nurls_file = "secrets/alerts"'
HASTY = {
    "broadcaster.daemon.daemon.ALERTS_S": 0.3,
    "broadcaster.daemon.daemon.LOOK_S": 0.2,
    "broadcaster.daemon.alerts.rules.REST": 300_000,
    "broadcaster.daemon.alerts.monitor.STUCK_S": 0.3,
}


class Pager:
    """Where alerts are sent to; ``slow``: it does not answer."""

    def __init__(self) -> None:
        self.heard: list[dict[str, str]] = []
        self.slow = threading.Event()
        self.ended = threading.Event()
        pager = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                pager.heard.append(json.loads(body))
                if pager.slow.is_set():
                    pager.ended.wait(60)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.server.server_port}/geheim-geheim-geheim"

    def titles(self) -> list[str]:
        return [each["title"].removeprefix("broadcaster: ") for each in self.heard]

    def body(self, title: str) -> str:
        until(lambda: any(title in each for each in self.titles()))
        return next(each["message"] for each in self.heard if title in each["title"])

    def close(self) -> None:
        self.ended.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def pager(served: Any) -> Iterator[Pager]:
    pager = Pager()
    served.secret("alerts", f"# کشیک\n{pager.url}\n")
    served.write(more=ALERTS)
    yield pager
    pager.close()


def test_a_failure_with_its_reason_and_the_command(served: Any, pager: Pager) -> None:
    served.fault("bale", "400")
    served.daemon(constants=HASTY)
    first = served.post("یکم")
    body = pager.body("bale: 1 delivery failed")
    assert f"broadcaster retry {first} --to news-bale" in body
    assert pager.heard[0]["type"] == "failure"
    served.fault("bale", "400")
    second = served.post("دوم")
    until(lambda: pager.titles().count("bale: 1 delivery failed") == 2)
    assert f"broadcaster retry {second} --to news-bale" in pager.heard[1]["message"]
    served.fault("bale", "400")
    third = served.post("سوم")
    until(lambda: served.states(third)["news-bale"] == "failed")
    time.sleep(1.5)
    assert pager.titles().count("bale: 1 delivery failed") == 2, "twice an hour at most"


def test_an_unknown_with_the_exact_commands(served: Any, pager: Pager) -> None:
    served.fault("bale", "drop-after")
    served.daemon(constants=HASTY)
    post = served.post("شاید رسیده باشد")
    body = pager.body("bale: 1 delivery may or may not have been posted")
    assert f"broadcaster resolve {post} news-bale --posted" in body
    assert f"broadcaster resolve {post} news-bale --not-posted" in body
    assert "it begins: شاید رسیده باشد" in body
    assert "\n  sent " in body
    shown = served.run("show", str(post))
    assert f"broadcaster resolve {post} news-bale --posted, or --not-posted" in shown.err


def test_a_token_that_is_refused(served: Any, pager: Pager) -> None:
    served.fault("bale", "401")
    served.daemon(constants=HASTY)
    served.post("متن")
    body = pager.body("bale: its token is refused")
    assert "held" in body
    assert "secrets/bale; after changing it: systemctl reload broadcaster" in body


def test_a_platform_that_does_not_answer(office: Any) -> None:
    pager = Pager()
    try:
        office.secret("alerts", pager.url)
        office.write(more=ALERTS)
        office.daemon(constants=HASTY)
        office.post("متن")
        body = pager.body("bale does not answer")
        assert "nothing is sent there until it does" in body
        pager.body("telegram does not answer")
    finally:
        pager.close()


def test_an_unclean_end_is_told_of_and_a_clean_one_is_not(served: Any, pager: Pager) -> None:
    served.daemon(constants=HASTY).end()
    killed = served.daemon(constants=HASTY)
    time.sleep(1)
    assert pager.titles() == []
    killed.popen.send_signal(signal.SIGKILL)
    killed.popen.wait(60)
    served.daemon(constants=HASTY)
    body = pager.body("exited without unregistering")
    assert f"pid {killed.popen.pid}" in body
    assert "broadcaster list --state unknown" in body


def test_a_pager_that_hangs_holds_nothing_up(served: Any, pager: Pager) -> None:
    pager.slow.set()
    served.fault("bale", "400")
    daemon = served.daemon(constants=HASTY)
    served.post("یکم")
    until(lambda: len(pager.heard) == 1)
    second = served.post("دوم")
    until(lambda: set(served.states(second).values()) == {"delivered"})
    assert daemon.end() == 0


def test_what_was_missed_is_one_summary_when_the_platform_is_back(
    served: Any, pager: Pager
) -> None:
    good = served.url
    served.url = "http://127.0.0.1:9"
    served.write(more=ALERTS)
    daemon = served.daemon(constants={**HASTY, "broadcaster.engine.breaker.FIRST_WAIT_S": 0.5})
    served.post("این یکی می‌ماند", "--to", "news-bale")
    pager.body("bale does not answer")
    served.write('late_after = "1s"', more=ALERTS)
    posts = [served.post(f"اطلاعیهٔ {number}", "--to", "news-bale") for number in range(3)]
    until(lambda: all("missed" in served.states(post).values() for post in posts))
    assert not any("missed" in each for each in pager.titles()), pager.titles()
    served.url = good
    served.write('late_after = "1s"', more=ALERTS)
    daemon.says("account bale: base_url has changed")
    body = pager.body("missed")
    assert "broadcaster retry --missed" in body
    served.write(more=ALERTS)  # so that a slow machine does not make the next post late
    served.post("این یکی می‌رسد", "--to", "news-bale")
    pager.body("bale answers again")
    sure = next(each for each in pager.heard if "answers again" in each["title"])
    assert sure["type"] == "success"
    assert sum("missed" in each for each in pager.titles()) == 1


def test_the_daily_summary(served: Any, pager: Pager) -> None:
    served.write(more=f'{ALERTS}\ndaily_summary = "00:00"')
    post = served.post("**اطلاعیهٔ** امروز")
    served.daemon("--drain").popen.wait(60)
    head = served.audit()[0]["hash"]
    served.daemon(constants=HASTY).says("alert: what went out until")
    body = pager.body("what went out until")
    assert "news-bale: 1 post, 1 message" in body
    assert f"post {post}, delivered: **اطلاعیهٔ** امروز" in body
    assert f"audit head {head}" in body


def test_an_address_that_apprise_does_not_understand(served: Any, pager: Pager) -> None:
    served.secret("alerts", f"{pager.url}\nnichts://geheim2geheim2\n")
    checked = served.run("check", code=2)
    assert "address 2 (nichts://…) is not understood" in checked.err
    process = served.start("daemon")
    assert process.popen.wait(60) == 2
    for text in (checked.err, checked.out, process.text()):
        assert "geheim2" not in text
    served.secret("alerts", pager.url)
    daemon = served.daemon(constants=HASTY)
    served.secret("alerts", "nichts://geheim2geheim2")
    daemon.popen.send_signal(signal.SIGHUP)
    daemon.says("the daemon keeps the old one")
    assert "geheim2" not in daemon.text()


def test_a_test_alert(served: Any, pager: Pager) -> None:
    served.run("check", "--alerts")
    assert pager.titles() == ["a test"]
    served.secret("alerts", "json://127.0.0.1:9/geheim-geheim")
    failed = served.run("check", "--alerts", code=1)
    assert "did not leave through address 1 (json)" in failed.err
    assert "geheim" not in failed.err


@pytest.mark.filterwarnings("default")  # Apprise leaves out services whose import warns
def test_no_alert_tells_a_secret_that_something_quotes() -> None:
    pager = Pager()
    try:
        logs.conceal([Secret("123456:AAgeheim-geheim-geheim")])
        outlet = Notifier([Secret(pager.url)])
        said = "the database says: no access with 123456:AAgeheim-geheim-geheim"
        assert outlet.try_now(Alert("store", said, said)) == []
        outlet.close()
    finally:
        pager.close()
    assert "no access with" in pager.heard[0]["message"]
    assert "geheim" not in json.dumps(pager.heard)
