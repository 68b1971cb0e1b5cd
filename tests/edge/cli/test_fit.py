"""What is shown always has room, and a cell is one harmless line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.edge.cli import fit

naturals = st.lists(st.integers(0, 200), min_size=1, max_size=30)


@given(naturals, st.integers(60, 300))
def test_columns_that_are_shown_have_room(natural: list[int], room: int) -> None:
    shown = fit.widths(natural, room=room)
    assert sum(shown) + fit.GAP * (len(shown) - 1) <= room
    assert all(width <= wanted for width, wanted in zip(shown, natural, strict=False))


@given(naturals)
def test_nothing_is_cut_where_there_is_room_for_all(natural: list[int]) -> None:
    assert fit.widths(natural, room=sum(natural) + fit.GAP * len(natural)) == tuple(natural)


def test_wide_columns_give_way_before_narrow_ones() -> None:
    assert fit.widths([5, 100, 8], room=60) == (5, 41, 8)


def test_a_column_that_must_be_whole_is_never_cut() -> None:
    assert fit.widths([19, 100], room=40, whole=[0]) == (19, 18)


def test_columns_at_the_right_are_left_out_rather_than_made_unreadable() -> None:
    assert fit.widths([30] * 9, room=80) == (10,) * 6


def test_the_first_column_stays_even_where_nothing_has_room() -> None:
    assert len(fit.widths([50, 50], room=1, whole=[0, 1])) == 1


@given(st.text())
def test_a_cell_is_printable(text: str) -> None:
    assert fit.clean(text).isprintable()


def test_what_a_terminal_would_obey_is_shown_as_a_mark() -> None:
    assert fit.clean("a\x1b[31mb\nc\td\u202e") == "a�[31mb⏎c d�"


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (250_000, "250 kB"), (7 * 10**12, "7.0 TB")],
)
def test_sizes_are_short(number: int, said: str) -> None:
    assert fit.size(number) == said


def test_one_is_singular() -> None:
    assert (fit.count(1, "row"), fit.count(2000, "row")) == ("1 row", "2,000 rows")


def test_a_moment_loses_what_nobody_reads() -> None:
    assert fit.moment("2026-11-01T12:00:00.123Z") == "2026-11-01 12:00:00"
