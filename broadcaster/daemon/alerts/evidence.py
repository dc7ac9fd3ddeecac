"""What a person needs to find an unknown message in its channel."""

from __future__ import annotations

from broadcaster.config import Settings
from broadcaster.daemon.alerts.messages import Evidence, first_words
from broadcaster.store.views import PostView, Trouble


def evidence(trouble: Trouble, view: PostView, settings: Settings) -> Evidence:
    """The first words of the message, the hour of its last attempt, and the channel's page."""
    channel = settings.channels.get(trouble.channel)
    link = channel.channel.options.get("link", "") if channel else ""
    for delivery in view.deliveries:
        if delivery.delivery.id != trouble.delivery:
            continue
        text = next(
            (part.message.text for part in delivery.messages if part.index == trouble.position), ""
        )
        sent = [attempt.at for attempt in delivery.attempts if attempt.position == trouble.position]
        return Evidence(text=first_words(text), link=str(link), sent=max(sent) if sent else None)
    return Evidence(link=str(link))
