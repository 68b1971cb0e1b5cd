"""One ranking out of many corpora: by probability, each in its own order, with reasons for everything."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.matrix.corpus import card
from lakehouse.matrix.features import Side
from lakehouse.matrix.filter import Filter
from lakehouse.matrix.merge import NOT_IN_THE_DATA, Ranking, keep, merge
from lakehouse.matrix.shipped import MINILM

RIGHT = {"meaning": 0.7, "words": 0.5}
WRONG = {"meaning": 0.25, "words": 0.05}


def side(name: str, *, meaning: float, words: float, n: int = 10, model: str = MINILM) -> Side:
    """A corpus whose best row has these scores, the others less and less."""
    falling = np.linspace(1, 0.5, n)
    return Side(
        corpus=name,
        keys=tuple(f"{name}{at}" for at in range(n)),
        own=np.linspace(1, 0, n),
        meaning=meaning * falling if model else np.full(n, np.nan),
        words=words * falling,
        model=model,
    )


def names(ranking: Ranking) -> list[str]:
    return [one.corpus for one in ranking.candidates]


def test_the_corpus_that_answers_comes_first_and_the_others_do_not_take_turns() -> None:
    ranking = merge([side("wrong", **WRONG), side("right", **RIGHT), side("other", **WRONG)], {})
    assert names(ranking)[:10] == ["right"] * 10
    assert len(ranking.candidates) == 30


def test_every_corpus_keeps_its_own_order() -> None:
    shuffled = side("a", **RIGHT)
    meaning = shuffled.meaning[::-1].copy()  # its own ranking knows better than the figures
    odd = Side(
        corpus="a", keys=shuffled.keys, own=shuffled.own, meaning=meaning, words=shuffled.words, model=MINILM
    )
    ranking = merge([odd, side("b", **WRONG)], {})
    assert [one.key for one in ranking.candidates if one.corpus == "a"] == list(odd.keys)


def test_one_corpus_alone_is_ranked_as_it_ranks_itself_with_its_own_scores() -> None:
    alone = side("a", **RIGHT)
    ranking = merge([alone], {})
    assert [one.base for one in ranking.candidates] == alone.own.tolist()
    assert [one.own_rank for one in ranking.candidates] == list(range(1, 11))


@given(st.lists(st.tuples(st.floats(-0.2, 1), st.floats(0, 1), st.integers(0, 12)), min_size=1, max_size=6))
def test_scores_fall_bases_fall_with_them_and_nobody_is_lost(corpora: list[tuple[float, float, int]]) -> None:
    sides = [side(f"c{at}", meaning=m, words=w, n=n) for at, (m, w, n) in enumerate(corpora)]
    found = merge(sides, {}).candidates
    assert sorted((one.corpus, one.key) for one in found) == sorted(
        (one.corpus, key) for one in sides for key in one.keys
    )
    scores, bases = [one.score for one in found], [one.base for one in found]
    assert scores == sorted(scores, reverse=True)
    assert bases == sorted(bases, reverse=True)
    assert all(0 <= one.p <= 1 and 0 <= one.base <= 1 for one in found)


def test_a_weight_multiplies_the_odds_and_leaves_the_probability() -> None:
    sides = [side("a", **RIGHT), side("b", **RIGHT)]
    plain = merge(sides, {})
    heavy = merge(sides, {"b": replace(card("b"), weight=3.0)})
    assert names(plain)[:2] == ["a", "b"]
    assert heavy.candidates[0].corpus == "b"
    first = heavy.candidates[0]
    assert first.score / (1 - first.score) == pytest.approx(3 * first.p / (1 - first.p))
    assert first.p == plain.candidates[1].p


def test_the_same_rows_in_another_order_of_corpora_rank_the_same() -> None:
    sides = [side("a", **RIGHT), side("b", meaning=0.65, words=0.5), side("c", **WRONG)]
    there = [one.key for one in merge(sides, {}).candidates]
    assert there == [one.key for one in merge(sides[::-1], {}).candidates]


def test_a_corpus_of_words_only_and_one_of_another_model_join_in() -> None:
    lexical = side("lexical", meaning=0, words=0.9, model="")
    foreign = side("foreign", meaning=0.9, words=0.05, model="another")
    ranking = merge([side("poor", **WRONG), lexical, foreign], {})
    assert names(ranking)[0] == "lexical"
    assert "meaning" not in ranking.candidates[0].parts()
    assert names(ranking).index("foreign") > 0  # a high cosine of an unknown model proves nothing


def test_nothing_found_is_an_empty_ranking_and_an_honest_answer() -> None:
    ranking = merge([side("a", **RIGHT, n=0)], {})
    assert ranking == Ranking(candidates=(), evidence=None)
    kept = keep(ranking, k=10, by=None)
    assert not kept.is_answered
    assert kept.why == f"{NOT_IN_THE_DATA}: no corpus found anything"
    assert merge([], {}).candidates == ()


def test_a_question_without_evidence_is_not_answered_and_what_was_dropped_can_be_seen() -> None:
    ranking = merge([side("a", **WRONG), side("b", **WRONG)], {})
    kept = keep(ranking, k=5, by=Filter(level=0.5, source="test"))
    assert kept.hits == ()
    assert not kept.is_answered
    assert kept.why.startswith(NOT_IN_THE_DATA)
    assert [one.candidate for one in kept.dropped] == list(ranking.candidates[:5])
    assert all(one.why for one in kept.dropped)


def test_the_right_corpus_missing_is_noticed_though_the_best_of_the_rest_has_no_gap() -> None:
    with_it = merge([side("right", **RIGHT), side("wrong", **WRONG)], {})
    without = merge([side("wrong", **WRONG)], {})
    assert with_it.evidence is not None
    assert without.evidence is not None
    assert with_it.evidence > 0.9
    assert without.evidence < 0.1


def test_unlikely_rows_are_dropped_one_by_one_with_the_reason() -> None:
    ranking = merge([side("right", **RIGHT, n=3), side("wrong", **WRONG, n=3)], {})
    kept = keep(ranking, k=6, by=Filter(level=0.5, source="test"))
    assert {one.corpus for one in kept.hits} == {"right"}
    assert [one.candidate.corpus for one in kept.dropped].count("wrong") == 3
    assert {*kept.hits, *(one.candidate for one in kept.dropped)} == set(ranking.candidates)
    assert "10%" in kept.dropped[0].why
    assert kept.is_answered


def test_the_floor_of_a_corpus_drops_its_rows_only_even_without_a_filter() -> None:
    cards = {"a": replace(card("a"), floor=0.99)}
    ranking = merge([side("a", **RIGHT, n=2), side("b", **WRONG, n=2)], cards)
    kept = keep(ranking, k=4, by=None)
    assert [one.corpus for one in kept.hits] == ["b", "b"]
    assert "floor of a, 0.99" in kept.dropped[0].why


def test_without_a_filter_all_of_the_first_k_are_shown() -> None:
    ranking = merge([side("a", **WRONG)], {})
    assert keep(ranking, k=4, by=None).hits == ranking.candidates[:4]


def test_cosines_of_an_unknown_model_are_never_reason_to_refuse() -> None:
    unknown = Side(
        corpus="a", keys=("1",), own=np.ones(1), meaning=np.array([0.1]), words=np.array([np.nan]), model="?"
    )
    ranking = merge([unknown], {})
    assert ranking.evidence is None
    assert keep(ranking, k=1, by=Filter(level=0.0, source="none")).is_answered


def test_every_hit_says_where_it_comes_from_and_why_it_stands_there() -> None:
    cards = {"b": replace(card("b"), weight=2.0)}
    last = merge([side("a", **RIGHT, n=1), side("b", **WRONG, n=1)], cards).candidates[-1]
    assert last.why() == (
        "b #1: meaning 0.25, words 0.05, own ranking 1.00; "
        f"its corpus is behind the best 0.45 by meaning, 0.45 by words; P {last.p:.2f}, weight 2"
    )
    assert last.parts() == {
        "meaning": 0.25, "words": 0.05, "own": 1.0, "meaning_gap": -0.45, "words_gap": -0.45
    }  # fmt: skip
