"""The local model does what every embedder does, gives the vectors it should, and loads late."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.llm.cache import CachedEmbedder
from lakehouse.llm.minilm import canaries, weights
from lakehouse.llm.minilm.batches import plan
from lakehouse.llm.minilm.embedder import MiniLM
from lakehouse.llm.minilm.tokens import Tokens
from tests.llm.minilm_networks import prepared
from tests.llm.minilm_reference import vector
from tests.suites.embedder import EmbedderSuite

LONG = "The contract of the nurse on the night shift in Leeds ends in March. " * 12


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(tmp_path_factory)


class TestMiniLMInt8(EmbedderSuite):
    """The suite, as installed."""

    @pytest.fixture
    def embedder(self, networks: Path) -> MiniLM:
        return MiniLM(networks)


class TestMiniLMFp32(EmbedderSuite):
    """The suite, at full precision."""

    @pytest.fixture
    def embedder(self, networks: Path) -> MiniLM:
        return MiniLM(networks, precision="fp32")


class TestCachedMiniLM(EmbedderSuite):
    """The suite, with the cache around."""

    @pytest.fixture
    def embedder(self, networks: Path) -> CachedEmbedder:
        return CachedEmbedder(MiniLM(networks))


@pytest.mark.parametrize(("precision", "least"), [("fp32", 0.999999), ("int8", 0.985)])
def test_vectors_are_those_of_the_paper(
    networks: Path, precision: Literal["int8", "fp32"], least: float
) -> None:
    texts = [*canaries.texts()[::9], LONG[:400]]
    tensors = weights.tensors(weights.read(weights.WEIGHTS))
    expected = np.array([vector(tensors, ids) for ids in Tokens().ids(texts)])
    cosines = np.einsum("nd,nd->n", MiniLM(networks, precision=precision).embed(texts), expected)
    assert cosines.min() >= least


@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_a_text_gets_the_same_vector_whatever_stands_beside_it(
    networks: Path, precision: Literal["int8", "fp32"]
) -> None:
    texts = [*canaries.texts()[:40], LONG, LONG[:300]]
    alone = np.concatenate([MiniLM(networks, precision=precision).embed([text]) for text in texts[::10]])
    for threads, batch_tokens in [(1, 1), (1, 600), (2, 20_000), (0, 2048)]:
        embedder = MiniLM(networks, precision=precision, threads=threads, batch_tokens=batch_tokens)
        assert np.einsum("nd,nd->n", embedder.embed(texts)[::10], alone).min() >= 0.9999


def test_more_texts_than_a_window_keep_their_order(networks: Path) -> None:
    texts = [f"{canaries.texts()[i % 50][: i % 13 + 5]}" for i in range(1100)]
    embedder = MiniLM(networks)
    vectors = embedder.embed(texts)
    some = [0, 511, 512, 513, 1023, 1024, 1099]
    assert np.einsum("nd,nd->n", embedder.embed([texts[i] for i in some]), vectors[some]).min() >= 0.9999


def test_vectors_of_two_precisions_are_of_two_models(tmp_path: Path) -> None:
    assert str(MiniLM(tmp_path).model) == "all-MiniLM-L6-v2@1-int8"
    assert str(MiniLM(tmp_path, precision="fp32").model) == "all-MiniLM-L6-v2@1-fp32"


def test_nothing_is_loaded_or_written_before_the_first_text(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from lakehouse.llm.minilm.embedder import MiniLM\n"
        "embedder = MiniLM(Path(sys.argv[1]) / 'cache'); embedder.model\n"
        "embedder.embed([]); embedder.is_installed()\n"
        "print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert not {"onnx", "onnxruntime", "tokenizers", weights.PACKAGE, "torch"} & set(run.stdout.split())
    assert not list(tmp_path.iterdir())


def test_a_start_with_a_converted_network_does_not_load_onnx(networks: Path) -> None:
    MiniLM(networks).embed(["converted now"])
    code = (
        "import sys; from pathlib import Path; from lakehouse.llm.minilm.embedder import MiniLM\n"
        "MiniLM(Path(sys.argv[1])).embed(['one']); print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code, networks], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert not {"onnx", weights.PACKAGE, "torch"} & loaded
    assert {"onnxruntime", "tokenizers"} <= loaded


def test_a_closed_embedder_loads_again(networks: Path) -> None:
    embedder = MiniLM(networks)
    before = embedder.embed(["one"])
    embedder.close()
    assert np.array_equal(embedder.embed(["one"]), before)


def test_a_short_query_takes_milliseconds(networks: Path) -> None:
    embedder = MiniLM(networks)
    embedder.embed(["loaded"])
    spent = []
    for i in range(10):
        started = time.perf_counter()
        embedder.embed([f"night shift of nurse {i}"], use="query")
        spent.append(time.perf_counter() - started)
    assert min(spent) < 0.02


@pytest.mark.parametrize("options", [{"threads": -1}, {"batch_tokens": 0}])
def test_an_embedder_with_nothing_to_run_on_is_invalid(tmp_path: Path, options: dict[str, int]) -> None:
    with pytest.raises(Invalid) as caught:
        MiniLM(tmp_path, **options)  # type: ignore[arg-type]  # no option names the precision
    assert "embedding.threads" in caught.value.hint


def test_another_kernel_is_seen_by_the_canaries(networks: Path) -> None:
    right = canaries.expected("int8")
    canaries.check(lambda texts: right, "int8")
    wrong = right.copy()
    wrong[7, :40] *= 1.2
    with pytest.raises(Corrupt, match="canary 7") as caught:
        canaries.check(lambda texts: wrong / np.linalg.norm(wrong, axis=1, keepdims=True), "int8")
    assert "embedding.precision" in caught.value.hint
    with pytest.raises(Corrupt):
        canaries.check(lambda texts: right * np.nan, "int8")


def test_canaries_are_fifty_different_texts_for_each_precision() -> None:
    assert len(set(canaries.texts())) == 50
    cosines = np.einsum("nd,nd->n", canaries.expected("int8"), canaries.expected("fp32"))
    assert 0.985 < cosines.min() < cosines.mean() < 0.9999


def test_whether_the_model_is_installed_is_known_without_reading_it() -> None:
    assert MiniLM.is_installed() == (weights.folder() is not None)


@pytest.mark.parametrize("batch_tokens", [1, 50, 1000])
def test_a_plan_takes_every_text_once_and_keeps_to_the_budget(batch_tokens: int) -> None:
    lengths = [(i * 37) % 97 + 2 for i in range(200)]
    groups = plan(lengths, batch_tokens=batch_tokens)
    assert sorted(at for group in groups for at in group) == list(range(200))
    for group in groups:
        assert len(group) == 1 or len(group) * max(lengths[at] for at in group) <= batch_tokens


def test_a_plan_computes_little_padding() -> None:
    lengths = [(i * 37) % 97 + 2 for i in range(500)]
    computed = sum(len(g) * max(lengths[at] for at in g) for g in plan(lengths, batch_tokens=1000))
    assert computed < 1.1 * sum(lengths)
    assert plan([], batch_tokens=10) == ()
