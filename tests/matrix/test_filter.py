"""The relevance filter: its bound holds, it never shows more when it is stricter, and it can say nothing."""

import numpy as np
import pytest

from lakehouse.base.errors import Invalid
from lakehouse.matrix.filter import Filter, Told, calibrated, lost, shipped


def questions(n: int, *, seed: int) -> list[Told]:
    """Judged questions whose probabilities mean something, some of them hopeless."""
    dice = np.random.default_rng(seed)
    made = []
    for _ in range(n):
        chances = np.sort(dice.beta(1, 4, 10))[::-1]
        evidence = float(np.clip(chances[0] + dice.normal(0.3, 0.2), 0, 1))
        made.append(Told(evidence=evidence, rows=tuple((float(p), bool(dice.random() < p)) for p in chances)))
    return made


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2, 0.4])
def test_the_promised_loss_holds_on_questions_that_were_not_judged(alpha: float) -> None:
    losses = []
    for seed in range(20):
        by = calibrated(questions(200, seed=seed), alpha=alpha)
        losses.append(np.mean([lost(told, by.level) for told in questions(400, seed=1000 + seed)]))
    assert np.mean(losses) <= alpha + 0.005  # the bound is on the mean over draws
    assert np.mean(losses) >= alpha / 2  # and it is used


def test_a_stricter_promise_is_never_a_higher_level() -> None:
    told = questions(300, seed=0)
    levels = [calibrated(told, alpha=alpha).level for alpha in (0.02, 0.05, 0.1, 0.2, 0.5)]
    assert levels == sorted(levels)
    assert levels[-1] > levels[0]


def test_a_higher_level_never_loses_less() -> None:
    for told in questions(50, seed=3):
        losses = [lost(told, level) for level in np.linspace(0, 1, 30)]
        assert losses == sorted(losses)


@pytest.mark.parametrize(("alpha", "enough"), [(0.1, 9), (0.05, 19)])
def test_too_few_questions_for_the_promise_drop_nothing(alpha: float, enough: int) -> None:
    safe = [Told(evidence=1.0, rows=((1.0, True),))] * enough
    assert calibrated(safe, alpha=alpha).level == 1.0
    assert calibrated(safe[1:], alpha=alpha).level == 0.0
    assert calibrated([], alpha=alpha).level == 0.0


def test_a_question_below_the_level_loses_all_that_is_right() -> None:
    told = Told(evidence=0.4, rows=((0.9, True), (0.01, True), (0.5, False)))
    assert lost(told, 0.3) == 0.5
    assert lost(told, 0.5) == 1.0
    assert lost(told, 0.0) == 0.0


def test_a_question_without_a_right_row_has_nothing_to_lose() -> None:
    assert lost(Told(evidence=0.0, rows=((0.9, False),)), 1.0) == 0.0


def test_the_shipped_filter_is_that_of_the_loss_asked_for_or_of_a_smaller_one() -> None:
    assert shipped(0.1).level == shipped(0.12).level > shipped(0.05).level > 0
    assert shipped(0.01).level == 0.0
    assert shipped().row == pytest.approx(shipped().level / 10)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1])
def test_alpha_is_a_share(alpha: float) -> None:
    with pytest.raises(Invalid):
        shipped(alpha)
    with pytest.raises(Invalid):
        calibrated([], alpha=alpha)


def test_a_filter_says_where_it_comes_from() -> None:
    assert calibrated(questions(30, seed=0)).source == "30 judged questions"
    assert Filter(level=0.5, source="x").alpha == 0.1
