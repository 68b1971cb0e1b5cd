"""What every embedder must do. A new embedder inherits this and adds one `embedder` fixture."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lakehouse.base.errors import Invalid
from lakehouse.llm.embedding import Embedder

TEXTS = (
    "The nurse starts her night shift at nine.",
    "Invoices are paid within thirty days.",
    "wing flutter at supersonic speed",
    "a",
    "Ärzte fürs Krankenhaus gesucht",
    "東京で働く看護師",
    "night shift " * 40,
    "The nurse starts her night shift at nine.",
)
ODD_TEXTS = ("!?", "\0", "\ud800 alone", "🙂", "x" * 5000, "\u200b", "a\nb\tc", "[CLS] [SEP] [PAD]")
SAME = 0.9999
"""Cosine from which on two vectors are the same for every use we make of them."""


class EmbedderSuite:
    """Behaviour that does not depend on the model."""

    def test_a_vector_comes_for_each_text_in_order(self, embedder: Embedder) -> None:
        vectors = embedder.embed(TEXTS)
        alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
        assert vectors.shape == (len(TEXTS), embedder.model.dimension)
        assert np.einsum("nd,nd->n", vectors, alone).min() >= SAME
        assert (vectors[:6] @ vectors[:6].T - np.eye(6)).max() < 0.99

    def test_every_vector_is_of_unit_length(self, embedder: Embedder) -> None:
        vectors = embedder.embed(TEXTS + ODD_TEXTS)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_the_same_text_gets_the_same_vector_again(self, embedder: Embedder) -> None:
        assert np.array_equal(embedder.embed(TEXTS), embedder.embed(TEXTS))

    def test_no_texts_give_no_vectors(self, embedder: Embedder) -> None:
        assert embedder.embed([]).shape == (0, embedder.model.dimension)

    def test_texts_about_the_same_are_nearer_than_others(self, embedder: Embedder) -> None:
        query = embedder.embed(["night shift of a nurse"], use="query")
        documents = embedder.embed(TEXTS[:4])
        assert int(np.argmax(documents @ query[0])) == 0

    @pytest.mark.parametrize("blank", ["", " ", "\n\t\u3000"])
    def test_a_blank_text_is_invalid_and_the_first_is_named(self, embedder: Embedder, blank: str) -> None:
        embedder.embed(["one"])
        with pytest.raises(Invalid) as caught:
            embedder.embed(["one", "two", blank, "three", ""])
        assert caught.value.context["position"] == 2
        assert caught.value.hint

    def test_one_text_that_is_not_in_a_list_is_invalid(self, embedder: Embedder) -> None:
        with pytest.raises(Invalid):
            embedder.embed("night shift")

    def test_a_text_is_cut_at_the_limit_of_the_model(self, embedder: Embedder) -> None:
        full = ["night"] * embedder.model.max_tokens
        whole, cut, shorter = embedder.embed(
            [
                " ".join(full),
                " ".join([*full, "invoices", "wing"]),
                " ".join([*full[:-2], "invoices", "wing"]),
            ]
        )
        assert embedder.count(" ".join(full)) == embedder.model.max_tokens
        assert whole @ cut >= SAME
        assert whole @ shorter < SAME

    def test_tokens_grow_with_the_text(self, embedder: Embedder) -> None:
        assert embedder.count("") == 0
        assert embedder.count("night") == 1
        assert embedder.count("night shift " * 500) == 1000

    def test_counting_does_not_change_what_is_embedded(self, embedder: Embedder) -> None:
        before = embedder.embed(["night " * 600])
        embedder.count("night " * 600)
        assert np.array_equal(before, embedder.embed(["night " * 600]))

    def test_threads_get_what_they_asked_for(self, embedder: Embedder) -> None:
        expected = embedder.embed(TEXTS)
        with ThreadPoolExecutor(4) as pool:
            turns = [pool.submit(embedder.embed, TEXTS[i:] + TEXTS[:i]) for i in range(len(TEXTS))]
            for i, turn in enumerate(turns):
                vectors = np.roll(turn.result(), i, axis=0)
                assert np.einsum("nd,nd->n", vectors, expected).min() >= SAME

    def test_the_model_names_everything_that_makes_vectors_differ(self, embedder: Embedder) -> None:
        assert str(embedder.model) == f"{embedder.model.name}@{embedder.model.version}"
        assert embedder.model.name
        assert embedder.model.version

    def test_a_caller_may_change_its_vectors(self, embedder: Embedder) -> None:
        first = embedder.embed(TEXTS[:2])
        kept = first.copy()
        first[:] = 0
        assert np.array_equal(embedder.embed(TEXTS[:2]), kept)

    def test_closing_twice_is_no_error(self, embedder: Embedder) -> None:
        embedder.close()
        embedder.close()
