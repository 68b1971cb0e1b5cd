"""What an ingest does to a table that is there: modes, keys, columns, rejects, and nothing by halves."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.base.errors import Invalid, LakehouseError, NotFound
from lakehouse.ingest.plan import Request
from lakehouse.lake.facade import Lakehouse

Write = Callable[[str, str | bytes], Path]


def rows(lake: Lakehouse, table: str) -> list[tuple[object, ...]]:
    return lake.sql(f"SELECT * FROM {table} ORDER BY ALL").rows()


def everything(folder: Path) -> dict[str, str]:
    """Every file below `folder` with a hash of its bytes, and every folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
        if path.suffix != ".sqlite-shm"  # the locks of readers
    }


def rejected(lake: Lakehouse, table: str) -> list[tuple[object, ...]]:
    asked = "SELECT line, reason, raw FROM system.rejected WHERE table_name = ? ORDER BY id"
    return lake.sql(asked, [table]).rows()


def test_append_adds_replace_replaces_and_history_keeps_both(
    lake: Lakehouse, write: Write, table: str
) -> None:
    lake.ingest(write("1.csv", "id,v\n1,a\n"), table=table)
    assert lake.ingest(write("2.csv", "id,v\n1,b\n"), table=table).status == "appended"
    assert rows(lake, table) == [(1, "a"), (1, "b")]
    replaced = lake.ingest(write("3.csv", "id,v\n2,c\n"), table=table, mode="replace")
    assert (replaced.status, rows(lake, table)) == ("replaced", [(2, "c")])
    assert [v.rows for v in lake.history(table)] == [1, 2, 1]
    assert lake.ingest(write("3.csv", "id,v\n2,c\n"), table=table, mode="replace").status == "skipped"
    assert lake.ingest(write("1.csv", "id,v\n1,a\n"), table=table).status == "appended"


def test_upsert_replaces_known_keys_and_adds_the_others(lake: Lakehouse, write: Write, table: str) -> None:
    lake.ingest(write("1.csv", "id,v,w\n1,a,x\n2,b,y\n"), table=table, key="id")
    report = lake.ingest(write("2.csv", "ID,V\n2,B\n3,C\n"), table=table, key="Id")
    assert (report.status, report.rows) == ("upserted", 2)
    assert rows(lake, table) == [(1, "a", "x"), (2, "B", "y"), (3, "C", None)]
    assert lake.show(table).card.key == ("id",)


@pytest.mark.parametrize("is_known", [False, True])
def test_of_rows_with_one_key_the_last_wins_and_the_report_says_so(
    lake: Lakehouse, write: Write, table: str, is_known: bool
) -> None:
    if is_known:
        lake.ingest(write("0.csv", "id,v\n1,z\n9,z\n"), table=table, key="id")
    report = lake.ingest(write("1.csv", "id,v\n1,a\n2,b\n1,c\n1,d\n"), table=table, key="id")
    assert (report.rows_read, report.rows, report.rejected) == (4, 4, 0)
    assert report.reason == "2 rows gave way to later ones with the same key"
    assert report.proof == "4 read = 2 in the table + 2 replaced by later ones + 0 rejected"
    assert rows(lake, table) == [(1, "d"), (2, "b")] + [(9, "z")] * is_known
    assert len(lake.history(table)) == 1 + is_known


def test_a_replacement_with_a_key_holds_each_key_once(lake: Lakehouse, write: Write, table: str) -> None:
    lake.ingest(write("1.csv", "id,v\n1,a\n"), table=table)
    lake.ingest(write("2.csv", "id,v\n7,a\n7,b\n"), table=table, key="id", mode="replace")
    assert rows(lake, table) == [(7, "b")]


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_row_whose_key_is_empty_is_rejected_with_its_line_and_reason(
    lake: Lakehouse, write: Write, table: str, kind: str, is_known: bool
) -> None:
    if is_known:
        lake.ingest(write("0.csv", "id,part,v\nk1,1,z\n"), table=table, key="id,part")
    if kind == "csv":
        path = write("1.csv", 'id,part,v\nk1,1,a\n,1,b\nk2,,c\n"",1,d\nk3,1,e\n')
        lines = {3: "id", 4: "part", 5: "id"}
    else:
        listed = [("k1", 1, "a"), (None, 1, "b"), ("k2", None, "c"), ("", 1, "d"), ("k3", 1, "e")]
        made = [json.dumps(dict(zip(("id", "part", "v"), row, strict=True))) for row in listed]
        path = write("1.ndjson", "\n".join(made))
        lines = {2: "id", 3: "part", 4: "id"}
    report = lake.ingest(path, table=table, key=["id", "part"])
    assert (report.rows_read, report.rows, report.rejected) == (5, 2, 3)
    assert rows(lake, table) == [("k1", 1, "a"), ("k3", 1, "e")]
    said = [(line, f"the key column {name} is empty") for line, name in lines.items()]
    assert [(line, reason) for line, reason, _ in rejected(lake, table)] == said


def test_a_file_without_any_usable_key_is_set_aside_whole(lake: Lakehouse, write: Write, table: str) -> None:
    report = lake.ingest(write("1.csv", "id,v\n,a\n,b\n"), table=table, key="id")
    assert report.status == "quarantined"
    assert report.hint == "line 2: the key column id is empty"
    with pytest.raises(NotFound):
        lake.show(table)


def test_an_upsert_that_changes_nothing_makes_no_version(lake: Lakehouse, write: Write, table: str) -> None:
    lake.ingest(write("1.csv", "id,v\n1,a\n2,b\n"), table=table, key="id")
    report = lake.ingest(write("2.csv", "id,v\n2,b\n"), table=table, key="id")
    assert (report.status, report.reason) == ("skipped", "the table held these rows already")
    assert report.is_complete
    assert len(lake.history(table)) == 1


def test_the_same_upsert_is_applied_again_once_others_overtook_it(
    lake: Lakehouse, write: Write, table: str
) -> None:
    first = write("1.csv", "id,v\n1,a\n")
    lake.ingest(first, table=table, key="id")
    lake.ingest(write("2.csv", "id,v\n1,b\n"), table=table, key="id")
    assert lake.ingest(first, table=table, key="id").status == "upserted"
    lake.delete(table, where="id = 1")
    assert lake.ingest(first, table=table, key="id").status == "upserted"
    assert lake.ingest(first, table=table, key="id").status == "skipped"
    assert rows(lake, table) == [(1, "a")]


def test_new_columns_are_added_missing_ones_read_null(lake: Lakehouse, write: Write, table: str) -> None:
    lake.ingest(write("1.csv", "id,v\n1,a\n"), table=table)
    report = lake.ingest(write("2.csv", "id,w,x\n2,5,2024-01-31\n"), table=table)
    assert report.changes == ("+ w BIGINT", "+ x DATE", "  v will be NULL")
    assert lake.sql(f"SELECT id, v, w, x::VARCHAR FROM {table} ORDER BY id").rows() == [
        (1, "a", None, None),
        (2, None, 5, "2024-01-31"),
    ]


@pytest.mark.parametrize("mode", ["append", "upsert"])
def test_a_wider_number_widens_the_column_and_old_rows_still_read(
    lake: Lakehouse, write: Write, table: str, mode: str
) -> None:
    lake.ingest(write("1.csv", "id,n\n1,1\n"), table=table, types={"n": "INTEGER"})
    report = lake.ingest(write("2.csv", f"id,n\n2,{2**40}\n"), table=table, key="id", mode=mode)
    assert "~ n INTEGER -> BIGINT" in report.changes
    assert rows(lake, table) == [(1, 1), (2, 2**40)]
    assert [c.type for c in lake.show(table).columns] == ["BIGINT", "BIGINT"]


@pytest.mark.parametrize("options", [{}, {"key": "id"}])
def test_a_break_is_refused_with_the_difference_and_nothing_is_written(
    lake: Lakehouse, write: Write, table: str, options: dict[str, str]
) -> None:
    lake.ingest(write("1.csv", "id,n\n1,1\n"), table=table)
    before = everything(lake.root / "warehouse")
    with pytest.raises(Invalid, match="! n BIGINT -> VARCHAR") as refused:
        lake.ingest(write("2.csv", "id,n\n2,many\n"), table=table, **options)
    assert "--types n=BIGINT" in refused.value.hint
    assert everything(lake.root / "warehouse") == before


def test_a_break_that_only_the_whole_file_shows_is_refused_too(
    lake: Lakehouse, write: Write, table: str
) -> None:
    lake.ingest(write("1.csv", "id,n\n1,1\n"), table=table)
    lines = [f"{n},{n}" for n in range(120_000)]
    lines[37_000] = "37000,many"
    with pytest.raises(Invalid, match="! n BIGINT -> VARCHAR"):
        lake.ingest(write("2.csv", "id,n\n" + "\n".join(lines)), table=table)
    assert rows(lake, table) == [(1, 1)]


def test_a_replacement_that_turns_out_wider_is_staged_again_under_the_new_column(
    lake: Lakehouse, write: Write, table: str
) -> None:
    lake.ingest(write("1.csv", "id,n\n1,1\n"), table=table)
    lines = [f"{n},{n}" for n in range(120_000)]
    lines[37_000] = "37000,many"
    lines[50_000] = "bad"
    report = lake.ingest(write("2.csv", "id,n\n" + "\n".join(lines)), table=table, mode="replace")
    assert (report.rows, report.rejected) == (119_999, 1)
    assert lake.sql(f"SELECT count(n), max(n) FROM {table}").rows() == [(119_999, "many")]
    assert len(rejected(lake, table)) == 1


def test_a_type_that_was_asked_for_rejects_what_does_not_fit(
    lake: Lakehouse, write: Write, table: str
) -> None:
    report = lake.ingest(
        write("1.csv", "id,n,z\n1,7,007\n2,seven,1\n3,,x\n"), table=table, types={"N": "INTEGER", "z": "int"}
    )
    assert (report.rows_read, report.rows, report.rejected) == (3, 1, 2)
    assert rows(lake, table) == [(1, 7, 7)]
    assert rejected(lake, table) == [
        (3, "n is not a INTEGER", "2,seven,1"),
        (4, "z is not a INTEGER", "3,,x"),
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mode": "merge"}, "no mode"),
        ({"mode": "upsert"}, "identifies a row"),
        ({"key": "nope"}, "no column 'nope'"),
        ({"types": {"nope": "DATE"}}, "no column 'nope'"),
        ({"types": {"id": "NUMBER?"}}, "is not a type"),
        ({"table": "a.b.c"}, "3 parts"),
        ({"table": "system.x"}, "reserved"),
        ({"table": ".x"}, "table name"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_with_a_hint(
    lake: Lakehouse, write: Write, table: str, options: dict[str, str], said: str
) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        lake.ingest(write("1.csv", "id\n1\n"), **{"table": table, **options})
    assert refused.value.hint


def test_a_file_that_is_not_there_and_a_folder_are_said_so(
    own: Lakehouse, tmp_path: Path, write: Write
) -> None:
    write("in/1.csv", "a\n1\n")
    write("in/2.csv", "a\n1\n")
    for word in ("nope.csv", "nope/*.csv"):
        with pytest.raises(NotFound):
            own.ingest(tmp_path / word)
    with pytest.raises(Invalid, match="holds 2 files") as folder:
        own.ingest(tmp_path / "in")
    assert "ingest_many" in folder.value.hint
    assert own.tables() == ()


def test_a_dry_run_shows_types_personal_data_and_differences_and_writes_nothing(
    own: Lakehouse, write: Write
) -> None:
    own.ingest(write("1.csv", "id,mail\n1,a@example.org\n"), table="people")
    before = everything(own.root)
    report = own.ingest(write("2.csv", "id,mail,n\n2,b@example.org,5\n"), table="people", dry_run=True)
    new = own.ingest(write("3.csv", "a\n1\n"), dry_run=True)
    bad = own.ingest(write("4.csv", "\0\1" * 50), dry_run=True)
    skipped = own.ingest(write("1.csv", "id,mail\n1,a@example.org\n"), table="people", dry_run=True)
    assert [r.status for r in (report, new, bad, skipped)] == [
        "appended",
        "created",
        "quarantined",
        "skipped",
    ]
    assert report.changes == ("+ n BIGINT",)
    assert [(c.name, c.type, c.pii) for c in report.columns] == [
        ("id", "BIGINT", ""), ("mail", "VARCHAR", "email"), ("n", "BIGINT", ""),
    ]  # fmt: skip
    with pytest.raises(Invalid, match="! id BIGINT -> VARCHAR"):
        own.ingest(write("5.csv", "id\nx\n"), table="people", dry_run=True)
    assert everything(own.root) == before


def test_personal_data_reaches_the_card_with_evidence_and_lifts_sensitivity(
    lake: Lakehouse, write: Write, table: str
) -> None:
    lake.ingest(write("1.csv", "id,n\n1,5\n"), table=table, key="id")
    assert lake.show(table).card.sensitivity == "internal"
    lines = "".join(f"{n},person{n}@example.org\n" for n in range(2, 40))
    lake.ingest(write("2.csv", "id,contact\n" + lines), table=table, key="id")
    shown = lake.show(table)
    assert shown.card.sensitivity == "confidential"
    ((field_id, found),) = shown.card.columns.items()
    assert [c.name for c in shown.columns if str(c.field_id) == field_id] == ["contact"]
    assert found.pii == "email"
    assert found.evidence
    assert "@" not in found.evidence


def test_what_people_wrote_on_the_card_stays(lake: Lakehouse, write: Write, table: str) -> None:
    lake.ingest(write("1.csv", "id,mail\n1,a@example.org\n"), table=table)
    lake.describe(table, {"sensitivity": "restricted", "owner": "Ada"})
    lake.ingest(write("2.csv", "id,mail,phone\n2,b@example.org,+47 22 12 34 56\n"), table=table)
    assert lake.show(table).card.sensitivity == "restricted"
    assert lake.show(table).card.owner == "Ada"


def test_unreadable_files_are_quarantined_and_the_others_go_on(own: Lakehouse, write: Write) -> None:
    bad = {
        "b_bin.csv": b"\0\1\2" * 100,
        "c_empty.csv": b"",
        "d_cut.json": b'[{"a": 1',
        "e.parquet": b"PAR1no",
    }
    for name, content in bad.items():
        write(f"in/{name}", content)
    write("in/a.csv", "a\n1\n")
    folder = write("in/z.csv", "a\n1\n").parent
    reports = list(own.ingest_many([str(folder)], Request()))
    by_name = {Path(r.source).name: r for r in reports}
    assert [by_name[n].status for n in ("a.csv", "z.csv")] == ["created", "created"]
    kept = own.sql("SELECT source, sha256, reason, kept_as FROM system.quarantine").rows()
    for name, content in bad.items():
        report = by_name[name]
        assert (report.status, report.rows, report.rows_read) == ("quarantined", 0, 0)
        assert report.reason
        assert report.hint
        digest = hashlib.sha256(content).hexdigest()
        (copy,) = [k for s, d, r, k in kept if (s, d, r) == (report.source, digest, report.reason)]
        assert (own.root / "quarantine" / copy).read_bytes() == content
    assert len(own.tables()) == 2
    statuses = own.sql("SELECT status, count(*) FROM system.ingests GROUP BY ALL ORDER BY ALL").rows()
    assert statuses == [("created", 2), ("quarantined", len(bad))]


def test_of_many_files_one_that_does_not_fit_is_reported_and_the_others_go_on(
    own: Lakehouse, write: Write
) -> None:
    for name, value in {"a": "1", "b": "many", "c": "3"}.items():
        write(f"in/{name}.csv", f"id,n\n1,{value}\n")
    reports = list(own.ingest_many([str(write("in/d.csv", "id,n\n1,4\n").parent)], Request(table="t")))
    assert [r.status for r in reports] == ["created", "quarantined", "appended", "appended"]
    assert "! n BIGINT -> VARCHAR" in reports[1].reason
    assert reports[1].hint
    assert own.sql("SELECT n FROM t ORDER BY n").rows() == [(1,), (3,), (4,)]


def test_a_file_that_vanishes_costs_only_itself(own: Lakehouse, write: Write) -> None:
    own.ingest(write("in/a.csv", "id\n1\n"), table="t")
    gone = write("in/b.csv", "id\n2\n")
    write("in/c.csv", "id\n3\n")
    running = own.ingest_many([str(gone.parent)], Request(table="t"))
    assert next(running).status == "skipped"
    gone.unlink()
    assert [r.status for r in running] == ["quarantined", "appended"]


def test_progress_is_told_as_bytes_of_bytes(lake: Lakehouse, write: Write, table: str) -> None:
    path = write("1.csv", "id,n\n" + "".join(f"{n},{n}\n" for n in range(400_000)))
    told: list[tuple[str, int, int]] = []
    list(lake.ingest_many([str(path)], Request(table=table), watch=lambda *figures: told.append(figures)))
    assert {(name, of) for name, _, of in told} <= {(str(path), path.stat().st_size)}
    assert all(0 <= done <= of for _, done, of in told)


def test_an_ingest_that_is_left_in_the_middle_leaves_nothing_behind(own: Lakehouse, write: Write) -> None:
    for n in range(3):
        write(f"in/{n}.csv", f"id\n{n}\n")
    running = own.ingest_many([str(write("in/3.csv", "id\n9\n").parent)], Request(table="t"))
    next(running)
    running.close()
    assert not list((own.root / "cache" / "staging").glob("*/ingest-*"))
    assert own.sql("SELECT id FROM t").rows() == [(0,)]


def test_every_failure_is_one_of_six_kinds_with_a_hint(lake: Lakehouse, tmp_path: Path) -> None:
    for word in (tmp_path / "\0", tmp_path / ("x" * 300), Path("/dev/null"), Path("/dev/zero")):
        with pytest.raises(LakehouseError) as failed:
            lake.ingest(word)
        assert failed.value.hint


def test_dates_that_python_has_no_value_for_are_kept(lake: Lakehouse, write: Write, table: str) -> None:
    far = write("far.csv", "d\n2020-01-01\n99999-01-01\n")
    report = lake.ingest(far, table=table, types={"d": "DATE"})
    assert (report.rows, report.rejected, report.columns[0].type) == (2, 0, "DATE")
    asked = f"SELECT d::VARCHAR AS d FROM {table} WHERE d > DATE '2021-01-01'"
    assert lake.sql(asked).rows() == [("99999-01-01",)]
