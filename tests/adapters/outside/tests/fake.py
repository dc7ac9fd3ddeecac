"""A fake Chapar, with the control side that the contract of an adapter asks for."""

import asyncio
from typing import Any

from aiohttp import web

REFUSALS = ("400", "401", "403", "429")


class Fake:
    def __init__(self) -> None:
        self.ledger: list[dict[str, Any]] = []
        self.faults: list[dict[str, Any]] = []
        self.calls: list[dict[str, Any]] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/chapar/v1/me", self.called)
        app.router.add_post("/chapar/v1/channels/{channel}/posts", self.called)
        app.router.add_post("/chapar/v1/posts/{number}/remove", self.called)
        app.router.add_post("/_sandbox/faults", self.armed)
        app.router.add_get("/_sandbox/messages", self.listed)
        app.router.add_get("/_sandbox/requests", self.listed)
        return app

    async def listed(self, request: web.Request) -> web.Response:
        return web.json_response(self.ledger if "messages" in request.path else self.calls)

    async def armed(self, request: web.Request) -> web.Response:
        self.faults.append(await request.json())
        return web.json_response({})

    async def called(self, request: web.Request) -> web.StreamResponse:
        self.calls.append({"platform": "chapar"})
        fault: dict[str, Any] = self.faults.pop() if self.faults else {"kind": ""}
        kind = fault["kind"]
        if kind in REFUSALS:
            headers = {"Retry-After": str(fault["retry_after"])} if "retry_after" in fault else {}
            said = {"reason": "refused"}
            return web.json_response(said, status=int(kind), headers=headers)
        if kind == "5xx":
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        if kind == "slow":
            await asyncio.sleep(fault["seconds"])
        if kind == "drop-before" and request.transport:
            request.transport.close()
            return web.Response()
        answer = await self.answer(request)
        if kind == "drop-after" and request.transport:
            request.transport.close()
        return answer

    async def answer(self, request: web.Request) -> web.Response:
        if channel := request.match_info.get("channel"):
            body = await request.json()
            message = {"id": len(self.ledger) + 1, "platform": "chapar", "channel": channel}
            self.ledger.append({**message, **body, "media": [], "deleted": False})
            return web.json_response({"post": message["id"]})
        if number := request.match_info.get("number"):
            found = self.ledger[int(number) - 1]
            if found["deleted"]:
                return web.json_response({"reason": "message not found"}, status=404)
            found["deleted"] = True
        return web.json_response({})
