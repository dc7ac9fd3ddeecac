"""Marked-up text as Bot APIs read it: HTML, MarkdownV2, legacy Markdown, or explicit entities."""
