"""[pure] Values on a screen: which columns have room, what a cell may hold, figures as people read them."""

from collections.abc import Collection, Sequence
from typing import Final

WIDEST: Final = 48
"""Characters of one cell, when there is not room for all."""

NARROWEST: Final = 10
"""A column is left out rather than made narrower than this."""

GAP: Final = 3
"""Between two columns."""

ELLIPSIS: Final = 1


def widths(natural: Sequence[int], *, room: int, whole: Collection[int] = ()) -> tuple[int, ...]:
    """The width of each column that is shown, from the left; those that are left out get none.

    Wide columns give way first: all columns above some cap are cut to it. If even the narrowest cap is too
    wide, columns at the right are left out.

    Args:
        natural: of every column, the width of its longest cell.
        room: of the screen.
        whole: positions of columns that are shown in full or not at all, such as ids that people copy.
    """
    shown = list(natural)
    for cap in (max(natural, default=0), *range(WIDEST, NARROWEST - 1, -1)):
        shown = [width if n in whole else min(width, cap) for n, width in enumerate(natural)]
        if sum(shown) + GAP * (len(shown) - 1) <= room:
            return tuple(shown)
    while len(shown) > 1 and sum(shown) + GAP * len(shown) + ELLIPSIS > room:
        shown.pop()
    return tuple(shown)


def clean(text: str) -> str:
    """`text` on one line, without anything that a terminal would obey."""
    return "".join(
        char if char.isprintable() else REPLACED.get(char, "\N{REPLACEMENT CHARACTER}") for char in text
    )


def size(count: int) -> str:
    """Bytes as people read them."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def count(number: int, what: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def moment(iso: str) -> str:
    """An ISO time without what nobody reads: 2026-11-01 12:00:00."""
    return iso[:19].replace("T", " ")


REPLACED: Final = {"\n": "⏎", "\r": "", "\t": " ", "\u00a0": " ", "\u3000": " "}
