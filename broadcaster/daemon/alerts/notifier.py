"""Sends alerts through Apprise, in a thread of its own, so that a slow service delays nothing.

Apprise logs the addresses it cannot use, so its loggers are silent here (:mod:`broadcaster.logs`),
and its errors appear by the names of their classes alone.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from broadcaster import logs
from broadcaster.daemon.alerts.catalog import Alert, Severity
from broadcaster.errors import InputError
from broadcaster.language import say, shown
from broadcaster.model import Secret
from broadcaster.visible import visible

if TYPE_CHECKING:
    from apprise import Apprise, NotifyType

log = logging.getLogger(__name__)

TRIES_S = (0.0, 30.0, 300.0)
"""The wait before each try to send an alert; after the last, it is in the log alone."""
MOST = 200
"""Alerts that may wait to be sent; more of them help nobody."""


class Notifier:
    """Sends alerts to the addresses of the config.

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

    def notify(self, alert: Alert) -> None:
        """Send ``alert`` soon, in the notifier's thread, and log it at once."""
        log.warning("alert: %s: %s", alert.title, " | ".join(alert.body.splitlines()))
        try:
            self._waiting.put_nowait(_told(alert))
        except queue.Full:
            log.error("too many alerts wait; this one is in the log alone: %s", alert.title)

    def try_now(self, alert: Alert) -> list[str]:
        """Send ``alert`` now, and return the services that failed; blocks."""
        return [name for name, service in self._services if not _send(service, _told(alert))]

    def close(self, patience_s: float = 5.0) -> None:
        """Send the waiting alerts for a moment, then give up those of a service that hangs."""
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
                left = [(name, service) for name, service in left if not _send(service, alert)]
                if not left:
                    break
            for name, _ in left:
                log.error("an alert could not be sent through %s: %s", name, alert.title)


def _service(url: Secret, number: int) -> tuple[str, Apprise]:
    from apprise import Apprise, AppriseAsset  # takes a second; needed only with alerts

    asset = AppriseAsset(app_id="broadcaster", app_desc="Channel broadcaster", app_url="")
    service = Apprise(asset=asset)
    scheme = url.reveal().partition("://")[0]
    kind = scheme if scheme.isalnum() and len(scheme) < 20 else "?"
    try:
        added = service.add(url.reveal())
    except Exception:  # a plugin's own bug, whose message may hold the address
        added = False
    if not added:
        raise InputError(
            say(
                "alerts: address {number} ({kind}://…) is not understood by Apprise; correct it, or"
                " take its line out",
                number=number,
                kind=kind,
            )
        )
    return say("address {number} ({kind})", number=number, kind=kind), service


def _told(alert: Alert) -> Alert:
    """In the language of this task: the notifier's thread knows none."""
    return replace(alert, title=shown(alert.title), body=shown(alert.body))


def _send(service: Apprise, alert: Alert) -> bool:
    from apprise import NotifyFormat  # here: Apprise takes a second to import

    began = time.monotonic()
    try:
        # Alerts quote platforms and databases, and go to servers of third parties.
        title = logs.clean(visible(" ".join(alert.title.split())))
        body = logs.clean(visible(alert.body))
        # As text: in HTML mail, quoted text could contain pictures and links.
        done = bool(
            service.notify(
                title=f"broadcaster: {title}",
                body=body,
                notify_type=_type(alert.severity),
                body_format=NotifyFormat.TEXT,
            )
        )
    except Exception as error:
        log.error("an alert failed: %s", type(error).__name__)
        return False
    log.debug("an alert took %.1f s", time.monotonic() - began)
    return done


def _type(severity: Severity) -> NotifyType:
    """How services show it: by colour, icon or priority."""
    from apprise import NotifyType  # here: Apprise takes a second to import

    return NotifyType(severity.value)
