"""Every kind of file becomes a table; the figures of the report are the file's own."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from lakehouse.ingest.plan import Request
from lakehouse.lake.facade import Lakehouse

ROWS = [{"id": n, "name": f"Name {n}", "zip": f"{n:05d}", "paid": n * 1.5} for n in range(1, 41)]
ARROW = pa.Table.from_pylist(ROWS)
Write = Callable[[str, str | bytes], Path]


def delimited(delimiter: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, ROWS[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(ROWS)
    return text.getvalue().encode()


def parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(ARROW, sink)
    return sink.getvalue()


def arrow_stream() -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, ARROW.schema) as writer:
        writer.write_table(ARROW)
    return sink.getvalue()


def arrow_file() -> bytes:
    sink = io.BytesIO()
    feather.write_feather(ARROW, sink, compression="uncompressed")
    return sink.getvalue()


def ndjson() -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)


FILES: dict[str, Callable[[], bytes]] = {
    "a.csv": lambda: delimited(","),
    "b.tsv": lambda: delimited("\t"),
    "c.txt": lambda: delimited(";"),
    "d.psv": lambda: delimited("|"),
    "e.json": lambda: json.dumps(ROWS).encode(),
    "f.ndjson": ndjson,
    "g.parquet": parquet,
    "h.arrow": arrow_stream,
    "i.feather": arrow_file,
    "j.csv.gz": lambda: gzip.compress(delimited(",")),
    "k.ndjson.zst": lambda: pa.compress(ndjson(), codec="zstd", asbytes=True),
    "l.parquet.gz": lambda: gzip.compress(parquet()),
    "without_suffix": lambda: delimited(","),
}


def test_a_folder_of_every_format_becomes_as_many_equal_tables(own: Lakehouse, write: Write) -> None:
    for name, content in FILES.items():
        write(f"in/{name}", content())
    write("in/.hidden.csv", "a\n1\n")
    folder = str(write("in/sub/deep.csv", delimited(",")).parents[1])
    reports = list(own.ingest_many([folder], Request()))
    assert [r.status for r in reports] == ["created"] * (len(FILES) + 1)
    for report in reports:
        assert (report.rows_read, report.rows, report.rejected) == (len(ROWS), len(ROWS), 0)
        assert report.is_complete
        assert report.counted_by
        assert [(c.name, c.type) for c in report.columns] == [
            ("id", "BIGINT"), ("name", "VARCHAR"), ("zip", "VARCHAR"), ("paid", "DOUBLE"),
        ]  # fmt: skip
        assert own.sql(f"SELECT * FROM {report.table} ORDER BY id").to_arrow().to_pylist() == ROWS
    again = list(own.ingest_many([folder], Request()))
    assert {r.status for r in again} == {"skipped"}
    assert len(own.tables()) == len(FILES) + 1


def test_a_pattern_names_its_files_and_each_word_counts_once(own: Lakehouse, write: Write) -> None:
    paths = [write(f"{n}.csv", f"a,b\n{n},x\n") for n in range(3)]
    words = [str(paths[0].parent / "[01].csv"), str(paths[1])]
    reports = list(own.ingest_many(words, Request(table="joined")))
    assert [(r.status, r.rows) for r in reports] == [("created", 1), ("appended", 1)]
    assert own.sql("SELECT a FROM joined ORDER BY a").rows() == [(0,), (1,)]


def test_what_is_piped_in_is_a_file_like_any_other(own: Lakehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(delimited(","))))
    (report,) = own.ingest_many(["-"], Request())
    assert (report.source, report.table, report.rows) == ("-", "stdin", len(ROWS))


def test_the_same_bytes_under_another_name_are_skipped(lake: Lakehouse, write: Write, table: str) -> None:
    first = lake.ingest(write("first.csv", "id,v\n1,a\n"), table=table)
    second = lake.ingest(write("renamed.csv", "id,v\n1,a\n"), table=table)
    assert (first.status, second.status) == ("created", "skipped")
    assert second.snapshot_id == first.snapshot_id
    assert second.sha256 == first.sha256
    assert "already" in second.reason
    assert len(lake.history(table)) == 1


def test_nested_json_is_flattened_and_lists_stay_lists(lake: Lakehouse, write: Write, table: str) -> None:
    rows = [{"id": 1, "at": {"city": "Oslo", "geo": {"lat": 59.9}}, "tags": ["a", "b"]}, {"id": 2}]
    report = lake.ingest(write("n.json", json.dumps(rows)), table=table)
    assert [(c.name, c.type) for c in report.columns] == [
        ("id", "BIGINT"), ("at_city", "VARCHAR"), ("at_geo_lat", "DOUBLE"), ("tags", "VARCHAR[]"),
    ]  # fmt: skip
    assert lake.sql(f"SELECT * FROM {table} ORDER BY id").rows() == [
        (1, "Oslo", 59.9, ["a", "b"]),
        (2, None, None, None),
    ]


@pytest.mark.parametrize(("header", "rows"), [("id,v\n", 0), ("id,v\n1,\n,2\n", 2)])
def test_few_and_empty_values_are_rows_too(
    lake: Lakehouse, write: Write, table: str, header: str, rows: int
) -> None:
    report = lake.ingest(write("few.csv", header), table=table)
    assert (report.status, report.rows_read, report.rows) == ("created", rows, rows)
    assert lake.sql(f"SELECT count(*) FROM {table}").rows() == [(rows,)]


def test_rows_read_are_rows_kept_and_rejected_and_an_independent_count_agrees(
    lake: Lakehouse, write: Write, table: str
) -> None:
    lines = [f"{n},Name {n}" for n in range(500)]
    bad = {3: "only one field", 77: "3,too,many", 400: '9,"never closed" x'}
    for at, line in bad.items():
        lines[at] = line
    report = lake.ingest(write("bad.csv", "id,name\n" + "\n".join(lines) + "\n"), table=table)
    assert report.rows_read == len(lines) == report.rows + report.rejected
    assert report.rows == lake.sql(f"SELECT count(*) FROM {table}").rows()[0][0]
    kept = lake.sql(
        "SELECT line, raw, reason <> '' FROM system.rejected WHERE table_name = $t ORDER BY line",
        {"t": table},
    )
    assert kept.rows() == [(at + 2, line, True) for at, line in bad.items()]
