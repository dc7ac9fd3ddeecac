"""Runs in Apprise's own environment: one announcement to many json:// endpoints."""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import sys
import time


def main(server: str, endpoints: int, text: str) -> None:
    sys.path.pop(0)  # this folder, in which a module is called apprise
    apprise = importlib.import_module("apprise")
    logging.disable(logging.CRITICAL)
    everyone = apprise.Apprise()
    for number in range(endpoints):
        everyone.add(f"json://{server.removeprefix('http://')}/channel{number}")
    begun = time.perf_counter()
    good = asyncio.run(everyone.async_notify(body=text))
    print(json.dumps({"seconds": time.perf_counter() - begun, "good": bool(good)}))
    assert good, "not all were notified"


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
