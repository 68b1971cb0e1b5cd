"""The first minute: a lake, a sample, the demo, and the parts that are plugged in."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakehouse.edge.cli.app import application
from lakehouse.staffing.schema import TABLES, counts
from tests.edge.cli.conftest import Outcome, Run, run_in

SCALE = "0.02"
served: list[tuple[Path, str | None, int | None]] = []


def serve(root: Path, host: str | None, port: int | None) -> None:
    """What a test plugs in for the server."""
    served.append((root, host, port))


def measure(names: list[str], *, json: bool, quick: bool, root: Path | None) -> int:
    """What a test plugs in for the bench."""
    print(names, json, quick)
    return 1


def plugged(root: Path, *words: str) -> Outcome:
    app = application(plugs={"serve": f"{__name__}:serve", "bench": f"{__name__}:measure"})
    result = CliRunner().invoke(app, ["--root", str(root), *words])
    return Outcome(result.exit_code, result.stdout, result.stderr, result.stdout_bytes)


@pytest.fixture(scope="module")
def demo_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo") / "lake"
    assert run_in(root, "init", "--demo", "staffing", "--scale", SCALE).code == 0
    return root


def test_a_lake_is_made_once_and_then_is_there(run: Run, tmp_path: Path) -> None:
    assert "is a lake now" in run("init").err
    again = run("init", "--json")
    assert again.json == {"root": str(tmp_path / "lake"), "created": False, "tables": {}, "indexes": {}}


def test_a_folder_may_be_named(run: Run, tmp_path: Path) -> None:
    assert run("init", tmp_path / "other").code == 0
    assert (tmp_path / "other" / "catalog.sqlite").exists()


def test_a_folder_with_other_things_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "letter.txt").touch()
    assert (run("init").code, run("init", tmp_path / "lake" / "letter.txt").code) == (1, 1)


@pytest.mark.parametrize(
    "command", ["tables", "show x", "history x", "sql SELECT", "doctor", "serve", "rebuild"]
)
def test_reading_never_makes_a_lake(run: Run, tmp_path: Path, command: str) -> None:
    done = run(*command.split())
    assert (done.code, "lakehouse init" in done.err) == (1, True)
    assert not (tmp_path / "lake").exists()


def test_the_sample_is_seven_described_tables(demo_root: Path) -> None:
    infos = json.loads(run_in(demo_root, "tables", "--json").out)
    assert {i["table"]: i["rows"] for i in infos if i["namespace"] == "lake"} == dict(counts(float(SCALE)))
    found = run_in(demo_root, "show", "candidates", "--json").json
    assert (found["key"], found["tags"]) == (["candidate_id"], ["demo", "staffing"])
    columns = {c["name"]: c for c in found["columns"]}  # type: ignore[attr-defined]
    assert columns["zip"]["doc"].startswith("ZIP code")
    assert columns["pay_rate"]["pii"] == "salary"


def test_the_sample_keeps_the_types_it_was_made_with(demo_root: Path) -> None:
    types = {"long": "BIGINT", "double": "DOUBLE", "string": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE"}
    for table in TABLES:
        found = run_in(demo_root, "show", table.name, "--json").json
        seen = {c["name"]: c["type"] for c in found["columns"]}  # type: ignore[attr-defined]
        assert seen == {c.name: types.get(c.type, "TIMESTAMP") for c in table.columns}


def test_the_resumes_of_the_sample_can_be_searched(demo_root: Path) -> None:
    found = run_in(demo_root, "search", "forklift operator", "--corpus", "resumes", "-k", "1", "--json")
    (hit,) = found.json["hits"]  # type: ignore[misc] # one
    assert hit["text"].startswith("Forklift Operator, ")
    again = run_in(demo_root, "init", "--demo", "staffing", "--scale", SCALE, "--json").json
    assert again["indexes"] == {"resumes": counts(float(SCALE))["candidates"]}


def test_the_sample_is_not_taken_in_twice(demo_root: Path) -> None:
    again = run_in(demo_root, "init", "--demo", "staffing", "--scale", SCALE, "--json")
    assert (again.code, again.json["tables"]) == (0, {})


def test_a_table_of_the_users_own_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text("a,b\n1,2\n")
    run("ingest", tmp_path / "clients.csv")
    for command in (["init", "--demo", "staffing", "--scale", SCALE], ["demo", "--scale", SCALE]):
        done = run(*command)
        assert (done.code, "a table clients of its own" in done.err) == (1, True)
    assert len(json.loads(run("tables", "--json").out)) == 1


def test_an_unknown_sample_or_scale_is_said(run: Run) -> None:
    assert "staffing" in run("init", "--demo", "bakery").err
    assert run("init", "--demo", "staffing", "--scale", "0").code == 1


def test_the_demo_shows_everything_and_takes_it_back(demo_root: Path) -> None:
    before = run_in(demo_root, "sql", "SELECT * FROM candidates ORDER BY 1", "--format", "csv").out
    shown = run_in(demo_root, "demo", width=80)
    assert shown.code == 0
    assert "5 read = 3 in the table + 2 rejected" in shown.out
    assert "skipped: these very bytes" in shown.out
    assert "How to go on" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    assert run_in(demo_root, "sql", "SELECT * FROM candidates ORDER BY 1", "--format", "csv").out == before


def test_the_demo_can_be_seen_again_and_again(demo_root: Path) -> None:
    facts = run_in(demo_root, "demo", "--json").json
    assert facts["demo_walk_ins"] == {"read": 5, "rows": 3, "rejected": 2}
    assert facts["candidates now"] == facts["candidates after it"] - 1  # type: ignore[operator]


def test_a_fresh_demo_makes_the_company(run: Run) -> None:
    shown = run("demo", "--scale", SCALE).out
    assert "5,730 rows read = 5,730 in tables + 0 rejected" in shown


def test_the_doctor_says_all_is_well(demo_root: Path) -> None:
    done = run_in(demo_root, "doctor", "--json")
    found = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0
    assert {f["status"] for f in found} <= {"ok", "warn"}
    assert "✓ catalog" in run_in(demo_root, "doctor").out


def test_the_doctor_fails_when_a_file_is_gone(run: Run, people: Path, tmp_path: Path) -> None:
    run("ingest", people)
    next((tmp_path / "lake" / "warehouse").rglob("*.parquet")).unlink()
    done = run("doctor", "--quiet")
    assert (done.code, "✗" in done.out) == (1, True)


def test_the_server_is_handed_the_lake(demo_root: Path) -> None:
    assert plugged(demo_root, "serve", "--port", "0").code == 0
    assert served.pop() == (demo_root, None, 0)


def test_the_bench_is_handed_its_words(tmp_path: Path) -> None:
    done = plugged(tmp_path, "bench", "cold", "--quick", "--json")
    assert (done.code, done.out) == (1, "['cold'] True True\n")
