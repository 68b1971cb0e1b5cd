"""Types are proposed conservatively, and SQL holds the whole file to the same rule."""

import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.ingest.delimited import cast
from lakehouse.ingest.infer import FITS, infer, name_words

GOLDEN = Path(__file__).parents[1] / "golden" / "ingest" / "infer.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))
EDGES = sorted(
    {v for case in CASES for v in case["values"] if v} | {"-0", "1e5", "inf", "nan", "1e-400", "2024-1-1"}
)

numbers = st.from_regex(r"-?[0-9]{0,20}(\.[0-9]{0,18})?([eE][+-]?[0-9]{1,4})?", fullmatch=True)
DAY, CLOCK = "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]", r"[0-2][0-9]:[0-6][0-9](:[0-9]{2}(\.[0-9]{1,7})?)?"
times = st.from_regex(rf"{DAY}([ T]{CLOCK}(Z|\+0[0-9](:00)?)?)?", fullmatch=True)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['name']}-{c['values'][0]}")
def test_a_column_gets_the_type_of_the_golden_case(case: dict[str, object]) -> None:
    values = case["values"]
    assert isinstance(values, list)
    assert infer(str(case["name"]), values).type == case["type"]


def test_the_reason_for_keeping_digits_as_text_is_said() -> None:
    assert infer("zip", ["60601"]).reason == "a postal code keeps its leading zeros"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("homePhone_2", ("home", "phone", "2")),
        ("SSN", ("ssn",)),
        ("HTTPStatus", ("http", "status")),
        ("", ()),
    ],
)
def test_a_name_is_cut_into_words(name: str, words: tuple[str, ...]) -> None:
    assert name_words(name) == words


def in_sql(con: duckdb.DuckDBPyConnection, kind: str, text: str) -> bool:
    doubtful = cast.doubtful("c", kind, "widen")
    found = con.execute(f"SELECT {doubtful} FROM (SELECT ?::VARCHAR AS c)", [text]).fetchone()
    return bool(found and not found[0])


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


@pytest.mark.parametrize("kind", FITS)
def test_sql_and_sample_agree_on_every_golden_value(con: duckdb.DuckDBPyConnection, kind: str) -> None:
    disagreed = [v for v in EDGES if in_sql(con, kind, v) != FITS[kind](v)]
    assert disagreed == []


@settings(max_examples=150, deadline=None)
@given(st.one_of(numbers, times, st.text(max_size=6)).filter(bool), st.sampled_from(sorted(FITS)))
def test_sql_and_sample_agree_on_any_value(text: str, kind: str) -> None:
    with duckdb.connect(config={"threads": 1}) as con:
        assert in_sql(con, kind, text) == FITS[kind](text)


@pytest.mark.parametrize("kind", [*FITS, "VARCHAR"])
def test_the_checked_cast_keeps_what_fits_and_stops_at_what_does_not(
    con: duckdb.DuckDBPyConnection, kind: str
) -> None:
    checked = cast.checked("c", "t", kind, "widen")
    for value in EDGES:
        query = (
            f"SELECT {checked} FROM (SELECT c, {cast.attempt('c', kind)} AS t FROM (SELECT ?::VARCHAR AS c))"
        )
        if kind == "VARCHAR" or FITS[kind](value):
            assert con.execute(query, [value]).fetchall()[0][0] is not None
        else:
            with pytest.raises(duckdb.Error, match=cast.DOUBT):
                con.execute(query, [value]).fetchall()


def test_only_integers_may_become_fractions_before_they_become_text() -> None:
    assert (cast.wider("BIGINT"), cast.wider("DATE")) == (("DOUBLE", "VARCHAR"), ("VARCHAR",))
