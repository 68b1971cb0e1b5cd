"""Screens of any width: nothing runs over the edge, and no value is taken for markup or obeyed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lakehouse.edge.cli import fit, grid
from tests.edge.cli.conftest import Run
from tests.edge.cli.test_help import ENTRIES

WIDTHS = (60, 80, 120)
naturals = st.lists(st.integers(0, 400), max_size=12)


def widest(text: str) -> int:
    return max(map(cell_len, text.splitlines()), default=0)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("command", ["", *(entry.name for entry in ENTRIES)])
def test_help_fits_the_screen_and_names_every_option_in_full(run: Run, command: str, width: int) -> None:
    words = [command, "--help"] if command else ["--help"]
    shown, full = run(*words, width=width), run(*words, width=200)
    assert shown.code == 0
    assert widest(shown.out) <= width
    options = {word for word in full.out.split() if word.startswith("--")}
    assert options <= set(shown.out.split())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("words", ["tables", "show people", "history people", "sql FROM+people"])
def test_tables_fit_the_screen(read: Run, words: str, width: int) -> None:
    done = read(*(word.replace("+", " ") for word in words.split()), width=width)
    assert done.code == 0
    assert widest(done.out) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_a_report_of_an_ingest_fits_the_screen(run: Run, tmp_path: Path, width: int) -> None:
    header = ",".join(f"a_rather_long_column_name_{n}" for n in range(9))
    (tmp_path / "wide.csv").write_text(f"{header}\n{','.join(['x' * 200] * 9)}\n")
    done = run("ingest", tmp_path / "wide.csv", width=width)
    assert done.code == 0
    folder_line, *others = done.out.splitlines()
    assert "wide" in folder_line
    assert max(map(cell_len, others)) <= width


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("INTERVAL '1 month 2 days'", "1 month 2 days"),
        ("[INTERVAL '1 day', NULL]", '["1 day", null]'),
        ("{'day': DATE '1066-10-14', 'pay': 1.50::DECIMAL(5, 2)}", '{"day": "1066-10-14", "pay": 1.5}'),
        ("MAP {'k': [true]}", '{"k": [true]}'),
        ("row(1, 'x')", '[1, "x"]'),
        ("DATE '0044-03-15 (BC)'", "-0043-03-15"),
        ("TIMESTAMP 'infinity'", "infinity"),
        ("'a' || chr(10) || 'b' || chr(9) || 'c'", "a⏎b c"),
        ("'[bold]' || chr(27) || '[2J'", "[bold]�[2J"),
        ("'\\x00\\xFF'::BLOB", "00ff"),
        ("''", ""),
    ],
)
def test_a_value_is_shown_as_a_person_reads_it(read: Run, sql: str, shown: str) -> None:
    lines = read("sql", f"SELECT {sql} AS v").out.splitlines()
    assert [line.strip() for line in lines] == ["v", shown]


def test_wide_letters_count_twice(read: Run) -> None:
    done = read("sql", "SELECT repeat('漢', 60) AS a, repeat('字', 60) AS b", width=60)
    assert widest(done.out) <= 60


@given(naturals, st.integers(10, 300), st.sets(st.integers(0, 11)))
def test_columns_never_take_more_room_than_there_is_unless_one_alone_does(
    natural: list[int], room: int, whole: set[int]
) -> None:
    given = fit.widths(natural, room=room, whole=whole)
    assert len(given) <= len(natural)
    assert len(given) >= min(1, len(natural))
    assert all(width <= wanted for width, wanted in zip(given, natural, strict=False))
    assert all(given[n] == natural[n] for n in whole if n < len(given))
    assert len(given) <= 1 or sum(given) + fit.GAP * (len(given) - 1) <= room


@given(st.text(max_size=40))
def test_no_text_moves_the_cursor_or_starts_a_line(text: str) -> None:
    assert fit.clean(text).isprintable()
    assert fit.clean(fit.clean(text)) == fit.clean(text)


SIZES = {
    0: "0 B",
    999: "999 B",
    1_000: "1.0 kB",
    99_949: "99.9 kB",
    123_456: "123 kB",
    5_000_000: "5.0 MB",
    7 * 10**9: "7.0 GB",
    12 * 10**12: "12.0 TB",
    10**16: "10000.0 TB",
}


@pytest.mark.parametrize(("count", "said"), SIZES.items())
def test_sizes_are_read_at_a_glance(count: int, said: str) -> None:
    assert fit.size(count) == said


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: fit.count(1, "row"), "1 row"),
        (lambda: fit.count(0, "row"), "0 rows"),
        (lambda: fit.count(1_234_567, "row"), "1,234,567 rows"),
        (lambda: fit.moment("2026-11-01T12:00:00.123Z"), "2026-11-01 12:00:00"),
        (lambda: grid._cell(None).plain, "NULL"),
    ],
)
def test_figures_are_written_as_people_write_them(make: Callable[[], str], said: str) -> None:
    assert make() == said
