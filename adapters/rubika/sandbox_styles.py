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


def entities(metadata: Any, text: str, *, group: bool) -> tuple[dict[str, Any], ...]:
    """The styles of a text, as the pages show them; ``group``: it goes to one.

    :raises Refusal: one part is not of the known form, and so the whole request fails.
    """
    if not metadata:
        return ()
    parts = metadata.get("meta_data_parts") if isinstance(metadata, Mapping) else None
    if not isinstance(parts, list):
        raise INVALID
    spans = tuple(_entity(part, text) for part in parts)
    if not group and any(span["type"] == STYLES["MentionText"] for span in spans):
        raise INVALID
    return spans


def _entity(part: Any, text: str) -> dict[str, Any]:
    """One part of a text.

    :raises Refusal: it has an unknown type, lies outside the text or cuts a letter of it, or lacks
        what it refers to.
    """
    fields = part if isinstance(part, Mapping) else {}
    kind, start, length = fields.get("type"), fields.get("from_index"), fields.get("length")
    if kind not in STYLES or not isinstance(start, int) or not isinstance(length, int):
        raise INVALID
    if bool in (type(start), type(length)):
        raise INVALID
    if start < 0 or length < 1 or start + length > units(text):
        raise INVALID
    try:  # a part that begins or ends inside of a letter is none
        text.encode("utf-16-le")[2 * start : 2 * (start + length)].decode("utf-16-le")
    except UnicodeError:
        raise INVALID from None
    for name in REFERS.get(kind, ()):
        if not isinstance(fields.get(name), str) or not fields[name]:
            raise Refusal("INVALID_INPUT", f"{name} is required")
    entity = {"type": STYLES[kind], "offset": start, "length": length}
    return entity | ({"url": fields["link_url"]} if kind == "Link" else {})
