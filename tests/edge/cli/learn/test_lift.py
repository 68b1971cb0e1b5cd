"""The gate from the command line, on a small collection and by words alone, so that nothing is embedded."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakehouse.__main__ import PLUGS
from lakehouse.edge.cli.app import application
from lakehouse.edge.cli.call import Call
from lakehouse.lake.facade import Lakehouse
from lakehouse.matrix.lift.ground.world import World
from tests.edge.cli.conftest import Outcome, Run, run_in
from tests.matrix.lift.scene import collection, tiny

ARGUMENTS = ("--arms", "cache", "--quick", "--jobs", "1")


def put(folder: Path) -> Path:
    """The small collection as files."""
    given = collection()
    folder.mkdir(parents=True)
    documents = [{"id": key, "text": text} for key, text in given.texts.items()]
    questions = [{"id": key, "text": text} for key, text in given.needs.items()]
    for name, lines in (("docs", documents), ("queries", questions)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    grades = [f"{need}\t{key}\t{grade}\n" for need, g in given.grades.items() for key, grade in g.items()]
    (folder / "qrels.tsv").write_text("".join(grades))
    return folder


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake without a model, and the collection beside it."""
    folder = tmp_path_factory.mktemp("lift")
    put(folder / "sets" / "tiny")
    assert run_in(folder / "lake", "init").code == 0
    (folder / "lake" / "lakehouse.toml").write_text('[embedding]\nprovider = "none"\n')
    return folder


@pytest.fixture(scope="module")
def done(root: Path) -> Outcome:
    """One run with a report."""
    out = root / "report.json"
    return run_in(root / "lake", "lift", "--data", root / "sets", *ARGUMENTS, "--out", out, width=80)


def test_a_run_shows_lifts_and_goals_on_a_narrow_screen(done: Outcome) -> None:
    assert "cache" in done.out
    assert "lift on unseen paraphrases" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_without_ours_no_goal_is_measured_and_the_gate_fails(done: Outcome) -> None:
    assert done.code == 1


def test_it_says_that_it_went_by_words_only(done: Outcome) -> None:
    assert "by words only" in done.err


def test_a_rerun_writes_the_same_report_byte_for_byte(done: Outcome, root: Path) -> None:
    again = root / "again.json"
    run_in(root / "lake", "lift", "--data", root / "sets" / "tiny", *ARGUMENTS, "--out", again, "--quiet")
    assert again.read_bytes() == (root / "report.json").read_bytes()
    found = json.loads(again.read_text())
    assert list(found["sets"]) == ["tiny"]
    assert found["sets"]["tiny"]["hashes"]["model"] == "words"
    assert {row["arm"] for row in found["lift"]} == {"cache"}


def test_the_chart_lies_beside_the_report(done: Outcome, root: Path) -> None:
    drawn = json.loads((root / "report.vl.json").read_text())
    assert {value["arm"] for value in drawn["data"]["values"]} == {"cache", "none"}


def test_a_rerun_writes_the_same_chart_byte_for_byte(done: Outcome, root: Path) -> None:
    again = root / "chart_again.json"
    run_in(root / "lake", "lift", "--data", root / "sets", *ARGUMENTS, "--out", again, "--quiet")
    assert again.with_suffix(".vl.json").read_bytes() == (root / "report.vl.json").read_bytes()


def test_its_picture_lies_there_too(done: Outcome, root: Path) -> None:
    pytest.importorskip("vl_convert", reason="the extra [chart] is not installed")
    assert (root / "report.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert "no picture" not in done.err


def test_without_the_extra_the_report_is_whole_and_one_line_says_what_brings_the_picture(
    done: Outcome, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert done.code in {0, 1}
    monkeypatch.setitem(sys.modules, "vl_convert", None)  # how Python marks what cannot be imported
    out = root / "plain.json"
    found = run_in(root / "lake", "lift", "--data", root / "sets", *ARGUMENTS, "--out", out)
    assert [line for line in found.err.splitlines() if "picture" in line] == [
        "no picture of the chart: pip install 'lakehouse[chart]'"
    ]
    assert out.with_suffix(".vl.json").read_bytes() == (root / "report.vl.json").read_bytes()
    assert not out.with_suffix(".png").exists()


def test_the_base_is_asked_once_and_its_answers_are_kept_in_the_lake(done: Outcome, root: Path) -> None:
    assert len(list((root / "lake" / "cache" / "lift").iterdir())) == 1


def test_every_figure_is_a_record_in_sql(done: Outcome, root: Path) -> None:
    asked = "SELECT DISTINCT set_name, arm FROM system.lift WHERE class = 'paraphrase' AND lift = 0"
    assert run_in(root / "lake", "sql", asked, "--format", "csv").out.splitlines()[1:] == ['"tiny","cache"']


def test_a_folder_without_a_collection_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = run("lift", "--data", tmp_path / "empty")
    assert (found.code, "no judged collection" in found.err) == (1, True)


def made(lake: Lakehouse, *, is_small: bool) -> World:
    """A world, as the entry point plugs one in."""
    assert is_small
    assert not lake.tables()
    return tiny()


def test_a_world_that_the_entry_point_knows_is_made_in_a_lake_of_its_own(root: Path) -> None:
    plugged = application((), plugs={"world:made": f"{__name__}:made"})
    words = ["--root", str(root / "lake"), "lift", "--data", "made", *ARGUMENTS]
    found = CliRunner().invoke(plugged, words, prog_name="lakehouse")
    assert "made: a lake is filled and asked" in found.stderr
    assert "tiny" in found.stdout


def test_the_staffing_world_is_known_to_the_entry_point() -> None:
    assert callable(Call(plugs=PLUGS).plugged("world:staffing"))


def test_a_world_that_nobody_knows_is_not_found(run: Run) -> None:
    found = run("lift", "--data", "nowhere")
    assert (found.code, "no judged collection" in found.err) == (1, True)


def test_an_arm_that_is_none_is_refused(root: Path) -> None:
    found = run_in(root / "lake", "lift", "--data", root / "sets", "--arms", "nonsense", "--quick")
    assert (found.code, "no arm" in found.err) == (1, True)


def test_a_report_into_a_folder_that_is_not_there_is_refused(root: Path) -> None:
    out = root / "nowhere" / "report.json"
    found = run_in(root / "lake", "lift", "--data", root / "sets", *ARGUMENTS, "--out", out)
    assert (found.code, "no folder" in found.err) == (1, True)
