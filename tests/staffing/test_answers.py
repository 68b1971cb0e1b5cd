"""The named queries on companies of any seed and size, beside plain loops over whole cents."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.staffing import generate, queries
from lakehouse.staffing.queries import Query
from lakehouse.staffing.schema import LIST_SEPARATOR
from lakehouse.staffing.trades import TRADES

Row = dict[str, Any]
Rows = list[tuple[Any, ...]]
few = settings(max_examples=7, deadline=None)
companies = given(st.integers(0, 2**31), st.floats(0.01, 0.04))


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A small one, to ask and to count by hand."""

    lake: duckdb.DuckDBPyConnection
    tables: Mapping[str, list[Row]]

    def ask(self, query: Query, **params: str | int) -> Rows:
        return self.lake.execute(query.sql, {**query.defaults, **params}).fetchall()


def made(lake: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> Company:
    for name, table in tables.items():
        lake.register("arriving", table)
        lake.execute(f"CREATE OR REPLACE TABLE {name} AS FROM arriving")
    return Company(lake=lake, tables={name: table.to_pylist() for name, table in tables.items()})


def company_of(lake: duckdb.DuckDBPyConnection, seed: int, scale: float) -> Company:
    return made(lake, {name: reader.read_all() for name, reader in generate.tables(scale=scale, seed=seed)})


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def cents(dollars: float) -> int:
    return round(dollars * 100)


def sums(company: Company, by: str) -> dict[Any, tuple[set[int], int, int]]:
    """Clients, cents billed and cents paid for each value of a column of clients."""
    clients = {row["client_id"]: row for row in company.tables["clients"]}
    of = {row["placement_id"]: row["client_id"] for row in company.tables["placements"]}
    found: dict[Any, tuple[set[int], int, int]] = defaultdict(lambda: (set(), 0, 0))
    for sheet in company.tables["timesheets"]:
        client = of[sheet["placement_id"]]
        who, billed, paid = found[clients[client][by]]
        found[clients[client][by]] = (
            who | {client},
            billed + cents(sheet["bill_total"]),
            paid + cents(sheet["pay_total"]),
        )
    return found


@few
@companies
def test_client_margin_is_what_a_clerk_would_add_up(
    con: duckdb.DuckDBPyConnection, seed: int, scale: float
) -> None:
    company = company_of(con, seed, scale)
    expected = sums(company, "client_id")
    rows = company.ask(queries.CLIENT_MARGIN)
    assert {row[0]: (cents(row[3]), cents(row[4])) for row in rows} == {
        client: (billed, billed - paid) for client, (_, billed, paid) in expected.items()
    }
    names = {row["client_id"]: (row["name"], row["vertical"]) for row in company.tables["clients"]}
    assert all(names[row[0]] == row[1:3] for row in rows)


@few
@companies
def test_client_margin_shows_the_worst_first(con: duckdb.DuckDBPyConnection, seed: int, scale: float) -> None:
    rows = company_of(con, seed, scale).ask(queries.CLIENT_MARGIN)
    assert [(row[4], row[0]) for row in rows] == sorted((row[4], row[0]) for row in rows)


@few
@companies
def test_vertical_margin_is_the_sum_of_its_clients(
    con: duckdb.DuckDBPyConnection, seed: int, scale: float
) -> None:
    company = company_of(con, seed, scale)
    rows = company.ask(queries.VERTICAL_MARGIN)
    assert {row[0]: (row[1], cents(row[2]), cents(row[3])) for row in rows} == {
        vertical: (len(clients), billed, billed - paid)
        for vertical, (clients, billed, paid) in sums(company, "vertical").items()
    }
    assert [row[4] for row in rows] == sorted((row[4] for row in rows), reverse=True)


@few
@companies
def test_per_cents_are_of_the_revenue(con: duckdb.DuckDBPyConnection, seed: int, scale: float) -> None:
    company = company_of(con, seed, scale)
    for query, by in ((queries.CLIENT_MARGIN, "client_id"), (queries.VERTICAL_MARGIN, "vertical")):
        expected = sums(company, by)
        for row in company.ask(query):
            _, billed, paid = expected[row[0]]
            assert row[-1] == pytest.approx(100 * (billed - paid) / billed, abs=0.0501)


@few
@given(st.integers(0, 2**31), st.floats(0.01, 0.04), st.integers(1, 12))
def test_cold_leads_are_counted_one_by_one(
    con: duckdb.DuckDBPyConnection, seed: int, scale: float, least: int
) -> None:
    company = company_of(con, seed, scale)
    placed = {row["candidate_id"] for row in company.tables["placements"]}
    moments: dict[int, list[datetime]] = defaultdict(list)
    for call in company.tables["calls"]:
        if call["candidate_id"] not in placed:
            moments[call["candidate_id"]].append(call["started_at"])
    people = {row["candidate_id"]: row for row in company.tables["candidates"]}
    expected = [
        (who, *(people[who][n] for n in ("first_name", "last_name", "role", "city", "state")), len(m), max(m))
        for who, m in moments.items()
        if len(m) >= least
    ]
    assert company.ask(queries.COLD_LEADS, calls=least) == sorted(expected, key=lambda r: (-r[6], r[0]))


def asked(data: st.DataObject, company: Company) -> dict[str, str]:
    """Parameters that somebody fulfils, more often than not."""
    one = data.draw(st.sampled_from(company.tables["candidates"]))
    papers = (one["certificates"] or "OSHA-10").split(LIST_SEPARATOR)
    return {
        "role": one["role"],
        "state": one["state"],
        "skill": data.draw(st.sampled_from(one["skills"].split(LIST_SEPARATOR))),
        "certificate": data.draw(st.sampled_from(papers)),
    }


@few
@given(st.integers(0, 2**31), st.data())
def test_available_skilled_finds_exactly_whom_a_reader_of_the_list_would_find(
    con: duckdb.DuckDBPyConnection, seed: int, data: st.DataObject
) -> None:
    company = company_of(con, seed, 0.03)
    for _ in range(10):
        wish = asked(data, company)
        found = [
            row
            for row in company.tables["candidates"]
            if (row["role"], row["state"]) == (wish["role"], wish["state"])
            and (row["availability"], row["status"]) == ("now", "active")
            and wish["skill"] in row["skills"].split(LIST_SEPARATOR)
            and wish["certificate"] in (row["certificates"] or "").split(LIST_SEPARATOR)
        ]
        found.sort(key=lambda row: (-row["years_experience"], row["candidate_id"]))
        rows = company.ask(queries.AVAILABLE_SKILLED, **wish)
        assert [row[0] for row in rows] == [row["candidate_id"] for row in found]


def test_part_of_a_skill_or_of_a_certificate_is_not_enough(con: duckdb.DuckDBPyConnection) -> None:
    company = company_of(con, 5, 0.04)
    trade = next(t for t in TRADES if t.title == "Forklift Operator")
    for wish in (
        {"skill": "reach"},
        {"certificate": "OSHA"},
        {"skill": trade.skills[0][1]},
        {"role": "Forklift"},
    ):
        assert company.ask(queries.AVAILABLE_SKILLED, **wish) == []


def test_nobody_answers_to_a_quote_in_a_parameter(con: duckdb.DuckDBPyConnection) -> None:
    company = company_of(con, 5, 0.01)
    assert company.ask(queries.AVAILABLE_SKILLED, role="' OR 1=1 --") == []


def one_by_hand(con: duckdb.DuckDBPyConnection, *, billed: float, paid: float, calls: int) -> Company:
    """A company of one candidate, one client and one week, written by hand over a generated one."""
    tables = {name: reader.read_all() for name, reader in generate.tables(scale=0.01, seed=5)}
    rows = {name: table.slice(0, 1).to_pylist()[0] for name, table in tables.items()}
    rows["placements"] |= {"placement_id": 1, "candidate_id": 2, "client_id": 1}
    rows["timesheets"] |= {"placement_id": 1, "bill_total": billed, "pay_total": paid}
    listed = {name: [row] for name, row in rows.items()}
    listed["calls"] = [
        rows["calls"]
        | {"call_id": n, "candidate_id": 1, "started_at": datetime.fromisoformat(f"2026-06-0{n}")}
        for n in range(1, calls + 1)
    ]
    return made(con, {name: pa.Table.from_pylist(listed[name], tables[name].schema) for name in tables})


def test_a_client_that_costs_more_than_it_pays_has_a_negative_margin(
    con: duckdb.DuckDBPyConnection,
) -> None:
    company = one_by_hand(con, billed=100.10, paid=120.20, calls=1)
    assert [row[3:] for row in company.ask(queries.CLIENT_MARGIN)] == [(100.10, -20.10, -20.1)]
    assert [row[1:] for row in company.ask(queries.VERTICAL_MARGIN)] == [(1, 100.10, -20.10, -20.1)]


@pytest.mark.parametrize(("calls", "found"), [(4, 0), (5, 1), (6, 1)])
def test_a_lead_is_cold_from_the_fifth_call_on(
    con: duckdb.DuckDBPyConnection, calls: int, found: int
) -> None:
    rows = one_by_hand(con, billed=1, paid=1, calls=calls).ask(queries.COLD_LEADS)
    assert [(row[0], row[6], row[7].date()) for row in rows] == [(1, calls, date(2026, 6, calls))] * found


def test_defaults_are_the_parameters_by_name() -> None:
    for query in queries.QUERIES:
        assert list(query.defaults.items()) == [(param.name, param.default) for param in query.params]
        assert all(param.doc.endswith(".") for param in query.params)
