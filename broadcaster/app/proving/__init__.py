"""Proof on the real platform: one of each thing that an adapter claims, tried in a test channel."""
