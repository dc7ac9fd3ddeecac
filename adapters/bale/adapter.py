"""Client of Bale: the Bot-API family's common words, pinning and a subscriber count."""

from __future__ import annotations

from adapters.bale.facts import PLATFORM
from broadcaster.adapter import Audience, Call, Countable, Pinnable, Unpinnable
from broadcaster.errors import Rejected
from broadcaster.kit.botapi import GONE
from broadcaster.kit.botclient import BotApiAdapter, counted
from broadcaster.kit.refusal import Advice
from broadcaster.language import say
from broadcaster.model import Channel


class Bale(BotApiAdapter, Pinnable, Unpinnable, Countable):
    platform = PLATFORM
    advice = Advice(
        account=say(
            "Bale does not know this token: take a new one from @botfather in "
            "Bale, put it in the account's token file"
        ),
        rights=say(
            "the bot may not do this in the channel: in Bale, make it an "
            "administrator of the channel with the right to post"
        ),
        address=say(
            "Bale knows no such channel: check its address, and that the bot was added to it"
        ),
    )

    async def pin(self, call: Call) -> None:
        await self.api.call(
            "pinChatMessage",
            {"chat_id": call.channel.address, "message_id": call.ids[0]},
            deadline=call.deadline,
        )

    async def unpin(self, call: Call) -> None:
        try:
            await self.api.call(
                "unPinChatMessage",
                {"chat_id": call.channel.address, "message_id": call.ids[0]},
                deadline=call.deadline,
            )
        except Rejected as error:
            if error.code not in GONE:
                raise

    async def audience(self, channel: Channel) -> Audience:
        # the plural "Members" is Bale's own spelling
        return await counted(self.api, "getChatMembersCount", channel)


ADAPTER = Bale
