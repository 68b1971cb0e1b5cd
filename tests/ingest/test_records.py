"""JSON of every layout becomes flat rows; broken lines are kept, broken files are refused with the place."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.ingest.described import flatten, jsontext
from lakehouse.ingest.described.flatten import Json
from tests.ingest.loading import inspect, load, rejects, rows

GOLDEN = Path(__file__).parents[1] / "golden" / "ingest" / "flatten.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))
SUITE = Path(__file__).parents[3] / "shared" / "data" / "json" / "test_parsing"

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
objects = st.lists(
    st.dictionaries(st.text(max_size=3), values, min_size=1, max_size=4), min_size=1, max_size=6
)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["why"].replace(" ", "-"))
def test_rows_get_the_columns_of_the_golden_case(tmp_path: Path, case: dict[str, list[object]]) -> None:
    found = inspect(tmp_path, json.dumps(case["rows"]).encode(), name="rows.json")
    assert [[c.name, c.type] for c in found.columns] == case["columns"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(objects, st.booleans())
def test_any_objects_become_as_many_rows_in_both_layouts(
    tmp_path: Path, given: list[dict[str, Json]], lines: bool
) -> None:
    text = "\n".join(map(json.dumps, given)) if lines else json.dumps(given, indent=1)
    if not any(flatten.leaves(row) for row in given):
        return
    done = load(tmp_path, text.encode(), name="rows.json")
    assert (done.rows_read, done.rows_written, done.rejected) == (len(given), len(given), 0)
    assert len(rows(done)) == len(given)


def test_values_arrive_unchanged(tmp_path: Path) -> None:
    text = (
        b'[{"id": 1, "big": 123456789012345678901234567890, "f": 0.1, "tags": ["a", null], "mix": 1},'
        b' {"id": 2, "f": 2, "tags": [], "mix": [1, {"x": 18446744073709551616}], "t": "\\u00e9\\ud800"}]'
    )
    assert rows(load(tmp_path, text, name="rows.json")) == [
        (1, "123456789012345678901234567890", 0.1, ["a", None], "1", None),
        (2, None, 2.0, [], '[1,{"x":18446744073709551616}]', "é\ufffd"),
    ]


def test_integers_that_a_fast_decoder_would_round_are_kept_in_lines_too(tmp_path: Path) -> None:
    text = b'{"a": 18446744073709551616, "b": [18446744073709551617]}\n{"a": 1.5, "b": []}\n'
    assert rows(load(tmp_path, text, name="rows.ndjson")) == [
        ("18446744073709551616", "[18446744073709551617]"),
        ("1.5", "[]"),
    ]


def test_each_broken_line_is_a_reject_with_its_line(tmp_path: Path) -> None:
    text = b'{"a": 1}\n\n{"a": }\n{"a": 2}\n[3]\n{"a": "\xff"}\n{"a": NaN}\n{"a": 3}\n' + b'{"a": 4}\n' * 5
    done = load(tmp_path, text, name="rows.ndjson")
    assert [(line, reason) for line, reason, _ in rejects(done)] == [
        (3, "it is not JSON: Expecting value at column 7"),
        (5, "it is not an object"),
        (6, "it is not valid UTF-8"),
        (7, "it is not JSON: NaN is not JSON"),
    ]
    assert [r[0] for r in rows(done)] == [1, 2, 3, 4, 4, 4, 4, 4]
    assert done.rows_read == 12


def test_a_line_nested_too_deep_is_a_reject(tmp_path: Path) -> None:
    for deep in (b'{"a": ' * 200 + b"1" + b"}" * 200, b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}"):
        done = load(tmp_path, b'{"b": 1}\n' + deep + b'\n{"b": 2}\n', name="rows.ndjson")
        assert [(r[0], r[1]) for r in rejects(done)] == [(2, "it is nested deeper than 128 levels")]


def test_a_broken_array_is_refused_with_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="line 3, column 8"):
        inspect(tmp_path, b'[\n {"a": 1},\n {"a": ?}\n]', name="rows.json")


@pytest.mark.parametrize(
    "data", [b"[1,2", b"[1 2]", b"[1,]", b'{"a":1}}', b'{"a":1} x', b"[] []", b'["\xff"]']
)
def test_text_that_is_not_json_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Invalid):
        inspect(tmp_path, data, name="rows.json")


def test_one_object_over_many_lines_is_one_row(tmp_path: Path) -> None:
    assert rows(load(tmp_path, b'{\n "a": 1,\n "b": {"c": 2}\n}\n', name="one.json")) == [(1, 2)]


def test_objects_one_after_another_are_rows(tmp_path: Path) -> None:
    assert rows(load(tmp_path, b'{\n "a": 1\n}\n{\n "a": 2\n}\n', name="some.json")) == [(1,), (2,)]


def test_an_asked_for_type_rejects_the_rows_it_does_not_fit(tmp_path: Path) -> None:
    done = load(tmp_path, b'{"a": "007"}\n{"a": "x"}\n{"a": null}\n', name="r.ndjson", types={"a": "BIGINT"})
    assert rows(done) == [(7,), (None,)]
    assert rejects(done) == [(2, "a is not a BIGINT", '{"a":"x"}')]


def test_an_array_longer_than_one_read_is_streamed(tmp_path: Path) -> None:
    text = json.dumps([{"n": n, "text": "x" * 200} for n in range(12_000)]).encode()
    done = load(tmp_path, text, name="rows.json")
    assert [r[0] for r in rows(done)] == list(range(12_000))


def test_a_value_cut_by_the_end_of_a_read_is_whole(tmp_path: Path) -> None:
    head = b'[{"a": "' + b"x" * (jsontext.CHUNK_BYTES - 20) + b'"}, '
    done = load(tmp_path, head + b'{"a": 12345678}, {"a": 9}]', name="rows.json")
    assert [r[0] for r in rows(done)][1:] == ["12345678", "9"]


@pytest.mark.parametrize("data", [b"[]", b"{}", b"[{}]", b"  \n"])
def test_json_without_values_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Invalid, match=r"no values|empty"):
        inspect(tmp_path, data, name="rows.json")


@pytest.mark.skipif(not SUITE.exists(), reason="the shared folder with JSONTestSuite is not here")
@pytest.mark.parametrize("layout", ["json", "ndjson"])
def test_the_json_test_suite_is_judged_rightly(layout: str) -> None:
    for file in sorted(SUITE.glob("*.json")):
        try:
            found = list(jsontext.read(file, "ndjson" if layout == "ndjson" else "json"))
        except Invalid:
            accepted = False
        else:
            accepted = all(isinstance(value, jsontext.Value) for value in found)
        if file.name.startswith("n_") and layout == "json":
            assert not accepted, file.name
        if file.name.startswith("y_") and layout == "json":
            assert accepted, file.name
