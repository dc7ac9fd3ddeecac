"""Client of Soroush Plus: the Bot-API family's common words, and a switch for link previews.

Nothing but a post shows whether a bot may post: one production project was refused in every
channel.  The documented library methods have no membership to ask for.
"""

from __future__ import annotations

from adapters.soroush.facts import PLATFORM
from broadcaster.adapter import Probe
from broadcaster.errors import Unauthorized
from broadcaster.kit.botclient import BotApiAdapter
from broadcaster.kit.refusal import Advice
from broadcaster.model import Channel, Json, Message, Scope


class Soroush(BotApiAdapter):
    platform = PLATFORM
    advice = Advice(
        account="Soroush Plus does not know this token: take a new one from its BotFather, put it"
        " in the account's token file and release the account",
        rights="Soroush Plus refuses the bot's posts to this channel: make the bot an administrator"
        " of the channel with the right to post, then release the channel; if it is one already,"
        " Soroush Plus has closed channels to bots, and its support has to open this one",
        address="Soroush Plus knows no such channel: check its address, and that the bot was added"
        " to it",
    )

    def words(self, message: Message) -> dict[str, Json]:
        preview = {} if message.preview else {"disable_web_page_preview": True}
        return {**super().words(message), **preview}

    async def probe(self, channel: Channel | None) -> Probe:
        await self.api.call("getMe")
        if channel is None:
            return Probe(ok=True, verified=("token",), unverified=("right to post",))
        unseen: tuple[str, ...] = ("right to post",)
        try:
            await self.api.call("getChat", {"chat_id": channel.address})
        except Unauthorized as error:
            if error.scope is Scope.CHANNEL:
                raise
            unseen = ("channel", "right to post")  # the token is good: the method is not there
        verified = tuple(each for each in ("token", "channel") if each not in unseen)
        advice = "Soroush Plus may refuse the posts of bots to channels: send a test post"
        return Probe(ok=True, verified=verified, unverified=unseen, advice=advice)


ADAPTER = Soroush
