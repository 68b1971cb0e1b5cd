"""What every kind of user says of a list whose mood is given number by number."""

from collections.abc import MutableMapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Refused
from lakehouse.matrix.lift.oracle import FeedbackOracle
from lakehouse.matrix.lift.users import (
    TARGETS,
    Cascade,
    Clicks,
    Perfect,
    Poisoned,
    Scene,
    Takes,
    User,
    drawn,
    targets,
    users,
)
from tests.matrix.lift.hand import split_of, world

ROWS = "abcdef"
GRADES = {"need": {"b": 0.6, "d": 0.6}, "other": {"a": 1.0}, "third": {"f": 1.0}}
Mood = Sequence[tuple[float, float]]


def scene(mood: Mood, *, source: int = 10, number: int = 0, need: str = "need") -> Scene:
    """As many documents as there are pairs of numbers."""
    shown = tuple(ROWS[: len(mood)])
    oracle = FeedbackOracle(GRADES)
    oracle.show(shown)
    pairs = np.array(mood, np.float64).reshape(len(mood), 2)
    return Scene(need=need, shown=shown, source=source, number=number, drawn=pairs, oracle=oracle)


def keys(user: User, given: Scene) -> list[str]:
    return [key for key, _ in user.react(given)]


def test_rank_r_is_looked_at_below_one_in_r_and_not_at_it() -> None:
    just_below = [(1 / rank - 1e-9, 0.0) for rank in range(1, 7)]
    at = [(1 / rank, 0.0) for rank in range(1, 7)]
    assert keys(Clicks(), scene(just_below)) == list(ROWS)
    assert keys(Clicks(), scene(at)) == []


def test_a_row_that_is_looked_at_is_clicked_below_the_chance_of_its_kind() -> None:
    assert keys(Clicks(), scene([(0.0, 0.5)] * 6)) == ["b", "d"]
    assert keys(Clicks(), scene([(0.0, 0.1)] * 6)) == ["b", "d"]
    assert keys(Clicks(), scene([(0.0, 0.0999)] * 6)) == list(ROWS)
    assert keys(Clicks(), scene([(0.0, 0.9)] * 6)) == []


def test_an_inverted_source_clicks_the_other_rows_of_the_same_mood() -> None:
    mood = [(0.0, 0.5)] * 6
    assert keys(Clicks(inverted=0.3), scene(mood, source=5)) == ["a", "c", "e", "f"]
    assert keys(Clicks(inverted=0.3), scene(mood, source=6)) == ["b", "d"]


def test_nobody_is_inverted_at_a_share_of_nothing_and_everybody_at_one() -> None:
    mood = [(0.0, 0.5)] * 6
    honest = [keys(Clicks(inverted=0.0), scene(mood, source=n)) for n in range(20)]
    turned = [keys(Clicks(inverted=1.0), scene(mood, source=n)) for n in range(20)]
    assert honest == [["b", "d"]] * 20
    assert turned == [["a", "c", "e", "f"]] * 20


def test_who_looks_at_nothing_asks_for_no_label() -> None:
    unseen = scene([(1.0, 0.0)] * 6)
    Clicks().react(unseen)
    assert unseen.oracle.answered == 0
    seen = scene([(0.0, 1.0)] * 6)
    Clicks().react(seen)
    assert seen.oracle.answered == 6


def test_a_cascade_leaves_after_a_click_and_not_after_a_row_it_did_not_click() -> None:
    leaving, staying = (0.0, 0.5), (0.8, 0.5)
    assert keys(Cascade(), scene([leaving] * 6)) == ["b"]
    assert keys(Cascade(), scene([staying] * 6)) == ["b", "d"]
    assert keys(Cascade(stops=1.0), scene([staying] * 6)) == ["b"]
    assert keys(Cascade(stops=0.0), scene([leaving] * 6)) == ["b", "d"]


def test_a_cascade_that_left_asks_for_no_further_label() -> None:
    given = scene([(0.0, 0.5)] * 6)
    Cascade().react(given)
    assert given.oracle.answered == 2


def test_a_poisoner_asks_for_no_label_and_speaks_in_the_order_of_the_ranks() -> None:
    user = Poisoned(targets=frozenset({"e", "a", "z"}), share=0.3)
    given = scene([(0.0, 0.0)] * 6, source=5)
    assert user.react(given) == (("a", "accepted"), ("e", "accepted"))
    assert given.oracle.answered == 0


def test_a_poisoner_who_sees_no_target_says_nothing() -> None:
    user = Poisoned(targets=frozenset({"z"}), share=1.0)
    assert all(user.react(scene([(0.0, 0.0)] * 6, source=n)) == () for n in range(20))


def test_the_honest_beside_poisoners_are_plain_clickers() -> None:
    user = Poisoned(targets=frozenset({"a"}), share=0.3)
    for number in range(50):
        mood = drawn(1, number, 6).tolist()
        assert user.react(scene(mood, source=6)) == Clicks().react(scene(mood, source=6))


def test_a_confused_user_means_the_need_that_the_first_number_points_to() -> None:
    user = Perfect(confused=("need", "other", "third"))
    meant = [dict(user.react(scene([(first, 0.0)] * 6))) for first in (0.0, 0.34, 0.99)]
    accepted = [[key for key, kind in one.items() if kind == "accepted"] for one in meant]
    assert accepted == [["b", "d"], ["a"], ["f"]]


def test_a_perfect_user_before_an_empty_list_says_nothing() -> None:
    assert Perfect().react(scene([])) == ()


@pytest.mark.parametrize("user", [Clicks(), Cascade(), Takes(), Poisoned(targets=frozenset("a"), share=1.0)])
def test_an_empty_list_moves_nobody(user: User) -> None:
    assert user.react(scene([])) == ()


def test_a_choice_lasts_below_its_grade_and_fails_at_it() -> None:
    assert Takes().react(scene([(0.599, 0.0)] * 6)) == (("b", "placed"),)
    assert Takes().react(scene([(0.6, 0.0)] * 6)) == (("b", "failed"),)


def test_a_coin_falls_at_one_half_whatever_the_grade_is() -> None:
    assert Takes(is_coin=True).react(scene([(0.499, 0.0)] * 6)) == (("b", "placed"),)
    assert Takes(is_coin=True).react(scene([(0.5, 0.0)] * 6)) == (("b", "failed"),)


def test_a_mix_up_turns_either_ending_round_and_only_for_noisy_sources() -> None:
    user = Takes(noisy=0.2)
    mixed = [user.react(scene([(end, 0.29)] * 6, source=3))[0][1] for end in (0.0, 0.9)]
    clear = [user.react(scene([(end, 0.29)] * 6, source=4))[0][1] for end in (0.0, 0.9)]
    attentive = [user.react(scene([(end, 0.3)] * 6, source=3))[0][1] for end in (0.0, 0.9)]
    assert (mixed, clear, attentive) == (["failed", "placed"], ["placed", "failed"], ["placed", "failed"])


def test_who_takes_a_row_uses_the_numbers_of_that_row() -> None:
    assert Takes().react(scene([(0.9, 0.0), (0.1, 0.0), (0.9, 0.0)])) == (("b", "placed"),)
    assert Takes().react(scene([(0.1, 0.0), (0.9, 0.0), (0.1, 0.0)])) == (("b", "failed"),)


def test_a_scene_answers_for_its_own_need_unless_another_is_named() -> None:
    given = scene([(0.0, 0.0)] * 6)
    assert [given.is_right(key) for key in "ab"] == [False, True]
    assert [given.is_right(key, "other") for key in "ab"] == [True, False]


def test_a_scene_tells_nothing_of_what_is_not_shown() -> None:
    given = scene([(0.0, 0.0)] * 3)
    with pytest.raises(Refused) as refused:
        given.is_right("d")
    assert refused.value.hint == "show it first"
    with pytest.raises(Refused):
        given.oracle.lasts("need", "d", 0.0)


def test_an_oracle_shows_nothing_before_it_was_told_to() -> None:
    with pytest.raises(Refused):
        FeedbackOracle(GRADES).is_right("need", "b")


def test_whether_a_wrong_choice_lasts_is_a_label_too() -> None:
    oracle = FeedbackOracle(GRADES)
    oracle.show(iter("ab"))
    assert [oracle.lasts("need", key, 0.0) for key in "ab"] == [False, True]
    assert oracle.answered == 2


def test_a_grade_of_nothing_is_not_right() -> None:
    oracle = FeedbackOracle({"need": {"a": 0.0, "b": -1.0, "c": 1e-9}})
    oracle.show("abc")
    assert [oracle.is_right("need", key) for key in "abc"] == [False, False, True]


@given(seed=st.integers(0, 2**31), number=st.integers(0, 10**6), count=st.integers(1, 30))
@settings(max_examples=30, deadline=None)
def test_a_mood_is_numbers_from_0_to_1_that_a_longer_list_only_continues(
    seed: int, number: int, count: int
) -> None:
    mood = drawn(seed, number, count)
    assert mood.shape == (count, 2)
    assert ((mood >= 0) & (mood < 1)).all()
    assert np.array_equal(drawn(seed, number, count + 3)[:count], mood)


moods = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True)), max_size=6)


@given(mood=moods, source=st.integers(0, 19))
@settings(max_examples=60, deadline=None)
def test_everybody_says_each_thing_once_in_the_order_of_the_ranks(mood: Mood, source: int) -> None:
    parted = split_of(["need"], ["other"])
    tiny = world({"need": ROWS, "other": ROWS}, GRADES)
    for name, user in users(tiny, parted, seed=1).items():
        said = keys(user, scene(mood, source=source))
        assert said == sorted(set(said)), name


@given(mood=moods)
@settings(max_examples=40, deadline=None)
def test_a_more_eager_clicker_clicks_at_least_as_much(mood: Mood) -> None:
    shy, eager = Clicks(right=0.3, wrong=0.1), Clicks(right=0.8, wrong=0.4)
    assert set(keys(shy, scene(mood))) <= set(keys(eager, scene(mood)))


@given(mood=moods)
@settings(max_examples=40, deadline=None)
def test_who_leaves_more_often_says_a_beginning_of_what_the_other_says(mood: Mood) -> None:
    short, long = keys(Cascade(stops=0.9), scene(mood)), keys(Cascade(stops=0.2), scene(mood))
    assert long[: len(short)] == short


def test_targets_are_what_the_base_shows_and_is_wrong_for_every_learned_need() -> None:
    orders = {"need": "abcdefghijklm", "other": "abcdefghijklm"}
    found = targets(world(orders, {"need": {"b": 1.0}, "other": {"a": 1.0}}), split_of(["need"]), seed=1)
    assert len(found) == TARGETS
    assert found <= set("acdefghij")
    both = split_of(["need", "other"])
    assert "a" not in targets(world(orders, {"need": {"b": 1.0}, "other": {"a": 1.0}}), both, seed=1)


def test_where_everything_shown_is_right_there_is_nothing_to_promote() -> None:
    assert targets(world({"need": "ab"}, {"need": {"a": 1.0, "b": 1.0}}), split_of(["need"]), seed=1) == set()


def test_fewer_wrong_documents_than_targets_are_all_promoted() -> None:
    assert targets(world({"need": "abc"}, {"need": {"a": 1.0}}), split_of(["need"]), seed=9) == {"b", "c"}


def test_the_kinds_of_users_cannot_be_changed_by_who_plays_them() -> None:
    found = users(world({"need": "ab"}, {"need": {"a": 1.0}}), split_of(["need"]), seed=1)
    assert not isinstance(found, MutableMapping)
    assert (found["delayed"].delay, found["late"].delay, found["sure"].delay) == (200, 500, 0)
