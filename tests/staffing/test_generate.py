"""The company as tables and files: exact counts, the same bytes again, references that hold, sane figures."""

import csv
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.staffing import activity, generate, schema
from lakehouse.staffing.columns import arrow_schema
from lakehouse.staffing.schema import TABLES, Table
from lakehouse.staffing.trades import TRADES
from lakehouse.staffing.world import build

SMALL = 0.02
PINNED = "04aa4f06c9d1b3b4b9d5881c68275adf6e2eaf28f9dd818d00fd9f748e7fc511"
"""Of all CSV files at scale 0.02 and seed 1, in order. A change of it is a change of everybody's data."""


def all_bytes(folder: Path, *, seed: int = 1) -> str:
    paths = generate.write(folder, scale=SMALL, seed=seed)
    return sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def one(lake: duckdb.DuckDBPyConnection, sql: str) -> object:
    row = lake.execute(sql).fetchone()
    assert row is not None
    return row[0]


def figure(lake: duckdb.DuckDBPyConnection, sql: str) -> float:
    value = one(lake, sql)
    assert isinstance(value, int | float)
    return value


def test_scale_1_has_exactly_the_rows_of_the_reference(company: Mapping[str, pa.Table]) -> None:
    assert {name: table.num_rows for name, table in company.items()} == {t.name: t.rows for t in TABLES}


@pytest.mark.parametrize("scale", [0.01, 0.013, 0.37])
def test_every_scale_has_the_rows_that_were_announced(scale: float) -> None:
    rows = {name: reader.read_all().num_rows for name, reader in generate.tables(scale=scale, seed=5)}
    assert rows == dict(schema.counts(scale))


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_columns_and_types_are_those_of_the_schema(table: Table, company: Mapping[str, pa.Table]) -> None:
    arrow = company[table.name].schema
    assert tuple(arrow.names) == table.names
    assert [str(t) for t in arrow.types] == [ARROW_NAMES[c.type] for c in table.columns]


ARROW_NAMES = {
    "long": "int64",
    "double": "double",
    "string": "string",
    "boolean": "bool",
    "date": "date32[day]",
    "timestamp": "timestamp[us]",
}


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_only_columns_that_may_be_absent_are(table: Table, company: Mapping[str, pa.Table]) -> None:
    nulls = {name: company[table.name][name].null_count for name in table.names}
    assert {name for name, count in nulls.items() if count} == {c.name for c in table.columns if c.nullable}


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_keys_count_up_from_1(table: Table, company: Mapping[str, pa.Table]) -> None:
    assert company[table.name][table.key].to_pylist() == list(range(1, table.rows + 1))


REFERENCES = [(t.name, column, target) for t in TABLES for column, target in t.references]


@pytest.mark.parametrize(("table", "column", "target"), REFERENCES)
def test_every_reference_points_to_a_row(
    lake: duckdb.DuckDBPyConnection, table: str, column: str, target: str
) -> None:
    missing = f"SELECT count(*) FROM {table} WHERE {column} NOT IN (SELECT {column} FROM {target})"
    assert one(lake, missing) == 0


def test_the_same_seed_gives_the_same_bytes_as_always(tmp_path: Path) -> None:
    assert all_bytes(tmp_path) == PINNED


def test_another_seed_gives_another_company(tmp_path: Path) -> None:
    assert all_bytes(tmp_path, seed=2) != PINNED


def test_parquet_comes_out_the_same_twice(tmp_path: Path) -> None:
    first = generate.write(tmp_path / "a", scale=SMALL, format="parquet")
    again = generate.write(tmp_path / "b", scale=SMALL, format="parquet")
    assert [p.name for p in first] == [f"{t.name}.parquet" for t in TABLES]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in again]


def test_parquet_holds_what_the_tables_hold(tmp_path: Path) -> None:
    paths = generate.write(tmp_path, scale=SMALL, format="parquet")
    for path, (_, reader) in zip(paths, generate.tables(scale=SMALL), strict=True):
        assert pq.read_table(path).equals(reader.read_all())


def test_a_chunk_in_the_middle_needs_nothing_that_came_before() -> None:
    whole: dict[str, pa.Table] = {name: reader.read_all() for name, reader in generate.tables(scale=SMALL)}
    company, rows = build(scale=SMALL, seed=1), np.arange(700, 777)
    call_times = activity.contact_times(company.dice("call times", np.arange(len(company.calls))))
    mail_times = activity.contact_times(company.dice("mail times", np.arange(company.emails)))
    chunks = {
        "timesheets": activity.timesheets(company, rows),
        "calls": activity.calls(company, rows, call_times),
        "emails": activity.emails(company, rows, mail_times),
    }
    for name, chunk in chunks.items():
        assert pa.Table.from_batches([chunk]).equals(whole[name].slice(700, 77))


def test_zip_codes_keep_their_zeros_in_csv(tmp_path: Path) -> None:
    generate.write(tmp_path, scale=0.1)
    with (tmp_path / "candidates.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    north_east = [row["zip"] for row in rows if row["state"] in {"MA", "NJ", "CT"}]
    assert north_east
    assert all(re.fullmatch(r"0\d{4}", code) for code in north_east)
    assert all(re.fullmatch(r"\d{5}", row["zip"]) for row in rows)


def test_csv_reads_back_as_the_same_values(tmp_path: Path) -> None:
    paths = generate.write(tmp_path, scale=SMALL)
    with duckdb.connect() as con:
        for path, (name, reader) in zip(paths, generate.tables(scale=SMALL), strict=True):
            con.register("expected", reader.read_all())
            con.execute(f"CREATE TABLE {name} AS FROM expected LIMIT 0")
            con.execute(f"COPY {name} FROM '{path}' (HEADER)")
            assert con.execute(f"FROM {name} EXCEPT ALL FROM expected").fetchall() == []
            assert con.execute(f"FROM expected EXCEPT ALL FROM {name}").fetchall() == []


def test_files_that_stand_there_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text("old")
    generate.write(tmp_path, scale=SMALL)
    assert (tmp_path / "clients.csv").read_text().startswith('"client_id"')


def test_a_file_where_the_folder_must_be_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(Unavailable):
        generate.write(tmp_path / "taken", scale=SMALL)


def test_a_scale_of_zero_is_invalid() -> None:
    with pytest.raises(Invalid):
        next(generate.tables(scale=0))


def test_a_roster_has_the_size_asked_for_and_the_columns_of_candidates() -> None:
    reader = generate.roster(20_001)
    assert reader.schema == arrow_schema(schema.CANDIDATES)
    assert sum(batch.num_rows for batch in reader) == 20_001


def test_an_empty_roster_is_a_table_without_rows() -> None:
    assert generate.roster(0).read_all().num_rows == 0


def test_a_negative_roster_is_invalid() -> None:
    with pytest.raises(Invalid):
        generate.roster(-1)


def test_a_person_is_the_same_in_rosters_of_any_size_and_in_the_company(
    company: Mapping[str, pa.Table],
) -> None:
    small, large = generate.roster(50).read_all(), generate.roster(500).read_all()
    assert small.equals(large.slice(0, 50))
    who = ["first_name", "email", "phone", "role", "skills", "pay_rate", "resume"]
    assert small.select(who).equals(company["candidates"].slice(0, 50).select(who))


def test_forklift_operators_are_as_frequent_as_in_the_reference_roster() -> None:
    roles = generate.roster(50_000)
    share = sum(b["role"].to_pylist().count("Forklift Operator") for b in roles) / 50_000
    assert abs(share - 0.1107) < 0.005


def test_phones_are_plausible_and_nobodys(company: Mapping[str, pa.Table]) -> None:
    notations = r"\([2-9]\d\d\) 555-\d{4}|[2-9]\d\d-555-\d{4}|\+1 [2-9]\d\d 555 \d{4}"
    phones = company["candidates"]["phone"].to_pylist() + company["clients"]["contact_phone"].to_pylist()
    assert all(re.fullmatch(notations, phone) for phone in phones)
    assert len(set(phones)) > 0.98 * len(phones)


def test_mail_addresses_of_candidates_are_unique(company: Mapping[str, pa.Table]) -> None:
    mails = company["candidates"]["email"].to_pylist()
    assert len(set(mails)) == len(mails)
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+\d+@[a-z.]*example\.(com|net|org)", mail) for mail in mails)


def test_names_of_clients_are_unique(company: Mapping[str, pa.Table]) -> None:
    names = company["clients"]["name"].to_pylist()
    assert len(set(names)) == len(names)


PROMISES = {
    "people are placed in their trade": """
        SELECT count(*) FROM placements JOIN candidates c USING (candidate_id)
        JOIN job_orders o USING (order_id) WHERE c.role <> o.role""",
    "a placement is with the client of its order": """
        SELECT count(*) FROM placements p JOIN job_orders o USING (order_id)
        WHERE p.client_id <> o.client_id""",
    "nobody works in two places at once": """
        SELECT count(*) FROM placements a JOIN placements b ON a.candidate_id = b.candidate_id
        AND a.placement_id < b.placement_id AND b.started_on <= coalesce(a.ended_on, DATE '2099-01-01')""",
    "nobody was sent without a required certificate": """
        SELECT count(*) FROM placements JOIN candidates c USING (candidate_id)
        JOIN job_orders o USING (order_id)
        WHERE len(list_filter(string_split(o.required_certificates, '; '),
          x -> NOT list_contains(string_split(coalesce(c.certificates, ''), '; '), x))) > 0""",
    "placements start on a Monday": "SELECT count(*) FROM placements WHERE isodow(started_on) <> 1",
    "a placement ends after it starts and not after the agreed day": """
        SELECT count(*) FROM placements WHERE ended_on < started_on OR ended_on > planned_end_on""",
    "only what lasts has no reason to have ended": """
        SELECT count(*) FROM placements WHERE (ended_on IS NULL) <> (end_reason IS NULL)""",
    "orders come in before anybody starts, and clients before they order": """
        SELECT count(*) FROM placements JOIN job_orders o USING (order_id) JOIN clients c
        ON c.client_id = o.client_id WHERE o.opened_on >= started_on OR c.since >= o.opened_on""",
    "an order is filled when all its people are there, and not before": """
        SELECT count(*) FROM job_orders o WHERE (status = 'filled') <> (headcount =
          (SELECT count(*) FROM placements p WHERE p.order_id = o.order_id))""",
    "people register before they work and before they are called": """
        SELECT (SELECT count(*) FROM placements JOIN candidates USING (candidate_id)
          WHERE started_on <= registered_on) + (SELECT count(*) FROM calls JOIN candidates
          USING (candidate_id) WHERE started_at < registered_on)""",
    "one time sheet for each week of each placement": """
        SELECT count(*) FROM placements p WHERE (SELECT count(*) FROM timesheets t
        WHERE t.placement_id = p.placement_id) <> datediff('day', started_on,
          coalesce(ended_on, DATE '2026-10-30')) // 7 + 1""",
    "time sheets lie within their placement": """
        SELECT count(*) FROM timesheets JOIN placements USING (placement_id)
        WHERE week_ending < started_on OR week_ending > coalesce(ended_on, DATE '2026-10-30') + 2""",
    "pay and bill are hours times rate": """
        SELECT count(*) FROM timesheets JOIN placements USING (placement_id)
        WHERE abs((hours + 1.5 * overtime_hours) * pay_rate - pay_total) > 0.0051
           OR abs((hours + 1.5 * overtime_hours) * bill_rate - bill_total) > 0.0051""",
    "who is on assignment has a placement that lasts": """
        SELECT count(*) FROM candidates c WHERE (availability = 'on assignment') <>
        EXISTS (SELECT 1 FROM placements p WHERE p.candidate_id = c.candidate_id AND ended_on IS NULL)""",
    "a day of availability is given exactly where it means something": """
        SELECT count(*) FROM candidates WHERE (available_from IS NULL) <>
        (availability IN ('now', 'not looking'))""",
    "every mail is with a candidate or with a client": """
        SELECT count(*) FROM emails WHERE (candidate_id IS NULL) = (client_id IS NULL)""",
    "mails go between us and the person they are with": """
        SELECT count(*) FROM emails e LEFT JOIN candidates c USING (candidate_id)
        LEFT JOIN clients l ON l.client_id = e.client_id
        WHERE (CASE direction WHEN 'inbound' THEN from_address ELSE to_address END)
        <> coalesce(c.email, l.contact_email)
        OR (CASE direction WHEN 'inbound' THEN to_address ELSE from_address END)
        NOT LIKE '%@staffing.example.com'""",
    "nobody talks when nobody answers": """
        SELECT count(*) FROM calls WHERE (duration_s = 0) <> (outcome = 'no answer')""",
    "calls and mails are numbered by time": """
        SELECT (SELECT count(*) FROM (SELECT started_at < lag(started_at) OVER (ORDER BY call_id) AS b
        FROM calls) WHERE b) + (SELECT count(*) FROM (SELECT sent_at < lag(sent_at)
        OVER (ORDER BY email_id) AS b FROM emails) WHERE b)""",
}


@pytest.mark.parametrize("promise", PROMISES)
def test_the_data_keep_a_promise(lake: duckdb.DuckDBPyConnection, promise: str) -> None:
    assert one(lake, PROMISES[promise]) == 0


def test_the_bill_rate_is_the_base_rate_times_the_markup_of_the_client(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    base = {trade.title: trade.base for trade in TRADES}
    rates = lake.execute("SELECT role, bill_rate, markup FROM job_orders JOIN clients USING (client_id)")
    for role, bill_rate, markup in rates.fetchall():
        assert bill_rate == pytest.approx(base[role] * markup, abs=1e-9)


def test_the_usual_markup_is_about_1_4(lake: duckdb.DuckDBPyConnection) -> None:
    assert figure(lake, "SELECT median(markup) FROM clients") == pytest.approx(1.4, abs=0.03)


WORKS_AT_HOME = """SELECT avg((c.state = o.state)::INT) FROM placements
    JOIN candidates c USING (candidate_id) JOIN job_orders o USING (order_id)"""
RANGES = [
    ("SELECT count(*) FROM candidates WHERE availability = 'now'", 4_000, 9_000),
    ("SELECT count(DISTINCT candidate_id) FROM placements", 3_000, 6_000),
    ("SELECT max(n) FROM (SELECT count(*) AS n FROM placements GROUP BY candidate_id)", 5, 30),
    ("SELECT count(*) FROM placements WHERE ended_on IS NULL", 500, 1_500),
    ("SELECT avg((ended_on < planned_end_on)::INT) FROM placements", 0.15, 0.3),
    ("SELECT avg(rating) FROM placements", 3.2, 4.0),
    ("SELECT avg(no_show::INT) FROM timesheets", 0.05, 0.1),
    ("SELECT avg(hours) FROM timesheets", 34, 40),
    ("SELECT avg((outcome = 'answered')::INT) FROM calls", 0.5, 0.8),
    ("SELECT count(DISTINCT client_id) FROM placements", 350, 500),
    ("SELECT sum(bill_total - pay_total) / sum(bill_total) FROM timesheets", 0.1, 0.25),
    ("SELECT count(*) FROM job_orders WHERE status = 'open'", 300, 1_500),
    (WORKS_AT_HOME, 0.9, 1),
    ("SELECT min(pay_rate) FROM candidates", 17.8, 18.4),
    ("SELECT max(pay_rate) FROM candidates", 35, 36),
]


@pytest.mark.parametrize(("sql", "low", "high"), RANGES)
def test_a_figure_is_sane(lake: duckdb.DuckDBPyConnection, sql: str, low: float, high: float) -> None:
    assert low <= figure(lake, sql) <= high
