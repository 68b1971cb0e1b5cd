"""The guard, against statements kept as files and against what a generator can think of."""

import re
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.child import Message
from lakehouse.base.errors import Invalid, LakehouseError, Refused
from lakehouse.query import functions, guard
from lakehouse.query.engine import Parsed
from lakehouse.query.guard import Checked
from lakehouse.query.worker import Worker

GOLDEN = Path(__file__).parents[1] / "golden" / "sql_guard"


def cases(name: str) -> list[object]:
    """The cases of one golden file: (expected, statement), named."""
    found: list[object] = []
    block: list[str] = []
    title = ""
    lines = (GOLDEN / f"{name}.sql").read_text().splitlines()[1:]
    for line in [*lines, "-- end => "]:
        if line.startswith("-- ") and " => " in line:
            if title:
                label, expected = title.split(" => ")
                found.append(pytest.param(expected, "\n".join(block), id=label))
            title, block = line.removeprefix("-- "), []
        else:
            block.append(line)
    return found


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Worker:
    setup = {
        "temp": str(tmp_path_factory.mktemp("temp")),
        "folders": [],
        "memory_bytes": 1 << 28,
        "temp_bytes": 1 << 20,
        "threads": 1,
    }
    return Worker(setup)


def parse(worker: Worker, sql: str) -> Parsed:
    (reply,) = worker(Message({"op": "parse"}, (sql.encode(),)))
    return Parsed(reply.payload[0].decode(), tuple(map(str, reply.header["kinds"])))  # type: ignore[call-overload]


def check(worker: Worker, sql: str) -> Checked:
    guard.admit(sql)
    return guard.check(sql, parse(worker, sql))


@pytest.mark.parametrize(("expected", "sql"), cases("allowed"))
def test_harmless_selects_are_allowed_and_their_tables_found(worker: Worker, expected: str, sql: str) -> None:
    names = [
        f"{ns}.{table}" if ns else table for ns, table in (r.name for r in check(worker, sql).references)
    ]
    assert sorted(names) == sorted([] if expected == "(none)" else expected.split(", "))


@pytest.mark.parametrize(("expected", "sql"), cases("refused"))
def test_all_else_is_refused_with_a_hint(worker: Worker, expected: str, sql: str) -> None:
    with pytest.raises(Refused) as caught:
        check(worker, sql)
    assert expected in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(("expected", "sql"), cases("invalid"))
def test_what_is_no_sql_is_invalid_and_says_where(worker: Worker, expected: str, sql: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(worker, sql)
    assert expected in caught.value.message
    assert caught.value.hint


def test_a_text_beyond_256_kib_is_not_even_parsed(worker: Worker) -> None:
    with pytest.raises(Refused, match="256 KiB"):
        check(worker, f"SELECT '{'ü' * (guard.MAX_TEXT_BYTES // 2)}'")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 WHERE " + " OR ".join(f"{i} = 2" for i in range(9_000)),
        "SELECT " + ", ".join(map(str, range(6_000))),
        "SELECT 1 IN (" + ", ".join(map(str, range(6_000))) + ")",
        "SELECT " + "-" * 3 + "1" + "+1" * 900,
        "SELECT " + "+".join(["1"] * 450),
        "SELECT * FROM " + "(SELECT * FROM " * 300 + "t" + ")" * 300,
        "SELECT " + "abs(" * 400 + "1" + ")" * 400,
        "SELECT " + "[" * 600 + "]" * 600,
        "WITH " + ", ".join(f"a{i} AS (SELECT * FROM t{i})" for i in range(3_000)) + " SELECT 1",
    ],
    ids=["or", "columns", "in", "unary", "sum", "subqueries", "calls", "lists", "ctes"],
)
def test_bombs_are_turned_away_before_they_run(worker: Worker, sql: str) -> None:
    with pytest.raises(LakehouseError) as caught:
        check(worker, sql)
    assert isinstance(caught.value, Invalid | Refused)
    assert caught.value.hint


def test_a_long_but_flat_statement_is_allowed(worker: Worker) -> None:
    assert check(worker, "SELECT 1 WHERE 1 IN (" + ", ".join(map(str, range(4_000))) + ")").references == ()


def test_an_unknown_function_comes_with_the_nearest_known_one(worker: Worker) -> None:
    with pytest.raises(Refused) as caught:
        check(worker, "SELECT uper('a')")
    assert "upper" in caught.value.hint
    assert "line 1, column 8" in caught.value.message


def test_a_table_version_is_part_of_the_reference(worker: Worker) -> None:
    found = check(worker, "SELECT * FROM t AT (VERSION => 3), t AT (TIMESTAMP => '2026-11-01'), t").references
    assert [r.at for r in found] == [3, "2026-11-01", None]
    found = check(worker, "SELECT * FROM t AT (TIMESTAMP => TIMESTAMP '2026-11-01 10:00:00')").references
    assert [r.at for r in found] == ["2026-11-01 10:00:00"]


def test_parameters_are_named_in_the_verdict(worker: Worker) -> None:
    assert check(worker, "SELECT $b, $a, $b").parameters == ("a", "b")
    assert check(worker, "SELECT ?, ?").parameters == ("1", "2")


def test_a_tree_of_an_unknown_kind_is_refused() -> None:
    node = '{"type": "SELECT_NODE", "x": {"class": "NEW", "type": "NEW"}}'
    tree = f'{{"error": false, "statements": [{{"node": {node}}}]}}'
    with pytest.raises(Refused, match="new is not allowed"):
        guard.check("", Parsed(tree))


def test_no_function_that_touches_the_world_is_on_the_list() -> None:
    parts = (
        "read_",
        "glob",
        "env",
        "setting",
        "query",
        "sleep",
        "pragma",
        "duckdb",
        "secret",
        "log_",
        "nextval",
    )
    listed = functions.SCALARS | functions.TABLES
    assert not [name for name in listed if any(part in name for part in parts)]


def test_every_listed_function_exists_in_this_duckdb() -> None:
    with duckdb.connect() as con:
        known = {
            str(n).lower() for (n,) in con.execute("SELECT function_name FROM duckdb_functions()").fetchall()
        }
    grammar = {"unnest", "current_time", "current_timestamp", "localtime", "localtimestamp"}
    assert not (functions.SCALARS | functions.TABLES) - known - grammar


@given(st.text(st.characters(), max_size=60))
def test_any_text_gets_a_verdict(worker: Worker, text: str) -> None:
    with suppress(Invalid, Refused):
        check(worker, text)


PIECES = re.split(
    " ",
    "SELECT FROM WHERE people WITH AS ( ) , * 1 'x' read_csv getenv UNION ALL JOIN ON id = ; COPY TO DROP "
    "EXISTS IN CASE WHEN THEN END query glob DESCRIBE upper $a ? LIMIT ORDER BY PIVOT",
)


@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_whatever_passes_names_no_forbidden_function(worker: Worker, pieces: list[str]) -> None:
    sql = " ".join(pieces)
    try:
        checked = check(worker, sql)
    except (Invalid, Refused):
        return
    called = {
        str(v.node["function_name"]).lower() for v in guard.walk(checked.tree) if "function_name" in v.node
    }
    assert not called & {"read_csv", "getenv", "query", "glob"}
