"""Words of options: what reads back, what is refused and with which form, and options that moved."""

import json
from pathlib import Path

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.edge.cli import words
from lakehouse.edge.cli.lazy import hoisted
from lakehouse.edge.cli.memory.content import FORM, content, parsed, raw

plain = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
column = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(column, json_values, min_size=1, max_size=4))
def test_any_json_value_of_a_parameter_is_that_value(given_values: dict[str, object]) -> None:
    texts = [f"{name}={json.dumps(value)}" for name, value in given_values.items()]
    assert words.values(texts) == given_values


@pytest.mark.parametrize("text", ["Infinity", "-Infinity", "NaN"])
def test_numbers_that_json_does_not_have_stay_text(text: str) -> None:
    assert words.values([f"x={text}"]) == {"x": text}


def test_a_parameter_may_be_empty_text_and_the_last_of_a_name_counts() -> None:
    assert words.values(["x="]) == {"x": ""}
    assert words.values(["x=1", " x = 2 "]) == {"x": 2}
    assert words.values([]) is None
    assert words.values(None) is None


@pytest.mark.parametrize("wrong", ["x", "=1", " =1", ""])
def test_a_parameter_or_a_column_without_a_name_is_wrong_usage(wrong: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not NAME=VALUE") as caught:
        words.values([wrong])
    assert caught.value.param_hint == "--param"
    with pytest.raises(typer.BadParameter, match="is not COLUMN=TEXT") as caught:
        words.docs([wrong])
    assert caught.value.param_hint == "--column"


def test_what_a_column_means_may_hold_commas_and_equal_signs() -> None:
    assert words.docs(["pay=gross, in EUR = euros", "zip=as text"]) == {
        "pay": "gross, in EUR = euros",
        "zip": "as text",
    }
    assert words.docs(None) == {}


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(column, st.sampled_from(["BIGINT", "DECIMAL(9,2)", "DECIMAL(38, 0)", "DATE"])))
def test_types_read_back_whatever_commas_they_hold(types: dict[str, str]) -> None:
    assert words.types(", ".join(f"{name} = {kind}" for name, kind in types.items())) == types


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(plain, json_values, max_size=4))
def test_a_json_object_of_an_option_is_that_object(value: dict[str, object]) -> None:
    assert words.document(json.dumps(value), "--config") == value


@pytest.mark.parametrize("text", ["", "m=32", "{'m': 32}", '{"m": 32', "\0"])
def test_an_option_that_is_no_json_names_itself(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not JSON") as caught:
        words.document(text, "--config")
    assert caught.value.param_hint == "--config"


@pytest.mark.parametrize("text", ["[]", "7", "null", '"x"', "[{}]"])
def test_json_that_is_no_object_is_shown_an_object(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="not a JSON object") as caught:
        words.document(text, "--config")
    assert '{"m": 32}' in str(caught.value)


def test_an_option_that_was_not_given_has_no_document() -> None:
    assert words.document(None, "--config") is None


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ""),
        ("tables --json", "--json tables"),
        ("sql x -q --json", "-q --json sql x"),
        ("tables --root here", "--root here tables"),
        ("tables --root=here", "--root=here tables"),
        ("sql -- --json", "sql -- --json"),
        ("sql --debug -- --root a --json", "--debug sql -- --root a --json"),
        ("--root a sql --root b", "--root a --root b sql"),
        ("show --format json --jsonx", "show --format json --jsonx"),
    ],
)
def test_options_of_the_program_may_stand_behind_the_command(typed: str, found: str) -> None:
    assert hoisted(typed.split()) == found.split()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "--x", "--", "-q", "--json", "--root", "--root=r", "--debug"])))
def test_hoisting_loses_no_word_keeps_their_order_and_once_is_enough(typed: list[str]) -> None:
    found = hoisted(typed)
    assert sorted(found) == sorted(typed)
    assert hoisted(found) == found
    others = {"a", "b", "--x", "--"}
    assert "--root" in typed or [w for w in found if w in others] == [w for w in typed if w in others]


@settings(max_examples=40, deadline=None)
@given(json_values)
def test_content_is_any_json_from_a_text_or_from_bytes(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert parsed(text) == parsed(text.encode()) == value


@pytest.mark.parametrize("wrong", ["", None, b"", "so", "{'a': 1}", b"\xff\xfe\xfa", "[" * 100_000, '"a\nb"'])
def test_content_that_is_no_json_is_refused_with_the_form_and_without_a_traceback(
    wrong: str | bytes | None,
) -> None:
    with pytest.raises(Invalid, match="the content is not JSON") as caught:
        parsed(wrong)
    assert caught.value.hint == FORM
    assert len(caught.value.message) < 200


def test_content_comes_from_one_place_only(tmp_path: Path) -> None:
    file = tmp_path / "content.json"
    file.write_text('{"ü": [1]}', encoding="utf-8")
    assert content(None, file) == {"ü": [1]}
    assert content('"so"', None) == "so"
    for given_both in ((None, None), ("1", file)):
        with pytest.raises(typer.BadParameter, match="say one"):
            content(*given_both)


def test_a_file_that_cannot_be_read_says_why_and_what_to_check(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.json", tmp_path):
        with pytest.raises(Invalid, match="cannot read") as caught:
            raw(path)
        assert str(path) in caught.value.message
        assert caught.value.hint == "check the path"
