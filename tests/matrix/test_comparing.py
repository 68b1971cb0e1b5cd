"""Figures of many corpora, for any scores: gaps, missing values, and the order that corpora come in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.matrix.features import FIGURES, Floats, Side, compare

FEW = settings(max_examples=25, deadline=None)
SCORE = st.one_of(st.just(np.nan), st.floats(0, 1).map(lambda x: round(x, 3)))
MEANING_GAP, WORDS_GAP = FIGURES.index("meaning_gap"), FIGURES.index("words_gap")


def side(name: str, meaning: list[float], words: list[float], *, model: str = "m") -> Side:
    return Side(
        corpus=name,
        keys=tuple(f"{name}{at}" for at in range(len(meaning))),
        own=np.linspace(1, 0, len(meaning)),
        meaning=np.array(meaning, dtype=np.float64),
        words=np.array(words, dtype=np.float64),
        model=model,
    )


@st.composite
def many(draw: st.DrawFn) -> list[Side]:
    """Up to four corpora with any scores, of two embedders."""
    made = []
    for at in range(draw(st.integers(0, 4))):
        n = draw(st.integers(0, 4))
        scores = [draw(st.lists(SCORE, min_size=n, max_size=n)) for _ in range(2)]
        made.append(side(f"c{at}", *scores, model=draw(st.sampled_from(["m", "n"]))))
    return made


def gap(figures: Floats, column: int) -> float:
    """Of a corpus: the same in all rows that have it; NaN: none has."""
    known = figures[:, column][~np.isnan(figures[:, column])]
    assert len(set(known.tolist())) <= 1
    return float(known[0]) if len(known) else float("nan")


@FEW
@given(many())
def test_every_candidate_has_a_row_of_five_figures_in_its_own_order(sides: list[Side]) -> None:
    for one, figures in zip(sides, compare(sides), strict=True):
        assert figures.shape == (len(one.keys), len(FIGURES))
        np.testing.assert_array_equal(figures[:, 0], one.meaning)
        np.testing.assert_array_equal(figures[:, 1], one.words)
        np.testing.assert_array_equal(figures[:, 2], one.own)


@FEW
@given(many())
def test_gaps_are_never_positive_and_some_corpus_of_each_embedder_has_none(sides: list[Side]) -> None:
    made = compare(sides)
    for model in {"m", "n"}:
        gaps = [gap(f, MEANING_GAP) for s, f in zip(sides, made, strict=True) if s.model == model]
        known = [one for one in gaps if not np.isnan(one)]
        assert not known or max(known) == 0
    said = [one for one in (gap(figures, WORDS_GAP) for figures in made) if not np.isnan(one)]
    assert not said or max(said) == 0


@FEW
@given(many())
def test_the_order_in_which_corpora_are_named_changes_no_figure(sides: list[Side]) -> None:
    turned = compare(sides[::-1])[::-1]
    for one, other in zip(compare(sides), turned, strict=True):
        np.testing.assert_array_equal(one, other)


@FEW
@given(many())
def test_a_row_has_a_gap_by_meaning_exactly_where_it_has_a_cosine(sides: list[Side]) -> None:
    for one, figures in zip(sides, compare(sides), strict=True):
        np.testing.assert_array_equal(np.isnan(figures[:, MEANING_GAP]), np.isnan(one.meaning))


def test_comparing_changes_nothing_of_what_it_was_given() -> None:
    one = side("a", [0.5, np.nan], [0.1, 0.2])
    compare([one, side("b", [0.9], [0.9])])
    np.testing.assert_array_equal(one.meaning, [0.5, np.nan])
    np.testing.assert_array_equal(one.words, [0.1, 0.2])


def test_two_corpora_alike_are_both_without_a_gap() -> None:
    one, other = compare([side("a", [0.5], [0.5]), side("b", [0.5], [0.5])])
    np.testing.assert_array_equal(one, other)
    assert gap(one, MEANING_GAP) == gap(one, WORDS_GAP) == 0


def test_cosines_below_0_have_gaps_too() -> None:
    one, other = compare([side("a", [-0.1], [np.nan]), side("b", [-0.3], [np.nan])])
    assert gap(one, MEANING_GAP) == 0
    assert gap(other, MEANING_GAP) == pytest.approx(-0.2)


def test_by_words_a_corpus_lags_behind_one_of_another_embedder_too() -> None:
    one, other = compare([side("a", [0.9], [0.2], model="m"), side("b", [0.1], [0.6], model="n")])
    assert gap(one, WORDS_GAP) == pytest.approx(-0.4)
    assert gap(other, WORDS_GAP) == 0


def test_the_best_row_of_a_corpus_need_not_be_its_first() -> None:
    one, other = compare([side("a", [0.3, 0.8], [0.0, 0.0]), side("b", [0.6], [0.0])])
    assert gap(one, MEANING_GAP) == 0
    assert gap(other, MEANING_GAP) == pytest.approx(-0.2)


@pytest.mark.parametrize("short", ["own", "meaning", "words"])
def test_a_column_with_one_score_too_few_is_refused_with_a_way_out(short: str) -> None:
    own, meaning, words = (np.ones(1 if name == short else 2) for name in ("own", "meaning", "words"))
    with pytest.raises(Invalid) as error:
        Side(corpus="a", keys=("1", "2"), own=own, meaning=meaning, words=words)
    assert error.value.context["rows"] == 2
    assert "rebuild" in error.value.hint


def test_scores_in_two_dimensions_are_refused() -> None:
    with pytest.raises(Invalid):
        Side(corpus="a", keys=("1",), own=np.ones((1, 1)), meaning=np.ones(1), words=np.ones(1))
