"""A segment is read up to its last whole record, and damage is never mistaken for a cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.base.ids import ulid
from lakehouse.store.segments import (
    MAX_RECORD_BYTES,
    decode,
    encode,
    file_key,
    parse_key,
    stamp,
    ulid_ms,
    without_repeats,
)
from lakehouse.store.streams import Json
from tests.store.test_streams import RECORDS


def line(record: dict[str, Json], record_id: str = "1") -> bytes:
    return stamp(encode(record), record_id=record_id, at="now")


@given(st.lists(RECORDS, max_size=5))
def test_what_is_encoded_is_decoded(records: list[dict[str, Json]]) -> None:
    decoded = decode(b"".join(line(record) for record in records), "k")
    assert decoded.rows == tuple({"id": "1", "at": "now"} | record for record in records)
    assert not decoded.torn


@given(st.lists(RECORDS, min_size=1, max_size=4), st.data())
def test_a_cut_anywhere_costs_at_most_the_record_that_it_hits(
    records: list[dict[str, Json]], data: st.DataObject
) -> None:
    lines = [line(record) for record in records]
    whole = b"".join(lines)
    cut = data.draw(st.integers(0, len(whole)))
    decoded = decode(whole[:cut], "k")
    ends = [sum(map(len, lines[: n + 1])) - 1 for n in range(len(lines))]
    assert len(decoded.rows) == sum(end <= cut for end in ends)
    again = decode(whole[: decoded.whole_bytes], "k")
    assert (again.rows, again.torn) == (decoded.rows, False)
    assert decoded.torn == (decoded.whole_bytes < cut)


def test_a_record_that_lost_only_its_newline_is_whole() -> None:
    decoded = decode(line({"a": 1}) + line({"a": 2})[:-1], "k")
    assert ([row["a"] for row in decoded.rows], decoded.torn) == ([1, 2], False)


def test_a_block_of_zeros_at_the_end_is_a_cut() -> None:
    decoded = decode(line({"a": 1}) + b"\0" * 4096, "k")
    assert (len(decoded.rows), decoded.torn) == (1, True)


@pytest.mark.parametrize("damage", [b"{]\n", b"\0\0\n", b"[]\n", b"1\n", b"\n", b'{"a":\n'])
def test_a_damaged_line_is_corrupt(damage: bytes) -> None:
    with pytest.raises(Corrupt, match="line 2 of journal/x") as found:
        decode(line({}) + damage + line({}), "journal/x")
    assert found.value.hint


def test_a_line_break_inside_a_value_does_not_break_the_line() -> None:
    assert decode(line({"a": "x\r\ny\u2028z\x85"}), "k").rows[0]["a"] == "x\r\ny\u2028z\x85"


@pytest.mark.parametrize("bad", [{"a": object()}, {"a": {1: 2}}, {"a": "\ud800"}, {"a": 2**70}, {"a": b"x"}])
def test_what_is_not_json_is_invalid(bad: dict[str, Json]) -> None:
    with pytest.raises(Invalid, match="not JSON"):
        encode(bad)


def test_a_record_too_large_for_readers_is_invalid() -> None:
    encode({"a": "x" * (MAX_RECORD_BYTES - 100)})
    with pytest.raises(Invalid, match="larger"):
        encode({"a": "x" * MAX_RECORD_BYTES})


@given(st.integers(0, 2**42))
def test_a_file_is_found_under_the_day_of_its_time(ms: int) -> None:
    name = ulid(ms)
    key = file_key("ingests", name, "jsonl")
    file = parse_key(key, 5, 7)
    assert file is not None
    assert (file.stream, file.ulid, file.kind, file.size, file.name) == (
        "ingests",
        name,
        "jsonl",
        5,
        f"{name}.jsonl",
    )
    assert ulid_ms(name) >= ms


@pytest.mark.parametrize(
    "key",
    ["", "journal/a", "journal/a/2026-01-01/x.jsonl", "journal/A/2026-01-01/01M7YFJZ8YEW4R2TPYJDW06MR4.jsonl",
     "x/journal/a/2026-01-01/01M7YFJZ8YEW4R2TPYJDW06MR4.jsonl",
     "journal/a/2026-01-01/01M7YFJZ8YEW4R2TPYJDW06MR4.txt",
     "journal/a/2026-01-01/01M7YFJZ8YEW4R2TPYJDW06MR4.jsonl~"],
)  # fmt: skip
def test_other_files_are_none_of_a_journals(key: str) -> None:
    assert parse_key(key, 0, 0) is None


def test_repeats_are_dropped_in_order_and_rows_without_an_id_stay() -> None:
    rows: list[dict[str, Json]] = [{"id": "a"}, {"x": 1}, {"id": "b"}, {"id": "a"}, {"x": 1}]
    assert without_repeats(rows) == ({"id": "a"}, {"x": 1}, {"id": "b"}, {"x": 1})
