"""The hidden truth: in no column, row by row hardly to be seen, clear in what happens over time."""

from collections.abc import Mapping

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from lakehouse.staffing import generate
from lakehouse.staffing.dice import Floats
from lakehouse.staffing.schema import TABLES, Column, Table

ROW_LIMIT = 0.35
"""No column alone may tell more about one person."""

OUTCOME_FLOOR = 0.5
"""What happened to somebody over time must tell at least this much."""

FEW = 40
"""A text with at most so many values is taken as a choice, any other by its length."""

SOURCES = {
    "candidates": "candidates",
    "placements": "placements",
    "timesheets": "timesheets JOIN placements USING (placement_id)",
    "calls": "calls",
    "emails": "emails",
    "job_orders": "job_orders JOIN placements USING (order_id)",
    "clients": "clients JOIN placements USING (client_id)",
}
COLUMNS = [(table, column) for table in TABLES for column in table.columns]


def explained(values: np.ndarray, truth: Floats) -> float:
    """How much of `truth` a choice explains: the correlation ratio, 0 to 1."""
    _, codes = np.unique(values, return_inverse=True)
    means = np.bincount(codes, truth) / np.bincount(codes)
    return float(np.std(means[codes]) / np.std(truth))


def told(values: np.ndarray, truth: Floats) -> float:
    """How much of `truth` the values of a column tell, each alone."""
    if values.dtype.kind == "U" and len(np.unique(values)) <= FEW:
        return explained(values, truth)
    numbers = np.char.str_len(values) if values.dtype.kind == "U" else values.astype(np.float64)
    return abs(float(np.corrcoef(numbers, truth)[0, 1])) if np.std(numbers) else 0.0


def as_sql(table: Table, column: Column) -> str:
    name = f"{table.name}.{column.name}"
    if column.type in {"date", "timestamp"}:
        return f"coalesce(epoch({name}), 0)"
    return f"coalesce({name}, '')" if column.type == "string" else f"coalesce({name}::DOUBLE, -1)"


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda x: x.name)
def test_no_column_alone_tells_how_dependable_somebody_is(
    lake: duckdb.DuckDBPyConnection, table: Table, column: Column
) -> None:
    found = lake.execute(
        f"""SELECT {as_sql(table, column)} AS v, reliability
        FROM {SOURCES[table.name]} JOIN hidden USING (candidate_id) LIMIT 60000"""
    ).fetchnumpy()
    values = np.asarray(found["v"])
    values = values.astype(str) if values.dtype.kind == "O" else values
    assert told(values, found["reliability"]) <= ROW_LIMIT


def test_the_share_of_a_placement_that_was_worked_tells_little(lake: duckdb.DuckDBPyConnection) -> None:
    found = lake.execute(
        """SELECT corr(datediff('day', started_on, ended_on) / datediff('day', started_on, planned_end_on),
        reliability) FROM placements JOIN hidden USING (candidate_id) WHERE ended_on IS NOT NULL"""
    ).fetchone()
    assert found is not None
    assert abs(found[0]) <= ROW_LIMIT


def test_pay_within_a_trade_tells_something_but_little(lake: duckdb.DuckDBPyConnection) -> None:
    found = lake.execute(
        "SELECT corr(pay_rate, reliability) FROM candidates JOIN hidden USING (candidate_id) GROUP BY role"
    ).fetchall()
    assert all(0.05 < value <= ROW_LIMIT for (value,) in found)


OUTCOMES = {
    "missed shifts": """SELECT -avg(no_show::INT), count(*) AS n FROM timesheets
        JOIN placements USING (placement_id) {group} HAVING n >= 15""",
    "calls answered": """SELECT avg((outcome = 'answered')::INT), count(*) AS n FROM calls
        {group} HAVING n >= 10""",
    "the end and the rating of three placements or more": """SELECT
        avg(rating) - 2 * avg((ended_on < planned_end_on)::INT), count(*) AS n FROM placements
        {group} HAVING n >= 3""",
}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_happened_over_time_tells_much(lake: duckdb.DuckDBPyConnection, outcome: str) -> None:
    sql = OUTCOMES[outcome].format(group="JOIN hidden USING (candidate_id) GROUP BY candidate_id")
    rows = lake.execute(sql.replace("SELECT", "SELECT any_value(reliability),", 1)).fetchall()
    truth, seen = np.array([row[0] for row in rows]), np.array([row[1] for row in rows], dtype=np.float64)
    known = ~np.isnan(seen)
    assert known.sum() > 500
    assert np.corrcoef(truth[known], seen[known])[0, 1] > OUTCOME_FLOOR


def test_the_truth_is_one_row_for_each_candidate(hidden: pa.Table, company: Mapping[str, pa.Table]) -> None:
    assert hidden.column_names == ["candidate_id", "reliability", "archetype"]
    assert hidden["candidate_id"].equals(company["candidates"]["candidate_id"])


def test_reliability_fills_its_range_and_leans_high(hidden: pa.Table) -> None:
    values = hidden["reliability"].to_numpy()
    assert 0.2 <= values.min() < 0.25
    assert 0.99 < values.max() <= 1
    assert 0.7 < values.mean() < 0.77


def test_all_archetypes_occur(hidden: pa.Table) -> None:
    assert set(hidden["archetype"].to_pylist()) == {"steady", "specialist", "leader", "reliable"}


def test_the_truth_is_that_of_the_same_seed_only() -> None:
    first, again = generate.hidden(scale=0.02, seed=4), generate.hidden(scale=0.02, seed=4)
    assert first.equals(again)
    assert not first.equals(generate.hidden(scale=0.02, seed=5))


def test_a_correlation_would_be_noticed() -> None:
    truth = np.linspace(0, 1, 1000)
    assert told(truth * 3, truth) > 0.99
    assert told(np.where(truth > 0.5, "good", "bad"), truth) > 0.8
    assert told(np.ones(1000), truth) == 0
