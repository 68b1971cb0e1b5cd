"""The report of an ingest: what became of each source, what it adds up to, what to type next."""

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType

from lakehouse.edge.cli.report import MOST_COLUMNS, block, closing, interrupted, line
from lakehouse.lake.facade import ColumnReport, IngestReport

ONE = IngestReport(
    source="data/people.csv",
    table="people",
    status="created",
    rows=1200,
    rows_read=1200,
    columns=(ColumnReport(name="id", type="BIGINT"), ColumnReport(name="city", type="VARCHAR")),
    elapsed_ms=250,
)
SKIPPED = replace(ONE, status="skipped", rows=0, rows_read=0, reason="it is in already")
ASIDE = replace(
    ONE, status="quarantined", rows=0, rows_read=0, columns=(), reason="no rows", hint="look at it"
)


def text(part: RenderableType, width: int = 100) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False, markup=False).print(part)
    return [row.rstrip() for row in out.getvalue().splitlines()]


def test_a_source_that_became_a_table_says_so_with_the_proof_and_its_columns() -> None:
    first, proof, *columns = text(block(ONE))
    assert first == "✓ created people  ← data/people.csv  0.25 s"
    assert proof == "  1,200 read = 1,200 in the table + 0 rejected"
    assert [row.split() for row in columns] == [["id", "BIGINT"], ["city", "VARCHAR"]]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("created", "✓ would create people"),
        ("appended", "✓ would append to people"),
        ("replaced", "✓ would replace people"),
        ("upserted", "✓ would upsert into people"),
        ("skipped", "· skipped people"),
        ("quarantined", "✗ set aside"),
    ],
)
def test_a_dry_run_says_what_would_happen_and_to_which_table(status: str, said: str) -> None:
    one = replace(ONE, status=status, reason="why")  # type: ignore[arg-type]  # one of the six
    found = text(block(one, dry_run=True))
    assert found[0].startswith(said)
    assert "why" not in "".join(found)
    assert text(block(one))[1] == "  why"


def test_a_source_that_was_set_aside_says_why_and_what_to_do() -> None:
    assert text(block(ASIDE))[0].startswith("✗ set aside  ← data/people.csv")
    assert text(block(ASIDE))[1:] == ["  no rows", "  fix  look at it"]


def test_a_source_that_was_skipped_shows_no_columns() -> None:
    assert not [row for row in text(block(SKIPPED)) if "BIGINT" in row]


def test_differences_to_the_table_stand_one_a_line_and_cannot_move_the_cursor() -> None:
    found = text(block(replace(ONE, changes=("new column: zip", "a\x1b[2Jb"), columns=())))
    assert found[2:] == ["  new column: zip", "  a�[2Jb"]


def test_personal_data_is_named_with_its_reason_where_there_is_any() -> None:
    columns = (*ONE.columns, ColumnReport(name="mail", type="VARCHAR", pii="email", evidence="98 % match"))
    found = text(block(replace(ONE, columns=columns)))
    assert found[-1].split() == ["mail", "VARCHAR", "email", "98", "%", "match"]


@pytest.mark.parametrize(
    ("more", "said"), [(0, None), (1, "… and 1 more columns"), (60, "… and 60 more columns")]
)
def test_of_very_many_columns_the_first_are_shown(more: int, said: str | None) -> None:
    columns = tuple(ColumnReport(name=f"c{n}", type="DATE") for n in range(MOST_COLUMNS + more))
    found = text(block(replace(ONE, columns=columns)))
    assert sum(row.endswith("DATE") for row in found) == MOST_COLUMNS
    assert (found[-1].strip() if more else None) == said


def test_a_sum_that_does_not_hold_is_written_as_not_equal() -> None:
    short = replace(ONE, rows=1100, rejected=50, gave_way=10)
    assert (
        "1,200 read ≠ 1,090 in the table + 10 replaced by later ones + 50 rejected" in text(block(short))[1]
    )


def test_one_source_on_one_line_has_its_rows_and_what_was_rejected() -> None:
    assert line(ONE).plain == "✓ people                1,200 rows"
    assert line(replace(ONE, rejected=3)).plain.endswith("1,200 rows, 3 rejected")
    assert line(replace(ONE, rows=0)).plain.endswith("  0 rows")
    assert line(SKIPPED).plain == "· skipped people  ← data/people.csv  0.25 s"


def test_the_end_of_one_source_is_what_to_type_next() -> None:
    said = closing([ONE], dry_run=False).plain
    assert 'lakehouse sql "SELECT * FROM people LIMIT 5"' in said
    assert "lakehouse show people" in said
    assert "files" not in said


def test_the_end_of_many_sources_adds_them_up_by_what_became_of_them() -> None:
    said = closing([ONE, SKIPPED, replace(ONE, table="b", rows=34), ASIDE], dry_run=False).plain
    assert "4 files: 2 created, 1 skipped, 1 quarantined · 1,234 rows" in said
    assert said.count("lakehouse show") == 1


def test_the_end_names_where_rejected_rows_are_only_where_there_are_some() -> None:
    assert "system.rejected" in closing([replace(ONE, rejected=1)], dry_run=False).plain
    assert "system.rejected" not in closing([ONE], dry_run=False).plain


def test_a_dry_run_ends_by_saying_that_nothing_was_written() -> None:
    assert closing([ONE], dry_run=True).plain == "dry run: nothing was written"
    assert closing([], dry_run=True).plain == "dry run: nothing was written"
    assert closing([ASIDE], dry_run=False).plain == ""


def test_a_table_with_a_quote_in_its_name_is_written_as_a_shell_takes_it() -> None:
    assert 'FROM a\\"b LIMIT 5"' in closing([replace(ONE, table='a"b')], dry_run=False).plain


@pytest.mark.parametrize(
    ("done", "kept"),
    [([], "0 files, 0 rows"), ([ONE], "1 file, 1,200 rows"), ([ONE, ASIDE, SKIPPED], "2 files, 1,200 rows")],
)
def test_an_interruption_counts_what_is_kept(done: list[IngestReport], kept: str) -> None:
    what, said, fix = interrupted(done).plain.splitlines()
    assert what == "✗ interrupted"
    assert said == f"  kept: {kept}; of the one in progress, nothing"
    assert "run it again" in fix


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.integers(60, 120))
def test_whatever_a_file_calls_things_nothing_is_obeyed_or_runs_over_the_edge(
    source: str, name: str, width: int
) -> None:
    one = replace(ONE, source=source, reason=name, columns=(ColumnReport(name=name, type="DATE"),))
    found = text(block(one), width)
    assert max(map(cell_len, found)) <= width
    assert all(row.isprintable() for row in found)
