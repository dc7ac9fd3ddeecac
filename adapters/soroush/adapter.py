"""Client of Soroush Plus: the Bot-API family's common words, and a switch for link previews.

Nothing but a post shows whether a bot may post: one production project was refused in every
channel.  The documented library methods have no membership to ask for.
"""

from __future__ import annotations

from adapters.soroush.facts import PLATFORM
from broadcaster.adapter import Probe
from broadcaster.kit.botclient import BotApiAdapter
from broadcaster.kit.refusal import Advice
from broadcaster.language import say
from broadcaster.model import Channel, Json, Message


class Soroush(BotApiAdapter):
    platform = PLATFORM
    advice = Advice(
        account=say(
            "Soroush Plus does not know this token: take a new one from its "
            "BotFather, put it in the account's token file"
        ),
        rights=say(
            "Soroush Plus refuses the bot's posts to this channel: make the bot "
            "an administrator of the channel with the right to post; if it is one "
            "already, Soroush Plus has closed channels to bots, and its support "
            "has to open this one"
        ),
        address=say(
            "Soroush Plus knows no such channel: check its address, and that the "
            "bot was added to it"
        ),
    )

    def words(self, message: Message) -> dict[str, Json]:
        preview = {} if message.preview else {"disable_web_page_preview": True}
        return {**super().words(message), **preview}

    async def probe(self, channel: Channel | None) -> Probe:
        await self.api.call("getMe")
        if channel is None:
            return Probe(ok=True, verified=("token",), unverified=("right to post",))
        chat = await self.api.asked("getChat", {"chat_id": channel.address})
        return Probe(
            ok=True,
            verified=("token",) if chat is None else ("token", "channel"),
            unverified=("channel", "right to post") if chat is None else ("right to post",),
            advice=say("Soroush Plus may refuse the posts of bots to channels: send a test post"),
        )


ADAPTER = Soroush
