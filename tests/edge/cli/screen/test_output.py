"""Rows that leave the program: the form that an ending asks for, whole files or none, JSON line by line."""

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.failure import ERROR_ID, body, noted
from lakehouse.edge.cli.output import ENDINGS, Format, check, of_ending, pieces, write
from lakehouse.lake.facade import Result
from lakehouse.query.engine import Answer


def result(columns: dict[str, Sequence[object]], **snapshots: int) -> Result:
    """What a query would have answered with these columns."""
    table = pa.table({name: pa.array(members, pa.string()) for name, members in columns.items()})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    answer = Answer(
        columns=tuple((name, "VARCHAR") for name in columns),
        chunks=(sink.getvalue(),),
        row_count=table.num_rows,
        truncated=False,
        elapsed_ms=1.0,
    )
    return Result(answer, query_id="q", snapshots=snapshots, elapsed_ms=1.23456)


def terminal(*, is_one: bool = True) -> Call:
    return Call(out=Console(file=io.StringIO(), force_terminal=is_one, width=60))


@pytest.mark.parametrize(("ending", "form"), ENDINGS.items())
def test_an_ending_asks_for_its_form_whatever_its_case(ending: str, form: Format) -> None:
    assert of_ending(Path(f"a.b{ending}")) == form
    assert of_ending(Path(f"a{ending.upper()}")) == form


@pytest.mark.parametrize("name", ["a", "a.txt", "a.csv.gz", ".csv", "a.csv/b", ""])
def test_any_other_name_gets_a_table(name: str) -> None:
    assert of_ending(Path(name)) == "table"
    assert of_ending(None) == "table"


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_bytes_go_into_files_and_pipes_but_to_no_terminal(form: Format, tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match="add -o FILE") as caught:
        check(form, None, terminal())
    assert caught.value.param_hint == "--format"
    check(form, None, terminal(is_one=False))
    check(form, tmp_path / "a", terminal())
    check("csv", None, terminal())


def test_a_place_that_cannot_take_a_file_is_refused_before_the_query_runs(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="there is no folder") as caught:
        check("csv", tmp_path / "none" / "a.csv", terminal())
    assert caught.value.hint == f"mkdir -p {tmp_path / 'none'}"
    with pytest.raises(Invalid, match="is a folder") as caught:
        check("csv", tmp_path, terminal())
    assert caught.value.hint == "name a file in it"


@pytest.mark.parametrize("form", ["table", "json", "csv", "md", "parquet", "arrow"])
def test_a_file_holds_what_a_pipe_would_and_nothing_lies_beside_it(form: Format, tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    rows = result({"a": ["ü", None], "b": ["1", "2"]})
    write(rows, form, path, terminal())
    assert path.read_bytes() == b"".join(pieces(rows, form))
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_a_file_that_could_not_be_put_in_place_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    (path / "in it").mkdir(parents=True)
    with pytest.raises(Unavailable, match="cannot write") as caught:
        write(result({"a": ["1"]}), "csv", path, terminal())
    assert caught.value.hint == "choose another file"
    assert [file.name for file in tmp_path.iterdir()] == ["taken"]


def test_json_has_a_row_a_line_and_snapshots_as_text() -> None:
    text = b"".join(pieces(result({"a": ["1", "2"]}, people=2**62 + 1), "json")).decode()
    assert [line.rstrip(",") for line in text.splitlines()[1:3]] == ['{"a": "1"}', '{"a": "2"}']
    assert json.loads(text) == {
        "columns": [{"name": "a", "type": "VARCHAR"}],
        "rows": [{"a": "1"}, {"a": "2"}],
        "row_count": 2,
        "truncated": False,
        "elapsed_ms": 1.235,
        "query_id": "q",
        "snapshots": {"people": str(2**62 + 1)},
    }


def test_a_markdown_file_holds_every_row_however_many_there_are() -> None:
    rows = result({"n": list(map(str, range(300)))})
    assert len(b"".join(pieces(rows, "md")).splitlines()) == 302


@settings(max_examples=40, deadline=None)
@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=6))
def test_any_text_comes_back_from_json_and_no_row_takes_two_lines(members: list[str | None]) -> None:
    text = b"".join(pieces(result({"a": members}), "json")).decode()
    assert [row["a"] for row in json.loads(text)["rows"]] == members
    assert text.count("\n") == 2 + len(members)


def test_columns_without_room_are_said_aside_and_not_among_the_rows() -> None:
    call = Call(
        out=Console(file=io.StringIO(), width=30), err=Console(file=io.StringIO(), width=200, highlight=False)
    )
    write(result({f"column_{n}": ["x" * 20] for n in range(6)}), "table", None, call)
    out, err = call.out.file, call.err.file
    assert isinstance(out, io.StringIO)
    assert isinstance(err, io.StringIO)
    assert "no room for" in err.getvalue()
    assert "column_5" in err.getvalue()
    assert "no room" not in out.getvalue()


def test_an_error_keeps_the_id_under_which_the_lake_has_it_and_else_gets_a_new_one() -> None:
    assert noted(Invalid("x", **{ERROR_ID: "01ABC"})) == "01ABC"
    one, other = noted(Invalid("x")), noted(ValueError("x"))
    assert one != other
    assert len(one) == len(other) == 26


def test_a_fault_of_ours_names_its_kind_and_place_and_never_its_words() -> None:
    try:
        int("4711 hidden")
    except ValueError as error:
        found = body(error, error_id="7")
    assert "ValueError in test_output.py line" in str(found["detail"])
    assert "hidden" not in json.dumps(found)
    assert (found["kind"], found["status"], found["retry"], found["error_id"]) == ("Fault", 500, False, "7")
    assert body(KeyError("hidden"), error_id="8")["detail"] == "a fault in lakehouse itself: KeyError"
