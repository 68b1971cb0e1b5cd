from dataclasses import replace

import numpy as np
import pytest

from lakehouse.matrix.lift.arm import Arm, Asked
from lakehouse.matrix.lift.rivals import (
    RIVALS,
    Cache,
    Distance,
    Nothing,
    Oracle,
    Popularity,
    Similarities,
    Truth,
    wins,
)
from lakehouse.matrix.playbook.events import Outcome, OutcomeKind

E = np.eye(4, dtype=np.float32)


def question(text: str = "wing", *, near: float = 1.0, base: dict[str, float] | None = None) -> Asked:
    """Its vector has this cosine to the first axis."""
    vector = (near * E[0] + (1 - near**2) ** 0.5 * E[1]).astype(np.float32)
    scores = base or {"a": 1.0, "b": 0.8, "c": 0.5, "d": 0.1}
    return Asked(text=text, vector=vector, base=scores, order=tuple(scores))


def told(arm: Arm, *won: str, asked: Asked | None = None, kind: OutcomeKind = "accepted") -> None:
    given = asked or question()
    arm.learn("s", given, list(given.order), [outcome(key, kind) for key in won])


def outcome(key: str, kind: OutcomeKind = "accepted", value: float | None = None) -> Outcome:
    return Outcome(search_id="s", corpus="lift", key=key, kind=kind, source="s00", at_ms=0, value=value)


def test_successes_are_what_was_chosen_or_judged_right() -> None:
    said = [outcome("a", "rejected"), outcome("b"), outcome("b", "clicked"), outcome("c", "judged", 0.4)]
    assert wins([*said, outcome("d", "judged", 0.9), outcome("e", "failed")]) == ("b", "d")


@pytest.mark.parametrize("name", RIVALS)
def test_a_rival_that_was_told_nothing_ranks_as_the_base(name: str) -> None:
    assert list(RIVALS[name]().rank(question())) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("name", RIVALS)
def test_no_rival_shows_what_is_gone(name: str) -> None:
    arm = RIVALS[name]()
    told(arm, "a", "x", asked=question(base={"a": 1.0, "x": 0.5}))
    later = replace(question(base={"b": 1.0, "c": 0.4}), gone=frozenset({"a", "x"}))
    assert list(arm.rank(later)) == ["b", "c"]


@pytest.mark.parametrize("name", RIVALS)
def test_rejections_are_no_successes(name: str) -> None:
    arm = RIVALS[name]()
    told(arm, "d", kind="rejected")
    assert list(arm.rank(question())) == ["a", "b", "c", "d"]


def test_the_control_learns_nothing() -> None:
    arm = Nothing()
    told(arm, "d")
    assert list(arm.rank(question())) == ["a", "b", "c", "d"]


def test_a_cache_knows_the_same_words_and_no_others() -> None:
    arm = Cache()
    told(arm, "d", "c")
    told(arm, "c")
    assert list(arm.rank(question("WING"))) == ["c", "d", "a", "b"]
    assert list(arm.rank(question("wings"))) == ["a", "b", "c", "d"]


def test_popularity_puts_the_same_documents_forward_whatever_is_asked() -> None:
    arm = Popularity()
    for _ in range(3):
        told(arm, "c")
    told(arm, "d")
    assert list(arm.rank(question("something else", near=0.0))) == ["a", "b", "c", "d"]
    assert list(arm.rank(question(near=0.0, base={"a": 0.5, "b": 0.4, "c": 0.3}))) == ["c", "a", "b"]


def test_a_remembered_answer_halves_its_distance_within_half() -> None:
    arm = Distance()
    told(arm, "c")
    assert list(arm.rank(question(near=0.6))) == ["c", "a", "b", "d"]
    assert list(arm.rank(question(near=0.4))) == ["a", "b", "c", "d"]


def test_an_answer_from_outside_comes_in_only_where_the_question_is_very_near() -> None:
    arm = Distance()
    told(arm, "x", asked=question(base={"x": 1.0}))
    assert next(iter(arm.rank(question(near=0.9)))) == "x"
    assert "x" not in arm.rank(question(near=0.7))


def test_only_the_best_answer_of_a_search_is_remembered() -> None:
    arm = Distance()
    told(arm, "d", "c")
    ranked = list(arm.rank(question(base={"c": 0.5, "d": 0.5, "e": 0.6})))
    assert ranked[0] == "c"
    assert ranked.index("d") > 0


def test_only_the_three_nearest_answers_count() -> None:
    arm = Distance()
    for n, near in enumerate((0.99, 0.98, 0.97, 0.9)):
        told(arm, f"k{n}", asked=question(f"q{n}", near=near, base={f"k{n}": 1.0}))
    given = {"a": 0.6, "k0": 0.5, "k1": 0.5, "k2": 0.5, "k3": 0.5}
    assert list(arm.rank(question("new", base=given))) == ["k0", "k1", "k2", "a", "k3"]


def test_similarities_add_up_to_a_cap() -> None:
    arm = Similarities()
    for n in range(10):
        told(arm, "c", asked=question(f"q{n}", near=0.8))
    assert list(arm.rank(question(near=0.8, base={"a": 1.0, "b": 0.7, "c": 0.5}))) == ["a", "c", "b"]
    assert list(arm.rank(question(near=0.8, base={"a": 0.76, "c": 0.5}))) == ["a", "c"]


def test_a_success_is_shared_among_those_who_succeeded_together() -> None:
    alone, together = Similarities(), Similarities()
    told(alone, "d", asked=question("far", near=0.2))
    told(together, "d", "a", "b", "c", asked=question("far", near=0.2))
    given = question(base={"z": 0.05, "d": 0.0})
    assert list(alone.rank(given)) == ["d", "z"]
    assert list(together.rank(given)) == ["z", "d"]


def test_similarities_move_candidates_and_bring_nothing_in() -> None:
    arm = Similarities()
    told(arm, "x", asked=question(base={"x": 1.0}))
    assert "x" not in arm.rank(question())


def test_the_oracle_knows_the_truth_of_what_was_shown_and_of_nothing_else() -> None:
    truth = Truth(need={"wing": "n", "airfoil": "n"}, grades={"n": {"c": 2.0, "d": 1.0, "x": 1.0}})
    arm = Oracle(truth)
    assert list(arm.rank(question())) == ["a", "b", "c", "d"]
    arm.learn("s", question(), ["a", "c", "x"], [])
    assert list(arm.rank(question("airfoil"))) == ["c", "x", "b", "d", "a"]


def test_many_questions_are_remembered() -> None:
    arm = Similarities()
    for n in range(600):
        told(arm, "c", asked=question(f"q{n}", near=n / 600))
    assert list(arm.rank(question(base={"a": 0.7, "c": 0.5}))) == ["c", "a"]
