"""Rows survive Parquet unchanged, and a damaged file is told as such."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Corrupt
from lakehouse.store.columns import TAIL_BYTES, claims_of, footer_bytes, from_parquet, to_parquet
from lakehouse.store.folds import Claims
from lakehouse.store.segments import decode, encode, stamp
from lakehouse.store.streams import Json, StreamSchema, shape
from tests.store.test_streams import RECORDS, SCHEMA

NONE = Claims(replaces=frozenset(), written_ms=0)
NAMES = frozenset({"01M7YFJZ8YEW4R2TPYJDW06MR4.jsonl", "01M7YFJZ90R3K3KDD1H8X3XXEN.parquet"})


@settings(deadline=None)
@given(st.lists(RECORDS, max_size=5))
def test_rows_come_back_as_they_were(records: list[dict[str, Json]]) -> None:
    lines = [stamp(encode(shape(r, SCHEMA)), record_id=str(n), at="now") for n, r in enumerate(records)]
    rows = decode(b"".join(lines), "k").rows
    assert from_parquet(to_parquet(rows, SCHEMA, NONE), SCHEMA, "k") == rows


def test_the_footer_alone_tells_what_a_file_replaces() -> None:
    claims = Claims(replaces=NAMES, written_ms=1_700_000_000_000)
    data = to_parquet([{"id": "1", "name": "x" * 10_000}], SCHEMA, claims)
    length = footer_bytes(data[-TAIL_BYTES:], "k")
    assert length < len(data)
    assert claims_of(data[-length:], "k") == claims


def test_columns_declared_later_do_not_disturb_older_files() -> None:
    old = to_parquet([{"id": "1", "at": "now", "name": "Ada"}], SCHEMA, NONE)
    wider = StreamSchema(name="things", columns=(*SCHEMA.columns, ("place", "string")))
    assert from_parquet(old, wider, "k") == ({"id": "1", "at": "now", "name": "Ada"},)


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"x" * 100, b"\xff\xff\xff\xffPAR1"])
def test_a_file_that_is_not_parquet_is_corrupt(damage: bytes) -> None:
    with pytest.raises(Corrupt):
        from_parquet(damage, SCHEMA, "k")
    with pytest.raises(Corrupt):
        claims_of(damage, "k")


@pytest.mark.parametrize("tail", [b"", b"\1\0\0\0PAR", b"\1\0\0\0PAR2"])
def test_a_tail_that_is_not_parquet_is_corrupt(tail: bytes) -> None:
    with pytest.raises(Corrupt):
        footer_bytes(tail, "k")


def test_a_parquet_file_that_says_nothing_of_itself_is_corrupt() -> None:
    data = to_parquet([], SCHEMA, NONE)
    with pytest.raises(Corrupt):
        claims_of(data.replace(b"lakehouse.journal", b"somebody.else.xxx"), "k")


def test_a_json_column_that_holds_no_json_is_corrupt() -> None:
    text = StreamSchema(name="things", columns=(("parts", "string"),))
    data = to_parquet([{"id": "1", "parts": "{no json"}], text, NONE)
    with pytest.raises(Corrupt):
        from_parquet(data, SCHEMA, "k")
