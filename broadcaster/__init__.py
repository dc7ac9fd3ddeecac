"""One post queue, fanned out to pluggable per-messenger adapters."""

__version__ = "0.1.0"
