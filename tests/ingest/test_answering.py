"""The child's two requests, answered in this process, for every format; and the card they lead to."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from lakehouse.base.child import Message
from lakehouse.base.errors import Invalid, NotFound, Unavailable
from lakehouse.ingest import commit, wire, worker
from lakehouse.ingest.pii import PiiFinding
from lakehouse.ingest.plan import Plan
from lakehouse.ingest.shape import Conversion, InspectedColumn, Inspection, Target
from lakehouse.table.card import Card, ColumnCard
from lakehouse.table.schema import Column, ColumnChange, new_schema
from tests.ingest.loading import inspect, load, rejects, rows
from tests.ingest.test_columnar import arrow, parquet

TABLE = pa.table({"id": [1, 2], "mail": ["a@b.com", "c@d.org"]})
FILES: dict[str, bytes] = {
    "people.csv": b"id,mail\n1,a@b.com\n2,c@d.org\n",
    "people.tsv.gz": gzip.compress(b"id\tmail\n1\ta@b.com\n2\tc@d.org\n"),
    "people.json": b'[{"id": 1, "mail": "a@b.com"}, {"id": 2, "mail": "c@d.org"}]',
    "people.ndjson": b'{"id": 1, "mail": "a@b.com"}\n{"id": 2, "mail": "c@d.org"}\n',
    "people.parquet": parquet(TABLE),
    "people.arrow": arrow(TABLE, stream=False),
    "people.arrows": arrow(TABLE, stream=True),
}


def asked(folder: Path, name: str, op: str) -> dict[str, object]:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return {"op": op, "path": str(folder / name), "name": name, "scratch": str(scratch)}


def answers(request: dict[str, object]) -> list[Message]:
    handle = worker.serve({})
    return list(handle(Message(json.loads(json.dumps(request)))))


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_any_format_is_inspected_then_converted(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    (answer,) = answers(asked(tmp_path, name, "inspect"))
    found = wire.decode(Inspection, answer.header)
    assert [(c.name, c.type, c.pii.kind if c.pii else "") for c in found.columns] == [
        ("id", "BIGINT", ""), ("mail", "VARCHAR", "email"),
    ]  # fmt: skip
    targets = [Target(source=n, name=c.name, type=c.type, path=c.path) for n, c in enumerate(found.columns)]
    order = {
        "inspection": wire.encode(found),
        "targets": [wire.encode(t) for t in targets],
        "field_ids": '{"id": 1, "mail": 2}',
    }
    *progress, last = answers({**asked(tmp_path, name, "convert"), **order})
    done = wire.decode(Conversion, last.header)
    assert rows(done) == [(1, "a@b.com"), (2, "c@d.org")]
    assert all(set(p.header) == {"progress", "of"} for p in progress)
    assert [p.name for p in (tmp_path / "scratch").glob("*.*")] == ["part-0.parquet"]


def test_a_file_that_went_away_and_a_folder_are_told_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("gone.csv", "folder"):
        with pytest.raises((Unavailable, NotFound)) as refused:
            answers(asked(tmp_path, name, "inspect"))
        assert str(tmp_path) not in refused.value.message
        assert refused.value.hint


@pytest.mark.parametrize("name", ["rows.json", "rows.ndjson"])
def test_rows_of_json_that_an_asked_for_type_does_not_fit_are_told_by_line(tmp_path: Path, name: str) -> None:
    lines = [
        '{"id": 1, "n": "5"}',
        '{"id": 2, "n": "x"}',
        '{"id": 3, "n": [1]}',
        '{"id": 4}',
        '{"id": 5, "n": 6}',
    ]
    text = "\n".join(lines) if name == "rows.ndjson" else "[" + ",\n".join(lines) + "]"
    done = load(tmp_path, text.encode(), name=name, types={"n": "INTEGER"})
    assert rows(done) == [(1, 5), (4, None), (5, 6)]
    assert rejects(done) == [
        (2, "n is not a INTEGER", '{"id":2,"n":"x"}'),
        (3, "n is not a INTEGER", '{"id":3,"n":[1]}'),
    ]
    assert (done.rows_read, done.counted_by) == (5, "JSON reader")
    assert not (tmp_path / "seen.ndjson").exists()


def test_broken_lines_deep_lines_and_misfits_are_rejected_each_with_its_own_line(tmp_path: Path) -> None:
    deep = b'{"n": ' + b"[" * 200 + b"1" + b"]" * 200 + b"}"
    data = b'{"n": 1}\n{"n": }\n' + deep + b'\n{"n": "x"}\n\n{"n": 4}\n{"n": 5}\n'
    done = load(tmp_path, data, name="rows.ndjson", types={"n": "BIGINT"})
    assert sorted(line for line, _, _ in rejects(done)) == [2, 3, 4]
    assert rows(done) == [(1,), (4,), (5,)]
    assert done.rows_read == 6


def test_zoned_times_without_seconds_stay_text_in_every_format(tmp_path: Path) -> None:
    moments = ["2024-01-01T10:00Z", "2024-01-01T11:30+02:00"]
    sources = {
        "t.csv": "at,n\n" + "".join(f"{m},1\n" for m in moments),
        "t.json": json.dumps([{"at": m, "n": 1} for m in moments]),
    }
    for name, text in sources.items():
        done = load(tmp_path, text.encode(), name=name)
        assert done.types == ("VARCHAR", "BIGINT")
        assert rows(done) == [(m, 1) for m in moments]


def test_the_line_that_tells_excel_the_delimiter_is_no_row(tmp_path: Path) -> None:
    done = load(tmp_path, b"sep=;\r\nname;price\r\nTea;1,50\r\nMilk;0,90\r\n")
    assert rows(done) == [("Tea", "1,50"), ("Milk", "0,90")]
    assert rejects(done) == [(1, "it stands before the header", "sep=;")]


def test_more_columns_than_are_allowed_and_none_at_all_are_refused(tmp_path: Path) -> None:
    wide = json.dumps([{f"c{n}": 1 for n in range(4097)}])
    with pytest.raises(Invalid, match="more than 4,096 columns") as refused:
        inspect(tmp_path, wide.encode(), name="rows.json")
    assert "turn keys that are data into rows" in refused.value.hint
    wider = json.dumps([{f"c{k}_{n}": 1 for n in range(3000)} for k in range(4)])
    with pytest.raises(Invalid, match="more than 4,096 columns"):
        inspect(tmp_path, wider.encode(), name="rows.json")


def found(*kinds: str) -> list[InspectedColumn]:
    return [
        InspectedColumn(name=f"c{n}", type="VARCHAR", nullable=True, pii=finding(kind))
        for n, kind in enumerate(kinds)
    ]


def finding(kind: str) -> PiiFinding | None:
    if kind != "email":
        return None
    return PiiFinding(kind="email", column="c", by="name", share=1.0, sampled=0, reason="the name says email")


def described(before: Card, seen: Sequence[InspectedColumn], key: tuple[str, ...] = ()) -> Card:
    columns = tuple(Column(name=c.name, type=c.type) for c in seen)
    return commit.described(
        before, new_schema(columns), Plan(action="create", columns=columns, key=key), seen
    )


@pytest.mark.parametrize(
    ("before", "kind", "after"),
    [
        ("internal", "email", "confidential"),
        ("public", "email", "confidential"),
        ("restricted", "email", "restricted"),
        ("confidential", "", "confidential"),
        ("public", "", "public"),
    ],
)
def test_personal_data_makes_a_table_confidential_and_never_less(before: str, kind: str, after: str) -> None:
    assert described(Card(sensitivity=before), found(kind)).sensitivity == after


def test_what_a_person_wrote_of_a_column_stays_and_what_was_found_is_added() -> None:
    mine = ColumnCard(doc="who pays", pii="iban", evidence="I know")
    card = described(Card(columns={"1": mine}), found("email", "email", ""))
    assert card.columns["1"] == mine
    assert card.columns["2"] == ColumnCard(pii="email", evidence="the name says email")
    assert "3" not in card.columns


def test_a_key_is_kept_until_another_is_given() -> None:
    assert described(Card(key=("a",)), found("")).key == ("a",)
    assert described(Card(key=("a",)), found(""), key=("c0",)).key == ("c0",)


def test_only_additions_and_widenings_are_steps() -> None:
    changes = (
        ColumnChange(kind="add", column="a", after="DATE"),
        ColumnChange(kind="missing", column="b"),
        ColumnChange(kind="widen", column="c", before="INTEGER", after="BIGINT"),
    )
    planned = Plan(action="append", columns=(), changes=changes)
    assert [type(step).__name__ for step in commit.steps(planned)] == ["AddColumn", "WidenColumn"]
