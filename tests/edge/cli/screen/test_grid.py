"""Tables on a screen: columns align, wide ones give way, nothing in a cell is obeyed."""

import io
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from lakehouse.edge.cli import grid
from lakehouse.edge.cli.grid import Head

cells = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.binary(max_size=4)


def printed(
    heads: Sequence[Head], lines: Sequence[Sequence[object]], *, width: int = 80, indent: str = ""
) -> tuple[list[str], int]:
    """The lines on a screen so wide, and how many columns had room."""
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, markup=False, emoji=False)
    shown = grid.rows(console, heads, lines, indent=indent)
    return out.getvalue().splitlines(), shown


def test_text_stands_left_and_numbers_right_under_their_titles() -> None:
    found, shown = printed([Head("city"), Head("n", is_number=True)], [("Oslo", 7), ("Rio", 1234)])
    assert found == ["city      n", "Oslo      7", "Rio    1234"]
    assert shown == 2


def test_a_table_without_rows_is_its_titles() -> None:
    assert printed([Head("a"), Head("b")], []) == (["a   b"], 2)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "NULL"),
        (True, "true"),
        (0.1 + 0.2, "0.30000000000000004"),
        (float("nan"), "nan"),
        (1e300, "1e+300"),
        (b"\x00\xff", "00ff"),
        ([1, None], "[1, null]"),
        ({"a": "ü"}, '{"a": "ü"}'),
        ((1, "x"), '[1, "x"]'),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
        (":smile:", ":smile:"),
        ("a\nb\x1b[2J", "a⏎b�[2J"),
        (Text("as it is"), "as it is"),
    ],
)
def test_a_cell_is_what_a_person_reads_and_nothing_else(value: object, shown: str) -> None:
    (_, line), _ = printed([Head("value")], [(value,)])
    assert line == shown


def test_a_title_is_cleaned_too() -> None:
    (title,), _ = printed([Head("a\x1b\nb")], [])
    assert title == "a�⏎b"


def test_what_is_too_wide_ends_in_dots_but_ids_and_numbers_stay_whole() -> None:
    heads = [Head("id", is_whole=True), Head("what"), Head("n", is_number=True)]
    (_, line), shown = printed(heads, [("x" * 26, "long " * 30, 123_456)], width=60)
    assert shown == 3
    assert line.startswith("x" * 26)
    assert "…" in line
    assert line.endswith("123456")
    assert cell_len(line) <= 60


def test_columns_without_room_are_counted_as_hidden() -> None:
    heads = [Head(f"column_{n}") for n in range(9)]
    found, shown = printed(heads, [["x" * 20] * 9], width=50)
    assert 0 < shown < 9
    assert found[0].count("column_") == shown


def test_an_indent_is_part_of_the_room() -> None:
    found, _ = printed([Head("a"), Head("b")], [["x" * 60, "y" * 60]], width=60, indent="    ")
    assert all(line.startswith("    ") for line in found)
    assert max(map(cell_len, found)) <= 60


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), min_size=1, max_size=5)
    ),
    st.integers(30, 120),
)
def test_every_row_is_one_line_that_fits_and_ends_in_no_blank(lines: list[list[object]], width: int) -> None:
    heads = [Head(f"c{n}") for n in range(len(lines[0]))]
    found, shown = printed(heads, lines, width=width)
    assert len(found) == 1 + len(lines)
    assert 1 <= shown <= len(heads)
    assert all(line == line.rstrip(" ") for line in found)
    assert max(map(cell_len, found)) <= width
