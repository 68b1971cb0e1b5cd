"""Types survive the way to Iceberg and back; a difference between columns is judged the same everywhere."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyiceberg.schema import Schema
from pyiceberg.types import FixedType, NestedField, StringType

from lakehouse.base.errors import Invalid
from lakehouse.table.schema import (
    ALIASES,
    SIMPLE,
    Column,
    ColumnChange,
    columns_of,
    diff,
    duck_type,
    field_ids,
    iceberg_type,
    new_schema,
)

simple = st.sampled_from(sorted(SIMPLE)) | st.builds(
    lambda p, s: f"DECIMAL({p},{min(p, s)})", st.integers(1, 38), st.integers(0, 38)
)
labels = (
    st.text(min_size=1, max_size=8).filter(str.isprintable).map(lambda t: '"' + t.replace('"', '""') + '"')
)
types = st.recursive(
    simple,
    lambda inner: st.one_of(
        inner.map(lambda t: f"{t}[]"),
        st.tuples(simple, inner).map(lambda kv: f"MAP({kv[0]}, {kv[1]})"),
        st.lists(st.tuples(labels, inner), min_size=1, max_size=3, unique_by=lambda f: f[0]).map(
            lambda fields: "STRUCT(" + ", ".join(f"{n} {t}" for n, t in fields) + ")"
        ),
    ),
    max_leaves=5,
)


@given(types)
def test_every_type_survives_the_way_there_and_back(text: str) -> None:
    assert duck_type(iceberg_type(text)) == text


@pytest.mark.parametrize("alias", sorted(ALIASES))
def test_a_type_that_iceberg_lacks_is_stored_as_a_wider_one(alias: str) -> None:
    assert duck_type(iceberg_type(alias)) == ALIASES[alias]
    assert duck_type(iceberg_type(f"{alias.lower()}[]")) == f"{ALIASES[alias]}[]"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("varchar(20)", "VARCHAR"),
        ("numeric", "DECIMAL(18,3)"),
        ("decimal(9)", "DECIMAL(9,0)"),
        ("DECIMAL( 10 , 2 )", "DECIMAL(10,2)"),
        ("timestamp with time zone", "TIMESTAMP WITH TIME ZONE"),
        ("struct(a int, b struct(c text[]))", 'STRUCT("a" INTEGER, "b" STRUCT("c" VARCHAR[]))'),
        ('STRUCT("a ""b"" (c)" BIGINT)', 'STRUCT("a ""b"" (c)" BIGINT)'),
        ("map(varchar, int[])", "MAP(VARCHAR, INTEGER[])"),
        ("bigint[][]", "BIGINT[][]"),
    ],
)
def test_a_type_may_be_spelled_as_people_spell_it(text: str, stored: str) -> None:
    assert duck_type(iceberg_type(text)) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GEOMETRY",
        "BIGINT; DROP TABLE x",
        "STRUCT(",
        "STRUCT(a)",
        "MAP(VARCHAR)",
        "DECIMAL(",
        "DECIMAL(39,1)",
        "DECIMAL(1",
        "STRUCT(" * 60,
        "DECIMAL(2,5)",
        "BIGINT]",
        "()",
        "MAP()",
        "STRUCT()",
        "BIGINT VARCHAR",
        "[]",
        "VARCHAR(",
        "💥",
        "DECIMAL(a,b)",
    ],
)
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        iceberg_type(text)


@given(st.text(max_size=30))
def test_any_text_is_a_type_or_is_refused(text: str) -> None:
    try:
        kind = iceberg_type(text)
    except Invalid:
        return
    assert duck_type(kind)


def test_bytes_of_fixed_length_read_as_bytes() -> None:
    assert duck_type(FixedType(16)) == "BLOB"


def test_a_new_schema_numbers_every_field_once_nested_ones_too() -> None:
    schema = new_schema(
        [
            Column(name="id", type="BIGINT", required=True),
            Column(name="s", type='STRUCT("a" BIGINT, "b" MAP(VARCHAR, BIGINT[]))'),
        ]
    )
    ids = [schema.find_field(i).field_id for i in range(1, schema.highest_field_id + 1)]
    assert ids == list(range(1, 8))
    assert [c.field_id for c in columns_of(schema)] == [1, 2]
    assert columns_of(schema)[0].required


@pytest.mark.parametrize("names", [[], [""], ["a\0b"], ["a", "A"], ["ß", "SS"], ["a", "b", "a"]])
def test_columns_must_exist_and_differ_by_more_than_case(names: list[str]) -> None:
    with pytest.raises(Invalid):
        new_schema([Column(name=n, type="BIGINT") for n in names])


def test_field_ids_stamp_parquet_so_that_iceberg_finds_every_nested_field(tmp_path: object) -> None:
    schema = new_schema(
        [Column(name='a "x"', type="BIGINT[]"), Column(name="m", type='MAP(VARCHAR, STRUCT("k.1" DATE))')]
    )
    with duckdb.connect() as con:
        con.execute(
            f"""COPY (SELECT [1]::BIGINT[] AS "a ""x""\", MAP {{'k': {{'k.1': DATE '2024-01-01'}}}} AS m)
            TO '{tmp_path}/a.parquet' (FORMAT parquet, FIELD_IDS {field_ids(schema)})"""
        )
        found = con.execute(f"SELECT field_id FROM parquet_schema('{tmp_path}/a.parquet')").fetchall()
    assert {i for (i,) in found if i is not None} == set(range(1, schema.highest_field_id + 1))


@pytest.mark.parametrize(
    ("before", "given_type", "kind"),
    [
        ("BIGINT", "BIGINT", None),
        ("BIGINT", "INTEGER", None),
        ("DOUBLE", "FLOAT", None),
        ("DOUBLE", "BIGINT", None),
        ("VARCHAR", "DATE", None),
        ("VARCHAR", "BIGINT[]", None),
        ("INTEGER", "BIGINT", "widen"),
        ("FLOAT", "DOUBLE", "widen"),
        ("DECIMAL(10,2)", "DECIMAL(12,2)", "widen"),
        ("DECIMAL(12,2)", "DECIMAL(10,2)", None),
        ("DECIMAL(10,2)", "DECIMAL(12,3)", "break"),
        ("BIGINT", "VARCHAR", "break"),
        ("BIGINT", "DOUBLE", "break"),
        ("DATE", "TIMESTAMP", "break"),
        ("BOOLEAN", "BIGINT", "break"),
        ("VARCHAR[]", "VARCHAR", "break"),
    ],
)
def test_a_difference_of_types_is_nothing_a_widening_or_a_break(
    before: str, given_type: str, kind: str | None
) -> None:
    found = diff([Column(name="c", type=before)], [Column(name="C", type=given_type)])
    assert [c.kind for c in found] == ([kind] if kind else [])


def test_columns_only_one_side_has_are_added_or_missing() -> None:
    table = [Column(name="id", type="BIGINT"), Column(name="old", type="DATE")]
    found = diff(table, [Column(name="ID", type="BIGINT"), Column(name="new", type="VARCHAR")])
    assert [str(c) for c in found] == ["+ new VARCHAR", "  old will be NULL"]


def test_a_difference_reads_like_a_diff() -> None:
    widen = ColumnChange(kind="widen", column="n", before="INTEGER", after="BIGINT")
    refused = ColumnChange(kind="break", column="n", before="DATE", after="VARCHAR")
    assert (str(widen), str(refused)) == ("~ n INTEGER -> BIGINT", "! n DATE -> VARCHAR")


@given(st.lists(st.tuples(st.sampled_from("abcdefg"), simple), unique_by=lambda c: c[0]))
def test_a_table_does_not_differ_from_itself(columns: list[tuple[str, str]]) -> None:
    listed = [Column(name=n, type=t) for n, t in columns]
    assert diff(listed, listed) == ()
    assert {c.kind for c in diff([], listed)} <= {"add"}


def test_a_type_from_elsewhere_reads_as_text() -> None:
    schema = Schema(NestedField(field_id=7, name="x", field_type=StringType(), required=False, doc="why"))
    assert columns_of(schema) == (Column(name="x", type="VARCHAR", field_id=7, doc="why"),)
