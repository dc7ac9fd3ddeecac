"""Alerts to people: rules say when (pure), messages say what, the notifier carries them out."""
