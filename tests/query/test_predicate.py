"""Conditions from outside: what passes is one condition on one table, wherever it is put."""

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid, LakehouseError, Refused
from lakehouse.query import predicate
from lakehouse.query.session import Session

PIECES = """
    id = 1 city 'Oslo' ' " ( ) () (1) 1=1 -- /* */ ; AND OR NOT IN IS NULL BETWEEN LIKE SELECT (SELECT UNION
    EXCEPT FROM people lake.people u WHERE GROUP BY HAVING ORDER LIMIT OFFSET QUALIFY WINDOW USING SAMPLE
    RETURNING * VALUES EXISTS CASE WHEN THEN END $1 ? $$ e'\\' , . :: INTEGER TRUE [ ] { } :=
    DELETE DROP TABLE WITH AS MATERIALIZED lower( abs(id) random() row_number() OVER COLLATE AT =>
"""


def passes(session: Session, condition: str) -> None:
    """Judge a condition as the lake does; an error when it is refused."""
    for statement in predicate.probes('"lake"."people"', condition):
        found = session.check(statement)
        tables, values = len(found.references), len(found.parameters)
        predicate.judge(found.tree, references=tables, parameters=values)


@pytest.mark.parametrize(
    "condition",
    [
        "id = 7",
        "true",
        "NULL",
        "id IN (1, 2, 3) AND city <> 'Oslo'",
        "city = 'O''Hara; DROP TABLE people' OR name LIKE '%)%'",
        "id BETWEEN 1 AND 5 OR NOT (salary IS NULL)",
        "born < DATE '2020-01-01' + INTERVAL 3 DAY",
        "CASE WHEN id > 5 THEN true ELSE city = 'Rome' END",
        "lower(city) = 'oslo' -- the capital",
        "id = 1 /* one */",
        "(id = 1) OR (id = 2)",
        "id::VARCHAR = '1'",
        "people.id = 1",
        "list_contains(['Oslo', 'Rome'], city)",
        '"id" = 1\n',
    ],
)
def test_a_condition_on_the_tables_own_columns_passes(session: Session, condition: str) -> None:
    passes(session, condition)


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "   ",
        "-- nothing",
        "1=1) OR (1=1",
        "1=1); DROP TABLE people; --",
        "1=1; SELECT 1",
        "id = 1;",
        "id = 1 ORDER BY id",
        "id = 1 LIMIT 1",
        "id = 1 GROUP BY ALL",
        "id = 1 HAVING true",
        "id = 1 QUALIFY true",
        "id = 1 USING SAMPLE 1",
        "id = 1 UNION SELECT 1",
        "id = 1 RETURNING *",
        "id = 1 WINDOW w AS ()",
        "SELECT 1",
        "(SELECT true)",
        "(SELECT 1) LIMIT 1",
        "id IN (SELECT id FROM people)",
        'id IN (SELECT id FROM "lake"."people")',
        "id IN (SELECT * FROM range(5))",
        "id IN (TABLE people)",
        "id IN (VALUES (1))",
        "EXISTS (SELECT 1)",
        "id = ANY (SELECT 1)",
        "id = (FROM visits SELECT max(person))",
        "id = $1",
        "id = ?",
        "id = $name",
        "read_text('/etc/passwd') IS NOT NULL",
        "getenv('HOME') = ''",
        "id = 1 /* ",
        "id = 'unfinished",
        'id = "unfinished',
        "true\0",
    ],
)
def test_anything_else_is_refused(session: Session, condition: str) -> None:
    with pytest.raises((Refused, Invalid)) as refused:
        passes(session, condition)
    assert refused.value.hint


def conditions() -> st.SearchStrategy[str]:
    pieces = st.lists(st.sampled_from(PIECES.split()), min_size=1, max_size=9).map(" ".join)
    wrapped = st.tuples(st.sampled_from(["id = 1 ", "true ", "city = 'Oslo' "]), pieces).map("".join)
    return pieces | wrapped | st.text(max_size=40)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(condition=conditions())
def test_what_passes_is_one_condition_that_touches_no_other_rows(session: Session, condition: str) -> None:
    try:
        passes(session, condition)
    except LakehouseError:
        return
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA lake; CREATE TABLE u AS SELECT 1 AS id")
        con.execute(
            "CREATE TABLE lake.people AS SELECT i AS id, 'Oslo' AS city, '' AS name FROM range(3) r(i)"
        )
        assert len(con.extract_statements(f"DELETE FROM lake.people WHERE ({condition}\n)")) == 1
        assert len(con.extract_statements(f"SELECT CASE WHEN ({condition}\n) THEN 1 END")) == 1
        try:
            kept = con.execute(f"SELECT count(*) FROM lake.people WHERE ({condition}\n) AND false").fetchall()
            con.execute(f"DELETE FROM lake.people WHERE ({condition}\n) AND id = 0")
        except duckdb.Error:
            return  # no boolean, or no such column: DuckDB says so and changes nothing
        assert kept == [(0,)]
        assert con.execute("SELECT count(*) FROM u").fetchall() == [(1,)]
        assert con.execute("SELECT count(*) >= 2 FROM lake.people").fetchall() == [(True,)]


@pytest.mark.parametrize("condition", ["", "  ", "\n"])
def test_an_empty_condition_says_so(condition: str) -> None:
    with pytest.raises(Invalid, match="is empty"):
        predicate.probes('"lake"."people"', condition)
