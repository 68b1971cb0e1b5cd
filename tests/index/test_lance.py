"""Indexes on disk do what every backend does, with their graph and, where they are small, without."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lakehouse.base.errors import Corrupt, Unavailable
from lakehouse.index import seal
from lakehouse.index.ann import Config, VectorIndex
from lakehouse.index.near.lance import ABOUT, FLAT_BELOW, GROUPS_FILE, TABLE, Lance
from tests.suites.vector_index import K, N, VectorIndexSuite, best, clustered, recall

pytest.importorskip("lance", reason="the extra [lance] is not installed")


class TestLanceFlat(VectorIndexSuite):
    """The suite, on tables too small for an index."""

    floor = 1.0

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Lance:
        return Lance()

    @pytest.fixture(scope="class")
    @classmethod
    def config(cls) -> Config:
        return Config(backend="lance")


class TestLanceGraph(VectorIndexSuite):
    """The suite, with an index however small the table."""

    floor = 0.97

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Lance:
        return Lance(flat_below=300)

    @pytest.fixture(scope="class")
    @classmethod
    def config(cls) -> Config:
        return Config(backend="lance")


def built(folder: Path, *, n: int = N, flat_below: int = FLAT_BELOW) -> VectorIndex:
    backend = Lance(flat_below=flat_below)
    backend.build(clustered(n), Config(backend="lance"), folder, threads=2)
    return backend.load(folder, Config(backend="lance"))


def test_small_tables_have_no_index_and_need_little_memory(tmp_path: Path) -> None:
    (tmp_path / "flat").mkdir()
    (tmp_path / "graph").mkdir()
    built(tmp_path / "flat")
    built(tmp_path / "graph", flat_below=1)
    assert not (tmp_path / "flat" / TABLE / "_indices").exists()
    assert (tmp_path / "graph" / TABLE / "_indices").exists()


def test_scores_of_the_graph_are_those_of_the_full_vectors(tmp_path: Path) -> None:
    queries = clustered(20, seed=2)
    found = built(tmp_path, flat_below=1).search(queries, K)
    true = np.einsum("qkd,qd->qk", clustered(N)[found.positions], queries)
    np.testing.assert_allclose(found.scores, true, atol=1e-5)


def test_a_folder_of_lance_is_sealed_and_checked_like_any_other(tmp_path: Path) -> None:
    folder = tmp_path / "gen-0001"
    folder.mkdir()
    index = built(folder, flat_below=1)
    seal.seal(folder, {})
    truth = best(clustered(N), clustered(5, seed=2), K)
    assert recall(index.search(clustered(5, seed=2), K).positions, truth) > 0.9
    seal.check(folder)  # searching has changed no file
    data = next((folder / TABLE / "data").iterdir())
    content = bytearray(data.read_bytes())
    content[len(content) // 2] ^= 1
    data.write_bytes(content)
    with pytest.raises(Corrupt, match=data.name):
        seal.check(folder)


@pytest.mark.parametrize(
    "about", ["", "{}", "[]", '{"rows": 5, "dimension": 48, "parts": 0}', '{"rows": "x"}']
)
def test_a_table_that_contradicts_its_description_is_corrupt(tmp_path: Path, about: str) -> None:
    built(tmp_path, n=6)
    (tmp_path / ABOUT).write_text(about)
    with pytest.raises(Corrupt):
        Lance().load(tmp_path, Config(backend="lance"))


def test_groups_that_do_not_fit_are_corrupt(tmp_path: Path) -> None:
    built(tmp_path, n=6)
    np.arange(5).tofile(tmp_path / GROUPS_FILE)
    with pytest.raises(Corrupt, match="groups"):
        Lance().load(tmp_path, Config(backend="lance"))


def test_a_missing_table_is_corrupt(tmp_path: Path) -> None:
    (tmp_path / ABOUT).write_text('{"rows": 5, "dimension": 48, "parts": 0}')
    with pytest.raises(Corrupt):
        Lance().load(tmp_path, Config(backend="lance"))


def test_without_the_package_the_hint_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['lance'] = None\nfrom pathlib import Path\n"
        "from lakehouse.index.near.lance import Lance\nfrom lakehouse.index.ann import Config\n"
        "from lakehouse.base.errors import Unavailable\n"
        "try: Lance().load(Path('.'), Config())\nexcept Unavailable as e: print(e.hint)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "pip install 'lakehouse[lance]'\n"


def test_importing_the_backend_loads_no_lance() -> None:
    code = "import sys, lakehouse.index.near.lance; print('lance' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_a_closed_index_says_so(tmp_path: Path) -> None:
    index = built(tmp_path, n=20)
    index.close()
    with pytest.raises(Unavailable, match="closed"):
        index.exact(clustered(1), 1)
