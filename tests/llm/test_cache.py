"""The cache embeds a text once, keeps the latest, and never mixes models, uses or texts."""

import time
from collections.abc import Sequence

import numpy as np
import pytest

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.llm.cache import CachedEmbedder, CacheStats
from lakehouse.llm.embedding import Model, Use, Vectors
from lakehouse.llm.fake import FakeEmbedder
from tests.suites.embedder import EmbedderSuite


class Watched(FakeEmbedder):
    """Writes down which texts reach it; answers nothing while it `is_down`."""

    def __init__(self) -> None:
        super().__init__(dimension=8)
        self.seen: list[tuple[str, ...]] = []
        self.is_down = False
        self.is_closed = False

    def embed(self, texts: Sequence[str], *, use: Use = "document") -> Vectors:
        self.seen.append(tuple(texts))
        if self.is_down:
            raise Unavailable("the model does not answer")
        return super().embed(texts, use=use)

    def close(self) -> None:
        self.is_closed = True


class TestCachedEmbedder(EmbedderSuite):
    """The suite, around the twin in memory."""

    @pytest.fixture
    def embedder(self) -> CachedEmbedder:
        return CachedEmbedder(FakeEmbedder())


class TestSmallCachedEmbedder(EmbedderSuite):
    """The suite, with a cache that holds less than one call asks for."""

    @pytest.fixture
    def embedder(self) -> CachedEmbedder:
        return CachedEmbedder(FakeEmbedder(), entries=2)


@pytest.fixture
def inner() -> Watched:
    return Watched()


def test_only_missing_texts_reach_the_model_and_each_once(inner: Watched) -> None:
    cached = CachedEmbedder(inner)
    cached.embed(["a", "b", "a"])
    cached.embed(["c", "a", "c", "b", "d"])
    assert inner.seen == [("a", "b"), ("c", "d")]
    assert np.array_equal(cached.embed(["d", "a"]), FakeEmbedder(dimension=8).embed(["d", "a"]))
    assert len(inner.seen) == 2


def test_hits_and_misses_are_counted(inner: Watched) -> None:
    cached = CachedEmbedder(inner)
    assert cached.stats() == CacheStats(hits=0, misses=0, size=0)
    assert cached.stats().hit_rate == 0
    cached.embed(["a", "b", "a"])
    cached.embed(["a"])
    assert cached.stats() == CacheStats(hits=2, misses=2, size=2)
    assert cached.stats().hit_rate == 0.5


def test_the_least_recently_used_goes_first(inner: Watched) -> None:
    cached = CachedEmbedder(inner, entries=2)
    for text in ["a", "b", "a", "c", "a", "b"]:
        cached.embed([text])
    assert inner.seen == [("a",), ("b",), ("c",), ("b",)]
    assert cached.stats().size == 2


def test_a_cache_of_no_entries_keeps_nothing(inner: Watched) -> None:
    cached = CachedEmbedder(inner, entries=0)
    assert np.array_equal(cached.embed(["a"]), cached.embed(["a"]))
    assert cached.stats() == CacheStats(hits=0, misses=2, size=0)


def test_a_negative_size_is_invalid(inner: Watched) -> None:
    with pytest.raises(Invalid, match="-1"):
        CachedEmbedder(inner, entries=-1)


def test_a_query_is_not_answered_with_a_document(inner: Watched) -> None:
    cached = CachedEmbedder(inner)
    cached.embed(["a"], use="document")
    cached.embed(["a"], use="query")
    assert inner.seen == [("a",), ("a",)]


def test_vectors_of_another_model_are_not_used(inner: Watched) -> None:
    cached = CachedEmbedder(inner)
    cached.embed(["a"])
    inner._model = Model(name="fake", version="2", dimension=8, max_tokens=256)
    cached.embed(["a"])
    assert inner.seen == [("a",), ("a",)]


def test_a_call_that_fails_keeps_nothing_and_hits_need_no_model(inner: Watched) -> None:
    cached = CachedEmbedder(inner)
    cached.embed(["a"])
    inner.is_down = True
    with pytest.raises(Unavailable):
        cached.embed(["a", "b"])
    assert cached.stats().size == 1
    assert cached.embed(["a"]).shape == (1, 8)


def test_the_position_of_a_blank_text_is_the_callers(inner: Watched) -> None:
    cached = CachedEmbedder(inner)
    cached.embed(["a", "b"])
    with pytest.raises(Invalid) as caught:
        cached.embed(["a", "b", " "])
    assert caught.value.context["position"] == 2


def test_closing_forgets_and_closes_what_is_inside(inner: Watched) -> None:
    cached = CachedEmbedder(inner)
    cached.embed(["a"])
    cached.close()
    assert cached.stats().size == 0
    assert inner.is_closed


def test_a_hit_costs_far_less_than_a_millisecond(inner: Watched) -> None:
    cached = CachedEmbedder(FakeEmbedder(dimension=384))
    texts = [f"text number {i}" for i in range(1000)]
    cached.embed(texts)
    spent = []
    for _ in range(5):
        started = time.perf_counter()
        cached.embed(texts)
        spent.append(time.perf_counter() - started)
    assert min(spent) / len(texts) < 100e-6
