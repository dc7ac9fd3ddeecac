"""The edge: alerts leave through Apprise, in a thread of their own, and never hold anything up.

Apprise logs the addresses it cannot use; its loggers are silent here (:mod:`broadcaster.logs`),
and what it raises is told by the name of its class alone.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from broadcaster import logs
from broadcaster.daemon.alerts.words import Alert
from broadcaster.errors import InputError
from broadcaster.model import Secret
from broadcaster.visible import visible

if TYPE_CHECKING:
    from apprise import Apprise

log = logging.getLogger(__name__)

TRIES_S = (0.0, 30.0, 300.0)
"""When an alert is tried, after so long each; then it stands in the log alone."""
MOST = 200
"""Alerts that wait to be told; more of them help nobody."""


class Outlet:
    """Where alerts go.

    :raises InputError: Apprise does not understand an address; the message does not show it.
    """

    def __init__(self, urls: Sequence[Secret]) -> None:
        logs.quiet()
        logs.conceal_urls(urls)
        self._services = [_service(url, number) for number, url in enumerate(urls, 1)]
        self._waiting: queue.Queue[Alert | None] = queue.Queue(MOST)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="alerts", daemon=True)
        self._thread.start()

    @property
    def services(self) -> tuple[str, ...]:
        """Each address, by its place in the file and its kind."""
        return tuple(name for name, _ in self._services)

    def tell(self, alert: Alert) -> None:
        """Soon, in its own thread; the log has it at once."""
        log.warning("alert: %s: %s", alert.title, " | ".join(alert.body.splitlines()))
        try:
            self._waiting.put_nowait(alert)
        except queue.Full:
            log.error("too many alerts wait, this one stands in the log alone: %s", alert.title)

    def try_now(self, alert: Alert) -> list[str]:
        """Tell at once, and return the services that could not; blocks."""
        return [name for name, service in self._services if not _notify(service, alert)]

    def close(self, patience_s: float = 5.0) -> None:
        """Let what waits leave, for a moment; a service that hangs is not waited for."""
        self._stopped.set()
        try:
            self._waiting.put_nowait(None)
        except queue.Full:
            return
        self._thread.join(patience_s)

    def _work(self) -> None:
        while (alert := self._waiting.get()) is not None:
            left = self._services
            for wait in TRIES_S:
                if wait and self._stopped.wait(wait):
                    break
                left = [each for each in left if not _notify(each[1], alert)]
                if not left:
                    break
            for name, _ in left:
                log.error("an alert could not be told through %s: %s", name, alert.title)


def _service(url: Secret, number: int) -> tuple[str, Apprise]:
    from apprise import Apprise, AppriseAsset  # a second, and only where alerts are wanted

    asset = AppriseAsset(app_id="broadcaster", app_desc="Channel broadcaster", app_url="")
    service = Apprise(asset=asset)
    scheme = url.reveal().partition("://")[0]
    shown = scheme if scheme.isalnum() and len(scheme) < 20 else "?"
    try:
        added = service.add(url.reveal())
    except Exception:  # a plugin's own bug, whose message may hold the address
        added = False
    if not added:
        raise InputError(
            f"alerts: address {number} ({shown}://…) is not understood by Apprise; correct it, or"
            " take its line out"
        )
    return f"address {number} ({shown})", service


def _notify(service: Apprise, alert: Alert) -> bool:
    from apprise import NotifyFormat

    began = time.monotonic()
    try:
        # what a platform or a database said is quoted in it, and goes to strangers' servers
        title = logs.clean(visible(" ".join(alert.title.split())))
        body = logs.clean(visible(alert.body))
        # as text: a mail is HTML, in which the words of strangers would be pictures and links
        done = bool(
            service.notify(title=f"broadcaster: {title}", body=body, body_format=NotifyFormat.TEXT)
        )
    except Exception as error:
        log.error("an alert failed: %s", type(error).__name__)
        return False
    log.debug("an alert took %.1f s", time.monotonic() - began)
    return done
