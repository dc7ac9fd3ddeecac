"""Proof on the real platform: what an adapter promises, tried in a test channel."""
