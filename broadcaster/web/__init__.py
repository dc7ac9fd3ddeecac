"""The web process: people and programs work with the office through it.

Handlers translate HTTP to the use cases of :mod:`broadcaster.app` and back; they decide nothing
about posts.  The process holds no messenger's token.
"""
