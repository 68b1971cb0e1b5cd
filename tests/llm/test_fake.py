"""The twin in memory does what every embedder does, and knows words only."""

import subprocess
import sys

import numpy as np
import pytest

from lakehouse.llm.fake import FakeEmbedder
from tests.suites.embedder import EmbedderSuite


class TestFakeEmbedder(EmbedderSuite):
    """The suite, in memory."""

    @pytest.fixture
    def embedder(self) -> FakeEmbedder:
        return FakeEmbedder()


@pytest.mark.parametrize("dimension", [1, 8, 384])
def test_the_dimension_is_chosen_and_named_in_the_version(dimension: int) -> None:
    embedder = FakeEmbedder(dimension=dimension)
    assert embedder.embed(["a b"]).shape == (1, dimension)
    assert str(embedder.model) == f"fake@1-{dimension}"


def test_texts_are_as_near_as_the_share_of_words_they_have_in_common() -> None:
    one, half, none = FakeEmbedder(dimension=4096).embed(["red green", "RED, blue!", "cyan pink"])
    assert one @ half == pytest.approx(0.5, abs=0.06)
    assert one @ none == pytest.approx(0, abs=0.06)


def test_another_process_gives_the_same_vectors() -> None:
    code = "from lakehouse.llm.fake import FakeEmbedder; v = FakeEmbedder().embed(['night shift'])"
    code += "; print(v.tobytes().hex())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    vector = np.frombuffer(bytes.fromhex(run.stdout), np.float32)
    assert np.array_equal(vector, FakeEmbedder().embed(["night shift"])[0])
