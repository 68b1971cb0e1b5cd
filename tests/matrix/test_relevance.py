"""Calibrators: they keep their promises, learn from judged rows, and change little from few."""

import numpy as np
import pytest

from lakehouse.base.errors import Invalid
from lakehouse.matrix.features import FIGURES, Floats, Side, compare
from lakehouse.matrix.relevance import (
    ENOUGH,
    Calibrator,
    Flags,
    along,
    calibration_error,
    fit,
    probability,
)
from lakehouse.matrix.shipped import EVIDENCE, MINILM, RELEVANCE

TRUE = Calibrator(uses=("meaning", "words"), weights=(6.0, 3.0), intercept=-5.0, source="made up")
BLANK = Calibrator(uses=("meaning", "words"), weights=(0.0, 0.0), intercept=0.0, source="nothing")


def rows(n: int, *, seed: int = 0, shift: float = 0.0) -> tuple[Floats, Flags]:
    """Rows whose truth follows `TRUE`, shifted."""
    dice = np.random.default_rng(seed)
    figures = np.full((n, len(FIGURES)), np.nan)
    figures[:, :3] = dice.random((n, 3))
    return figures, dice.random(n) < probability(TRUE.logits(figures) + shift)


def one_side(*, meaning: bool = True, words: bool = True, model: str = MINILM) -> Side:
    n = 5
    falling = np.linspace(0.8, 0.2, n)
    none = np.full(n, np.nan)
    return Side(
        corpus="a",
        keys=tuple(map(str, range(n))),
        own=np.linspace(1, 0, n),
        meaning=falling if meaning else none,
        words=falling if words else none,
        model=model,
    )


def test_many_rows_teach_the_truth_and_its_errors_cover_it() -> None:
    figures, relevant = rows(20_000)
    learned = fit(figures, relevant, start=BLANK)
    for found, error, wanted in zip(
        (learned.intercept, *learned.weights), learned.errors, (-5.0, 6.0, 3.0), strict=True
    ):
        assert abs(found - wanted) < 4 * error < 0.5
    assert learned.rows == 20_000
    assert learned.ece is not None
    assert learned.ece < 0.01


def test_what_was_learned_keeps_its_promises_on_rows_it_has_not_seen() -> None:
    learned = fit(*rows(20_000), start=BLANK)
    figures, relevant = rows(20_000, seed=1)
    assert calibration_error(probability(learned.logits(figures)), relevant) < 0.015


def test_promises_of_one_half_where_nothing_is_right_are_off_by_one_half() -> None:
    assert calibration_error(np.full(100, 0.5), np.zeros(100, bool)) == pytest.approx(0.5)
    assert calibration_error(np.zeros(0), np.zeros(0, bool)) == 0


def test_few_rows_move_what_is_known_only_a_little() -> None:
    figures, relevant = rows(12, shift=3.0)
    learned = fit(figures, relevant, start=TRUE)
    assert learned.weights == pytest.approx(TRUE.weights, abs=1.0)
    many = fit(*rows(5_000, shift=3.0), start=TRUE)
    assert many.intercept == pytest.approx(TRUE.intercept + 3.0, abs=0.4)


def test_a_corpus_with_enough_judged_rows_gets_its_own_intercept_and_others_do_not() -> None:
    good, bad = rows(2_000, shift=1.5), rows(2_000, seed=2, shift=-1.5)
    few = rows(ENOUGH - 1, seed=3)
    figures = np.concatenate([good[0], bad[0], few[0]])
    relevant = np.concatenate([good[1], bad[1], few[1]])
    names = ["good"] * 2_000 + ["bad"] * 2_000 + ["few"] * (ENOUGH - 1)
    learned = fit(figures, relevant, start=TRUE, corpora=names)
    assert set(learned.corpora) == {"good", "bad"}
    assert learned.corpora["good"] - learned.corpora["bad"] == pytest.approx(3.0, abs=0.5)
    same = figures[:1]
    assert learned.logits(same, "good")[0] > learned.logits(same, "few")[0] > learned.logits(same, "bad")[0]


def test_a_figure_that_separates_perfectly_does_not_run_away() -> None:
    figures = np.full((100, len(FIGURES)), 0.5)
    figures[50:, 0] = 0.9
    learned = fit(figures, np.arange(100) >= 50, start=BLANK)
    assert all(np.isfinite((learned.intercept, *learned.weights)))
    assert learned.logits(figures)[99] > 0 > learned.logits(figures)[0]


def test_weights_of_rows_count_as_repetitions() -> None:
    figures, relevant = rows(300)
    twice = fit(np.concatenate([figures, figures]), np.concatenate([relevant, relevant]), start=TRUE)
    heavy = fit(figures, relevant, start=TRUE, weights=np.full(300, 2.0))
    assert heavy.weights == pytest.approx(twice.weights, abs=1e-3)


def test_rows_without_a_figure_teach_nothing() -> None:
    figures, relevant = rows(300)
    holed = np.concatenate([figures, np.full((50, len(FIGURES)), np.nan)])
    taught = fit(holed, np.concatenate([relevant, np.ones(50, bool)]), start=TRUE)
    assert taught.weights == fit(figures, relevant, start=TRUE).weights


def test_only_right_rows_or_only_wrong_ones_are_refused() -> None:
    figures, _ = rows(60)
    with pytest.raises(Invalid, match="right and wrong"):
        fit(figures, np.ones(60, bool), start=TRUE)


def test_learning_twice_gives_the_same() -> None:
    assert fit(*rows(500), start=TRUE) == fit(*rows(500), start=TRUE)


def test_an_own_ranking_keeps_its_order_and_takes_over_the_chances() -> None:
    assert along(np.array([-1.0, 2.0, 0.5])).tolist() == [2.0, 0.5, -1.0]


@pytest.mark.parametrize(
    ("side", "kind"),
    [
        (one_side(), RELEVANCE.both[MINILM]),
        (one_side(words=False), RELEVANCE.meaning[MINILM]),
        (one_side(meaning=False, model=""), RELEVANCE.words),
        (one_side(model="another"), RELEVANCE.words),
        (one_side(words=False, model="another"), RELEVANCE.unknown),
    ],
)
def test_every_kind_of_corpus_has_its_calibrator(side: Side, kind: Calibrator) -> None:
    (figures,) = compare([side])
    logits = RELEVANCE.logits(side, figures)
    assert logits.tolist() == kind.logits(figures).tolist()
    assert np.isfinite(logits).all()
    assert (np.diff(logits) < 0).all()  # a better row never has the smaller chance


def test_a_row_without_a_vector_yet_is_judged_by_words() -> None:
    whole = one_side()
    meaning = whole.meaning.copy()
    meaning[2] = np.nan
    side = Side(
        corpus="a", keys=whole.keys, own=whole.own, meaning=meaning, words=whole.words, model=whole.model
    )
    (figures,) = compare([side])
    logits = RELEVANCE.logits(side, figures)
    assert logits[2] == RELEVANCE.words.logits(figures)[2]
    assert logits[1] == RELEVANCE.both[MINILM].logits(figures)[1]


def test_of_cosines_of_an_unknown_model_nothing_is_concluded_about_evidence() -> None:
    side = one_side(words=False, model="another")
    assert np.isnan(EVIDENCE.logits(side, compare([side])[0])).all()
