import numpy as np
import pyarrow as pa
import pytest

from lakehouse.matrix.lift.ground.world import LASTING
from lakehouse.staffing.gate.needs import needs
from lakehouse.staffing.gate.world import Truth, kept, reliability, world
from lakehouse.staffing.generate import roster
from tests.staffing.gate.conftest import COUNT, ENOUGH, PEOPLE, Scene


def test_only_needs_that_enough_people_meet_count(scene: Scene) -> None:
    assert len(scene.world.grades) == COUNT
    assert all(len(right) >= ENOUGH for right in scene.world.grades.values())


def test_who_meets_a_need_is_what_the_rows_say(scene: Scene) -> None:
    table = roster(PEOPLE).read_all().to_pylist()
    by_key = {need.key: need for need in needs(500, seed=1)}
    for key, right in scene.world.grades.items():
        need = by_key[key]
        met = set()
        for row in table:
            papers = (row["certificates"] or "").split("; ")
            off = ("day", "evening", "night", "")[need.off]
            is_met = (
                row["role"] == need.role
                and need.city in {"", row["city"]}
                and row["city"] != need.elsewhere
                and need.certificate in {"", *papers}
                and (not need.lacks or need.lacks not in papers)
                and (need.shift < 0 or row["shift"] == ("day", "evening", "night")[need.shift])
                and row["shift"] != off
            )
            if is_met:
                met.add(str(row["candidate_id"]))
        assert set(right) == met


def test_hard_keys_are_the_role_and_the_city_that_a_need_asks_for(scene: Scene) -> None:
    role, city, *_ = scene.world.questions[0].need.split("/")
    keys = scene.world.asked[0].keys
    assert keys["role"] == role
    assert keys.get("city", "") == city


def test_rows_that_a_question_lets_through_hold_every_row_that_is_shown(scene: Scene) -> None:
    for asked in scene.world.asked:
        assert asked.allowed is None or set(asked.base) <= asked.allowed


def test_conditions_are_kept_where_the_wording_is_known_to_the_card(scene: Scene) -> None:
    found = scene.world.kept
    assert {"role", "city", "certificate", "negation"} <= set(found)
    assert all(one.meeting / one.shown > 0.95 for one in found.values())


def test_a_row_that_breaks_a_condition_is_counted(scene: Scene) -> None:
    (need,) = needs(1, seed=1)
    conditions = {pair: frozenset[str]() for pair in need.conditions}
    looked = scene.world.asked[0]

    class Looked:
        asked = looked

    found = kept([Truth(need=need, meeting=conditions)], [Looked()])  # type: ignore[list-item]
    assert {one.meeting for one in found.values()} == {0}


def test_reliability_is_half_on_average_and_seldom_near_either_end() -> None:
    drawn = reliability(np.arange(20_000), seed=1)
    assert drawn.mean() == pytest.approx(0.5, abs=0.01)
    assert drawn.var() == pytest.approx(0.05, abs=0.002)
    assert 0 < drawn.min() < drawn.max() < 1


def test_reliability_depends_on_the_person_and_the_seed_alone() -> None:
    assert (reliability(np.array([7]), seed=1) == reliability(np.arange(10), seed=1)[7:8]).all()
    assert (reliability(np.arange(10), seed=2) != reliability(np.arange(10), seed=1)).all()


def test_no_column_of_a_table_tells_of_reliability() -> None:
    table = roster(5000).read_all()
    drawn = reliability(np.arange(5000), seed=1)
    numbers = [
        n for n, f in zip(table.column_names, table.schema, strict=True) if pa.types.is_floating(f.type)
    ]
    assert numbers
    for name in (*numbers, "years_experience"):
        assert abs(np.corrcoef(table[name].to_numpy(), drawn)[0, 1]) < 0.05


def test_the_same_lake_gives_the_same_world(scene: Scene) -> None:
    again = world(scene.lake, count=COUNT, enough=ENOUGH)
    assert again.digests == scene.world.digests
    assert scene.world.metric == LASTING
    for one, other in zip(again.asked, scene.world.asked, strict=True):
        assert (one.base, one.order, one.keys, one.allowed) == (
            other.base,
            other.order,
            other.keys,
            other.allowed,
        )
        assert (one.vector == other.vector).all()
