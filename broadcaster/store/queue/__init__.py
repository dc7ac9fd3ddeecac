"""The rules that all stores share: from claims and results to corrections and views.

These modules speak to a :class:`~broadcaster.store.queue.work.Database` by the names of its
queries; the SQL itself is written by hand for each database, in its own folder.
"""
