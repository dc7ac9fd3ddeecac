"""Telling people what needs them: what is worth it (pure), in which words, and through whom."""
