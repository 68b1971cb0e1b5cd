"""Vectors of entries: made once each, never of nothing, and compared only where they can be."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from lakehouse.base.errors import Unavailable
from lakehouse.llm.embedding import Use, Vectors
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.matrix.bullets.meaning import Meaning
from tests.matrix.bullets.desk import BUS, CALL, CARD


def test_without_an_embedder_nothing_has_a_vector_or_a_count() -> None:
    nothing = Meaning(None)
    nothing.learn([CALL])
    assert (nothing.of(CALL), nothing.of(CALL, use="query"), nothing.count(CALL)) == (None, None, None)
    assert nothing.cosines(None, {"a": CALL}) == {}


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_blank_text_has_no_vector_and_does_not_keep_others_from_theirs(text: str) -> None:
    meaning = Meaning(FakeEmbedder())
    meaning.learn([text, CALL])
    assert meaning.of(text) is meaning.of(text, use="query") is None
    assert set(meaning.cosines(meaning.of(CALL), {"a": CALL, "blank": text})) == {"a"}


def test_cosines_are_of_the_texts_that_were_learned_and_a_text_is_nearest_to_itself() -> None:
    meaning = Meaning(FakeEmbedder())
    meaning.learn([CALL, BUS])
    found = meaning.cosines(meaning.of(CALL), {"a": CALL, "b": BUS, "c": CARD})
    assert list(found) == ["a", "b"]
    assert found["a"] == pytest.approx(1, abs=1e-5)
    assert found["b"] < 0.9
    assert meaning.cosines(meaning.of(CALL), {"c": CARD}) == {}


def test_a_vector_of_another_length_is_not_compared() -> None:
    meaning = Meaning(FakeEmbedder(dimension=32))
    meaning.learn([CALL])
    with pytest.raises(Unavailable) as found:
        meaning.cosines(np.ones(8, np.float32), {"a": CALL})
    assert found.value.hint


def test_tokens_are_counted_by_the_model_for_entries_and_for_prompts() -> None:
    meaning = Meaning(FakeEmbedder())
    meaning.learn([CALL])
    assert [meaning.count(CALL) for _ in range(2)] == [len(CALL.split())] * 2
    assert (meaning.count("two words"), meaning.count("")) == (2, 0)


def test_threads_that_learn_the_same_texts_have_each_embedded_once() -> None:
    class Counting(FakeEmbedder):
        seen: tuple[str, ...] = ()

        def embed(self, texts: Sequence[str], *, use: Use = "document") -> Vectors:
            self.seen += tuple(texts)
            return super().embed(texts, use=use)

    embedder = Counting()
    meaning = Meaning(embedder)
    texts = [f"lesson {n}" for n in range(20)]
    start = threading.Barrier(4)

    def learn(first: int) -> None:
        start.wait()
        for at in range(len(texts)):
            meaning.learn([texts[(first + at) % len(texts)], texts[at]])

    threads = [threading.Thread(target=learn, args=(5 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(embedder.seen) == sorted(texts)
