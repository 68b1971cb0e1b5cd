"""[pure] Which texts go through the network together."""

from collections.abc import Sequence


def plan(lengths: Sequence[int], *, batch_tokens: int) -> tuple[tuple[int, ...], ...]:
    """Positions of texts, grouped by similar length, so that little padding is computed.

    Args:
        lengths: tokens of each text, at least 1.
        batch_tokens: a group of n texts of at most t tokens costs n * t; a longer text goes alone.
    """
    groups: list[list[int]] = []
    longest = 0
    for position in sorted(range(len(lengths)), key=lambda at: (-lengths[at], at)):
        # Longest first: the first of a group says how long all of its rows are.
        if not groups or (len(groups[-1]) + 1) * longest > batch_tokens:
            groups.append([])
            longest = lengths[position]
        groups[-1].append(position)
    return tuple(tuple(group) for group in groups)
