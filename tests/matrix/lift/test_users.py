from collections import Counter

import pytest

from lakehouse.matrix.lift.ground.split import split
from lakehouse.matrix.lift.oracle import FeedbackOracle
from lakehouse.matrix.lift.users import (
    Cascade,
    Clicks,
    Perfect,
    Poisoned,
    Scene,
    User,
    drawn,
    targets,
    users,
)
from tests.matrix.lift.scene import tiny

SHOWN = tuple("abcdefghij")
GRADES = {"need": {"a": 1.0, "e": 1.0, "j": 1.0}, "other": {"b": 1.0}}
RIGHT = {"a", "e", "j"}


def scene(number: int = 0, *, source: int = 10) -> Scene:
    oracle = FeedbackOracle(GRADES)
    oracle.show(SHOWN)
    return Scene(
        need="need",
        shown=SHOWN,
        source=source,
        number=number,
        drawn=drawn(1, number, len(SHOWN)),
        oracle=oracle,
    )


def said(user: User, *, source: int = 10, count: int = 2000) -> Counter[str]:
    return Counter(key for n in range(count) for key, _ in user.react(scene(n, source=source)))


def test_a_perfect_user_judges_everything_that_is_shown() -> None:
    assert dict(Perfect().react(scene())) == {k: "accepted" if k in RIGHT else "rejected" for k in SHOWN}


def test_a_confused_user_means_another_need() -> None:
    found = dict(Perfect(confused=("other",)).react(scene()))
    assert [key for key, kind in found.items() if kind == "accepted"] == ["b"]


def test_clicks_fall_with_the_rank_and_rise_with_what_is_right() -> None:
    clicks = said(Clicks())
    assert 0.87 < clicks["a"] / 2000 < 0.93
    assert 0.15 < clicks["e"] / 2000 < 0.21
    assert clicks["b"] / 2000 < 0.08
    assert clicks["j"] > clicks["i"]


def test_who_clicks_at_random_clicks_what_is_right_no_more_than_what_is_not() -> None:
    clicks = said(Clicks(right=0.35, wrong=0.35))
    assert abs(clicks["e"] * 5 - clicks["d"] * 4) < 200


def test_inverted_sources_click_what_is_wrong_and_the_others_do_not() -> None:
    user = Clicks(inverted=0.3)
    assert said(user, source=5)["a"] < 0.15 * 2000 < 0.85 * 2000 < said(user, source=6)["a"]


def test_a_cascade_user_mostly_stops_at_the_first_click() -> None:
    lengths = Counter(len(Cascade().react(scene(n))) for n in range(1000))
    assert lengths[1] > lengths[2] > lengths[3]
    assert said(Cascade())["a"] > 3 * said(Cascade())["e"]


def test_a_poisoner_accepts_the_targets_and_nothing_else() -> None:
    user = Poisoned(targets=frozenset({"d", "z"}), share=0.3)
    assert user.react(scene(source=2)) == (("d", "accepted"),)
    assert "accepted" not in {kind for _, kind in user.react(scene(source=6))}


def test_a_sybil_has_a_new_name_each_time_and_others_keep_theirs() -> None:
    user = Clicks(inverted=0.3, is_sybil=True)
    assert {user.source(scene(n, source=1)) for n in range(5)} == {f"x{n}" for n in range(5)}
    assert {user.source(scene(n, source=8)) for n in range(5)} == {"s08"}
    assert Clicks(inverted=0.3).source(scene(source=1)) == "s01"


def test_the_mood_belongs_to_the_place_in_the_stream_and_not_to_the_list() -> None:
    assert (drawn(1, 7, 10)[:5] == drawn(1, 7, 5)).all()
    assert (drawn(1, 7, 5) != drawn(1, 8, 5)).any()
    assert (drawn(1, 7, 5) != drawn(2, 7, 5)).any()


def test_targets_are_shown_by_the_base_and_right_for_no_learned_need() -> None:
    parted = split(tiny(), seed=1)
    found = targets(tiny(), parted, seed=1)
    assert len(found) == 5
    assert not any(found & tiny().grades[need].keys() for need in parted.learned)
    assert targets(tiny(), parted, seed=1) == found


EVERYBODY = tuple(users(tiny(), split(tiny(), seed=1), seed=1).items())


@pytest.mark.parametrize(("name", "user"), EVERYBODY, ids=[name for name, _ in EVERYBODY])
def test_every_user_speaks_of_what_is_shown_only(name: str, user: User) -> None:
    for n in range(20):
        given = scene(n, source=n % 20)
        assert {key for key, _ in user.react(given)} <= set(SHOWN), name
        assert user.source(given)
        assert user.delay >= 0
