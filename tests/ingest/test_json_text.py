"""JSON as it stands in files: what is read of it, and where it breaks."""

import json
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.ingest.delimited.split import MAX_RECORD_BYTES
from lakehouse.ingest.described import jsontext
from lakehouse.ingest.described.flatten import Json
from lakehouse.ingest.described.jsontext import Value
from lakehouse.ingest.shape import Reject

IN_ONE_FOLDER = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(folder: Path, data: bytes, layout: Literal["json", "ndjson"] = "json") -> list[Value | Reject]:
    path = folder / "rows.json"
    path.write_bytes(data)
    return list(jsontext.read(path, layout))


def values(found: list[Value | Reject]) -> list[tuple[int, Json]]:
    return [(v.line, v.json) for v in found if isinstance(v, Value)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"[1,2]", [(1, 1), (1, 2)]),
        (b"[]", []),
        (b" [ ] ", []),
        (b"{}", [(1, {})]),
        (b"{}{}", [(1, {}), (1, {})]),
        (b"{} {}\n\n{}", [(1, {}), (1, {}), (3, {})]),
        (b"1", [(1, 1)]),
        (b'"a"', [(1, "a")]),
        (b"null", [(1, None)]),
        (b"\xef\xbb\xbf[1]", [(1, 1)]),
        (b"[\n1,\r\n2\n]\n", [(2, 1), (3, 2)]),
        (b'{"a":1,"a":2}', [(1, {"a": 2})]),
        (b"[-0, 1e2, -5]", [(1, 0), (1, 100.0), (1, -5)]),
        (b"[1e999]", [(1, "1e999")]),
        (b"[" + b"9" * 5000 + b"]", [(1, "9" * 5000)]),
        (b"[18446744073709551616]", [(1, 2**64)]),
        (rb'["\ud800", "\u00e9"]', [(1, "\ud800"), (1, "é")]),
    ],
)
def test_values_come_with_the_line_they_begin_on(
    tmp_path: Path, text: bytes, found: list[tuple[int, Json]]
) -> None:
    assert values(read(tmp_path, text)) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[1,]", "Expecting value, line 1, column 4"),
        (b"[1 2]", "a comma or ] is expected, line 1, column 4"),
        (b"[1", "a comma or ] is expected, line 1, column 3"),
        (b"[", "Expecting value, line 1, column 2"),
        (b"[,1]", "Expecting value, line 1, column 2"),
        (b"[1]]", "text follows the last value, line 1, column 4"),
        (b"[1]\n\nx", "text follows the last value, line 3, column 1"),
        (b'{"a":1},{"a":2}', "text follows the last value, line 1, column 8"),
        (b"1 2", "text follows the last value, line 1, column 3"),
        (b"nul", "Expecting value, line 1, column 1"),
        (b"[NaN]", "NaN is not JSON, line 1, column 2"),
        (b"[\n -Infinity]", "-Infinity is not JSON, line 2, column 2"),
        (b"['a']", "Expecting value, line 1, column 2"),
        (b"[01]", "a comma or ] is expected, line 1, column 3"),
        (b'["\t"]', "Invalid control character at, line 1, column 3"),
        (b'[1,\n "a\xff"]', "it is not valid UTF-8, line 2, column 4"),
        (b"[" * 100_000, "it is nested deeper than 128 levels, line 1, column 2"),
        ("[1]".encode("utf-16"), "it is not valid UTF-8, line 1, column 1"),
    ],
)
def test_a_broken_file_is_refused_with_the_place(tmp_path: Path, text: bytes, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(tmp_path, text)
    assert refused.value.message == f"not valid JSON: {message}"
    assert "repair the file there" in refused.value.hint
    assert set(refused.value.context) == {"line", "column"}


@pytest.mark.parametrize("text", [b"", b" \n\t", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(Invalid, match="empty") as refused:
        read(tmp_path, text)
    assert "export finished" in refused.value.hint


def test_a_place_far_down_a_long_file_is_told_rightly(tmp_path: Path) -> None:
    head = b"[\n" + b'{"text": "some words that fill the file"},\n' * 60_000
    with pytest.raises(Invalid, match="line 60002, column 7"):
        read(tmp_path, head + b'{"a": ?}]')
    row = b'{"text": "some words that fill the file"},'
    with pytest.raises(Invalid, match=f"line 1, column {1 + 60_000 * len(row) + 7}"):
        read(tmp_path, b"[" + row * 60_000 + b'{"a": ?}]')


def test_a_value_beyond_the_limit_is_refused_where_it_begins_to_break(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="Unterminated string"):
        read(tmp_path, b'["' + b"x" * (MAX_RECORD_BYTES + 10))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"x", "it is not JSON: Expecting value at column 1"),
        (b'{"a":1}{"a":2}', "it is not JSON: Extra data at column 8"),
        (b'{"a":1},', "it is not JSON: Extra data at column 8"),
        (b"[1]", "it is not an object"),
        (b"null", "it is not an object"),
        (b'{"a":\xff}', "it is not valid UTF-8"),
        (b'{"a":Infinity}', "it is not JSON: Infinity is not JSON"),
        (b'{"a":' + b"[" * 100_000, "it is nested deeper than 128 levels"),
    ],
)
def test_a_broken_line_costs_itself_and_keeps_its_text(tmp_path: Path, line: bytes, reason: str) -> None:
    first, broken, last = read(tmp_path, b'{"a":1}\n' + line + b'\r\n{"a":3}', "ndjson")
    assert isinstance(broken, Reject)
    assert (broken.line, broken.reason) == (2, reason)
    assert broken.raw == line[:4096].decode(errors="replace")
    assert values([first, last]) == [(1, {"a": 1}), (3, {"a": 3})]


def test_lines_may_end_in_cr_lf_begin_with_a_mark_and_be_blank(tmp_path: Path) -> None:
    found = read(tmp_path, b'\xef\xbb\xbf{"a":1}\r\n\r\n \t\n{"a":2}', "ndjson")
    assert values(found) == [(1, {"a": 1}), (4, {"a": 2})]


def test_a_line_beyond_the_limit_is_a_reject_and_the_next_is_read(tmp_path: Path) -> None:
    long = b'{"a":"' + b"x" * (MAX_RECORD_BYTES * 2) + b'"}'
    refused, after = read(tmp_path, long + b'\n{"a":2}\n', "ndjson")
    assert isinstance(refused, Reject)
    assert (refused.line, refused.reason) == (1, "it is longer than 16 MiB")
    assert values([after]) == [(2, {"a": 2})]
    assert [type(v) for v in read(tmp_path, long, "ndjson")] == [Reject]


@pytest.mark.parametrize(
    ("head", "whole", "layout"),
    [
        (b'{"a":1}\n{"a":2}\n', True, "ndjson"),
        (b'\xef\xbb\xbf{"a":1}\n', True, "ndjson"),
        (b'{"a":1}', True, "ndjson"),
        (b'\n\n {"a":1} \r\n{"a":2}', True, "ndjson"),
        (b'{"a":1}\n{"a":', False, "ndjson"),
        (b'{"a":1}\nbroken\n{"a":3}\n', True, "ndjson"),
        (b'{\n"a":1}\n', True, "json"),
        (b'{"a":1', False, "json"),
        (b'[{"a":1}]\n', True, "json"),
        (b"", True, "json"),
        (b'{"a":1}\nx\ny\n', True, "json"),
    ],
)
def test_one_object_a_line_is_told_from_a_document(head: bytes, whole: bool, layout: str) -> None:
    assert jsontext.layout_of(head, whole=whole) == layout


jsons: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@IN_ONE_FOLDER
@given(st.lists(jsons, max_size=5), st.sampled_from([None, 1]), st.booleans())
def test_what_python_writes_as_an_array_comes_back(
    tmp_path: Path, rows: list[Json], indent: int | None, plain: bool
) -> None:
    data = json.dumps(rows, indent=indent, ensure_ascii=plain).encode("utf-8", "surrogatepass")
    if not plain and any("\ud800" <= c <= "\udfff" for c in json.dumps(rows, ensure_ascii=False)):
        return
    assert [value for _, value in values(read(tmp_path, data))] == rows


@IN_ONE_FOLDER
@given(st.lists(st.dictionaries(st.text(max_size=4), jsons, max_size=3), max_size=5))
def test_what_python_writes_line_by_line_comes_back_exactly(
    tmp_path: Path, rows: list[dict[str, Json]]
) -> None:
    found = read(tmp_path, "\n".join(map(json.dumps, rows)).encode(), "ndjson")
    exact = [jsontext.exactly(v.raw) if v.raw else v.json for v in found if isinstance(v, Value)]
    assert exact == rows
