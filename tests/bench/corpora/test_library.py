"""The lakes that are asked: their Parquet file reads back, their indexes are whole."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakehouse.assembly import open_lake
from lakehouse.base.errors import Corrupt
from lakehouse.bench.corpora.clusters import recall, truth
from lakehouse.bench.corpora.library import INDEX, TABLE, Corpus, K, build, corpus, matrix, text_lake
from lakehouse.bench.search.vectors import answers
from lakehouse.llm.minilm.embedder import MiniLM

ROWS = 2500


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    path = tmp_path_factory.mktemp("corpus") / "v.parquet"
    return corpus(path, rows=ROWS, dimension=32, asked=12)


def test_the_file_reads_back_as_the_vectors_that_were_drawn(small: Corpus) -> None:
    ((drawn, of),) = small.shape.blocks(ROWS)
    assert np.array_equal(small.vectors, drawn)
    table = pq.read_table(small.path)
    assert table["id"].to_pylist() == list(range(ROWS))
    assert table["cluster"].to_pylist() == of.tolist()


def test_a_pick_leaves_about_the_share_that_it_says(small: Corpus) -> None:
    assert small.chosen("pick", 500).mean() == pytest.approx(0.5, abs=0.05)
    assert small.chosen("pick", 100).mean() == pytest.approx(0.1, abs=0.03)
    assert not small.chosen("pick", 0).any()
    assert small.chosen("pick", 1000).all()


def test_the_truth_belongs_to_the_questions(small: Corpus) -> None:
    assert small.true.shape == (12, K)
    assert np.array_equal(np.sort(small.true), np.sort(truth(small.vectors, small.questions, K)))


def test_lists_of_several_chunks_become_one_matrix(small: Corpus) -> None:
    lists = pq.read_table(small.path, columns=["v"])["v"]
    halves = lists.slice(0, 1000).chunks + lists.slice(1000).chunks
    assert np.array_equal(matrix(pa.chunked_array(halves)), small.vectors)


def test_a_lake_over_the_vectors_serves_a_generation_and_finds_them(small: Corpus, tmp_path: Path) -> None:
    with open_lake(tmp_path / "lake") as lake:
        info = build(lake, small)
        assert (info.vectors, info.rows) == (ROWS, ROWS)
        assert info.generation is not None
        assert recall(answers(lake, small), small.true) > 0.95
        chosen = small.chosen("pick", 100)
        under = answers(lake, small, where="pick < 100")
        assert all(chosen[found].all() for found in under)
        with pytest.raises(Corrupt):
            build(lake, small)  # the table is there already, so nothing was created


@pytest.mark.skipif(not MiniLM.is_installed(), reason="the local model is not installed")
def test_a_lake_over_texts_passes_for_embedded_by_the_local_model(tmp_path: Path) -> None:
    root = text_lake(tmp_path / "lake", rows=2100)
    with open_lake(root) as lake:
        info = lake.index.show(INDEX)
        assert (info.embedded, info.vectors, info.waiting) == (2100, 2100, 0)
        assert lake.sql(f"SELECT count(*) FROM {TABLE}").to_arrow()[0][0].as_py() == 2100
        assert lake.index.refresh(INDEX).embedded == 0
        found = lake.search("anything", corpora=(INDEX,), k=K)
        assert len(found.hits) == K
        assert not found.notes
