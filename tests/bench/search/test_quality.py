"""Judged questions: read as they lie on disk, scored by leg, left out aloud where they are not there."""

import json
from pathlib import Path

import pytest

from lakehouse.bench.ground import TINY, Ground
from lakehouse.bench.outcome import Outcome, Skipped
from lakehouse.bench.search import quality
from lakehouse.bench.search.quality import BASELINES, COLLECTIONS, measure, read
from lakehouse.llm.minilm.embedder import MiniLM

TEXTS = [
    {"id": "1", "title": "Wings", "text": "the lift of a thin wing in a supersonic stream"},
    {"id": "2", "title": "Heat", "text": "how heat flows through a boundary layer"},
    {"id": "3", "title": "", "text": "bread is baked of flour and water"},
    {"id": "4", "title": "", "text": ""},
]
QUESTIONS = [
    {"id": "q1", "text": "wing lift in a supersonic stream"},
    {"id": "q2", "text": "heat in boundary layers"},
    {"id": "q3", "text": "nobody judged this"},
]


@pytest.fixture
def collections(tmp_path: Path) -> Path:
    folder = tmp_path / "ir" / "cran"
    folder.mkdir(parents=True)
    for name, rows in (("docs", TEXTS), ("queries", QUESTIONS)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "qrels.tsv").write_text("query\tdoc\tgrade\nq1\t1\t2\nq1\t3\t0\nq2\t2\t1\n")
    return folder.parent


def ground(tmp_path: Path) -> Ground:
    (tmp_path / "ground").mkdir()
    return Ground(folder=tmp_path / "ground", sizes=TINY)


def test_a_collection_has_its_texts_and_the_questions_that_were_judged(collections: Path) -> None:
    found = read(collections / "cran")
    assert found.name == "cran"
    assert [text["id"] for text in found.texts] == ["1", "2", "3"]
    assert found.texts[0]["body"].startswith("Wings the lift")
    assert list(found.questions) == ["q1", "q2"]
    assert found.grades["q1"] == {"1": 2.0, "3": 0.0}


def test_a_machine_without_the_collections_says_so_and_measures_nothing(tmp_path: Path) -> None:
    (found,) = measure(ground(tmp_path), tmp_path / "nowhere")
    assert isinstance(found, Skipped)
    assert "not at nowhere" in found.reason


@pytest.mark.skipif(not MiniLM.is_installed(), reason="the local model is not installed")
def test_questions_that_are_easy_are_answered_by_every_leg(collections: Path, tmp_path: Path) -> None:
    found = [one for one in measure(ground(tmp_path), collections) if isinstance(one, Outcome)]
    assert [one.what.partition(", ")[2] for one in found] == [
        "dense",
        "lexical",
        "fused",
        "fused beside the better leg",
    ]
    assert [one.median for one in found] == [1.0] * 4
    assert [one.peer_median for one in found[:3]] == list(BASELINES["cran"] or ())


@pytest.mark.skipif(not COLLECTIONS.is_dir(), reason="the judged collections are not beside the project")
@pytest.mark.parametrize("name", BASELINES)
def test_every_collection_that_is_there_has_questions_whose_answers_are_among_its_texts(name: str) -> None:
    found = read(COLLECTIONS / name)
    keys = {text["id"] for text in found.texts}
    assert len(found.questions) >= 70
    judged = [key for question in found.questions for key in found.grades[question]]
    assert sum(key in keys for key in judged) > 0.95 * len(judged)


def test_no_baseline_is_better_than_perfect() -> None:
    assert all(0 < score < 1 for scores in BASELINES.values() for score in scores or ())
    assert quality.DIGITS == 3
