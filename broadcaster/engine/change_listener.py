"""A thread that wakes the worker when another process has written to the store."""

from __future__ import annotations

import asyncio
import logging
import threading

from broadcaster.engine.runtime import Runtime
from broadcaster.store.store import StoreBusy

log = logging.getLogger(__name__)

PATIENCE_S = 1.0
"""Longest time in seconds that one call waits for a change, so that :meth:`ChangeListener.stop`
takes effect soon."""
AGAIN_S = 5.0
"""Pause in seconds after a bug.  The worker polls the store in the same interval anyway."""


class ChangeListener:
    """Waits for changes of the store, from :meth:`start` until :meth:`stop`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._ended = threading.Event()

    def start(self) -> None:
        """Start the thread; must be called in the worker's event loop."""
        loop = asyncio.get_running_loop()
        threading.Thread(
            target=self._listen, args=(loop,), name="store-listener", daemon=True
        ).start()

    def stop(self) -> None:
        self._ended.set()

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._ended.is_set():
            try:
                changed = self._runtime.store.changed(PATIENCE_S)
            except StoreBusy:
                self._ended.wait(PATIENCE_S)
                continue
            except Exception:
                log.exception("listening for changes of the store failed")
                self._ended.wait(AGAIN_S)
                continue
            if changed and not self._ended.is_set():
                loop.call_soon_threadsafe(self._runtime.wake.set)
