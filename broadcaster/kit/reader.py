"""Searches a channel's public page for an unknown message, and reads the number of subscribers.

The search is strict, because both mistakes have a price: a message taken for another one is lost,
and an overlooked one may be posted twice.  Presence requires exactly one post that is not older
than the attempt, whose id belongs to no receipt, and whose whole text equals ours as a reader sees
it.  Absence requires a page that goes back beyond the attempt and shows a later post; without that,
the page could be an old copy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from broadcaster.adapter import Absent, Audience, Call, Found, Hidden, Present, Undecided
from broadcaster.errors import OutcomeUnknown
from broadcaster.kit.http import Http
from broadcaster.kit.page import Page, Shown, read, seen
from broadcaster.language import joined, say
from broadcaster.model import Account, Channel, MediaKind, Message

OLDER_PAGES = 4
"""Most older pages of about twenty posts that are read to reach the attempt."""
BETWEEN_S = 1.0
"""Pause in seconds between two pages of a channel, because it is not an API."""
NO_PAGE = {404, 410}
"""Codes that mean: the site has no such channel."""
SURELY_LATER = timedelta(minutes=2)
"""Time after ``since`` that is past the attempt even if the platform's clock is a minute off."""

SHOWN_AS: Mapping[MediaKind, frozenset[str]] = {
    MediaKind.PHOTO: frozenset({"photo"}),
    MediaKind.VIDEO: frozenset({"video"}),
    MediaKind.ANIMATION: frozenset({"video", "photo", "document"}),
    MediaKind.DOCUMENT: frozenset({"document"}),
    MediaKind.AUDIO: frozenset({"audio", "document"}),
    MediaKind.VOICE: frozenset({"voice", "audio"}),
}
"""Kind of a file -> the words of :attr:`Shown.media` by which a page may show it."""


class PublicPages:
    """The public pages of one account's channels; requests never contain its token.

    ``path`` is a page's address below ``account.reader_url``, with ``{name}`` in it; ``name`` gives
    a channel's public name, or nothing.
    """

    def __init__(
        self, account: Account, *, prefix: str, path: str, name: Callable[[Channel], str]
    ) -> None:
        self._http = Http(account.proxy)
        self._base = account.reader_url
        self._prefix = prefix
        self._path = path
        self._name = name

    async def close(self) -> None:
        await self._http.close()

    def hidden(self, channel: Channel) -> str:
        """Why there is no public page, as far as the config tells; "": there may be one."""
        if not self._base:
            return say("the account's reader_url is empty")
        if not self._name(channel):
            return say("the channel has no public page: write its public name as username")
        return ""

    async def find(self, call: Call, *, since: datetime, known: frozenset[str]) -> Found:
        """Look for the message of ``call`` on the newest pages of its channel.

        :raises SendError: there was no answer.
        """
        posts: dict[str, Shown] = {}
        before, whole, cut = "", False, False
        for turned in range(1 + OLDER_PAGES):
            if turned:
                await asyncio.sleep(BETWEEN_S)
            page = await self._page(call.channel, before=before, deadline=call.deadline)
            if not isinstance(page, Page):
                return page
            cut = cut or not page.whole
            news = [post for post in page.posts if post.id not in posts]
            posts |= {post.id: post for post in news}
            whole = not page.posts or any(post.at and post.at < since for post in news)
            if whole or not news:
                break
            before = min(posts, key=int)
        verdict = judge(call.message, [*posts.values()], since=since, known=known, whole=whole)
        if cut and isinstance(verdict, Absent):
            return Undecided(why=say("the page is too long or too deep to be read whole"))
        return verdict

    async def audience(self, channel: Channel) -> Audience:
        """The number of subscribers that the page shows.

        :raises SendError: there was no answer, or it does not say.
        """
        page = await self._page(channel)
        if not isinstance(page, Page):
            raise OutcomeUnknown(page.why)
        if page.followers is None:
            raise OutcomeUnknown(say("the channel's public page names no subscribers"))
        return Audience(number=page.followers, exact=page.exact, source="the channel's public page")

    async def _page(
        self, channel: Channel, *, before: str = "", deadline: float | None = None
    ) -> Page | Hidden | Undecided:
        """The newest page, or the one that ends before a message; or why it cannot be read."""
        if why := self.hidden(channel):
            return Hidden(why=why)
        name = self._name(channel)
        url = f"{self._base}{self._path.format(name=name)}"
        params = {"before": before} if before else None
        answer = await self._http.get(url, params=params, deadline=deadline)
        if 300 <= answer.status < 400:
            if urlsplit(answer.location).path.strip("/").casefold() == name.casefold():
                return Hidden(why=say("the channel shows no public preview of its posts"))
            return Undecided(
                why=say("the channel's public page leads elsewhere; a filter, perhaps")
            )
        if answer.status in NO_PAGE:
            return Hidden(
                why=say("the channel has no public page (HTTP {status})", status=answer.status)
            )
        if answer.status != 200:
            return Undecided(
                why=say("the channel's public page answers HTTP {status}", status=answer.status)
            )
        return await asyncio.to_thread(read, answer.body, self._prefix)


def judge(
    message: Message,
    posts: Sequence[Shown],
    *,
    since: datetime,
    known: frozenset[str],
    whole: bool,
) -> Found:
    """Whether ``message`` is among ``posts``; ``whole``: they go back beyond ``since``."""
    fresh = [
        post
        for post in posts
        if known.isdisjoint(post.ids) and (post.at is None or post.at >= since)
    ]
    text = seen(message.text)
    alike = [
        post for post in fresh if post.text == text and (text or _shows(post, message) is not False)
    ]
    match alike:
        case []:
            return _absence(posts, fresh, since, whole=whole)
        case [one]:
            return _presence(one, message, posts, known)
    ids = joined(", ", (post.id for post in alike))
    return Undecided(why=say("more than one post may be it: {ids}", ids=ids))


def _presence(one: Shown, message: Message, posts: Sequence[Shown], known: frozenset[str]) -> Found:
    if one.at is None:
        return Undecided(why=say("post {one} may be it, but shows no time", one=one.id))
    shows = _shows(one, message)
    if shows is False or (shows is None and not message.text):
        return Undecided(
            why=say("post {one} may be it, but does not show the same files", one=one.id)
        )
    ids = _album(one, message, posts, known)
    if ids is None:
        return Undecided(
            why=say("post {one} may be it, but does not show all its files", one=one.id)
        )
    return Present(ids=ids)


def _absence(
    posts: Sequence[Shown], fresh: Sequence[Shown], since: datetime, *, whole: bool
) -> Found:
    newest = max((post.at for post in posts if post.at), default=None)
    if newest is None:
        return Undecided(why=say("the page shows no posts"))
    if newest < since + SURELY_LATER:
        return Undecided(
            why=say(
                "its newest post is of {isoformat}; it may be an old copy of the page",
                isoformat=newest.isoformat(),
            )
        )
    if not whole:
        return Undecided(why=say("too many posts have come since to look through"))
    for post in fresh:
        if post.edited or post.at is None:
            return Undecided(why=say("post {post} may be it, edited since", post=post.id))
    return Absent(newest_at=newest)


def _shows(post: Shown, message: Message) -> bool | None:
    """Whether a post shows the files of ``message``; None: the page does not tell."""
    if not message.media:
        return not post.media
    if not post.media:
        return None
    return post.media <= frozenset().union(*(SHOWN_AS[media.kind] for media in message.media))


def _album(
    one: Shown, message: Message, posts: Sequence[Shown], known: frozenset[str]
) -> tuple[str, ...] | None:
    """All ids of a post that was found; None: the page does not tell them.

    An album's ids follow each other.  It is shown as one post, whose items may name their ids, or
    in pieces, its caption with the first.
    """
    count = max(1, len(message.media))
    if len(one.ids) == count and (count > 1 or one.files <= 1):
        return one.ids
    ids = tuple(str(int(one.id) + n) for n in range(count))
    rest = [post for post in posts if post.id in ids[1:]]
    pieces = [post for post in rest if not post.text and _shows(post, message)]
    in_pieces = one.files == 1 and len(pieces) == count - 1
    in_one = one.files == count and not rest
    if len(one.ids) == 1 < count and known.isdisjoint(ids) and (in_pieces or in_one):
        return ids
    return None
