"""Where a message is sent or changed: in the chat where it stands, by the bot that posted it."""

from __future__ import annotations

from dataclasses import replace

from broadcaster.adapter import Hidden
from broadcaster.language import say
from broadcaster.model import Account, Channel, Scope, State
from broadcaster.store.chat import Chat
from broadcaster.store.exchange import Checked, Claim, Outcome, Purpose, Verdict

TOKEN_NUMBER = 3
"""At least so many digits begin a token of the Bot-API family."""


def chat_of(account: Account, channel: Channel) -> Chat:
    """What ``channel`` stands for by the config."""
    return Chat(account.platform, bot_of(account), channel.address, channel.username)


def bot_of(account: Account) -> str:
    """A name for the bot that stays the same while only its token's secret part is renewed.

    A Bot-API token is `NUMBER:SECRET`.  Other tokens show no bot, so the account's name is used.

    :source: https://core.telegram.org/bots/api#authorizing-your-bot
    """
    number, colon, _ = account.token.reveal().partition(":")
    known = colon and number.isascii() and number.isdigit() and len(number) >= TOKEN_NUMBER
    return number if known else account.name


def out_of_reach(claim: Claim, now: Chat) -> Outcome | None:
    """The outcome of ``claim`` where this account cannot act on it; None: it can."""
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


def there(channel: Channel, claim: Claim) -> Channel:
    """``channel``, as it was where ``claim`` is to act."""
    if claim.chat is None:
        return channel
    return replace(channel, address=claim.chat.address, username=claim.chat.username)


def with_place(outcome: Outcome, claim: Claim, channel: Channel) -> Outcome:
    """``outcome`` with a reason that names the chat, where that is not the channel's own any more.

    A right that is missing in the old chat closes no gate: the channel has another chat now.
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
