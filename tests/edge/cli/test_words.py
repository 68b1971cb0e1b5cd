"""Words of options mean what a person would think."""

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.edge.cli import words


def test_types_are_pairs_and_a_comma_in_parentheses_does_not_part_them() -> None:
    assert words.types("a=BIGINT, price=DECIMAL(9,2),b=DATE") == {
        "a": "BIGINT",
        "price": "DECIMAL(9,2)",
        "b": "DATE",
    }


@pytest.mark.parametrize("empty", [None, "", " , "])
def test_no_words_mean_nothing(empty: str | None) -> None:
    assert words.types(empty) == {}
    assert words.names(empty) == ()


@pytest.mark.parametrize("wrong", ["a", "=BIGINT", "a=BIGINT,b"])
def test_a_type_without_its_column_is_wrong_usage(wrong: str) -> None:
    with pytest.raises(typer.BadParameter, match="COLUMN=TYPE"):
        words.types(wrong)


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), ('"7"', "7"), ("007", "007"), ("1.5", 1.5), ("true", True), ("null", None), ("NaN", "NaN")],
)
def test_a_parameter_is_json_where_it_can_be_and_else_text(text: str, value: object) -> None:
    assert words.values([f"x={text}"]) == {"x": value}


def test_a_value_may_hold_further_equal_signs() -> None:
    assert words.values(["x=a=b"]) == {"x": "a=b"}


@given(st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), min_size=1))
def test_names_come_back_in_order(names: list[str]) -> None:
    assert words.names(", ".join(names)) == tuple(names)
