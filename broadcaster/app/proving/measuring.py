"""A limit found by halving: ever nearer between what is taken and what is refused."""

from __future__ import annotations

from collections.abc import Generator

MOST_POSTS = 14
"""Of one limit, the refused ones included: what halves 8,192 down to one."""
FARTHEST = 4
"""Times our own number, beyond which nobody looks."""


def search(ours: int) -> Generator[int, bool, tuple[int, int | None]]:
    """Yield lengths to try; send in whether each was taken.

    Returns the longest that was taken (0: none) and the shortest that was refused (None: none).
    """
    taken, refused = 0, None
    top = ours * FARTHEST
    length = ours
    for _ in range(MOST_POSTS):
        if (yield length):
            taken = max(taken, length)
        else:
            refused = length if refused is None else min(refused, length)
        if refused is None:
            if taken >= top:
                break
            length = min(taken * 2, top)
        elif refused - taken <= 1:
            break
        else:
            length = taken + (refused - taken) // 2
    return taken, refused
