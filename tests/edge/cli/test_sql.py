"""One question, six forms of the answer, and files that are whole or not there."""

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakehouse.edge.cli import output
from lakehouse.edge.cli.call import Call
from tests.edge.cli.conftest import Run

FIRST = "SELECT id, name FROM people ORDER BY id LIMIT 2"


def test_a_table_is_shown_and_the_time_is_told_aside(read: Run) -> None:
    done = read("sql", FIRST)
    assert done.out.splitlines() == ["id   name", " 1   Name 1", " 2   Name 2"]
    assert done.err.startswith("2 rows in ")


def test_json_is_the_document_that_http_answers_with(read: Run) -> None:
    answer = read("sql", FIRST, "--json").json
    assert answer["columns"] == [{"name": "id", "type": "BIGINT"}, {"name": "name", "type": "VARCHAR"}]
    assert answer["rows"] == [{"id": 1, "name": "Name 1"}, {"id": 2, "name": "Name 2"}]
    assert (answer["row_count"], answer["truncated"]) == (2, False)
    assert list(answer["snapshots"]) == ["lake.people"]  # type: ignore[call-overload]


def test_no_rows_are_still_json(read: Run) -> None:
    assert read("sql", "SELECT 1 a WHERE false", "--format", "json").json["rows"] == []


@pytest.mark.parametrize("form", ["csv", "md", "parquet", "arrow"])
def test_every_form_holds_the_rows(read: Run, form: str) -> None:
    raw = read("sql", FIRST, "--format", form).raw
    match form:
        case "csv":
            assert raw == b'"id","name"\n1,"Name 1"\n2,"Name 2"\n'
        case "md":
            assert raw.decode().splitlines()[2] == "| 1 | Name 1 |"
        case "parquet":
            assert pq.read_table(io.BytesIO(raw)).column("id").to_pylist() == [1, 2]
        case "arrow":
            assert pa.ipc.open_stream(raw).read_all().num_rows == 2


def test_the_ending_of_the_file_says_the_form(read: Run, tmp_path: Path) -> None:
    assert read("sql", FIRST, "-o", tmp_path / "x.parquet").code == 0
    assert pq.read_table(tmp_path / "x.parquet").num_rows == 2
    assert [p.name for p in tmp_path.iterdir()] == ["x.parquet"]


def test_a_file_that_cannot_be_written_leaves_the_old_one(read: Run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("old")
    assert read("sql", "SELECT error('no')", "-o", tmp_path / "x.csv").code == 1
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("x.csv", "old")]


def test_a_table_shows_a_thousand_rows_and_says_so(read: Run) -> None:
    done = read("sql", "SELECT * FROM range(1500)")
    assert len(done.out.splitlines()) == 1001
    assert "there are more" in done.err
    assert done.code == 0


def test_a_limit_that_was_asked_for_is_no_failure(read: Run) -> None:
    done = read("sql", "SELECT * FROM range(9)", "--limit", "3", "--format", "csv")
    assert (len(done.out.splitlines()), done.code) == (4, 0)


def test_rows_that_a_limit_of_ours_cut_off_are_partly_done(
    read: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEHOUSE_LIMITS_ROWS", "5")
    done = read("sql", "SELECT * FROM range(9)", "--format", "csv")
    assert (len(done.out.splitlines()), done.code) == (6, 3)
    assert "there are more: --limit" in done.err
    assert "--format csv" not in done.err  # it is what was asked for, and what was cut


def test_columns_without_room_are_named(read: Run) -> None:
    done = read("sql", "SELECT " + ", ".join(f"repeat('x', 60) c{n}" for n in range(9)), width=60)
    assert "no room for c4" in done.err
    assert max(map(len, done.out.splitlines())) <= 60


def test_values_are_shown_as_they_are_and_obeyed_by_no_terminal(read: Run) -> None:
    query = (
        "SELECT NULL n, true b, 1.5::DOUBLE d, 'x'::BLOB x, '[red]' m, chr(27) || '[31m' e, DATE '2026-01-02'"
    )
    shown = read("sql", query).out.splitlines()[1]
    assert shown.split() == ["NULL", "true", "1.5", "78", "[red]", "�[31m", "2026-01-02"]


@pytest.mark.parametrize("given", ["$n", "$1"])
def test_parameters_are_values_never_text(read: Run, given: str) -> None:
    query = f"SELECT count(*) n FROM people WHERE name = {given}"
    done = read("sql", query, "--param", f"{given[1:]}=x' OR '1'='1", "--format", "csv")
    assert done.out.split() == ['"n"', "0"]


def test_a_query_comes_from_a_file_or_from_a_pipe(read: Run, tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text("SELECT 41 + 1 x")
    filed = read("sql", "-f", tmp_path / "q.sql", "--format", "csv")
    piped = read("sql", "-", "--format", "csv", stdin="SELECT 41 + 1 x")
    assert filed.out == piped.out == '"x"\n42\n'


def test_the_past_can_be_asked(run: Run, people: Path) -> None:
    run("ingest", people)
    before = json.loads(run("history", "people", "--json").out)[0]["snapshot_id"]
    run("delete", "people", "--where", "id > 10")
    count = ["sql", "SELECT count(*) FROM people", "--format", "csv"]
    assert run(*count).out.split()[1] == "10"
    assert run(*count, "--at", str(before)).out.split()[1] == "100"


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (["selec 1"], 1, "line 1, column 1"),
        (["SELECT naem FROM people"], 1, "did you mean name?"),
        (["SELECT * FROM peple"], 1, "did you mean people?"),
        (["DROP TABLE people"], 1, "only SELECT"),
        (["SELECT 1", "-f", "x.sql"], 2, "say one"),
        ([], 2, "say one"),
        (["-f", "missing.sql"], 1, "No such file"),
        (["-f", "."], 1, "directory"),
        (["."], 1, "syntax error"),
        (["SELECT 1", "-o", "missing/x.csv"], 1, "mkdir -p missing"),
        (["SELECT 1", "-o", "."], 1, "is a folder"),
        (["SELECT 1", "--format", "xml"], 2, "table"),
        (["SELECT 1", "--limit", "0"], 2, "--limit"),
        (["SELECT $a", "--param", "a"], 2, "NAME=VALUE"),
        (["SELECT $a"], 1, "no value for $a"),
        (["SELECT * FROM people", "--at", "nonsense"], 1, "no moment"),
    ],
)
def test_foolish_words_get_a_clear_answer(read: Run, words: list[str], exit_code: int, said: str) -> None:
    done = read("sql", *words)
    assert done.code == exit_code
    assert said in done.err
    assert done.out == ""


@pytest.mark.parametrize("stdin", ["", "  \n"])
def test_an_empty_query_is_an_error(read: Run, stdin: str) -> None:
    done = read("sql", "-", stdin=stdin)
    assert done.code == 1
    assert "the query is empty" in done.err


def test_a_binary_file_is_no_query(read: Run, tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in read("sql", "-f", tmp_path / "q.sql").err


def test_bytes_are_not_for_a_terminal() -> None:
    call = Call()
    call.out._force_terminal = True
    with pytest.raises(Exception, match="add -o FILE"):
        output.check("parquet", None, call)
