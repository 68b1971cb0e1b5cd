"""Judged questions as they lie on disk, and what is said of rivals: by hand, without a model or a server."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.bench.corpora.clusters import Clusters
from lakehouse.bench.corpora.library import Corpus, K, corpus
from lakehouse.bench.ground import TINY, Ground
from lakehouse.bench.outcome import Outcome
from lakehouse.bench.search import rivals, strangers
from lakehouse.bench.search.quality import read
from lakehouse.bench.search.stranger import ABSENT
from lakehouse.bench.search.vectors import graph
from lakehouse.index.ann import Config


def collection(folder: Path, docs: Sequence[object], queries: Sequence[object], qrels: str) -> Path:
    """A folder of the three files."""
    for name, rows in (("docs", docs), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "qrels.tsv").write_text(qrels)
    return folder


ASKED = [{"id": "q", "text": "what"}]


def test_grades_are_numbers_one_where_there_is_none_and_the_line_of_titles_is_none(tmp_path: Path) -> None:
    docs = [{"id": "1", "text": "a"}]
    found = read(collection(tmp_path, docs, ASKED, "query\tdoc\tgrade\nq\t1\t2.5\nq\t2\nq\t3\t0\n"))
    assert found.grades["q"] == {"1": 2.5, "2": 1.0, "3": 0.0}
    assert list(found.questions) == ["q"]


def test_a_file_without_a_line_of_titles_loses_no_judgement(tmp_path: Path) -> None:
    found = read(collection(tmp_path, [{"id": "1", "text": "a"}], ASKED, "q\t1\t1\n"))
    assert found.grades == {"q": {"1": 1.0}}


def test_the_last_field_of_a_judgement_is_its_grade(tmp_path: Path) -> None:
    found = read(collection(tmp_path, [{"id": "1", "text": "a"}], ASKED, "q\t1\t0\t3\n"))
    assert found.grades["q"] == {"1": 3.0}


def test_a_title_stands_before_its_text_and_what_is_empty_is_left_out(tmp_path: Path) -> None:
    docs = [
        {"id": 1, "title": "Wings", "text": "of birds"},
        {"id": "2", "title": None, "text": "bread"},
        {"id": "3", "text": "  "},
        {"id": "4", "title": "Only"},
        {"id": "5"},
    ]
    found = read(collection(tmp_path, docs, ASKED, "q\t1\t1\n"))
    assert [(text["id"], text["body"]) for text in found.texts] == [
        *(("1", "Wings of birds"), ("2", "bread"), ("4", "Only")),
    ]


def test_questions_that_nobody_judged_and_judgements_of_no_question_are_kept_apart(tmp_path: Path) -> None:
    queries = [{"id": 1, "text": "a"}, {"id": 2, "text": "b"}]
    found = read(collection(tmp_path, [], queries, "2\tx\t1\n9\ty\t1\n"))
    assert found.questions == {"2": "b"}
    assert set(found.grades) == {"2", "9"}
    assert found.texts == ()


def test_blank_lines_of_a_file_are_no_texts(tmp_path: Path) -> None:
    folder = collection(tmp_path, [{"id": "1", "text": "a"}], ASKED, "q\t1\t1\n")
    (folder / "docs.jsonl").write_text('\n{"id": "1", "text": "a"}\n  \n\n')
    assert len(read(folder).texts) == 1


CORPUS = Corpus(path=Path("nowhere"), shape=Clusters(dimension=8), rows=1000, asked=3)


def compared(said: dict[str, object]) -> list[Outcome]:
    return list(rivals._compared("Chroma", said, CORPUS, build_s=2.0, times=(0.001, 0.003), mine=0.98))


def test_a_rival_that_answered_is_compared_in_time_to_build_time_to_ask_and_recall() -> None:
    said = {"name": "Chroma 1.0", "absent": "", "build_s": 4.0, "times": [0.002], "recall": 0.97, "effort": 2}
    build, ask, recall = compared(said)
    assert [one.ratio for one in (build, ask)] == [0.5, 1.0]
    assert recall.ratio == pytest.approx(0.98 / 0.97)
    assert [one.is_met for one in (build, ask, recall)] == [True, True, True]
    assert {one.peer_name for one in (build, ask, recall)} == {"Chroma 1.0"}
    assert ask.note == "Chroma searched with efSearch 128"
    assert "1,000 x 8" in build.what


@pytest.mark.parametrize(
    ("better", "met"),
    [({"build_s": 1.9}, [False, True, True]), ({"times": [0.0019]}, [True, False, True]),
     ({"recall": 0.981}, [True, True, False])],
)  # fmt: skip
def test_a_rival_that_is_better_in_one_thing_makes_that_one_a_miss(
    better: dict[str, object], met: list[bool]
) -> None:
    said = {"name": "x", "absent": "", "build_s": 4.0, "times": [0.002], "recall": 0.97, "effort": 1}
    assert [one.is_met for one in compared(said | better)] == met


def test_a_rival_that_is_absent_leaves_our_figures_without_a_verdict() -> None:
    found = compared({"name": "Chroma", "absent": ABSENT})
    assert [one.median for one in found] == [2.0, 0.002, 0.98]
    assert [(one.peer, one.is_met, one.absent) for one in found] == [((), None, ABSENT)] * 3


tries = st.lists(st.floats(0, 1), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(tries, st.floats(0, 1))
def test_the_try_that_counts_is_the_first_that_finds_as_much_or_the_one_that_finds_most(
    recalls: list[float], mine: float
) -> None:
    answer: dict[str, object] = {"tries": [{"effort": n, "recall": r} for n, r in enumerate(recalls)]}
    best = rivals._best(answer, mine)
    assert best["absent"] == ""
    if best["recall"] >= mine:
        assert all(r < mine for r in recalls[: best["effort"]])
    else:
        assert best["recall"] == max(recalls)


def test_a_try_warms_up_before_it_counts_and_counts_each_question_once() -> None:
    heard: list[int] = []

    def ask(question: int, effort: int) -> list[int]:
        heard.append(question)
        return [question] * effort

    found = strangers._tried(ask, list(range(30)), 1, [[n] for n in range(30)])
    assert heard == [*range(20), *range(30)]
    assert (len(found["times"]), found["recall"]) == (30, 1.0)


def test_what_a_rival_is_asked_lies_where_it_is_said_to_lie(tmp_path: Path) -> None:
    ground = Ground(folder=tmp_path, sizes=TINY)
    made = corpus(tmp_path / "v.parquet", rows=300, dimension=32, asked=5)
    asked = rivals._asked(ground, made, "chroma")
    assert np.array_equal(np.load(str(asked["questions"])), made.questions)
    assert (asked["file"], asked["dimension"]) == (str(made.path), 32)
    assert (asked["m"], asked["ef_construction"]) == (Config().m, Config().ef_construction)
    assert json.loads(json.dumps(asked)) == asked
    assert not Path(str(asked["folder"])).exists()


def test_the_bare_graph_holds_every_vector_and_finds_it(tmp_path: Path) -> None:
    made = corpus(tmp_path / "v.parquet", rows=300, dimension=32, asked=5)
    bare = graph(made, tmp_path / "peer.faiss")
    assert (bare.ntotal, bare.hnsw.efConstruction) == (300, Config().ef_construction)
    _, found = bare.search(made.vectors[:50], K)
    assert np.mean(found[:, 0] == np.arange(50)) > 0.9
    assert (tmp_path / "peer.faiss").stat().st_size > 300 * 32 * 2
