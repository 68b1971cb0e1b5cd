"""Graphs in memory do what every backend does, at every precision; and what FAISS leaves to its caller."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pytest

from lakehouse.base.errors import Corrupt, Unavailable
from lakehouse.index.ann import Config, Storage, VectorIndex
from lakehouse.index.near.hnsw import FULL_FILES, GRAPH_FILE, GROUPS_FILE, Hnsw
from tests.suites.vector_index import D, K, N, VectorIndexSuite, best, clustered, recall

CONFIGS = (
    Config(),
    Config(storage="fp32"),
    Config(storage="int8", rerank=40),
    Config(storage="fp16", rerank=20),
)


class TestHnsw(VectorIndexSuite):
    """The suite, at each precision."""

    floor = 0.98

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Hnsw:
        return Hnsw()

    @pytest.fixture(scope="class", params=CONFIGS, ids=lambda c: f"{c.storage}-{c.rerank}")
    @classmethod
    def config(cls, request: pytest.FixtureRequest) -> Config:
        assert isinstance(request.param, Config)
        return request.param


def built(folder: Path, config: Config = Config(), *, n: int = N) -> VectorIndex:  # noqa: B008  # frozen
    folder.mkdir()
    Hnsw().build(clustered(n), config, folder, threads=2)
    return Hnsw().load(folder, config)


def test_scoring_again_makes_up_for_eight_bits(tmp_path: Path) -> None:
    queries = clustered(100, seed=2)
    truth = best(clustered(N), queries, K)
    plain = built(tmp_path / "plain", Config(storage="int8")).search(queries, K)
    again = built(tmp_path / "again", Config(storage="int8", rerank=40)).search(queries, K)
    assert recall(plain.positions, truth) < recall(again.positions, truth)
    assert recall(again.positions, truth) > 0.99


@pytest.mark.parametrize(("storage", "each"), [("fp32", 4), ("fp16", 2), ("int8", 1)])
def test_memory_is_that_of_the_precision_and_the_links(tmp_path: Path, storage: Storage, each: int) -> None:
    index = built(tmp_path / "i", Config(storage=storage))
    links = 4 * 2 * 16 + 8 + 4
    assert index.bytes == pytest.approx(N * (each * D + links), rel=0.1)


def test_one_question_takes_one_thread_and_hinders_no_other(tmp_path: Path) -> None:
    index = built(tmp_path / "i")
    faiss.omp_set_num_threads(2)
    Hnsw().build(clustered(20), Config(), _made(tmp_path / "j"), threads=1)
    assert faiss.omp_get_max_threads() == 2
    index.search(clustered(1), 1)
    assert faiss.omp_get_max_threads() == 1


def test_equal_vectors_are_linked_once(tmp_path: Path) -> None:
    vectors = clustered(N)
    vectors[1000:] = vectors[0]
    folder = _made(tmp_path / "i")
    Hnsw().build(vectors, Config(), folder, threads=2)
    assert faiss.read_index(str(folder / GRAPH_FILE)).ntotal == 1000
    found = Hnsw().load(folder, Config()).search(vectors[:1], 3)
    assert found.positions.tolist() == [[0, 1000, 1001]]  # the lowest positions first


def test_vectors_without_a_twin_need_no_groups(tmp_path: Path) -> None:
    built(tmp_path / "i")
    assert [p.name for p in (tmp_path / "i").iterdir()] == [GRAPH_FILE]


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9, 0.999])
def test_a_truncated_graph_is_corrupt(tmp_path: Path, share: float) -> None:
    built(tmp_path / "i", n=200)
    os.truncate(tmp_path / "i" / GRAPH_FILE, int((tmp_path / "i" / GRAPH_FILE).stat().st_size * share))
    with pytest.raises(Corrupt, match="cannot be read") as corrupt:
        Hnsw().load(tmp_path / "i", Config())
    assert "build the index again" in corrupt.value.hint


def test_an_index_of_another_kind_is_corrupt(tmp_path: Path) -> None:
    built(tmp_path / "i", n=200)
    with pytest.raises(Corrupt, match="kind"):
        Hnsw().load(tmp_path / "i", Config(storage="fp32"))
    faiss.write_index(faiss.IndexFlatIP(4), str(tmp_path / "i" / GRAPH_FILE))
    with pytest.raises(Corrupt, match="kind"):
        Hnsw().load(tmp_path / "i", Config())
    faiss.write_index(faiss.IndexHNSWFlat(4, 8, faiss.METRIC_L2), str(tmp_path / "i" / GRAPH_FILE))
    with pytest.raises(Corrupt, match="kind"):
        Hnsw().load(tmp_path / "i", Config(storage="fp32"))


def test_files_that_contradict_the_graph_are_corrupt(tmp_path: Path) -> None:
    config = Config(storage="int8", rerank=20)
    built(tmp_path / "i", config, n=200)
    full = tmp_path / "i" / FULL_FILES["int8"][0]
    os.truncate(full, full.stat().st_size - 2)
    with pytest.raises(Corrupt, match="full vectors"):
        Hnsw().load(tmp_path / "i", config)
    full.unlink()
    with pytest.raises(Corrupt, match="No such file"):
        Hnsw().load(tmp_path / "i", config)
    for wrong in (range(199), range(1, 201), [-1, *range(199)]):
        np.array(wrong, np.int64).tofile(tmp_path / "i" / GROUPS_FILE)
        with pytest.raises(Corrupt, match="groups"):
            Hnsw().load(tmp_path / "i", replace(config, rerank=0))


@pytest.mark.parametrize("n", [3, 5000])
def test_a_full_disk_is_said_whatever_the_size(tmp_path: Path, n: int) -> None:
    # FAISS's own writer drops the error of the last block: a small index on a full disk looked written.
    (tmp_path / "full").mkdir()
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\nimport numpy as np\n"
        "from lakehouse.index.near.hnsw import Hnsw\nfrom lakehouse.index.ann import Config\n"
        "from tests.suites.vector_index import clustered\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        f"Hnsw().build(clustered({n}), Config(), Path(sys.argv[1]), threads=1)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "full"],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert "Unavailable: cannot write a vector index: File too large" in run.stderr


def test_a_folder_that_holds_an_index_already_is_left_alone(tmp_path: Path) -> None:
    built(tmp_path / "i", n=20)
    before = (tmp_path / "i" / GRAPH_FILE).read_bytes()
    with pytest.raises(Exception, match="cannot write a vector index"):
        Hnsw().build(clustered(30), Config(), tmp_path / "i", threads=1)
    assert (tmp_path / "i" / GRAPH_FILE).read_bytes() == before


def test_a_closed_index_says_so(tmp_path: Path) -> None:
    index = built(tmp_path / "i", n=20)
    index.close()
    with pytest.raises(Unavailable, match="closed"):
        index.search(clustered(1), 1)
    assert index.size == 20


def test_importing_the_backend_loads_no_faiss() -> None:
    code = "import sys, lakehouse.index.near.hnsw; print('faiss' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
