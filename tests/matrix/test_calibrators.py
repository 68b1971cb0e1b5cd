"""Calibrators worked out by hand: log-odds, chances, errors of promises, and what was shipped."""

import math
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.matrix.features import FIGURES, Floats, Side, compare
from lakehouse.matrix.relevance import (
    BINS,
    ENOUGH,
    FLATTEST,
    Calibrator,
    Scales,
    along,
    calibration_error,
    fit,
    probability,
)
from lakehouse.matrix.shipped import EVIDENCE, LEVELS, MEANING, MINILM, RELEVANCE

FEW = settings(max_examples=25, deadline=None)
LOGITS = st.lists(st.floats(-1e6, 1e6), max_size=30)
PLAIN = Calibrator(uses=("own", "meaning"), weights=(2.0, -1.0), intercept=0.5, source="by hand")
SHIPPED = {
    "relevance, both": RELEVANCE.both[MINILM],
    "relevance, meaning": RELEVANCE.meaning[MINILM],
    "relevance, words": RELEVANCE.words,
    "evidence, both": EVIDENCE.both[MINILM],
    "evidence, meaning": EVIDENCE.meaning[MINILM],
    "evidence, words": EVIDENCE.words,
}


def figures(**columns: list[float]) -> Floats:
    """Figures of rows, the ones that are not named missing."""
    n = len(next(iter(columns.values())))
    made = np.full((n, len(FIGURES)), np.nan)
    for name, values in columns.items():
        made[:, FIGURES.index(name)] = values
    return made


def side(meaning: list[float], words: list[float], *, model: str = MINILM) -> Side:
    return Side(
        corpus="a",
        keys=tuple(map(str, range(len(meaning)))),
        own=np.linspace(1, 0.5, len(meaning)),
        meaning=np.array(meaning),
        words=np.array(words),
        model=model,
    )


def test_log_odds_are_the_weighed_figures_and_the_intercept_whatever_the_order_of_names() -> None:
    rows = figures(meaning=[0.2, 0.4], own=[1.0, 0.5])
    assert PLAIN.logits(rows).tolist() == pytest.approx([0.5 + 2.0 - 0.2, 0.5 + 1.0 - 0.4])


def test_a_corpus_adds_its_own_intercept_and_an_unknown_one_adds_nothing() -> None:
    rows = figures(meaning=[0.2], own=[1.0])
    shifted = replace(PLAIN, corpora={"good": 1.25})
    assert shifted.logits(rows, "good")[0] - shifted.logits(rows)[0] == pytest.approx(1.25)
    assert shifted.logits(rows, "stranger")[0] == PLAIN.logits(rows)[0]


def test_a_missing_figure_that_is_used_leaves_no_log_odds_and_one_that_is_not_used_does_no_harm() -> None:
    assert np.isnan(PLAIN.logits(figures(meaning=[math.nan], own=[1.0]))[0])
    assert np.isfinite(PLAIN.logits(figures(meaning=[0.1], own=[1.0], words=[math.nan]))[0])


def test_no_rows_have_no_log_odds() -> None:
    assert PLAIN.logits(np.zeros((0, len(FIGURES)))).shape == (0,)


def test_even_odds_are_one_half_and_three_to_one_is_three_quarters() -> None:
    assert probability(np.array([0.0, math.log(3), -math.log(3)])).tolist() == pytest.approx(
        [0.5, 0.75, 0.25]
    )


@FEW
@given(LOGITS)
def test_chances_lie_strictly_between_nothing_and_certainty_however_far_the_odds(logits: list[float]) -> None:
    chances = probability(np.array(logits))
    assert ((chances > 0) & (chances < 1)).all()


@FEW
@given(st.floats(-FLATTEST, FLATTEST))
def test_the_chances_of_a_claim_and_its_contrary_add_up_to_one(logit: float) -> None:
    assert float(probability(np.array([logit, -logit])).sum()) == pytest.approx(1)


def test_odds_beyond_the_flattest_are_all_alike() -> None:
    far = probability(np.array([FLATTEST, 2 * FLATTEST, np.inf]))
    assert len(set(far.tolist())) == 1


@FEW
@given(LOGITS)
def test_chances_put_along_a_ranking_are_the_same_ones_in_falling_order(logits: list[float]) -> None:
    made = along(np.array(logits)).tolist()
    assert made == sorted(logits, reverse=True)


def test_putting_chances_along_a_ranking_leaves_what_was_given_as_it_was() -> None:
    given_ = np.array([-1.0, 2.0])
    along(given_)
    assert given_.tolist() == [-1.0, 2.0]


def test_a_promise_that_is_kept_has_no_error_and_one_broken_for_certain_has_all_of_it() -> None:
    right = np.arange(150) % 3 > 0  # bins of ten rows: five of wrong ones, ten of right ones, none mixed
    assert calibration_error(right.astype(float), right) == 0
    assert calibration_error((~right).astype(float), right) == 1


def test_errors_of_opposite_sign_in_different_bins_do_not_cancel() -> None:
    promised = np.repeat([0.25, 0.75], 15 * 4)  # bins hold eight rows: 7 bins of .25, one mixed, 7 of .75
    right = np.repeat([True, False], 15 * 4)
    assert calibration_error(promised, right) == pytest.approx((56 * 0.75 + 56 * 0.75) / 120)


def test_fewer_rows_than_bins_are_each_judged_by_themselves() -> None:
    assert BINS > 2
    assert calibration_error(np.array([0.2, 0.9]), np.array([False, True])) == pytest.approx((0.2 + 0.1) / 2)


def test_the_order_of_rows_changes_no_error() -> None:
    dice = np.random.default_rng(0)
    promised, right = dice.random(200), dice.random(200) < 0.4
    turned = dice.permutation(200)
    assert calibration_error(promised[turned], right[turned]) == pytest.approx(
        calibration_error(promised, right)
    )


def test_rows_without_weight_count_for_nothing() -> None:
    promised, right = np.array([0.5, 1.0]), np.array([True, False])
    assert calibration_error(promised, right, weights=np.array([1.0, 0.0])) == pytest.approx(0.5)
    assert calibration_error(promised, right, weights=np.zeros(2)) == 0


@pytest.mark.parametrize("name", SHIPPED)
def test_what_was_shipped_has_a_weight_and_an_error_for_every_figure_it_uses(name: str) -> None:
    one = SHIPPED[name]
    assert set(one.uses) <= set(FIGURES)
    assert len(one.weights) == len(one.uses) == len(one.errors) - 1
    assert all(0 < error < abs(weight) for error, weight in zip(one.errors[1:], one.weights, strict=True))
    assert one.rows > 1_000
    assert not one.corpora


@pytest.mark.parametrize("name", SHIPPED)
def test_more_of_any_figure_never_speaks_against_a_row(name: str) -> None:
    assert all(weight > 0 for weight in SHIPPED[name].weights)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_row_about_which_nothing_speaks_is_more_likely_wrong_than_right(name: str) -> None:
    nothing = np.zeros((1, len(FIGURES)))
    assert SHIPPED[name].logits(nothing)[0] < 0


def test_evidence_never_looks_at_gaps_since_the_right_corpus_may_not_have_been_asked() -> None:
    used = {name for key, one in SHIPPED.items() if key.startswith("evidence") for name in one.uses}
    assert used == {"meaning", "words"}


def test_what_may_be_lost_and_the_level_rise_together_and_stay_shares() -> None:
    losses, levels = list(LEVELS), list(LEVELS.values())
    assert losses == sorted(losses)
    assert levels == sorted(set(levels))
    assert all(0 < one < 1 for one in (*losses, *levels))


def test_what_was_shipped_cannot_be_changed_by_accident() -> None:
    with pytest.raises(TypeError):
        cast("dict[float, float]", LEVELS)[0.1] = 1.0
    with pytest.raises(TypeError):
        cast("dict[str, Calibrator]", RELEVANCE.both)["other"] = MEANING


def test_cosines_of_an_unknown_model_order_rows_but_are_no_evidence() -> None:
    foreign = side([0.9, 0.5], [math.nan, math.nan], model="another")
    (rows,) = compare([foreign])
    assert RELEVANCE.logits(foreign, rows).tolist() == MEANING.logits(rows).tolist()
    assert np.isnan(EVIDENCE.logits(foreign, rows)).all()


def test_an_empty_corpus_has_no_log_odds_of_any_kind() -> None:
    empty = side([], [])
    (rows,) = compare([empty])
    assert RELEVANCE.logits(empty, rows).shape == EVIDENCE.logits(empty, rows).shape == (0,)


def test_a_scale_of_its_own_serves_one_embedder_and_leaves_the_others_to_words() -> None:
    special = Calibrator(uses=("meaning",), weights=(1.0,), intercept=7.0, source="by hand")
    scales = Scales(both={"mine": special}, meaning={}, words=RELEVANCE.words, unknown=None)
    mine, other = side([0.5], [0.5], model="mine"), side([0.5], [0.5], model="other")
    assert scales.logits(mine, compare([mine])[0]).tolist() == [7.5]
    (rows,) = compare([other])
    assert scales.logits(other, rows).tolist() == RELEVANCE.words.logits(rows).tolist()


@pytest.mark.parametrize("right", [False, True])
def test_a_refusal_to_learn_from_one_kind_of_row_says_what_to_do(*, right: bool) -> None:
    with pytest.raises(Invalid) as error:
        fit(figures(meaning=[0.1, 0.2], own=[1.0, 0.9]), np.full(2, right), start=PLAIN)
    assert "judge" in error.value.hint


def test_rows_that_are_right_only_where_a_figure_is_missing_cannot_teach() -> None:
    rows = figures(meaning=[0.1, math.nan], own=[1.0, 0.9])
    with pytest.raises(Invalid, match="right and wrong"):
        fit(rows, np.array([False, True]), start=PLAIN)


def test_an_intercept_that_a_corpus_had_stays_when_it_is_not_judged_again() -> None:
    dice = np.random.default_rng(1)
    rows = figures(meaning=dice.random(80).tolist(), own=dice.random(80).tolist())
    learned = fit(
        rows,
        dice.random(80) < 0.5,
        start=replace(PLAIN, corpora={"old": 0.75}),
        corpora=["new"] * ENOUGH + [""] * (80 - ENOUGH),
    )
    assert learned.corpora["old"] == 0.75
    assert set(learned.corpora) == {"old", "new"}


def test_a_fit_says_where_it_comes_from_and_keeps_the_figures_it_was_given() -> None:
    dice = np.random.default_rng(2)
    rows = figures(meaning=dice.random(30).tolist(), own=dice.random(30).tolist())
    learned = fit(rows, np.arange(30) % 2 == 0, start=PLAIN, source="thirty rows")
    assert (learned.source, learned.uses, learned.rows) == ("thirty rows", PLAIN.uses, 30)
    assert len(learned.errors) == 1 + len(PLAIN.uses)


def test_more_rows_make_an_error_smaller() -> None:
    dice = np.random.default_rng(3)
    rows = figures(meaning=dice.random(2_000).tolist(), own=dice.random(2_000).tolist())
    right = dice.random(2_000) < probability(PLAIN.logits(rows))
    few, many = fit(rows[:100], right[:100], start=PLAIN), fit(rows, right, start=PLAIN)
    assert all(later < first for later, first in zip(many.errors, few.errors, strict=True))
