"""A ranking and what was learned become one: each candidate once, nothing moved without a boost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.search.blend import Blended, blend
from lakehouse.search.hits import Learning
from lakehouse.search.learned import Row

ROWS = st.tuples(st.sampled_from(["jobs", "people"]), st.text("abcdef", min_size=1, max_size=2))
BASE = st.dictionaries(ROWS, st.floats(0, 1), max_size=20)
BOOSTS = st.dictionaries(ROWS, st.floats(-0.129, 0.3), max_size=20)
K = st.integers(1, 12)


def row(key: str) -> Row:
    return ("jobs", key)


def keys(ranked: tuple[Blended, ...]) -> str:
    return "".join(one.row[1] for one in ranked)


@given(BASE, BOOSTS, K)
def test_every_candidate_comes_once_and_of_the_others_only_those_that_may_join(
    base: dict[Row, float], boosts: dict[Row, float], k: int
) -> None:
    joining = frozenset(one for one in boosts if one[0] == "jobs")
    ranked, _ = blend(base, boosts, injected=joining, k=k)
    assert sorted(one.row for one in ranked) == sorted(base.keys() | joining)
    assert {one.row for one in ranked if one.is_injected} == joining - base.keys()


@given(BASE, K)
def test_without_boosts_nothing_moves_and_nothing_is_counted(base: dict[Row, float], k: int) -> None:
    ranked, learning = blend(base, {}, injected=frozenset(), k=k)
    assert [one.row for one in ranked] == sorted(base, key=lambda one: (-base[one], one))
    assert all((one.score, one.boost) == (one.base, None) for one in ranked)
    assert learning == Learning()


@given(BASE, BOOSTS, K)
def test_a_score_is_the_base_and_the_boost_and_best_comes_first(
    base: dict[Row, float], boosts: dict[Row, float], k: int
) -> None:
    ranked, _ = blend(base, boosts, injected=frozenset(boosts), k=k)
    for one in ranked:
        assert one.base == base.get(one.row, min(base.values(), default=0.0))
        assert one.score == one.base + boosts.get(one.row, 0.0)
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)


@given(BASE, BOOSTS, K)
def test_the_order_in_which_rows_are_handed_over_changes_nothing(
    base: dict[Row, float], boosts: dict[Row, float], k: int
) -> None:
    turned = blend(dict(reversed(base.items())), boosts, injected=frozenset(boosts), k=k)
    assert turned == blend(base, boosts, injected=frozenset(boosts), k=k)


@given(BASE, BOOSTS, K)
def test_counters_are_what_can_be_counted_by_hand(
    base: dict[Row, float], boosts: dict[Row, float], k: int
) -> None:
    ranked, learning = blend(base, boosts, injected=frozenset(boosts), k=k)
    before = sorted(base, key=lambda one: (-base[one], one))
    shown = [one.row for one in ranked[:k]]
    assert learning.computed == len(boosts)
    assert learning.hit == len(set(boosts) & set(base))
    assert learning.injected == sum(one not in base for one in shown)
    assert learning.moved == sum(before[at : at + 1] != [one] for at, one in enumerate(shown))


def test_a_row_that_joins_has_the_lowest_base_and_not_that_of_its_neighbour() -> None:
    base = {row("a"): 0.9, row("b"): 0.2}
    ranked, learning = blend(base, {row("c"): 0.3}, injected=frozenset({row("c")}), k=10)
    assert keys(ranked) == "acb"
    assert (ranked[1].base, ranked[1].score, ranked[1].is_injected) == (0.2, pytest.approx(0.5), True)
    assert learning == Learning(computed=1, hit=0, moved=2, injected=1)


def test_a_boost_overtakes_what_it_is_bound_to_overtake_and_no_more() -> None:
    base = {row("a"): 0.9, row("b"): 0.8, row("c"): 0.55}
    assert keys(blend(base, {row("c"): 0.3}, injected=frozenset(), k=3)[0]) == "acb"
    assert keys(blend(base, {row("a"): -0.129}, injected=frozenset(), k=3)[0]) == "bac"


@pytest.mark.parametrize("k", [1, 2])
def test_only_what_is_shown_counts_as_moved(k: int) -> None:
    base = {row("a"): 0.9, row("b"): 0.5, row("c"): 0.4}
    learning = blend(base, {row("c"): 0.2}, injected=frozenset(), k=k)[1]
    assert learning.moved == (0 if k == 1 else 1)
