"""How the fake Rubika reads ``metadata``: parts of a text with a style, in UTF-16 units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broadcaster.sandbox.fake import Refusal
from broadcaster.sandbox.markup.spans import units

STYLES = {
    "Bold": "bold",
    "Italic": "italic",
    "Mono": "code",
    "Underline": "underline",
    "Strike": "strikethrough",
    "Spoiler": "spoiler",
    "Link": "text_link",
    "MentionText": "text_mention",
    "Pre": "pre",
    "Quote": "blockquote",
}
REFERS = {"Link": ("link_url",), "MentionText": ("mention_text_user_id",)}
"""What a part needs besides its place."""
INVALID = Refusal("INVALID_INPUT", "metadata is not valid")


def entities(metadata: Any, text: str) -> tuple[dict[str, Any], ...]:
    """The styles of a text, as the pages show them.

    :raises Refusal: the metadata is not of the known form.
    """
    if not metadata:
        return ()
    parts = metadata.get("meta_data_parts") if isinstance(metadata, Mapping) else None
    if not isinstance(parts, list):
        raise INVALID
    return tuple(_entity(part, units(text)) for part in parts)


def _entity(part: Any, size: int) -> dict[str, Any]:
    """One part, inside a text of ``size`` units.

    :raises Refusal: it has an unknown type, lies outside the text or lacks what it refers to.
    """
    said = part if isinstance(part, Mapping) else {}
    kind, start, length = said.get("type"), said.get("from_index"), said.get("length")
    if kind not in STYLES or not isinstance(start, int) or not isinstance(length, int):
        raise INVALID
    if start < 0 or length < 1 or start + length > size:
        raise INVALID
    for name in REFERS.get(kind, ()):
        if not said.get(name):
            raise Refusal("INVALID_INPUT", f"{name} is required")
    entity = {"type": STYLES[kind], "offset": start, "length": length}
    return entity | ({"url": said["link_url"]} if kind == "Link" else {})
