"""SQL from text to rows: names, versions, parameters, limits and errors."""

import datetime as dt
import threading
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pytest

from lakehouse.base.errors import Invalid, LakehouseError, NotFound, Refused, Unavailable
from lakehouse.query.duck import DuckEngine
from lakehouse.query.engine import Limits
from lakehouse.query.relation import FieldRef, IcebergSnapshot, JournalFiles, ParquetFiles
from lakehouse.query.session import Session
from tests.query.shelf import Shelf, rows


def test_a_query_brings_rows_columns_and_the_snapshot_it_read(session: Session) -> None:
    result = session.sql("SELECT city, count(*) AS n FROM people GROUP BY city ORDER BY city")
    assert result.rows() == [("Lima", 33), ("Oslo", 33), ("Rome", 34)]
    assert [(c.name, c.type) for c in result.columns] == [("city", "VARCHAR"), ("n", "BIGINT")]
    assert result.snapshots == {"lake.people": 2}
    assert not result.truncated
    assert len(result.query_id) == 26
    assert 0 < result.elapsed_ms < 60_000


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM people",
        "SELECT count(*) FROM lake.people",
        "SELECT count(*) FROM LAKE.People",
        'SELECT count(*) FROM "people"',
        "SELECT count(people.id) FROM people",
        "SELECT count(lake.people.id) FROM lake.people",
        "SELECT count(p.id) FROM people AS p",
        "WITH p AS (SELECT * FROM people) SELECT count(*) FROM p",
        "WITH people AS (SELECT * FROM people) SELECT count(*) FROM people",
        "SELECT (SELECT count(*) FROM people)",
        "SELECT count(*) FROM people WHERE EXISTS (SELECT 1 FROM visits WHERE person = people.id % 100)",
        "SELECT count(*) FROM (FROM people UNION ALL FROM people LIMIT 100)",
        "SELECT count(DISTINCT a.id) FROM people a JOIN people b USING (id)",
        "SELECT n FROM (SELECT count(*) n FROM people)",
    ],
)
def test_a_table_is_found_however_it_is_named(session: Session, sql: str) -> None:
    assert session.sql(sql).rows() == [(100,)]


def test_odd_names_are_data_not_code(session: Session) -> None:
    assert session.sql('SELECT "a ""b", ü FROM "od""d ; name"').rows() == [(1, 2)]


def test_a_cte_hides_a_table_of_its_name(session: Session) -> None:
    assert session.sql("WITH people AS (SELECT 7 AS id) SELECT id FROM people").rows() == [(7,)]


def test_a_query_reads_the_version_it_asks_for(session: Session) -> None:
    assert session.sql("SELECT count(*) FROM people", at=1).rows() == [(50,)]
    assert session.sql("SELECT count(*) FROM people AT (VERSION => 1)").rows() == [(50,)]
    both = "SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM people AT (VERSION => 1))"
    assert session.sql(both).rows() == [(100, 50)]
    with pytest.raises(NotFound, match="no snapshot 99"):
        session.sql("SELECT * FROM people", at=99)


def test_a_column_without_a_name_shows_nothing_of_how_it_was_read(session: Session) -> None:
    found = session.sql(
        "SELECT (SELECT max(id) FROM people), 1 + (SELECT min(id) FROM people), id FROM people"
    )
    assert [c.name for c in found.columns] == ["subquery", "expression", "id"]


def test_describe_and_summarize_work(session: Session) -> None:
    assert [row[:2] for row in session.sql("DESCRIBE people").rows()][:2] == [
        ("id", "BIGINT"),
        ("name", "VARCHAR"),
    ]
    assert session.sql("SUMMARIZE people").row_count == 5


def test_parameters_go_by_name_and_by_number(session: Session) -> None:
    assert session.sql("SELECT name FROM people WHERE id = $id", {"id": 7}).rows() == [("Person 7",)]
    assert session.sql("SELECT $b - $a", {"a": 1, "b": 3}).rows() == [(2,)]
    assert session.sql("SELECT ? || ?", ["a", "b"]).rows() == [("ab",)]
    assert session.sql("SELECT $2 || $1", ("a", "b")).rows() == [("ba",)]
    assert session.sql(
        "SELECT name FROM people WHERE id IN (SELECT unnest($ids)) ORDER BY id", {"ids": [1, 2]}
    ).rows() == [
        ("Person 1",),
        ("Person 2",),
    ]


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        42,
        -(2**40),
        1.5,
        "a 'quoted' text; DROP TABLE x",
        b"\x00\xff",
        Decimal("12.50"),
        dt.date(2026, 11, 1),
        dt.time(10, 30),
        dt.datetime(2026, 11, 1, 10, 30, 0, 5),  # noqa: DTZ001 - a local time on purpose
        dt.timedelta(days=1, microseconds=3),
        [1, 2, 3],
        {"a": 1, "b": "x"},
    ],
    ids=lambda v: type(v).__name__,
)
def test_a_parameter_comes_back_as_the_value_it_was(session: Session, value: object) -> None:
    ((back,),) = session.sql("SELECT $v", {"v": value}).rows()
    if isinstance(value, dt.timedelta):
        assert (back.days, back.nanoseconds) == (1, 3000)  # type: ignore[attr-defined]
    else:
        assert back == value


def test_uuids_and_infinities_are_parameters_too(session: Session) -> None:
    number = UUID("12345678-1234-5678-1234-567812345678")
    assert session.sql("SELECT $v::VARCHAR", {"v": number}).rows() == [(str(number),)]
    assert session.sql("SELECT isinf($v)", {"v": float("inf")}).rows() == [(True,)]


@pytest.mark.parametrize(
    ("sql", "params", "says"),
    [
        ("SELECT $a", None, "no value for $a"),
        ("SELECT ?", [], "no value for $1"),
        ("SELECT $a", {"a": 1, "b": 2}, "has no parameter $b"),
        ("SELECT 1", [1], "has no parameter $1"),
        ("SELECT $a", {"a": object()}, "type object"),
        ("SELECT ?", "text", "a list or a mapping"),
    ],
)
def test_parameters_that_do_not_fit_are_invalid(
    session: Session, sql: str, params: object, says: str
) -> None:
    with pytest.raises(Invalid) as caught:
        session.sql(sql, params)  # type: ignore[arg-type]
    assert says in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("sql", "kind", "says", "hint"),
    [
        (
            "SELECT *\nFROM poeple",
            NotFound,
            "no table 'poeple' at line 2, column 6",
            "did you mean lake.people",
        ),
        ("SELECT * FROM lake.poeple", NotFound, "no table 'lake.poeple'", "lake.people"),
        ("SELECT * FROM zzz", NotFound, "no table 'zzz'", "lakehouse tables"),
        (
            "SELECT 'ü', nmae FROM people",
            Invalid,
            '"nmae" not found in FROM clause! at line 1, column 13',
            "name",
        ),
        ("SELECT p.nmae FROM people p", Invalid, "at line 1, column 8", "name"),
        ("SELECT q.name FROM people p", Invalid, 'Referenced table "q" not found! at line 1', "p"),
        ("SELECT upper(id, name) FROM people", Invalid, "at line 1, column 8", "cast"),
        ("SELECT name::INT FROM people", Invalid, "Could not convert", "correct"),
        ("SELECT 1 FROM people GROUP BY xyz", Invalid, "xyz", "lakehouse show"),
        ("SELECT sum(name) FROM people", Invalid, "at line 1, column 8", "cast"),
        ("SELECT id FROM people ORDER BY 5", Invalid, "ORDER", "correct"),
        ("SELECT 'x' + FROM people", Invalid, "syntax error", "correct"),
        ("DROP TABLE people", Refused, "DROP is not a query", "lakehouse drop"),
        ("DELETE FROM people", Refused, "DELETE is not a query", "lakehouse delete"),
        ("PRAGMA version", Refused, "PRAGMA is not a query", "information_schema"),
        ("SELECT * FROM 'people.csv'", NotFound, "no table 'people.csv'", "lake.people"),
    ],
)
def test_errors_say_what_where_and_what_to_do(
    session: Session, sql: str, kind: type[LakehouseError], says: str, hint: str
) -> None:
    with pytest.raises(kind) as caught:
        session.sql(sql)
    assert says in caught.value.message
    assert hint in caught.value.hint
    assert "lakehouse_" not in caught.value.message + caught.value.hint


def test_an_error_deep_in_the_rows_ends_the_query_not_the_worker(
    session: Session, engine: DuckEngine
) -> None:
    before = set(engine.workers())
    with pytest.raises(Invalid, match="4711"):
        session.sql("SELECT CASE WHEN i = 900000 THEN error('row 4711') ELSE i END FROM range(1000000) r(i)")
    assert session.sql("SELECT 1").rows() == [(1,)]
    assert before & set(engine.workers()) == before


def test_rows_beyond_the_limit_are_cut_off_and_said_to_be(session: Session) -> None:
    result = session.sql("SELECT i FROM range(20000000) r(i)", limits=Limits(rows=100_000))
    assert (result.row_count, result.truncated) == (100_000, True)
    assert result.to_arrow().num_rows == 100_000
    exact = session.sql("SELECT i FROM range(100) r(i)", limits=Limits(rows=100))
    assert (exact.row_count, exact.truncated) == (100, False)
    none = session.sql("SELECT i FROM range(100) r(i)", limits=Limits(rows=0))
    assert (none.row_count, none.truncated, none.rows()) == (0, True, [])


def test_bytes_beyond_the_limit_are_cut_off_too(session: Session) -> None:
    result = session.sql("SELECT repeat('x', 1000) FROM range(100000)", limits=Limits(bytes=1_000_000))
    assert result.truncated
    assert 500 < result.row_count < 1_000
    assert result.to_arrow().nbytes <= 1_000_000


def test_a_query_without_rows_still_has_columns(session: Session) -> None:
    result = session.sql("SELECT id, name FROM people WHERE false")
    assert result.to_arrow().schema.names == ["id", "name"]
    assert result.rows() == []


def test_system_rows_are_tables_like_others(session: Session) -> None:
    found = session.sql("SELECT name, versions FROM system.tables WHERE name LIKE '%people' ")
    assert found.rows() == [("lake.people", 2)]
    assert found.snapshots == {}
    joined = session.sql("SELECT count(*) FROM people p JOIN system.tables t ON t.name = 'lake.people'")
    assert joined.rows() == [(100,)]


def test_an_empty_table_has_its_columns(session: Session, shelf: Shelf) -> None:
    shelf.put("nothing", ParquetFiles((), (FieldRef(1, "id", "BIGINT"), FieldRef(2, "at", "TIMESTAMP"))))
    result = session.sql("SELECT * FROM nothing")
    assert [c.type for c in result.columns] == ["BIGINT", "TIMESTAMP"]
    assert result.row_count == 0


def test_columns_are_found_by_field_id_whatever_their_name_was(session: Session, shelf: Shelf) -> None:
    old = shelf.versions["lake", "visits"][0]
    assert isinstance(old, ParquetFiles)
    renamed = (FieldRef(2, "moment", "BIGINT"), FieldRef(1, "who", "BIGINT"), FieldRef(9, "added", "VARCHAR"))
    shelf.put("renamed", ParquetFiles(old.paths, renamed))
    assert session.sql("SELECT who, moment, added FROM renamed WHERE moment = 205").rows() == [(5, 205, None)]


def test_uniform_files_give_the_same_rows(session: Session, shelf: Shelf) -> None:
    mapped = shelf.versions["lake", "people"][1]
    assert isinstance(mapped, ParquetFiles)
    shelf.put("uniform", ParquetFiles(mapped.paths, mapped.columns, True))
    assert session.sql("FROM uniform EXCEPT FROM people").rows() == []
    assert session.sql("SELECT count(*) FROM uniform").rows() == [(100,)]


def test_journal_segments_and_their_parquet_are_one_table(
    session: Session, shelf: Shelf, lake_folder: Path
) -> None:
    folded = shelf.versions["lake", "visits"][0]
    assert isinstance(folded, ParquetFiles)
    segment = lake_folder / "warehouse" / "a.jsonl"
    segment.write_text('{"person": 5, "note": "new"}\n{"person": 6, "other": 1}\n{"person": 7, "no')
    columns = (("person", "BIGINT"), ("at", "BIGINT"), ("note", "VARCHAR"))
    shelf.put("events", JournalFiles(folded.paths, (str(segment),), columns))
    result = session.sql('SELECT count(*), count("at"), max(note), count(DISTINCT person) FROM events')
    assert result.rows() == [(10_002, 10_000, "new", 100)]
    shelf.put("no_events", JournalFiles((), (), columns))
    assert session.sql("SELECT * FROM no_events").row_count == 0


def test_a_file_that_is_gone_is_told_without_harm(
    session: Session, shelf: Shelf, lake_folder: object
) -> None:
    gone = ParquetFiles((f"{lake_folder}/warehouse/gone.parquet",), (FieldRef(1, "id", "BIGINT"),))
    shelf.put("gone", gone)
    with pytest.raises(Unavailable, match="cannot read the table's files") as caught:
        session.sql("SELECT * FROM gone")
    assert caught.value.hint == "lakehouse doctor"
    assert session.sql("SELECT count(*) FROM people").rows() == [(100,)]


def test_an_iceberg_table_that_is_gone_leaves_the_worker_able_to_read_it_later(
    session: Session, shelf: Shelf
) -> None:
    shelf.put("iced", IcebergSnapshot("/nowhere/v1.metadata.json", 7))
    with pytest.raises(LakehouseError):
        session.sql("SELECT * FROM iced")
    assert session.sql("SELECT count(*) FROM people").rows() == [(100,)]


def test_eight_threads_get_each_their_own_answer(session: Session) -> None:
    wrong: list[object] = []

    def ask(n: int) -> None:
        for i in range(15):
            got = session.sql("SELECT id * $n FROM people WHERE id = $i", {"n": n, "i": i + 1}).rows()
            if got != [((i + 1) * n,)]:
                wrong.append(got)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_many_relations_come_and_go_in_one_worker(session: Session, shelf: Shelf) -> None:
    for i in range(150):
        one = rows(pa.table({"n": [i]}))
        shelf.versions["lake", "passing"] = [one]
        assert session.sql("SELECT n FROM passing").rows() == [(i,)]
    assert session.sql("SELECT count(*) FROM people").rows() == [(100,)]


def test_check_names_tables_and_parameters_without_running(session: Session) -> None:
    checked = session.check("SELECT * FROM people, lake.visits WHERE id = $id")
    assert [r.name for r in checked.references] == [(None, "people"), ("lake", "visits")]
    assert checked.parameters == ("id",)
