"""Merging, floors and lessons worked out by hand: odds and weights, thresholds met exactly, what is kept."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.matrix.corpus import Corpus, card
from lakehouse.matrix.features import FIGURES, Side
from lakehouse.matrix.filter import Filter, shipped
from lakehouse.matrix.learn import SHOWN, Judged, Lesson, learn, read, write
from lakehouse.matrix.merge import NOT_IN_THE_DATA, Ranking, Scored, keep, merge
from lakehouse.matrix.relevance import Calibrator, Scales
from lakehouse.matrix.shipped import MINILM, RELEVANCE

FEW = settings(max_examples=25, deadline=None)
WORDS = Calibrator(uses=("words",), weights=(1.0,), intercept=0.0, source="by hand")
BY_WORDS = Scales(both={}, meaning={}, words=WORDS, unknown=None)
"""Log-odds are the words' score itself."""


def side(name: str, *words: float, own: tuple[float, ...] = ()) -> Side:
    """A corpus that words alone have found."""
    n = len(words)
    return Side(
        corpus=name,
        keys=tuple(f"{name}{at}" for at in range(n)),
        own=np.array(own or np.linspace(1, 0.5, n)),
        meaning=np.full(n, np.nan),
        words=np.array(words),
    )


def ranked(*sides: Side, cards: dict[str, Corpus] | None = None) -> Ranking:
    return merge(sides, cards or {}, relevance=BY_WORDS, evidence=BY_WORDS)


def chance(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def scored(p: float, *, corpus: str = "a", key: str = "1", floor: float = 0.0) -> Scored:
    figures = tuple([0.5] * len(FIGURES))
    return Scored(corpus, key, p, p, p, 1, 1.0, floor, figures)


def ranking(*ps: float, evidence: float | None = 1.0, floor: float = 0.0) -> Ranking:
    return Ranking(
        candidates=tuple(scored(p, key=str(at), floor=floor) for at, p in enumerate(ps)), evidence=evidence
    )


def test_chances_are_those_of_the_calibrator_and_the_best_of_them_is_the_evidence() -> None:
    found = ranked(side("a", 2.0, 1.0), side("b", 1.5))
    assert [one.key for one in found.candidates] == ["a0", "b0", "a1"]
    assert [one.p for one in found.candidates] == pytest.approx([chance(2), chance(1.5), chance(1)])
    assert found.evidence == pytest.approx(chance(2))


@pytest.mark.parametrize("weight", [0.01, 0.5, 1.0, 4.0, 1000.0])
def test_odds_are_multiplied_by_the_weight_and_evidence_is_not(weight: float) -> None:
    found = ranked(side("a", 0.7), cards={"a": replace(card("a"), weight=weight)})
    (one,) = found.candidates
    assert one.score / (1 - one.score) == pytest.approx(weight * math.exp(0.7))
    assert one.p == pytest.approx(chance(0.7))
    assert one.weight == weight
    assert found.evidence == pytest.approx(chance(0.7))


def test_a_corpus_with_the_better_row_further_down_gives_that_chance_to_its_first() -> None:
    found = ranked(side("a", 0.0, 3.0))
    assert [(one.key, one.own_rank) for one in found.candidates] == [("a0", 1), ("a1", 2)]
    assert [one.p for one in found.candidates] == pytest.approx([chance(3), chance(0)])
    assert found.candidates[0].parts()["words"] == 0.0


def test_of_equal_rows_the_corpus_named_first_comes_first() -> None:
    assert [one.key for one in ranked(side("b", 1.0), side("a", 1.0)).candidates] == ["b0", "a0"]


def test_bases_of_another_corpus_lie_between_those_of_the_best_one_where_its_odds_do() -> None:
    found = ranked(side("a", 4.0, 2.0, own=(1.0, 0.4)), side("b", 3.0))
    assert [(one.key, one.base) for one in found.candidates] == [
        ("a0", 1.0),
        ("b0", pytest.approx(0.7)),
        ("a1", 0.4),
    ]


def test_a_row_worse_than_all_of_the_best_corpus_has_no_base() -> None:
    assert ranked(side("a", 4.0, 2.0), side("b", 1.0)).candidates[-1].base == 0.0


@FEW
@given(st.lists(st.lists(st.floats(0, 5), max_size=4), max_size=4), st.floats(0.1, 10))
def test_a_heavier_corpus_never_falls_in_the_ranking(words: list[list[float]], weight: float) -> None:
    sides = [side(f"c{at}", *one) for at, one in enumerate(words)]
    light, heavy = (
        [
            at
            for at, one in enumerate(ranked(*sides, cards={"c0": replace(card("c0"), weight=by)}).candidates)
            if one.corpus == "c0"
        ]
        for by in (weight, weight * 2)
    )
    assert all(after <= before for before, after in zip(light, heavy, strict=True))


def test_a_row_exactly_at_its_threshold_is_kept_and_one_below_it_is_dropped() -> None:
    by = Filter(level=0.5, source="x")
    assert [one.key for one in keep(ranking(by.row, by.row - 1e-9), k=5, by=by).hits] == ["0"]


def test_evidence_exactly_at_the_level_is_enough() -> None:
    by = Filter(level=0.5, source="x")
    assert keep(ranking(0.9, evidence=0.5), k=1, by=by).is_answered
    assert not keep(ranking(0.9, evidence=0.5 - 1e-9), k=1, by=by).is_answered


def test_a_row_exactly_at_the_floor_is_kept_and_the_floor_is_named_first_below_it() -> None:
    assert keep(ranking(0.3, floor=0.3), k=1, by=None).is_answered
    kept = keep(ranking(0.01, floor=0.3), k=1, by=Filter(level=0.9, source="x"))
    assert kept.dropped[0].why == "P 0.010 is below the floor of a, 0.3"
    assert kept.why == f"{NOT_IN_THE_DATA}: {kept.dropped[0].why}"


def test_rows_behind_the_first_k_are_neither_shown_nor_dropped() -> None:
    kept = keep(ranking(0.9, 0.01, 0.8), k=2, by=Filter(level=0.5, source="x"))
    assert [one.key for one in kept.hits] == ["0"]
    assert [one.candidate.key for one in kept.dropped] == ["1"]
    assert kept.why == ""


@FEW
@given(st.lists(st.floats(0, 1), max_size=8), st.floats(0, 1), st.integers(1, 9), st.floats(0, 1))
def test_what_is_shown_and_what_is_dropped_are_the_first_k(
    ps: list[float], level: float, k: int, evidence: float
) -> None:
    given_ = ranking(*sorted(ps, reverse=True), evidence=evidence)
    kept = keep(given_, k=k, by=Filter(level=level, source="x"))
    both = {one.key for one in kept.hits} | {one.candidate.key for one in kept.dropped}
    assert both == {one.key for one in given_.candidates[:k]}
    assert len(kept.hits) + len(kept.dropped) == len(both)
    assert kept.is_answered == bool(kept.hits) == (not kept.why)


@FEW
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0, 1), st.floats(0, 1))
def test_a_stricter_filter_never_shows_more(ps: list[float], one: float, other: float) -> None:
    low, high = sorted((one, other))
    few, many = (keep(ranking(*ps), k=8, by=Filter(level=at, source="x")).hits for at in (high, low))
    assert set(few) <= set(many)


def test_a_figure_that_is_missing_is_left_out_of_parts_and_reason() -> None:
    one = replace(scored(0.25), figures=(float("nan"), 0.123456, 1.0, float("nan"), 0.0))
    assert one.parts() == {"words": 0.1235, "own": 1.0, "words_gap": 0.0}
    assert one.why() == "a #1: words 0.12, own ranking 1.00; P 0.25"


def judged(right: set[str], *, wrong: frozenset[tuple[str, str]] | None = None) -> Judged:
    return Judged(
        sides=(side("a", *np.linspace(1, 0, 12).tolist()),),
        right=frozenset(("a", key) for key in right),
        wrong=wrong,
    )


def test_a_question_without_a_right_row_is_not_counted_among_what_was_learned_from() -> None:
    assert learn([judged({"a0"}), judged(set()), judged({"a1"})]).questions == 2


def test_nothing_to_learn_from_is_refused_with_a_way_out() -> None:
    with pytest.raises(Invalid) as error:
        learn([])
    assert error.value.hint == "judge some rows as accepted"


@pytest.mark.parametrize("alpha", [0.0, 1.0, float("nan")])
def test_a_promise_that_is_no_share_is_refused(alpha: float) -> None:
    with pytest.raises(Invalid, match="alpha"):
        learn([judged({"a0"})], alpha=alpha)


def test_a_right_row_behind_those_that_are_shown_holds_no_filter_down() -> None:
    deep = [judged({f"a{SHOWN + 1}"})] * 30
    assert learn(deep, before=BY_WORDS, evidence=BY_WORDS).filter.level == 1.0
    first = [judged({"a0"})] * 30
    assert learn(first, before=BY_WORDS, evidence=BY_WORDS).filter.level < 1.0


def test_only_judged_rows_teach_where_it_is_known_which_were_judged() -> None:
    wrong = frozenset({("a", "a11")})
    lesson = learn([judged({"a0"}, wrong=wrong)] * 40)
    assert lesson.relevance.words.rows == 80
    assert learn([judged({"a0"})] * 40).relevance.words.rows == 480


def test_learning_leaves_what_was_there_before_as_it_was() -> None:
    before = RELEVANCE.words
    learn([judged({"a0"})] * 40)
    assert RELEVANCE.words == before


def test_the_order_of_questions_teaches_the_same() -> None:
    told = [judged({"a0"}) for _ in range(20)] + [judged({"a5"}) for _ in range(20)]
    there, back = learn(told), learn(told[::-1])
    assert there.filter == back.filter
    assert there.relevance.words.weights == pytest.approx(back.relevance.words.weights)


@pytest.mark.parametrize("member", ["both", "meaning", "words", "filter", "questions"])
def test_a_lesson_without_one_of_its_members_is_corrupt(member: str) -> None:
    lesson = Lesson(relevance=RELEVANCE, filter=shipped(), questions=3)
    given_ = json.loads(write(lesson))
    del given_[member]
    with pytest.raises(Corrupt) as error:
        read(json.dumps(given_))
    assert error.value.hint == "calibrate it again"


@pytest.mark.parametrize("text", ["null", "3", '"x"', "{", "\x00"])
def test_what_is_no_lesson_is_corrupt(text: str) -> None:
    with pytest.raises(Corrupt):
        read(text)


def test_what_nobody_can_learn_comes_back_as_it_was_shipped() -> None:
    lesson = read(write(Lesson(relevance=replace(RELEVANCE, unknown=None), filter=shipped(), questions=3)))
    assert lesson.relevance.unknown == RELEVANCE.unknown
    assert (lesson.filter, lesson.questions) == (shipped(), 3)
    assert lesson.relevance.both[MINILM] == RELEVANCE.both[MINILM]
