"""Figures that compare across corpora: shared words, cosines of one model, gaps to the best corpus."""

import numpy as np
import pytest

from lakehouse.base.errors import Invalid
from lakehouse.matrix.features import FIGURES, Floats, Side, compare


def side(
    name: str, *, meaning: list[float] | None = None, words: list[float] | None = None, model: str = "m"
) -> Side:
    """A corpus with as many candidates as scores."""
    n = len(meaning or words or [])
    none = [np.nan] * n
    return Side(
        corpus=name,
        keys=tuple(f"{name}{at}" for at in range(n)),
        own=np.linspace(1, 0.1, n),
        meaning=np.array(meaning or none),
        words=np.array(words or none),
        model=model,
    )


def column(figures: Floats, name: str) -> list[float]:
    """One figure of every row."""
    return [round(float(value), 6) for value in figures[:, FIGURES.index(name)]]


def test_the_best_corpus_has_no_gap_and_the_others_lag_by_their_best_row() -> None:
    near, far = compare(
        [side("a", meaning=[0.7, 0.6], words=[0.2, 0.5]), side("b", meaning=[0.4, 0.3], words=[0.1, 0.3])]
    )
    assert column(near, "meaning_gap") == [0, 0]
    assert column(far, "meaning_gap") == pytest.approx([-0.3, -0.3])
    assert column(far, "words_gap") == pytest.approx([-0.2, -0.2])


def test_figures_of_a_row_are_its_own() -> None:
    (figures,) = compare([side("a", meaning=[0.7, 0.6], words=[0.2, 0.5])])
    assert column(figures, "meaning") == [0.7, 0.6]
    assert column(figures, "words") == [0.2, 0.5]
    assert column(figures, "own") == [1.0, 0.1]


def test_cosines_of_two_models_are_not_compared() -> None:
    one, other = compare([side("a", meaning=[0.9], model="m"), side("b", meaning=[0.3], model="n")])
    assert column(one, "meaning_gap") == column(other, "meaning_gap") == [0]


def test_a_corpus_of_words_only_has_no_meaning_and_is_measured_by_words() -> None:
    both, words = compare([side("a", meaning=[0.9], words=[0.5]), side("b", words=[0.4], model="")])
    assert np.isnan(words[0, 0])
    assert np.isnan(words[0, 3])
    assert column(words, "words_gap") == pytest.approx([-0.1])
    assert column(both, "words_gap") == [0]


def test_a_row_without_a_vector_yet_has_no_gap_by_meaning_though_its_corpus_has_one() -> None:
    (figures,) = compare([side("a", meaning=[0.9, np.nan], words=[0.5, 0.5])])
    assert column(figures[:1], "meaning_gap") == [0]
    assert np.isnan(figures[1, FIGURES.index("meaning_gap")])


def test_a_corpus_that_found_nothing_changes_nothing() -> None:
    full = side("a", meaning=[0.7], words=[0.5])
    with_empty = compare([full, side("b")])
    assert np.array_equal(with_empty[0], compare([full])[0])
    assert with_empty[1].shape == (0, len(FIGURES))
    assert compare([]) == ()


def test_scores_that_do_not_fit_the_candidates_are_refused() -> None:
    with pytest.raises(Invalid):
        Side(corpus="a", keys=("1",), own=np.ones(2), meaning=np.ones(1), words=np.ones(1))
