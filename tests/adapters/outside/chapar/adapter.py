"""Client of Chapar: JSON both ways, the token in a header, errors by HTTP status."""

from collections.abc import Mapping

from broadcaster.adapter import Call, Probe, Recallable
from broadcaster.errors import OutcomeUnknown, Rejected
from broadcaster.kit.client import HttpAdapter
from broadcaster.kit.http import Answer
from broadcaster.kit.refusal import Advice, message_gone, quoted, refused
from broadcaster.model import Channel, Json, Receipt

from .facts import PLATFORM

ADVICE = Advice(
    account="Chapar does not know this token: take a new one from its panel, put it in the"
    " account's token file",
    rights="the token may not post to this channel: in Chapar, make its owner an editor of the"
    " channel",
    address="Chapar knows no such channel: check its address",
)


class Chapar(HttpAdapter, Recallable):
    platform = PLATFORM

    async def send(self, call: Call) -> Receipt:
        message = call.message
        body: Json = {"text": message.text, "silent": message.silent}
        answer = await self._post(f"channels/{call.channel.address}/posts", body, call.deadline)
        number = answer.get("post")
        if not isinstance(number, int):
            raise OutcomeUnknown("Chapar says yes, but its answer names no post")
        return Receipt(ids=(str(number),))

    async def recall(self, call: Call) -> None:
        for number in call.ids:
            try:
                await self._post(f"posts/{number}/remove", {}, call.deadline)
            except Rejected as error:
                if not message_gone(error):
                    raise

    async def probe(self, channel: Channel | None) -> Probe:
        url = f"{self.account.base_url}/v1/me"
        self._read(await self.http.get(url, headers=self._headers()))
        return Probe(ok=True, verified=("token",), unverified=("right to post",))

    async def _post(self, path: str, body: Json, deadline: float) -> Mapping[str, Json]:
        url = f"{self.account.base_url}/v1/{path}"
        answer = await self.http.post(url, body=body, headers=self._headers(), deadline=deadline)
        return self._read(answer)

    def _headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.account.token.reveal()}"}

    def _read(self, answer: Answer) -> Mapping[str, Json]:
        """The body of a good answer; raises what any other means."""
        body = answer.json()
        if answer.status == 200 and isinstance(body, dict):
            return body
        reason = body.get("reason") if isinstance(body, dict) else answer.text
        words = quoted(str(reason), answer.status, self.account.token)
        if answer.status == 404:
            raise Rejected(f"{ADVICE.address} ({words})", "404")
        raise refused(answer.status, words, ADVICE, retry_after=answer.retry_after)


ADAPTER = Chapar
