"""Judged questions teach chances and the filter; few of them change nothing, and a lesson can be kept."""

import json

import numpy as np
import pytest

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.matrix.features import Side, compare
from lakehouse.matrix.learn import Judged, Lesson, learn, read, write
from lakehouse.matrix.merge import merge
from lakehouse.matrix.relevance import Scales, calibration_error, probability
from lakehouse.matrix.shipped import MINILM, RELEVANCE


def side(name: str, dice: np.random.Generator, *, model: str, words: bool, n: int = 10) -> Side:
    """A corpus with candidates whose cosines and words are anything."""
    none = np.full(n, np.nan)
    return Side(
        corpus=name,
        keys=tuple(f"{name}{at}" for at in range(n)),
        own=np.linspace(1, 0, n),
        meaning=np.sort(dice.uniform(0.6, 0.95, n))[::-1] if model else none,
        words=dice.uniform(0, 0.6, n) if words else none,
        model=model,
    )


def questions(n: int, *, model: str = "foreign", words: bool = True, seed: int = 0) -> list[Judged]:
    """Questions to two corpora, where rows of corpus `a` above a cosine of .8 are right, as a rule."""
    dice = np.random.default_rng(seed)
    made = []
    for _ in range(n):
        sides = tuple(side(name, dice, model=model, words=words) for name in "ab")
        scores = [
            (s.corpus, key, m) for s in sides for key, m in zip(s.keys, s.meaning.tolist(), strict=True)
        ]
        right = {
            (c, k) for c, k, m in scores if c == "a" and dice.random() < 1 / (1 + np.exp(40 * (0.85 - m)))
        }
        made.append(Judged(sides=sides, right=frozenset(right)))
    return made


def error_of(scales: Scales, judged: list[Judged]) -> float:
    promised, right = [], []
    for one in judged:
        for at, figures in zip(one.sides, compare(one.sides), strict=True):
            promised += probability(scales.logits(at, figures)).tolist()
            right += [(at.corpus, key) in one.right for key in at.keys]
    return calibration_error(np.array(promised), np.array(right))


def test_an_unknown_embedder_gets_a_calibrator_of_its_own_that_keeps_its_promises() -> None:
    lesson = learn(questions(300))
    assert "foreign" in lesson.relevance.both
    assert lesson.relevance.both[MINILM] == RELEVANCE.both[MINILM]
    fresh = questions(300, seed=1)
    assert error_of(lesson.relevance, fresh) < error_of(RELEVANCE, fresh) / 3


def test_a_corpus_that_is_never_right_falls_behind_one_that_is() -> None:
    lesson = learn(questions(300))
    shifts = lesson.relevance.both["foreign"].corpora
    assert shifts["a"] > shifts["b"]
    one = questions(1, seed=5)[0]
    assert merge(one.sides, {}, relevance=lesson.relevance).candidates[0].corpus == "a"


def test_too_few_judged_rows_leave_the_chances_as_they_were() -> None:
    dice = np.random.default_rng(0)
    one = Judged(
        sides=(side("a", dice, model=MINILM, words=True),),
        right=frozenset({("a", "a0")}),
        wrong=frozenset({("a", "a1")}),
    )
    assert learn([one] * 20).relevance == RELEVANCE
    assert learn([one] * 30).relevance != RELEVANCE


@pytest.mark.parametrize(("model", "words"), [("foreign", False), ("", True)])
def test_every_kind_of_corpus_can_learn(model: str, *, words: bool) -> None:
    dice = np.random.default_rng(0)
    judged = [
        Judged(
            sides=(side("a", dice, model=model, words=words),), right=frozenset({("a", "a0"), ("a", "a2")})
        )
        for _ in range(30)
    ]
    learned = learn(judged).relevance
    made = learned.words if words else learned.meaning["foreign"]
    assert made.rows == 300
    assert made.source == "300 judged rows"


def test_rows_without_a_vector_do_not_hide_the_model_of_their_corpus() -> None:
    judged = questions(30)
    for one in judged:
        one.sides[0].meaning[-1] = np.nan
    assert "foreign" in learn(judged).relevance.both


def test_the_filter_is_set_by_the_same_questions() -> None:
    judged = questions(200)
    strict, loose = learn(judged, alpha=0.02).filter, learn(judged, alpha=0.3).filter
    assert strict.level < loose.level
    assert loose.source.endswith("judged questions")


def test_questions_without_a_right_row_teach_nothing() -> None:
    blank = Judged(sides=questions(1)[0].sides, right=frozenset())
    with pytest.raises(Invalid):
        learn([blank])
    judged = questions(20)
    assert learn([*judged, blank]).questions == learn(judged).questions


def test_a_lesson_comes_back_as_it_was_kept() -> None:
    lesson = learn(questions(50))
    kept = write(lesson)
    back = read(kept)
    assert write(back) == kept
    assert back.relevance.both["foreign"] == lesson.relevance.both["foreign"]
    assert back.filter == lesson.filter
    shipped = Lesson(relevance=RELEVANCE, filter=lesson.filter, questions=1)
    assert write(read(write(shipped))) == write(shipped)


@pytest.mark.parametrize("damage", ["uses", "weights", "corpora"])
def test_a_damaged_lesson_is_corrupt(damage: str) -> None:
    given = json.loads(write(learn(questions(50))))
    given["words"][damage] = "?"
    for text in (json.dumps(given), "", "[]", "{}"):
        with pytest.raises(Corrupt):
            read(text)
