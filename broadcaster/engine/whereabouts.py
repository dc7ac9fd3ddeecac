"""Finds the chat in which a message is sent or changed, and the bot that must do it."""

from __future__ import annotations

from dataclasses import replace

from broadcaster.adapter import Hidden
from broadcaster.language import say
from broadcaster.model import Account, Channel, Scope, State
from broadcaster.store.chat import Chat
from broadcaster.store.exchange import Checked, Claim, Outcome, Purpose, Verdict

TOKEN_NUMBER = 3
"""Fewest digits before the colon of a token of the Bot-API family."""


def chat_of(account: Account, channel: Channel) -> Chat:
    """The chat of ``channel`` by the config."""
    return Chat(account.platform, bot_of(account), channel.address, channel.username)


def bot_of(account: Account) -> str:
    """A name for the bot; it stays the same if only the secret part of the token changes.

    A Bot-API token is `NUMBER:SECRET`.  Other tokens do not identify a bot, so the account's name
    is used.

    :source: https://core.telegram.org/bots/api#authorizing-your-bot
    """
    number, colon, _ = account.token.reveal().partition(":")
    is_bot_token = colon and number.isascii() and number.isdigit() and len(number) >= TOKEN_NUMBER
    return number if is_bot_token else account.name


def out_of_reach(claim: Claim, now: Chat) -> Outcome | None:
    """The outcome of ``claim`` if this account cannot act on it; None: it can."""
    if claim.chat is None or claim.chat.same_bot(now):
        return None
    if claim.purpose is Purpose.VERIFY:
        return Checked(
            found=Hidden(why=say("it was sent to {chat}, by another bot", chat=claim.chat)), delay=0
        )
    reason = say(
        "post {post} stands in {chat}, where another bot posted it; {channel} "
        "is {now} now: change it there by hand",
        post=claim.post,
        chat=claim.chat,
        channel=claim.channel,
        now=now,
    )
    return Verdict(state=State.FAILED, reason=reason, outcome="Moved", counts=False)


def as_posted(channel: Channel, claim: Claim) -> Channel:
    """``channel`` with the address of the chat in which ``claim`` acts."""
    if claim.chat is None:
        return channel
    return replace(channel, address=claim.chat.address, username=claim.chat.username)


def with_place(outcome: Outcome, claim: Claim, channel: Channel) -> Outcome:
    """``outcome`` with a reason that names the chat, if the channel has another one by now.

    A missing right in the old chat closes no gate, because the channel posts to another chat now.
    """
    if claim.chat is None or not isinstance(outcome, Verdict):
        return outcome
    if outcome.closes is Scope.CHANNEL:
        outcome = replace(outcome, state=State.FAILED, closes=None)
    where = say(
        "post {post} stands in {address}, and {channel} is",
        post=claim.post,
        address=claim.chat.address,
        channel=claim.channel,
    )
    return replace(outcome, reason=f"{where} {channel.address} now: {outcome.reason}")
