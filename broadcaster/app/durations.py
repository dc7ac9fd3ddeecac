"""Lengths of time as people write them, for front doors: ``90d``, ``30s``, «۵ دقیقه»."""

from broadcaster.calendar.durations import duration

__all__ = ["duration"]
