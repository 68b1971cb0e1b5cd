"""Where a user takes one row, and only time tells whether the choice was good."""

from collections import Counter
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from lakehouse.base.errors import Refused
from lakehouse.matrix.lift.attack import BELOW, NOWHERE, attack, place, victims
from lakehouse.matrix.lift.ground.split import split, traffic
from lakehouse.matrix.lift.ground.world import LASTING, METRICS, Kept, World, lasting
from lakehouse.matrix.lift.oracle import FeedbackOracle
from lakehouse.matrix.lift.ours import make_ours
from lakehouse.matrix.lift.plan import OURS, PLACED, arm, tasks
from lakehouse.matrix.lift.proof import figures
from lakehouse.matrix.lift.proof.floors import judge
from lakehouse.matrix.lift.rivals import Knowing, Nothing, Truth
from lakehouse.matrix.lift.run import run
from lakehouse.matrix.lift.stream import Setting, lawful, play
from lakehouse.matrix.lift.users import SOURCES, Scene, Takes, drawn
from tests.matrix.lift.scene import tiny

GRADES = {"need": {"b": 0.9, "c": 0.2}}
SHOWN = ("a", "b", "c")


@lru_cache(maxsize=1)
def placing() -> World:
    """The small world, where whatever a topic holds is right and lasts by chance."""
    chances = np.random.default_rng(9).random(len(tiny().documents)).round(3)
    lasts = dict(zip(tiny().documents, chances.tolist(), strict=True))
    grades = {
        need: {key: lasts[key] for key in lasts if key[:3] == f"d{need[1:3]}"} for need in tiny().grades
    }
    kept = {"role": Kept(shown=10, meeting=9)}
    return replace(tiny(), metric=LASTING, grades=grades, is_parted=True, kept=kept)


def scene(number: int = 0, *, source: int = 10) -> Scene:
    oracle = FeedbackOracle(GRADES)
    oracle.show(SHOWN)
    return Scene(
        need="need", shown=SHOWN, source=source, number=number, drawn=drawn(1, number, 3), oracle=oracle
    )


def told(user: Takes, *, source: int = 10, count: int = 2000) -> Counter[tuple[str, str]]:
    return Counter(said for n in range(count) for said in user.react(scene(n, source=source)))


def test_the_chance_to_last_is_that_of_the_first_right_row_of_ten() -> None:
    assert lasting(["x", "c", "b"], GRADES["need"]) == 0.2
    assert lasting(["x"] * 10 + ["b"], GRADES["need"]) == 0
    assert METRICS[LASTING] is lasting


def test_the_first_right_row_is_taken_and_nothing_is_said_of_others() -> None:
    found = told(Takes())
    assert {key for key, _ in found} == {"b"}
    assert sum(found.values()) == 2000
    assert 0.88 < found["b", "placed"] / 2000 < 0.92


def test_some_sources_mix_up_how_it_ended_and_the_others_do_not() -> None:
    user = Takes(noisy=0.2)
    assert 0.60 < told(user, source=0)["b", "placed"] / 2000 < 0.72
    assert told(user, source=int(0.2 * SOURCES)) == told(Takes())


def test_a_coin_knows_nothing_of_the_choice() -> None:
    assert 0.46 < told(Takes(is_coin=True))["b", "placed"] / 2000 < 0.54


def test_where_nothing_is_right_nothing_is_said() -> None:
    given = scene()
    given.oracle.show(("a",))
    assert Takes().react(replace(given, shown=("a",), drawn=drawn(1, 0, 1))) == ()


def test_how_long_a_choice_lasts_is_told_of_shown_rows_alone() -> None:
    oracle = FeedbackOracle(GRADES)
    oracle.show(("a", "b"))
    assert oracle.lasts("need", "b", 0.89)
    assert not oracle.lasts("need", "b", 0.9)
    assert not oracle.lasts("need", "a", 0.0)
    with pytest.raises(Refused):
        oracle.lasts("need", "c", 0.0)


def test_the_oracle_puts_the_best_of_the_ten_shown_first_and_learns_nothing() -> None:
    world = placing()
    need = {a.text: q.need for q, a in zip(world.questions, world.asked, strict=True)}
    knowing = Knowing(Truth(need=need, grades=world.grades))
    for question, asked in zip(world.questions, world.asked, strict=True):
        ranked = knowing.rank(asked)
        grades = world.grades[question.need]
        assert set(ranked[:10]) == set(asked.order[:10])
        assert grades.get(ranked[0], 0.0) == max(grades.get(key, 0.0) for key in asked.order[:10])
        assert tuple(ranked[10:]) == asked.order[10:]
    assert isinstance(arm("oracle", world, lambda _: Nothing()), Knowing)


def test_every_need_of_a_parted_world_is_another_one() -> None:
    vectors = {a.vector.tobytes() for a in placing().asked}
    same = replace(
        placing(), asked=tuple(replace(a, vector=placing().asked[0].vector) for a in placing().asked)
    )
    assert len(vectors) > 1
    parted = split(same, seed=1)
    assert len(parted.learned) == 29
    assert len(split(replace(same, is_parted=False), seed=1).new) == 0


def test_only_rows_that_meet_the_conditions_are_shown() -> None:
    asked = replace(placing().asked[0], allowed=frozenset({"b", "c"}))
    assert lawful(["a", "b", "d", "c", "b"], asked) == ["b", "c"]
    assert lawful(["a", "b", "a"], placing().asked[0]) == ["a", "b"]


def test_ours_leaves_the_order_alone_where_it_knows_nothing() -> None:
    asked = replace(placing().asked[0], base={"a": 0.5, "c": 0.5, "b": 0.5}, order=("c", "a", "b"))
    ours = make_ours()
    assert tuple(ours.rank(asked)) == ("c", "a", "b")
    assert ours.counters.moved == 0


def test_the_plan_of_a_placing_world_has_its_own_users_and_one_attack() -> None:
    plan = tasks([placing()], seeds=2)
    assert {t.user for t in plan if t.kind == "stream"} == set(PLACED)
    assert [t.user for t in plan if t.kind == "attack"] == ["pushed", "pushed"]
    assert sum(any("minus" in arm for arm in t.arms) for t in plan if t.kind == "stream") == 1


def test_what_is_pushed_is_the_worst_of_those_that_stand_below() -> None:
    world, parted = placing(), split(placing(), seed=1)
    found = victims(world, parted)
    assert found
    for need, target, rank in found:
        orders = [a.order for q, a in zip(world.questions, world.asked, strict=True) if q.need == need]
        ranks = {key: min(place(order, key) for order in orders) for key in world.grades[need]}
        low = [world.grades[need][key] for key in ranks if BELOW < ranks[key] < NOWHERE]
        assert ranks[target] == rank > BELOW
        assert world.grades[need][target] == min(low)
    shown = attack(world, found[0], Nothing(), kind="pushed", seed=1)
    assert shown.base == shown.worst == shown.end


def test_a_run_says_how_much_more_lasts_and_what_share_of_conditions_was_kept() -> None:
    plan = tasks([placing()], seeds=1, quick=True, arms=("oracle", OURS))
    plan = tuple(t for t in plan if t.user in {"recruiters", "pushed"})
    found = figures.figures(figures.of(tuple(run([placing()], plan)), {"tiny": placing()}))
    assert found["honoured"] == 0.9
    assert found["staffing_oracle"] <= 1.05
    assert found["pushed"] >= 1
    assert {one.goal.key for one in judge(found) if one.measured is not None} >= {
        "staffing", "staffing_oracle", "honoured", "pushed",
    }  # fmt: skip
    assert "paraphrase_clean" not in found


def test_the_same_seed_plays_the_same_twice() -> None:
    world, parted = placing(), split(placing(), seed=1)
    arrivals = traffic(world, parted, seed=1, count=80)
    both = [
        play(world, parted, arrivals, Takes(noisy=0.2), make_ours(), seed=1, setting=Setting(checkpoints=()))
        for _ in range(2)
    ]
    assert (both[0].live == both[1].live).all()
    assert both[0].counters == both[1].counters
