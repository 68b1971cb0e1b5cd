"""Row statements, run on DuckDB's own tables: hostile names stay names, the last row of a key wins."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.table import rows
from lakehouse.table.names import TableName, quoted
from lakehouse.table.schema import Column

T = TableName("lake", "t")
HOSTILE = (
    'say "hi"',
    "a.b",
    "two\nlines",
    "naïve",
    "日本",
    "filename",
    "file_row_number",
    "select",
    "t",
    "s",
    "'",
    "; DROP TABLE x --",
    "_lakehouse_path",
    "file_index",
    "rowid",
    " lead",
    "$1",
    "?",
)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("ATTACH ':memory:' AS lake; CREATE SCHEMA lake.lake")
        yield opened


def table(con: duckdb.DuckDBPyConnection, columns: str, values: str = "") -> list[Column]:
    con.execute(f"CREATE OR REPLACE TABLE {rows.sql_name(T)} ({columns})")
    if values:
        con.execute(f"INSERT INTO {rows.sql_name(T)} VALUES {values}")
    described = con.execute(f"DESCRIBE {rows.sql_name(T)}").fetchall()
    return [Column(name=name, type=kind) for name, kind, *_ in described]


def staged(con: duckdb.DuckDBPyConnection, folder: Path, *queries: str) -> list[str]:
    start = len(list(folder.iterdir()))
    paths = [str(folder / f"it's {99 - start - n}.parquet") for n, _ in enumerate(queries)]
    for path, query in zip(paths, queries, strict=True):
        con.execute(f"COPY ({query}) TO '{path.replace(chr(39), chr(39) * 2)}' (FORMAT parquet)")
    return paths


def content(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return con.execute(f"FROM {rows.sql_name(T)} ORDER BY ALL").fetchall()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_column_name_stays_a_name(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    columns = table(con, f"{quoted(name)} BIGINT, v VARCHAR", "(1, 'a'), (2, 'b'), (3, 'C')")
    files = staged(con, tmp_path, f"SELECT 2 AS {quoted(name)}, 'B' AS v")
    con.execute(rows.merge(T, columns, given=[name, "v"], key=[name], files=files))
    assert content(con) == [(1, "a"), (2, "B"), (3, "C")]
    con.execute(
        rows.merge(
            T,
            columns,
            given=["v", name],
            key=["v"],
            files=staged(con, tmp_path, f"SELECT 7 AS {quoted(name)}, 'a' AS v"),
        )
    )
    assert content(con) == [(2, "B"), (3, "C"), (7, "a")]
    con.execute(rows.delete_keys(T, columns, key=[name], files=files))
    assert content(con) == [(3, "C"), (7, "a")]


@settings(max_examples=30)
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=10),
        min_size=2,
        max_size=4,
        unique_by=str.casefold,
    )
)
def test_any_column_names_make_a_statement_that_parses(names: Sequence[str]) -> None:
    columns = [Column(name=n, type="BIGINT") for n in names]
    statement = rows.merge(T, columns, given=names, key=names[:1], files=["a'b"])
    assert len(duckdb.extract_statements(statement)) == 1


def test_the_last_row_of_a_key_wins_within_a_file_and_between_files(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    columns = table(con, "id BIGINT, v VARCHAR", "(1, 'old')")
    first = "SELECT unnest([1, 1, 2]) AS id, unnest(['a', 'b', 'c']) AS v"
    files = staged(con, tmp_path, first, "SELECT 2 AS id, 'last' AS v")
    con.execute(rows.merge(T, columns, given=["id", "v"], key=["id"], files=files))
    assert content(con) == [(1, "b"), (2, "last")]


def test_two_spellings_of_one_key_are_one_key(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    columns = table(con, "id BIGINT, v VARCHAR")
    files = staged(con, tmp_path, "SELECT unnest(['1', '01', ' 1']) AS ID, unnest(['a', 'b', 'c']) AS v")
    con.execute(rows.merge(T, columns, given=["ID", "V"], key=["Id"], files=files))
    assert content(con) == [(1, "c")]


def test_the_last_of_a_hundred_thousand_rows_wins_too(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    columns = table(con, "id BIGINT, v BIGINT")
    files = staged(con, tmp_path, "SELECT i % 1000 AS id, i AS v FROM range(400000) r(i)")
    con.execute(rows.merge(T, columns, given=["id", "v"], key=["id"], files=files))
    assert content(con) == [(i, 399_000 + i) for i in range(1000)]


def test_rows_that_would_not_change_are_not_touched(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    columns = table(con, "id BIGINT, v VARCHAR", "(1, 'a'), (2, NULL)")
    files = staged(con, tmp_path, "SELECT unnest([1, 2]) AS id, unnest(['a', NULL]) AS v")
    assert con.execute(rows.merge(T, columns, given=["id", "v"], key=["id"], files=files)).fetchall() == [
        (0,)
    ]


def test_columns_that_are_not_given_keep_their_values(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    columns = table(con, "id BIGINT, a VARCHAR, b VARCHAR", "(1, 'a', 'b')")
    files = staged(con, tmp_path, "SELECT unnest([1, 2]) AS id, unnest([NULL, 'y']) AS b")
    con.execute(rows.merge(T, columns, given=["id", "b"], key=["id"], files=files))
    assert content(con) == [(1, "a", None), (2, None, "y")]


def test_a_table_of_keys_only_takes_new_keys(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    columns = table(con, "a BIGINT, b VARCHAR", "(1, 'x')")
    files = staged(con, tmp_path, "SELECT unnest([1, 1]) AS a, unnest(['x', 'y']) AS b")
    con.execute(rows.merge(T, columns, given=["a", "b"], key=["a", "b"], files=files))
    assert content(con) == [(1, "x"), (1, "y")]


def test_a_row_without_its_key_is_refused(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    columns = table(con, "id BIGINT, v VARCHAR", "(1, 'a')")
    files = staged(con, tmp_path, "SELECT unnest([1, NULL]) AS id, 'x' AS v")
    with pytest.raises(duckdb.InvalidInputException, match=rows.NO_KEY):
        con.execute(rows.merge(T, columns, given=["id", "v"], key=["id"], files=files))
    assert content(con) == [(1, "a")]


@pytest.mark.parametrize(
    ("given_", "key"), [(["v"], ["id"]), (["id", "v"], []), (["id", "nope"], ["id"]), (["id"], ["nope"])]
)
def test_a_key_must_be_a_column_of_both_sides(given_: list[str], key: list[str]) -> None:
    columns = [Column(name="id", type="BIGINT"), Column(name="v", type="VARCHAR")]
    with pytest.raises(Invalid):
        rows.merge(T, columns, given=given_, key=key, files=["f"])


def test_a_misspelled_column_is_answered_with_the_one_that_is_meant() -> None:
    with pytest.raises(Invalid) as caught:
        rows.checked([Column(name="client_name", type="VARCHAR")], "clientname")
    assert "client_name" in caught.value.hint


def test_a_predicate_may_end_in_a_comment(con: duckdb.DuckDBPyConnection) -> None:
    table(con, "id BIGINT", "(1), (2)")
    con.execute(rows.delete(T, "id = 1 -- only the first"))
    assert content(con) == [(2,)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("INTEGER", "1.7::DOUBLE"), ("BIGINT", "'1.7'"), ("BIGINT", "true::BOOLEAN::DECIMAL(3,1) + 0.5"),
        ("DECIMAL(10,2)", "1.239"), ("DECIMAL(10,2)", "1.239::DOUBLE"), ("DECIMAL(10,2)", "'1.239'"),
        ("DATE", "TIMESTAMP '2024-01-01 13:00:00'"), ("DATE", "'2024-01-01 13:00:00'"), ("BOOLEAN", "2"),
        ("TIMESTAMP", "'2024-01-01T00:00:00+05:00'"), ("STRUCT(a BIGINT)", "{'a': 1, 'b': 2}"),
        ("BIGINT[]", "[1.5::DOUBLE]"), ("TIMESTAMP", "TIMESTAMP_NS '2024-01-01 00:00:00.000000001'"),
    ],
)  # fmt: skip
def test_a_value_that_would_become_another_one_is_refused(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str, value: str
) -> None:
    columns = table(con, f"id BIGINT, v {kind}")
    files = staged(con, tmp_path, f"SELECT 1 AS id, {value} AS v")
    with pytest.raises(duckdb.InvalidInputException, match=rows.NO_FIT):
        con.execute(rows.merge(T, columns, given=["id", "v"], key=["id"], files=files))
    assert content(con) == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("INTEGER", "7.0::DOUBLE"), ("BIGINT", "' 7 '"), ("DECIMAL(10,2)", "0.1::DOUBLE"),
        ("DATE", "'2024-02-29'"), ("DECIMAL(10,2)", "'1.5'"), ("TIMESTAMP", "'2024-02-29'"),
        ("TIMESTAMP", "'2024-02-29 12:00:00.123456'"),
        ("TIMESTAMP", "'2024-02-29T12:00:00Z'"), ("TIMESTAMP", "TIMESTAMPTZ '2024-02-29 12:00:00+02'"),
        ("TIMESTAMP WITH TIME ZONE", "'2024-02-29 12:00:00+02'"), ("DATE", "TIMESTAMP '2024-01-01'"),
        ("FLOAT", "0.1::DOUBLE"), ("DOUBLE", "0.1::DECIMAL(20,19)"), ("BOOLEAN", "'yes'"),
        ("TIME", "'12:30'"),
        ("STRUCT(a BIGINT, b VARCHAR)", "{'a': 1::TINYINT}"), ("VARCHAR", "5"), ("BIGINT", "NULL"),
        ("UUID", "'00000000-0000-0000-0000-000000000001'"), ("BLOB", "'a'::BLOB"), ("BIGINT[]", "[1, NULL]"),
        ("MAP(VARCHAR, BIGINT)", "MAP {'a': 1::TINYINT}"),
        ("DECIMAL(38,0)", "12345678901234567890::UBIGINT"),
    ],
)  # fmt: skip
def test_a_value_of_another_type_that_stays_what_it_is_fits(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str, value: str
) -> None:
    columns = table(con, f"id BIGINT, v {kind}")
    files = staged(con, tmp_path, f"SELECT 1 AS id, {value} AS v")
    con.execute(rows.merge(T, columns, given=["id", "v"], key=["id"], files=files))
    stored = con.execute(f"SELECT v IS NOT DISTINCT FROM CAST({value} AS {kind}) FROM {rows.sql_name(T)}")
    assert stored.fetchall() == [(True,)]


def test_a_key_that_is_no_value_of_its_column_removes_no_other_row(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    columns = table(con, "id BIGINT", "(1), (2)")
    files = staged(con, tmp_path, "SELECT 1.7::DOUBLE AS id")
    with pytest.raises(duckdb.InvalidInputException, match=rows.NO_FIT):
        con.execute(rows.delete_keys(T, columns, key=["id"], files=files))
    assert content(con) == [(1,), (2,)]
