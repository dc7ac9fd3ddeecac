"""The embedded store: one SQLite file beside the daemon."""
