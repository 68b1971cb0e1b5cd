from collections.abc import Sequence
from dataclasses import replace

import pytest

from lakehouse.base.errors import Corrupt
from lakehouse.matrix.lift import titles
from lakehouse.matrix.lift.arm import Asked
from lakehouse.matrix.lift.ours import make_ours
from lakehouse.matrix.lift.rivals import Nothing
from lakehouse.matrix.playbook.events import Outcome
from tests.matrix.lift.scene import tiny

WORLD = tiny(200)


class Noting(Nothing):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[tuple[str, ...], tuple[Outcome, ...]]] = []

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        del search_id, asked
        self.told.append((tuple(shown), tuple(outcomes)))


class Peeking(Nothing):
    """Learns from being asked."""

    def __init__(self) -> None:
        self._asked = 0

    def rank(self, asked: Asked) -> Sequence[str]:
        self._asked += 1
        return asked.order[self._asked % 2 :]


def test_past_searches_lift_questions_that_they_never_asked() -> None:
    points = (0, 100)
    base = titles.play(WORLD, Nothing(), seed=1, checkpoints=points)
    ours = titles.play(WORLD, make_ours(), seed=1, checkpoints=points)
    lifts = [float((ours[n].ndcg - base[n].ndcg).mean()) for n in ours]
    assert list(ours) == [0, 100, 200]
    assert lifts[0] == 0 < lifts[1]
    assert lifts[2] > 0.05


def test_a_past_search_showed_the_first_ten_and_the_right_answers_which_were_accepted() -> None:
    noting = Noting()
    titles.play(WORLD, noting, seed=1)
    assert len(noting.told) == len(WORLD.past)
    by_right = {past.right for past in WORLD.past}
    for shown, outcomes in noting.told:
        accepted = tuple(o.key for o in outcomes if o.kind == "accepted")
        assert set(accepted) <= set(shown)
        assert any(set(accepted) == set(right) for right in by_right)
        assert 10 <= len(shown) <= 13


def test_one_in_twenty_is_audited_whole() -> None:
    noting = Noting()
    titles.play(WORLD, noting, seed=1)
    audited = [(s, [o for o in os if o.is_audit]) for s, os in noting.told if any(o.is_audit for o in os)]
    assert 3 <= len(audited) <= 25
    assert all([o.key for o in found] == list(shown) for shown, found in audited)
    assert {o.kind for _, found in audited for o in found} == {"judged"}


def test_a_question_that_was_asked_in_the_past_is_not_measured() -> None:
    known = replace(WORLD.past[0], asked=replace(WORLD.past[0].asked, text=WORLD.questions[3].text.upper()))
    assert 3 in titles.unseen(WORLD)
    assert 3 not in titles.unseen(replace(WORLD, past=(known,)))


def test_measuring_must_not_teach() -> None:
    with pytest.raises(Corrupt):
        titles.play(WORLD, Peeking(), seed=1)
