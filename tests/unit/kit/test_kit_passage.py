"""A call that is given up, on either event loop."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable

import pytest
import uvloop

from broadcaster.errors import OutcomeUnknown
from broadcaster.kit.http import FilePart, Http

pytestmark = pytest.mark.usefixtures("each_transport")


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_connection_that_the_server_has_left_leaves_doubt_and_nothing_else(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def ask() -> None:
        http = Http()
        try:
            with pytest.raises(OutcomeUnknown, match="broke before an answer came"):
                await http.post(url, data={"caption": "نقشه"}, files=photo)
        finally:
            await http.close()

    photo = {"photo": FilePart("نقشه.jpg", b"\xff\xd8", "image/jpeg")}
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        leaving = threading.Thread(target=_read_and_leave, args=(server,))
        leaving.start()
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(asyncio.wait_for(ask(), 20))
        leaving.join()


def _read_and_leave(server: socket.socket) -> None:
    caller, _ = server.accept()
    with caller:
        while b"\xff\xd8" not in caller.recv(2**16):
            pass
