"""Searching from the command line: hits with passages for people, the agreed document for scripts."""

import json
import re
from typing import cast

import pytest

from tests.edge.cli.conftest import Outcome, Run

Hit = dict[str, object]


def hits(done: Outcome) -> list[Hit]:
    assert done.code == 0, done.err
    return cast(list[Hit], done.json["hits"])


def test_a_hit_has_exactly_the_fields_that_scripts_rely_on(on: Run) -> None:
    done = on("search", "forklift operator", "--corpus", "resumes", "-k", "2", "--json")
    assert set(done.json) == {"search_id", "hits", "corpora", "snapshots", "notes", "elapsed_ms", "learning"}
    first, second = hits(done)
    assert set(first) == {
        "rank", "id", "corpus", "score", "parts", "text", "source", "sql_verified", "why", "digest",
    }  # fmt: skip
    assert (first["rank"], first["id"], second["rank"], second["id"]) == (1, "1", 2, "3")
    assert set(cast(Hit, first["parts"])) == {"dense", "lexical", "boost", "base"}
    text = "Forklift Operator: Forklift operator with an OSHA-10 card, on night shifts."
    assert first["text"] == text
    assert first["source"] == {"table": "workers", "row": "1", "chunk": 0, "start": 0, "end": len(text)}


def test_people_see_rank_score_id_corpus_the_passage_and_its_place(on: Run) -> None:
    lines = on("search", "welder", "-c", "resumes", "-k", "1").out.splitlines()
    assert re.fullmatch(r"1  \d\.\d{3}  4  resumes", lines[0])
    assert lines[1] == "   Welder: Pipes and tanks, certified."
    assert lines[2].startswith("   workers 4, chunk 0, characters 0-35 · words ")


def test_what_a_person_should_know_and_how_long_it_took_stand_on_stderr(on: Run) -> None:
    done = on("search", "welder", "-c", "resumes", "-k", "1")
    assert "! resumes: by words only" in done.err
    assert re.search(r"^1 hit in \d+ ms$", done.err, re.MULTILINE)
    assert on("search", "welder", "-c", "resumes", "--quiet").err == ""


def test_a_condition_leaves_only_rows_for_which_sql_says_so(on: Run) -> None:
    found = hits(on("search", "forklift operator", "-c", "resumes", "--where", "city = 'Rome'", "--json"))
    assert [hit["id"] for hit in found] == ["3"]
    assert all(hit["sql_verified"] for hit in found)


def test_rows_can_be_left_out_and_the_number_bounded(on: Run) -> None:
    words = ("search", "forklift operator", "-c", "resumes", "--json")
    assert [hit["id"] for hit in hits(on(*words, "--exclude", "1, 2"))] == ["3"]
    assert [hit["id"] for hit in hits(on(*words, "-k", "1", "--exact"))] == ["1"]


def test_all_indexes_are_searched_where_none_is_named(on: Run) -> None:
    done = on("search", "point forklift", "--json")
    assert done.json["corpora"] == ["points", "resumes"]
    assert {hit["corpus"] for hit in hits(done)} == {"points", "resumes"}


def test_nothing_found_is_an_answer(on: Run) -> None:
    done = on("search", "xylophone", "-c", "resumes")
    assert (done.code, done.out) == (0, "")
    assert "0 hits" in done.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("  ",), 1, "the question is empty"),
        (("x", "--corpus", "resume"), 1, "there are: "),
        (("x", "-k", "0"), 2, "-k"),
        (("forklift", "--where", "1=1; DROP TABLE workers"), 1, "fix"),
        (("forklift", "--where", "id IN (SELECT 1)"), 1, "fix"),
        ((), 2, "Missing argument"),
    ],
)
def test_what_cannot_be_searched_is_said(on: Run, words: tuple[str, ...], code: int, said: str) -> None:
    done = on("search", *words)
    assert (done.code, said in done.err) == (code, True)


def test_a_lake_without_an_index_says_how_to_make_one(at: Run) -> None:
    done = at("search", "forklift")
    assert (done.code, "fix  lakehouse index build" in done.err) == (1, True)


@pytest.mark.parametrize("width", [30, 60, 100])
def test_no_line_is_wider_than_the_screen(on: Run, width: int) -> None:
    lines = on("search", "forklift operator certified", "-c", "resumes", width=width).out.splitlines()
    assert max(map(len, lines)) <= width


def test_every_search_is_kept_for_sql(on: Run) -> None:
    told = on("search", "ledgers", "-c", "resumes", "-k", "1", "--json").json
    asked = f"SELECT query, rows FROM system.searches WHERE search_id = '{told['search_id']}'"
    assert json.loads(on("sql", asked, "--json").out)["rows"] == [{"query": "ledgers", "rows": 1}]
