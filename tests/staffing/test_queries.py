"""The four proven queries, against the same answers worked out without SQL."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from lakehouse.staffing import queries
from lakehouse.staffing.queries import QUERIES, Query
from lakehouse.staffing.schema import TABLES

Company = Mapping[str, pa.Table]
Rows = list[tuple[Any, ...]]


def ask(lake: duckdb.DuckDBPyConnection, query: Query, **params: str | int) -> Rows:
    return lake.execute(query.sql, {**query.defaults, **params}).fetchall()


def columns(company: Company, table: str, *names: str) -> Rows:
    return list(zip(*(company[table][name].to_pylist() for name in names), strict=True))


@pytest.mark.parametrize("query", QUERIES, ids=lambda q: q.name)
def test_every_query_has_an_answer(lake: duckdb.DuckDBPyConnection, query: Query) -> None:
    assert ask(lake, query)


@pytest.mark.parametrize("query", QUERIES, ids=lambda q: q.name)
def test_every_query_is_one_select_with_exactly_its_parameters(query: Query) -> None:
    assert len(duckdb.extract_statements(query.sql)) == 1
    assert duckdb.extract_statements(query.sql)[0].type == duckdb.StatementType.SELECT
    assert set(re.findall(r"\$(\w+)", query.sql)) == set(query.defaults)
    assert query.question.endswith("?")


@pytest.mark.parametrize("query", QUERIES, ids=lambda q: q.name)
def test_every_query_reads_plain_tables_only(lake: duckdb.DuckDBPyConnection, query: Query) -> None:
    answer = lake.execute("SELECT json_serialize_sql(?)", [query.sql]).fetchone()
    assert answer is not None
    tree = str(answer[0])
    assert '"error":false' in tree
    assert set(re.findall(r'"table_name":"(\w{2,})"', tree)) <= {t.name for t in TABLES}
    assert "TABLE_FUNCTION" not in tree


def test_queries_are_found_by_name() -> None:
    assert set(queries.BY_NAME) == {"available_skilled", "client_margin", "cold_leads", "vertical_margin"}
    assert all(queries.BY_NAME[q.name] is q for q in QUERIES)


def test_three_questions_are_in_words() -> None:
    assert len(queries.EXAMPLES) == 3
    assert all(question.endswith("?") for question in queries.EXAMPLES)


def skilled(company: Company, role: str, state: str, skill: str, certificate: str) -> list[object]:
    found = [
        (-years, who)
        for who, is_role, is_state, skills, papers, years, free, status in columns(
            company, "candidates", "candidate_id", "role", "state", "skills", "certificates",
            "years_experience", "availability", "status",
        )
        if (is_role, is_state, free, status) == (role, state, "now", "active")
        and skill in skills.split("; ")
        and certificate in (papers or "").split("; ")
    ]  # fmt: skip
    return [who for _, who in sorted(found)]


@pytest.mark.parametrize(
    ("role", "state", "skill", "certificate"),
    [
        ("Forklift Operator", "IL", "reach truck", "OSHA-10"),
        ("Welder", "TX", "TIG welding", "AWS D1.1"),
        ("Truck Driver", "CA", "backing", "CDL-A"),
    ],
)
def test_available_skilled_finds_exactly_those_who_fit(
    lake: duckdb.DuckDBPyConnection, company: Company, role: str, state: str, skill: str, certificate: str
) -> None:
    rows = ask(lake, queries.AVAILABLE_SKILLED, role=role, state=state, skill=skill, certificate=certificate)
    assert [row[0] for row in rows] == skilled(company, role, state, skill, certificate)
    assert rows


def test_available_skilled_finds_nobody_for_a_state_we_are_not_in(lake: duckdb.DuckDBPyConnection) -> None:
    assert ask(lake, queries.AVAILABLE_SKILLED, state="AK") == []


def cents(company: Company) -> dict[int, tuple[int, int]]:
    """Bill and pay of each client, in whole cents."""
    client: dict[int, int] = dict(columns(company, "placements", "placement_id", "client_id"))
    sums: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for placement, bill, pay in columns(company, "timesheets", "placement_id", "bill_total", "pay_total"):
        key = client[placement]
        sums[key] = sums[key][0] + round(bill * 100), sums[key][1] + round(pay * 100)
    return sums


def test_client_margin_adds_up_to_the_cent(lake: duckdb.DuckDBPyConnection, company: Company) -> None:
    expected = cents(company)
    rows = ask(lake, queries.CLIENT_MARGIN)
    assert len(rows) == len(expected)
    for who, _, _, revenue, margin, percent in rows:
        bill, pay = expected[who]
        assert round(revenue * 100) == bill
        assert round(margin * 100) == bill - pay
        assert percent == pytest.approx(100 * (bill - pay) / bill, abs=0.051)


def test_client_margin_begins_with_the_few_we_lose_money_on(
    lake: duckdb.DuckDBPyConnection, company: Company
) -> None:
    rows = ask(lake, queries.CLIENT_MARGIN)
    losing = {who for who, (bill, pay) in cents(company).items() if bill < pay}
    assert 3 <= len(losing) <= 30
    assert {row[0] for row in rows[: len(losing)]} == losing


@pytest.mark.parametrize("calls", [5, 9])
def test_cold_leads_are_those_called_often_and_never_placed(
    lake: duckdb.DuckDBPyConnection, company: Company, calls: int
) -> None:
    placed = {who for (who,) in columns(company, "placements", "candidate_id")}
    called = Counter(who for (who,) in columns(company, "calls", "candidate_id"))
    expected = {who: n for who, n in called.items() if n >= calls and who not in placed}
    rows = ask(lake, queries.COLD_LEADS, calls=calls)
    assert {row[0]: row[6] for row in rows} == expected
    assert [row[6] for row in rows] == sorted(expected.values(), reverse=True)


def test_cold_leads_are_a_few_hundred(lake: duckdb.DuckDBPyConnection) -> None:
    assert 200 <= len(ask(lake, queries.COLD_LEADS)) <= 900


def test_vertical_margin_adds_up_to_the_cent(lake: duckdb.DuckDBPyConnection, company: Company) -> None:
    vertical: dict[int, str] = dict(columns(company, "clients", "client_id", "vertical"))
    expected: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for who, (bill, pay) in cents(company).items():
        sums = expected[vertical[who]]
        sums[:] = sums[0] + 1, sums[1] + bill, sums[2] + pay
    rows = ask(lake, queries.VERTICAL_MARGIN)
    assert {r[0]: [r[1], round(r[2] * 100), round((r[2] - r[3]) * 100)] for r in rows} == expected


def test_margins_differ_by_vertical(lake: duckdb.DuckDBPyConnection) -> None:
    percent = {row[0]: row[4] for row in ask(lake, queries.VERTICAL_MARGIN)}
    assert len(percent) == 6
    assert percent["energy"] > percent["manufacturing"] > percent["food"] > 0
    assert max(percent.values()) - min(percent.values()) > 8
