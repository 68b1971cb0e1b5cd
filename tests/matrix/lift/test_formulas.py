"""The rivals' formulas on numbers that can be worked out by hand, and what holds of every ranker."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.matrix.lift.arm import Arm, Asked
from lakehouse.matrix.lift.ours import make_ours
from lakehouse.matrix.lift.rivals import (
    RIVALS,
    Cache,
    Distance,
    Knowing,
    Oracle,
    Popularity,
    Similarities,
    Truth,
    ordered,
    wins,
)
from lakehouse.matrix.playbook.events import Outcome, OutcomeKind
from tests.matrix.lift.hand import question

KINDS: tuple[OutcomeKind, ...] = ("placed", "accepted", "clicked", "rejected", "failed")


def said(key: str, kind: OutcomeKind = "accepted", *, value: float | None = None) -> Outcome:
    return Outcome(search_id="s", corpus="lift", key=key, kind=kind, source="s00", at_ms=0, value=value)


def tell(arm: Arm, asked: Asked, *won: str) -> None:
    arm.learn("s", asked, list(asked.order), [said(key) for key in won])


def near(cosine: float, text: str = "near", *, base: dict[str, float]) -> Asked:
    """A question whose cosine to the first axis is this."""
    vector = np.array([cosine, (1 - cosine**2) ** 0.5], np.float32)
    return Asked(text=text, vector=vector, base=base, order=tuple(base))


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_decides_before_the_kind_does(kind: OutcomeKind) -> None:
    assert wins([said("a", kind, value=0.5), said("b", kind, value=0.4999)]) == ("a",)


def test_without_a_value_a_placement_an_acceptance_and_a_click_are_successes() -> None:
    assert wins(said(kind, kind) for kind in KINDS) == ("placed", "accepted", "clicked")


def test_successes_of_nothing_are_none_and_repetitions_count_once() -> None:
    assert wins([]) == ()
    assert wins([said("b"), said("a"), said("b", "rejected"), said("b")]) == ("b", "a")


def test_equal_scores_are_ordered_by_key() -> None:
    assert ordered({"b": 0.5, "ä": 0.5, "a": 0.5, "c": 0.7}) == ["c", "a", "b", "ä"]
    assert ordered({}) == []


def test_a_cache_orders_what_won_equally_often_by_the_base_then_strangers_by_key() -> None:
    arm = Cache()
    tell(arm, question("w", "abcd"), "d", "b", "z", "y")
    assert list(arm.rank(question("w", "abcd"))) == ["b", "d", "y", "z", "a", "c"]


def test_a_cache_folds_case_beyond_ascii_and_nothing_else() -> None:
    arm = Cache()
    tell(arm, question("STRASSE", "ab"), "b")
    assert list(arm.rank(question("straße", "ab"))) == ["b", "a"]
    assert list(arm.rank(question("strasse ", "ab"))) == ["a", "b"]


def test_an_empty_question_is_a_question_to_a_cache() -> None:
    arm = Cache()
    tell(arm, question("", "ab"), "b")
    assert list(arm.rank(question("", "ab"))) == ["b", "a"]


def test_the_most_popular_gains_three_tenths_and_the_others_their_share() -> None:
    arm = Popularity()
    for won in ("c", "c", "b"):
        tell(arm, question("w", "abc"), won)
    close = Asked(text="x", vector=np.zeros(2, np.float32), base={"a": 0.3, "b": 0.16, "c": 0.02}, order=())
    assert list(arm.rank(close)) == ["c", "b", "a"]
    far = replace(close, base={"a": 0.33, "b": 0.16, "c": 0.02})
    assert list(arm.rank(far)) == ["a", "c", "b"]


def test_popularity_brings_nothing_in_that_is_no_candidate() -> None:
    arm = Popularity()
    tell(arm, question("w", "abz"), "z")
    assert list(arm.rank(question("w", "ab"))) == ["a", "b"]


def test_a_distance_is_halved_at_the_edge_of_its_reach_and_not_beyond() -> None:
    arm = Distance()
    tell(arm, near(1.0, "old", base={"b": 1.0}), "b")
    given = {"a": 0.9, "b": 0.2}  # at .55 and .9: halved, b is at .45
    assert list(arm.rank(near(0.5, base=given))) == ["b", "a"]
    assert list(arm.rank(near(0.4999, base=given))) == ["a", "b"]


def test_an_answer_from_outside_stands_at_half_the_distance_of_its_question() -> None:
    arm = Distance()
    tell(arm, near(1.0, "old", base={"x": 1.0}), "x")
    given = {"a": 1.0, "b": 0.9}  # at .5 and .55
    assert list(arm.rank(near(0.8, base=given))) == ["x", "a", "b"]  # x at .1
    assert list(arm.rank(near(0.7999, base=given))) == ["a", "b"]


def test_the_answer_that_is_remembered_is_the_first_that_was_shown() -> None:
    arm = Distance()
    arm.learn("s", near(1.0, base={"a": 1.0}), ["c", "b"], [said("b"), said("c")])
    assert list(arm.rank(near(1.0, base={"b": 0.5, "c": 0.5}))) == ["c", "b"]


def test_a_success_that_was_not_shown_is_no_answer() -> None:
    arm = Distance()
    arm.learn("s", near(1.0, base={"a": 1.0}), ["a"], [said("z")])
    assert list(arm.rank(near(1.0, base={"a": 0.5}))) == ["a"]


def test_similarity_is_worth_three_tenths_of_a_success_and_never_more_than_a_quarter() -> None:
    arm = Similarities()
    tell(arm, near(1.0, "old", base={"b": 1.0}), "b")
    assert list(arm.rank(near(0.5, base={"a": 0.64, "b": 0.5}))) == ["b", "a"]  # b gains .15
    assert list(arm.rank(near(0.5, base={"a": 0.66, "b": 0.5}))) == ["a", "b"]
    assert list(arm.rank(near(1.0, base={"a": 0.76, "b": 0.5}))) == ["a", "b"]  # .30 is cut to .25
    assert list(arm.rank(near(1.0, base={"a": 0.74, "b": 0.5}))) == ["b", "a"]


def test_an_opposite_question_takes_nothing_away() -> None:
    arm = Similarities()
    tell(arm, near(1.0, "old", base={"a": 1.0}), "a")
    assert list(arm.rank(near(-1.0, base={"a": 0.5001, "b": 0.5}))) == ["a", "b"]


def test_the_same_words_with_another_vector_replace_the_one_that_was_held() -> None:
    arm = Similarities()
    tell(arm, near(1.0, "same", base={"b": 1.0}), "b")
    tell(arm, near(0.0, "same", base={"c": 1.0}), "c")
    assert list(arm.rank(near(1.0, base={"a": 0.6, "b": 0.5, "c": 0.4}))) == ["a", "b", "c"]


def truth() -> Truth:
    return Truth(need={"w": "n", "v": "m"}, grades={"n": {"b": 1.0, "c": 2.0, "z": 3.0, "y": 0.0}, "m": {}})


def test_an_oracle_puts_what_it_saw_by_grade_and_the_wrong_last() -> None:
    arm = Oracle(truth())
    arm.learn("s", question("w", "abcd"), ["a", "b", "c", "y"], [])
    assert list(arm.rank(question("w", ["a", "y", "d", "b", "c"]))) == ["c", "b", "d", "a", "y"]


def test_an_oracle_brings_in_what_it_saw_and_not_what_is_gone() -> None:
    arm = Oracle(truth())
    arm.learn("s", question("w", "ab"), ["z", "b"], [])
    assert list(arm.rank(question("w", "ab"))) == ["z", "b", "a"]
    assert list(arm.rank(replace(question("w", "ab"), gone=frozenset("z")))) == ["b", "a"]


def test_an_oracle_keeps_needs_apart() -> None:
    arm = Oracle(truth())
    arm.learn("s", question("w", "abc"), ["a", "b", "c"], [])
    assert list(arm.rank(question("v", "abc"))) == ["a", "b", "c"]


def test_an_oracle_of_a_question_it_never_heard_of_fails_loudly() -> None:
    with pytest.raises(KeyError):
        Oracle(truth()).rank(question("unheard", "ab"))


def test_knowing_sorts_the_first_ten_alone_and_leaves_ties_to_the_base() -> None:
    arm = Knowing(Truth(need={"w": "n"}, grades={"n": {"c": 0.5, "d": 0.5, "k": 1.0}}))
    assert list(arm.rank(question("w", "abcdefghijkl"))) == list("cdabefghijkl")


candidates = st.lists(st.text("abcdefgh", min_size=1, max_size=2), unique=True, min_size=1, max_size=8)
searches = st.lists(st.tuples(st.sampled_from("uvw"), candidates, st.integers(0, 7)), max_size=6)
EVERY = (*RIVALS, "ours")


@given(past=searches, keys=candidates, text=st.sampled_from("uvwx"))
@settings(max_examples=40, deadline=None)
def test_every_ranker_keeps_all_candidates_once_and_asking_changes_nothing(
    past: list[tuple[str, list[str], int]], keys: list[str], text: str
) -> None:
    for name in EVERY:
        arm = make_ours() if name == "ours" else RIVALS[name]()
        for said_text, shown, place in past:
            asked = question(said_text, shown, place="uvwx".index(said_text))
            tell(arm, asked, shown[place % len(shown)])
        now = question(text, keys, place="uvwx".index(text))
        first = list(arm.rank(now))
        assert len(first) == len(set(first)), name
        assert set(keys) <= set(first) <= {*keys, *(key for _, shown, _ in past for key in shown)}, name
        assert list(arm.rank(now)) == first, name


@given(past=searches, keys=candidates)
@settings(max_examples=40, deadline=None)
def test_no_ranker_brings_in_what_is_gone(past: list[tuple[str, list[str], int]], keys: list[str]) -> None:
    gone = frozenset(key for _, shown, _ in past for key in shown) - set(keys)
    for name in EVERY:
        arm = make_ours() if name == "ours" else RIVALS[name]()
        for text, shown, place in past:
            tell(arm, question(text, shown), shown[place % len(shown)])
        assert not gone & set(arm.rank(replace(question("u", keys), gone=gone))), name


@given(keys=candidates, times=st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_a_success_never_lowers_its_own_document(keys: list[str], times: int) -> None:
    asked = question("w", keys)
    won = keys[-1]
    for name in RIVALS:
        arm, places = RIVALS[name](), [len(keys) - 1]
        for _ in range(times):
            tell(arm, asked, won)
            places.append(list(arm.rank(asked)).index(won))
        assert places == sorted(places, reverse=True), name
