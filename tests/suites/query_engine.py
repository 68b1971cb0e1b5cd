"""What every query engine must do. A new engine inherits this and adds one `engine` fixture.

The engine may read the folder that the fixture `data` names; it holds t.parquet with `id` from 0 to 999.
"""

import threading
from pathlib import Path

import pyarrow as pa
import pytest

from lakehouse.base.errors import Invalid, LakehouseError, Unavailable
from lakehouse.query import guard
from lakehouse.query.bind import bind
from lakehouse.query.engine import Answer, Bound, Engine, Limits
from lakehouse.query.relation import FieldRef, ParquetFiles, Relation, Rows

FOREVER = "SELECT count(*) FROM range(1000000) a(i), range(1000000) b(j) WHERE i * j % 7 = 3"


def bound(engine: Engine, sql: str, relation: Relation | None = None, params: object = None) -> Bound:
    """The statement with every table standing for `relation`."""
    checked = guard.check(sql, engine.parse(sql))
    made = bind(checked, {(r.name, r.at): relation for r in checked.references if relation})
    return Bound(tree=made.tree, relations=made.relations, params=params)


def rows(answer: Answer) -> list[tuple[object, ...]]:
    """The rows of an answer."""
    with pa.ipc.open_stream(b"".join(answer.chunks)) as reader:
        return [tuple(row.values()) for row in reader.read_all().to_pylist()]


class QueryEngineSuite:
    """The behaviour of the seam `Engine`."""

    def table(self, data: Path) -> ParquetFiles:
        return ParquetFiles((str(data / "t.parquet"),), (FieldRef(1, "id", "BIGINT"),), True)

    def test_a_statement_is_parsed_by_duckdb_itself(self, engine: Engine) -> None:
        assert '"SELECT_NODE"' in engine.parse("SELECT 1").tree
        assert engine.parse("SELECT 1").kinds == ()
        assert engine.parse("DROP TABLE x; SELECT 1").kinds == ("DROP", "SELECT")
        assert '"error":true' in engine.parse("SELEC").tree

    def test_rows_come_as_one_arrow_stream_with_their_types(self, engine: Engine) -> None:
        answer = engine.run(bound(engine, "SELECT 1 AS a, 'x' AS b"), Limits(), query_id="q")
        assert answer.columns == (("a", "INTEGER"), ("b", "VARCHAR"))
        assert rows(answer) == [(1, "x")]
        assert (answer.row_count, answer.truncated) == (1, False)
        assert answer.elapsed_ms > 0

    def test_relations_are_read_by_the_names_they_were_given(self, engine: Engine, data: Path) -> None:
        query = bound(engine, "SELECT count(*), max(t.id) FROM t", self.table(data))
        assert rows(engine.run(query, Limits(), query_id="q")) == [(1000, 999)]
        assert rows(engine.run(query, Limits(), query_id="q")) == [(1000, 999)]

    def test_rows_of_ours_are_relations_too(self, engine: Engine) -> None:
        sink = pa.BufferOutputStream()
        table = pa.table({"n": [1, 2, 3]})
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        query = bound(engine, "SELECT sum(n) FROM ours", Rows(sink.getvalue().to_pybytes()))
        assert rows(engine.run(query, Limits(), query_id="q")) == [(6,)]

    def test_parameters_reach_the_statement(self, engine: Engine) -> None:
        query = bound(engine, "SELECT $a + $b", params={"a": 1, "b": 2})
        assert rows(engine.run(query, Limits(), query_id="q")) == [(3,)]

    @pytest.mark.parametrize("most", [0, 1, 999, 1000, 1001])
    def test_no_more_rows_come_than_the_limit(self, engine: Engine, data: Path, most: int) -> None:
        query = bound(engine, "SELECT id FROM t ORDER BY id", self.table(data))
        answer = engine.run(query, Limits(rows=most), query_id="q")
        assert (answer.row_count, answer.truncated) == (min(most, 1000), most < 1000)
        assert [r[0] for r in rows(answer)] == list(range(min(most, 1000)))

    def test_no_more_bytes_come_than_the_limit(self, engine: Engine) -> None:
        query = bound(engine, "SELECT repeat('x', 1000) FROM range(1000)")
        answer = engine.run(query, Limits(bytes=50_000), query_id="q")
        assert answer.truncated
        assert 20 < answer.row_count < 50

    def test_duckdbs_refusal_is_invalid_and_the_engine_goes_on(self, engine: Engine, data: Path) -> None:
        with pytest.raises(Invalid) as caught:
            engine.run(bound(engine, "SELECT nope FROM t", self.table(data)), Limits(), query_id="q")
        assert caught.value.context["engine"] == "BinderException"
        failing = bound(engine, "SELECT CASE WHEN id = 998 THEN error('deep') END FROM t", self.table(data))
        with pytest.raises(Invalid, match="deep"):
            engine.run(failing, Limits(), query_id="q")
        assert rows(engine.run(bound(engine, "SELECT 1"), Limits(), query_id="q")) == [(1,)]

    def test_a_running_query_is_cancelled_by_its_id_alone(self, engine: Engine) -> None:
        query = bound(engine, FOREVER)
        caught: list[LakehouseError] = []

        def ask() -> None:
            try:
                engine.run(query, Limits(), query_id="mine")
            except LakehouseError as error:
                caught.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        for _ in range(500):
            assert not engine.cancel("another")
            if engine.cancel("mine"):
                break
            thread.join(0.01)
        # One cancel may come before the query has begun to run; ask until it is over.
        while thread.is_alive():
            engine.cancel("mine")
            thread.join(0.02)
        assert [(type(e), e.message) for e in caught] == [(Unavailable, "the query was cancelled")]
        assert not engine.cancel("mine")
        assert not engine.cancel("")

    def test_a_closed_engine_says_so(self, engine: Engine) -> None:
        engine.close()
        with pytest.raises(Unavailable, match="closed"):
            engine.parse("SELECT 1")
