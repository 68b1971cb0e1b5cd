"""The first minute, chapter by chapter, on a real lake: what it changes it takes back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from lakehouse.assembly import open_lake
from lakehouse.edge.cli.call import Call
from lakehouse.lake.facade import Lakehouse
from lakehouse.llm.minilm import weights
from lakehouse.staffing import demo, resumes, sample
from lakehouse.staffing.demo import BAD, Story
from lakehouse.staffing.queries import QUERIES
from lakehouse.staffing.schema import counts

SCALE = 0.01
MODEL = weights.folder() is not None
"""Is it installed? Then the few resumes of this scale are embedded for real."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A lake and the first chapter told in it."""

    lake: Lakehouse
    first: str
    facts: dict[str, object]
    root: Path


def story(*, width: int = 100, quiet: bool = False, json: bool = False) -> tuple[Story, StringIO]:
    screen = StringIO()
    console = Console(file=screen, width=width, highlight=False, markup=False)
    call = Call(out=console, err=Console(file=StringIO()), quiet=quiet, json=json)
    return Story(call=call), screen


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    root = tmp_path_factory.mktemp("demo") / "lake"
    with open_lake(root) as lake:
        told, screen = story()
        demo.load(told, lake, scale=SCALE)
        yield Stage(lake=lake, first=screen.getvalue(), facts=told.facts, root=root)


def test_the_company_is_made_and_taken_in_with_its_proof(stage: Stage) -> None:
    total = sum(counts(SCALE).values())
    assert f"{total:,} rows read = {total:,} in tables + 0 rejected" in stage.first
    assert "7 files" in stage.first
    assert {name: stage.facts[name] for name in counts(SCALE)} == dict(counts(SCALE))


def test_chapters_are_numbered_and_timed(stage: Stage) -> None:
    heads = re.findall(r"^(\d)  (\w.+)$", stage.first, re.MULTILINE)
    assert [number for number, _ in heads] == ["1", "2"]
    assert len(re.findall(r"^   \d+\.\d s$", stage.first, re.MULTILINE)) == 2
    assert {f"{title} (s)" for _, title in heads} <= set(stage.facts)


def test_a_company_that_is_there_is_not_made_again(stage: Stage) -> None:
    before = [info.snapshot_id for info in stage.lake.tables()]
    told, screen = story()
    demo.load(told, stage.lake, scale=SCALE)
    assert "here from last time" in screen.getvalue()
    assert f"{sum(counts(SCALE).values()):,} rows" in screen.getvalue()
    assert [info.snapshot_id for info in stage.lake.tables()] == before


def test_the_four_questions_are_asked_and_their_rows_counted(stage: Stage) -> None:
    told, screen = story()
    demo.ask(told, stage.lake)
    for query in QUERIES:
        assert query.question in screen.getvalue().replace("\n   ", " ")
        answer = stage.lake.sql(query.sql, query.defaults)
        assert told.facts[query.name]["rows"] == answer.row_count  # type: ignore[index] # a dict of facts


def test_a_long_answer_is_cut_and_says_how_much_is_hidden(stage: Stage) -> None:
    told, screen = story(width=200)
    told.table(stage.lake.sql("SELECT candidate_id FROM candidates ORDER BY 1"), most=3)
    lines = screen.getvalue().splitlines()
    assert [line.strip() for line in lines[:4]] == ["candidate_id", "1", "2", "3"]
    assert f"… {counts(SCALE)['candidates'] - 3} more rows" in lines[-1]


@pytest.mark.parametrize("width", [40, 100])
def test_no_line_is_wider_than_the_screen(stage: Stage, width: int) -> None:
    told, screen = story(width=width)
    demo.ask(told, stage.lake)
    demo.search(told, stage.lake)
    demo.change(told, stage.lake)
    assert max(map(len, screen.getvalue().splitlines())) <= width


def test_a_narrow_screen_says_which_columns_it_hides(stage: Stage) -> None:
    told, screen = story(width=40)
    told.table(stage.lake.sql("SELECT * FROM candidates LIMIT 1"))
    assert re.search(r"\d+ more columns", screen.getvalue())


def test_the_change_is_seen_asked_about_as_of_then_and_taken_back(stage: Stage) -> None:
    before = stage.lake.sql("SELECT * FROM candidates ORDER BY 1").rows()
    told, screen = story()
    demo.change(told, stage.lake)
    rows = counts(SCALE)["candidates"]
    assert told.facts["candidates now"] == rows - 1
    assert told.facts["candidates as it was"] == told.facts["candidates after it"] == rows
    assert screen.getvalue().count("the first lives in Springfield") == 1
    assert stage.lake.sql("SELECT * FROM candidates ORDER BY 1").rows() == before


def test_the_history_keeps_the_change_and_the_way_back(stage: Stage) -> None:
    before = len(stage.lake.history("candidates"))
    demo.change(story()[0], stage.lake)
    history = stage.lake.history("candidates")
    assert len(history) > before
    assert history[0].snapshot_id == stage.lake.show("candidates").info.snapshot_id


def test_resumes_are_indexed_searched_and_the_passages_shown_with_their_place(stage: Stage) -> None:
    told, screen = story()
    demo.search(told, stage.lake)
    rows = counts(SCALE)["candidates"]
    assert told.facts["resumes"] == {"by words": rows, "by meaning": rows if MODEL else 0}
    for asked in resumes.SEARCHES:
        assert f"“{asked.query}”" in screen.getvalue()
        assert f"where {asked.where}" in screen.getvalue() or not asked.where
        hits = told.facts[asked.query]["hits"]  # type: ignore[index] # a dict of facts
        assert len(hits) == 3 or not MODEL
        assert all(f"candidates {row}, chunk 0, characters 0-" in screen.getvalue() for row in hits)


@pytest.mark.skipif(not MODEL, reason="the embedding model is not installed")
def test_a_word_that_stands_in_no_resume_finds_people_by_its_meaning(stage: Stage) -> None:
    demo.search(story()[0], stage.lake)
    hits = stage.lake.search(resumes.SEARCHES[0].query, k=3).hits
    assert [hit.parts.lexical for hit in hits] == [None] * 3
    assert min(hit.parts.dense or 0 for hit in hits) > 0.3


def test_a_row_that_was_accepted_rises_for_other_words_and_the_demo_leaves_nothing_that_counts(
    stage: Stage,
) -> None:
    demo.search(story()[0], stage.lake)
    for _ in range(2):  # told again, it shows the same
        told, screen = story(width=80)
        demo.learn(told, stage.lake)
        learned = told.facts["learned"]
        assert isinstance(learned, dict)
        said = "rose from" if learned["after"] < learned["before"] else "did not rise"
        assert said in screen.getvalue()
        assert said == "rose from" or not MODEL
        assert max(map(len, screen.getvalue().splitlines())) <= 80
    assert stage.lake.playbook.stats().sources == {demo.SOURCE: 0.0}
    found = stage.lake.search(resumes.TOLD[1], k=3)
    assert {hit.parts.boost for hit in found.hits} == {None}


def test_bad_rows_are_shown_with_their_reason_and_the_same_file_is_skipped(stage: Stage) -> None:
    told, screen = story(width=160)
    demo.mistrust(told, stage.lake)
    assert told.facts[BAD] == {"read": 5, "rows": 3, "rejected": 2}
    assert "forty" in screen.getvalue()
    assert f"{BAD}.csv again  skipped" in screen.getvalue()
    assert stage.lake.sql(f"SELECT count(*) FROM {BAD}").rows()[0][0] == 3


def test_mistrust_can_be_told_again_and_shows_its_own_two_rows_and_leaves_no_file(stage: Stage) -> None:
    demo.mistrust(story()[0], stage.lake)
    told, _ = story()
    demo.mistrust(told, stage.lake)
    assert told.facts[BAD] == {"read": 5, "rows": 3, "rejected": 2}
    assert stage.lake.sql(demo.REJECTED).row_count == 2
    assert sample.TAG in stage.lake.show(BAD).card.tags
    assert [path for path in stage.root.rglob("*.csv") if path.is_file()] == []


@pytest.mark.parametrize(("quiet", "json"), [(True, False), (False, True)])
def test_scripts_and_the_quiet_get_no_prose_but_the_same_facts(stage: Stage, quiet: bool, json: bool) -> None:
    told, screen = story(quiet=quiet, json=json)
    demo.ask(told, stage.lake)
    demo.search(told, stage.lake)
    assert screen.getvalue() == ""
    assert {query.name for query in QUERIES} <= set(told.facts)


@pytest.mark.parametrize("serve", [False, True])
def test_the_way_on_names_commands_for_this_very_lake(serve: bool) -> None:
    told, screen = story()
    told = Story(call=replace(told.call, root=Path("elsewhere")), facts={"seconds": 1.2})
    demo.onward(told, serve=serve)
    commands = re.findall(r"^   lakehouse --root elsewhere (\w+)", screen.getvalue(), re.MULTILINE)
    assert commands == ["sql", "search", "index", "ingest", "show", "playbook", "serve"][: 6 if serve else 7]
    assert "1.2 s" in screen.getvalue()


def test_the_usual_lake_needs_no_option() -> None:
    told, screen = story()
    told.facts["seconds"] = 0.1
    demo.onward(told, serve=False)
    assert "--root" not in screen.getvalue()
