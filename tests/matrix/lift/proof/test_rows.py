"""Rows, duels, curves and strata of results that were written down by hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.matrix.lift.attack import Attacked
from lakehouse.matrix.lift.ground.split import traffic
from lakehouse.matrix.lift.outcome import Done
from lakehouse.matrix.lift.proof import arrivals, results
from lakehouse.matrix.lift.proof.results import Row
from tests.matrix.lift.hand import done, played, scores, task
from tests.matrix.lift.proof.given import BASE, OURS, P4, PARTED, R0, WORLD, curved, duel, judged, one


def rows(*dones: Done) -> dict[str, Row]:
    return {found.of: found for found in results.rows(dones, {"hand": WORLD})}


def test_a_row_averages_wordings_within_their_need_before_it_compares() -> None:
    found = rows(one())["paraphrase"]
    assert (found.base, found.ndcg) == (round(1.1 / 3, 6), round(1.6 / 3, 6))  # by question
    assert (found.lift.needs, found.lift.mean) == (2, 0.1)  # by need: p gains .3, q loses .1


def test_hurt_and_helped_are_shares_of_questions() -> None:
    found = rows(one())["paraphrase"]
    assert (found.hurt, found.helped) == (round(1 / 3, 6), round(2 / 3, 6))
    assert (found.first, found.recall) == (1.0, 0.0)


def test_classes_without_a_question_have_no_row_and_the_traffic_has_two() -> None:
    assert list(rows(one())) == ["paraphrase", "live", "last third"]


def test_the_last_third_is_the_last_third_of_the_arrivals() -> None:
    found = rows(one())
    assert (found["live"].base, found["live"].ndcg) == (round(2 / 6, 6), 0.5)
    assert (found["last third"].base, found["last third"].ndcg) == (0.5, 1.0)
    assert found["live"].lift.mean == pytest.approx(1 / 6, abs=1e-6)
    assert found["last third"].lift.mean == 0.5


def test_the_needs_of_the_traffic_are_those_that_were_played() -> None:
    needs = {WORLD.questions[a.question].need for a in traffic(WORLD, PARTED, seed=1, count=6)}
    assert rows(one())["live"].lift.needs == len(needs)


def test_a_seed_that_an_arm_did_not_play_counts_for_the_others_only() -> None:
    other = done(task(seed=2), PARTED, none=BASE, cache=OURS)
    found = {(r.arm, r.of): r for r in results.rows([one(), other], {"hand": WORLD})}
    assert found["ours", "live"] == rows(one())["live"]
    assert ("cache", "paraphrase") in found


def test_seeds_that_differ_are_averaged_within_the_need() -> None:
    found = rows(one(), one(BASE, BASE, seed=2))["paraphrase"]
    assert (found.lift.needs, found.lift.mean) == (2, 0.05)
    assert found.hurt == round(1 / 6, 6)


def test_what_is_no_stream_is_in_no_group() -> None:
    attack = done(task("attack", "focused"), PARTED, ours=(Attacked(need="p", base=30, worst=3, end=5),))
    assert results.grouped([attack]) == {}
    found = results.grouped([one(), attack, one(seed=2)])
    assert {group: len(seeds) for group, seeds in found.items()} == {("hand", "stream", "perfect"): 2}


def test_what_has_no_stream_says_which_kind_it_is() -> None:
    told = done(task("rejudged", ""), PARTED, ours=judged())
    with pytest.raises(Invalid, match="rejudged") as refused:
        results.played(told, "ours")
    assert "STREAMS" in (refused.value.hint or "")


def test_arms_come_in_the_order_in_which_they_ran_without_the_control() -> None:
    first = done(task(), PARTED, ours=OURS, none=BASE)
    second = done(task(seed=2), PARTED, cache=BASE, ours=OURS)
    assert results.arms([first, second]) == ("ours", "cache")
    assert results.arms([]) == ()


def fought(ours: float, rival: float, *, name: str = "hand", user: str = "perfect") -> Done:
    """Both arms are alike but for the question of the new need."""
    alike = {"verbatim": scores([0], [0.5]), "paraphrase": scores([P4], [0.5])}
    sides = {
        arm: played([0.0], **alike, new=scores([R0], [value]))
        for arm, value in (("ours", ours), ("cache", rival))
    }
    return done(replace(task(user=user), world=name), PARTED, **sides)


def test_a_duel_is_fought_where_both_ran_and_in_streams_only() -> None:
    dones = [fought(0.9, 0.2), one(user="clicks")]
    found = results.duels(dones, {"hand": WORLD}, ours="ours", rivals=("cache", "distance"))
    classes = ("live", "verbatim", "paraphrase", "new")
    assert [(d.user, d.rival, d.of) for d in found] == [("perfect", "cache", of) for of in classes]
    dead = replace(dones[0], task=task("dead documents"))
    assert results.duels([dead], {"hand": WORLD}, ours="ours", rivals=("cache",)) == ()


def test_holm_counts_the_collections_of_one_rival_user_and_class() -> None:
    worlds = dict.fromkeys(("hand", "other", "third"), WORLD)
    dones = [fought(0.9, 0.2, name=name) for name in worlds]
    alone = results.duels(dones[:1], worlds, ours="ours", rivals=("cache",))
    three = results.duels([*dones, fought(0.1, 0.2, user="clicks")], worlds, ours="ours", rivals=("cache",))
    news = [d for d in three if (d.of, d.user) == ("new", "perfect")]
    assert [d.lift.mean for d in news] == [0.7] * 3
    assert {d.holm for d in news} == {min(round(3 * alone[-1].lift.p, 6), 1.0)}
    assert not any(d.is_won for d in three), "one need proves nothing"


@pytest.mark.parametrize(
    ("mean", "holm", "won"), [(0.1, 0.049, True), (0.1, 0.05, False), (0.0, 0.0, False), (-0.1, 0.0, False)]
)
def test_a_duel_is_won_by_being_better_and_not_by_chance(mean: float, holm: float, won: bool) -> None:
    assert duel(mean, holm).is_won is won


def test_a_curve_has_the_mean_lift_of_every_checkpoint_that_all_seeds_have() -> None:
    found = results.curves([curved(0.0, 0.1, 0.3), replace(curved(0.0, 0.3), task=task(seed=2))])
    assert [c.points for c in found if c.of == "paraphrase"] == [((0, 0.0), (10, 0.2))]


def test_one_measurement_is_no_curve() -> None:
    assert results.curves([curved(0.4)]) == ()


@pytest.mark.parametrize(
    ("near", "place"),
    [(0.0, 0), (0.4999, 0), (0.5, 1), (0.6499, 1), (0.65, 2), (0.8499, 2), (0.85, 3), (1.0, 3)],
)
def test_a_stratum_begins_at_its_lower_bound(near: float, place: int) -> None:
    assert results.stratum(near) == results.NAMES[place]


def test_strata_part_other_words_of_a_need_from_needs_like_none_before() -> None:
    ours = played([0.0] * 40, paraphrase=scores([P4], [0.6]), new=scores([R0], [0.1]))
    base = played([0.0] * 40, paraphrase=scores([P4], [0.2]), new=scores([R0], [0.3]))
    found = results.strata([one(ours, base)], "ours", WORLD)
    assert found[results.NAMES[0]] == (1, -0.2)
    assert sum(count for count, _ in found.values()) == 2
    assert sum(lift for _, lift in found.values()) == pytest.approx(0.2)


def test_without_an_arm_there_are_no_strata() -> None:
    assert results.strata([one()], "cache", WORLD) == {}


def test_lift_along_the_traffic_is_only_of_followed_streams() -> None:
    unfollowed = replace(one(), task=task())
    assert arrivals.along([unfollowed]) == ()
    (found,) = arrivals.along([one(), unfollowed])
    assert (found.arm, found.of, found.points[-1]) == ("ours", "live", (6, 0.5))


lifts = st.lists(st.floats(-1, 1), min_size=1, max_size=200)


@given(changes=st.lists(lifts, min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_points_end_at_the_shortest_seed_and_lie_within_its_values(changes: Sequence[list[float]]) -> None:
    found = arrivals.points([np.array(change) for change in changes])
    count, places = min(map(len, changes)), [n for n, _ in found]
    assert places == sorted(set(places))
    assert (places[-1], places[0] >= 1) == (count, True)
    assert len(found) == min(count, arrivals.POINTS)
    low, high = min(map(min, changes)), max(map(max, changes))
    assert all(low - 1e-6 <= lift <= high + 1e-6 for _, lift in found)


@given(values=st.lists(st.floats(-1, 1), max_size=20))
@settings(max_examples=40, deadline=None)
def test_a_rounded_mean_has_no_negative_zero(values: list[float]) -> None:
    found = results.rounded(np.array(values))
    assert str(found) != "-0.0"
    assert found == pytest.approx(sum(values) / max(len(values), 1), abs=1e-6)
