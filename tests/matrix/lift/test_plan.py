from dataclasses import replace

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.matrix.lift.ground.split import split
from lakehouse.matrix.lift.plan import ABLATED, CONTROLS, EVERY, MAIN, OTHERS, OURS, PLACED, arm, tasks
from lakehouse.matrix.lift.run import ours
from lakehouse.matrix.lift.users import users
from tests.matrix.lift.scene import tiny


def test_every_user_is_played_and_every_part_is_left_out_once() -> None:
    found = tasks([tiny()], seeds=1)
    streams = {task.user for task in found if task.kind == "stream"}
    assert streams == {*MAIN, *OTHERS}
    assert streams | {*PLACED} == set(users(tiny(), split(tiny(), seed=1), seed=1))
    assert {arm for task in found for arm in task.arms} == set(EVERY) == {*CONTROLS, OURS, *ABLATED}


def test_the_headline_users_meet_every_rival_on_a_curve_and_every_part_is_left_out_once() -> None:
    main = [task for task in tasks([tiny()], seeds=3) if task.user in MAIN and task.kind == "stream"]
    curves = [task for task in main if task.has_curve]
    assert all(set(task.arms) == {*CONTROLS, OURS} for task in curves)
    assert len(curves) == 3 * len(MAIN)
    assert [task.arms for task in main if not task.has_curve] == [("none", *ABLATED)] * len(MAIN)


def test_every_stream_has_its_control() -> None:
    found = [task for task in tasks([tiny()], seeds=2) if task.kind not in {"attack", "rejudged"}]
    assert all("none" in task.arms for task in found)


def test_the_quick_plan_is_smaller_and_still_meets_every_rival() -> None:
    quick, full = tasks([tiny()], seeds=1, quick=True), tasks([tiny()], seeds=1)
    assert len(quick) < len(full)
    assert {arm for task in quick for arm in task.arms} == {*CONTROLS, OURS}
    assert {"random", "shuffled", "inverted-60"} <= {task.user for task in quick}


def test_past_searches_are_played_as_titles_once() -> None:
    found = tasks([tiny(10)], seeds=3)
    assert [(task.kind, task.seed) for task in found] == [("titles", 1)]


def test_seeds_repeat_the_streams() -> None:
    found = tasks([tiny()], seeds=3)
    assert {task.seed for task in found} == {1, 2, 3}
    assert len(set(found)) == len(found)


def test_named_arms_alone_are_run_beside_the_control() -> None:
    found = tasks([tiny()], seeds=1, arms=("cache",))
    assert {arm for task in found for arm in task.arms} == {"none", "cache"}
    assert all("cache" in task.arms for task in found)


@pytest.mark.parametrize(("seeds", "arms"), [(1, ("nonsense",)), (0, ())])
def test_an_arm_that_is_none_and_no_seed_are_refused(seeds: int, arms: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        tasks([tiny()], seeds=seeds, arms=arms)


@pytest.mark.parametrize("name", EVERY)
def test_every_arm_can_be_made_and_says_its_name(name: str) -> None:
    assert arm(name, tiny(), ours).name == name


def test_worlds_come_in_the_order_in_which_they_are_given() -> None:
    other = replace(tiny(), name="other")
    found = [task.world for task in tasks([other, tiny()], seeds=1)]
    assert found[0] == "other"
