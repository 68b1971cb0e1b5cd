"""One run, one attack, past searches and the earlier test, over needs whose every list is known."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Corrupt
from lakehouse.matrix.lift import attack, rejudge, stream, titles
from lakehouse.matrix.lift.arm import Asked
from lakehouse.matrix.lift.ground.split import START_MS, Arrival
from lakehouse.matrix.lift.rivals import Cache, Nothing, Popularity
from lakehouse.matrix.lift.stream import Run, Setting, audit, lawful, play
from lakehouse.matrix.lift.users import Perfect, User
from tests.matrix.lift.hand import Noting, question, remembering, split_of, world

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORLD = world(
    {"p": "abc", "q": "cab", "r": "bca"}, {"p": {"b": 1.0}, "q": {"c": 2.0, "b": 1.0}, "r": {"a": 1.0}}
)
PARTED = split_of(["p", "q"], ["r"])
SECOND = 0.63093
"""nDCG of one right document at rank two: 1 / log2(3)."""


def arrival(number: int, place: int = 0, *, is_audited: bool = False) -> Arrival:
    at_ms = START_MS + number
    return Arrival(number=number, question=place, source=number % 20, is_audited=is_audited, at_ms=at_ms)


class Fixed(Nothing):
    """Always gives the same list."""

    def __init__(self, *keys: str) -> None:
        self._keys = keys

    def rank(self, asked: Asked) -> Sequence[str]:
        del asked
        return self._keys


class Growing(Nothing):
    """Says that it holds more with every list that it gives."""

    def __init__(self) -> None:
        self._asked = 0

    def __len__(self) -> int:
        return self._asked

    def rank(self, asked: Asked) -> Sequence[str]:
        self._asked += 1
        return asked.order


def played(
    arm: Nothing, *arrivals: Arrival, user: User | None = None, **special: frozenset[str]
) -> stream.Played:
    setting = Setting(checkpoints=(), **special)
    return play(WORLD, PARTED, arrivals, user or Perfect(), arm, seed=1, setting=setting)


def test_traffic_is_scored_by_the_rank_of_what_is_right() -> None:
    found = played(Nothing(), arrival(0, 0), arrival(1, 6))
    assert found.live == pytest.approx([SECOND, (2 + 0.5) / (2 + SECOND)], abs=1e-4)


def test_a_perfect_user_asks_for_one_label_a_row_and_an_auditor_for_as_many() -> None:
    assert played(Nothing(), arrival(0)).labels == 3
    assert played(Nothing(), arrival(0), arrival(1, is_audited=True)).labels == 9


def test_no_traffic_is_measured_all_the_same() -> None:
    found = played(Nothing())
    assert (list(found.at), len(found.live), found.labels, dict(found.exposure)) == ([0], 0, 0, {})
    assert found.final["verbatim"].questions == (0, 6)
    assert found.final["paraphrase"].questions == (4, 5, 10, 11)
    assert found.final["new"].questions == (12,)


def test_a_measurement_knows_rank_first_hit_and_recall() -> None:
    final = played(Nothing()).final["verbatim"]
    assert final.first.tolist() == [0.0, 1.0]
    assert final.recall.tolist() == [1.0, 1.0]
    assert played(Fixed("a", "c")).final["verbatim"].recall.tolist() == [0.0, 0.5]


def test_an_arm_that_shows_nothing_is_worth_nothing_and_breaks_nothing() -> None:
    found = played(Fixed(), arrival(0))
    assert found.live.tolist() == [0.0]
    assert found.final["verbatim"].first.tolist() == [0.0, 0.0]
    assert dict(found.exposure) == {}


def test_exposure_counts_each_shown_row_of_the_traffic_and_not_of_the_measurement() -> None:
    found = played(Fixed("a", "a", "b"), arrival(0), arrival(1))
    assert dict(found.exposure) == {"a": 2, "b": 2}


def test_what_was_never_shown_and_is_no_candidate_is_a_leak() -> None:
    run = Run(world=WORLD, arm=Fixed("z", "a"), setting=Setting())
    run.ranked(run.asked(0, is_live=True))
    assert (run.counters["unseen"], run.counters["injected"], run.counters["moved"]) == (1, 1, 2)
    run.shown.add("z")
    run.ranked(run.asked(0, is_live=True))
    assert (run.counters["unseen"], run.counters["injected"], run.counters["asked"]) == (1, 2, 2)


def test_what_is_retired_is_dead_when_it_is_shown_and_no_leak() -> None:
    run = Run(world=WORLD, arm=Fixed("a", "b"), setting=Setting(), gone=frozenset("a"))
    asked = run.asked(0, is_live=False)
    assert (asked.order, asked.gone) == (("b", "c"), frozenset("a"))
    run.ranked(asked)
    assert (run.counters["dead"], run.counters["unseen"]) == (1, 0)


def test_hidden_documents_are_missing_in_the_traffic_and_alone_are_measured() -> None:
    run = Run(world=WORLD, arm=Nothing(), setting=Setting(hidden=frozenset("b")))
    assert run.asked(0, is_live=True).order == ("a", "c")
    assert run.asked(0, is_live=False).order == ("a", "b", "c")
    assert run.grades(6, is_live=True) == {"c": 2.0}
    assert run.grades(6, is_live=False) == {"b": 1.0}


def test_only_needs_that_a_hidden_document_answers_are_measured() -> None:
    found = stream.questions(WORLD, PARTED, Setting(hidden=frozenset("a")))
    assert found == {"verbatim": (), "paraphrase": (), "new": (12,)}


def test_a_need_on_neither_side_is_in_no_class() -> None:
    found = stream.questions(WORLD, split_of(["p"]), Setting())
    assert found == {"verbatim": (0,), "paraphrase": (4, 5), "new": ()}


def test_retired_documents_leave_half_way() -> None:
    found = played(Nothing(), *(arrival(n) for n in range(4)), retired=frozenset("b"))
    assert found.live == pytest.approx([SECOND, SECOND, 0, 0], abs=1e-4)
    assert found.exposure["b"] == 2


def test_an_arm_that_grows_by_being_measured_is_refused() -> None:
    with pytest.raises(Corrupt, match="none learned") as corrupt:
        played(Growing())
    assert corrupt.value.hint


def test_a_delayed_lesson_comes_so_many_arrivals_later() -> None:
    arm = Noting()
    played(arm, *(arrival(n) for n in range(5)), user=Perfect(delay=3))
    assert [search_id for search_id, _, _ in arm.told] == ["lift-000000", "lift-000001"]


def test_an_audit_tells_right_from_wrong_after_the_user_spoke() -> None:
    right, wrong = (audit("s", "k", is_right, 5) for is_right in (True, False))
    assert (right.value, wrong.value) == (1.0, 0.0)
    assert (right.kind, right.source, right.at_ms, right.is_audit) == ("judged", stream.AUDITOR, 2_005, True)


def test_a_lawful_list_names_each_row_once_and_none_that_breaks_a_condition() -> None:
    asked = question("w", "abc")
    assert lawful(["c", "a", "c", "z"], asked) == ["c", "a", "z"]
    assert lawful(["c", "a", "c", "z"], replace(asked, allowed=frozenset("cz"))) == ["c", "z"]
    assert lawful(["c"], replace(asked, allowed=frozenset())) == []


@given(
    ranked=st.lists(st.sampled_from("abcdef"), max_size=12),
    allowed=st.none() | st.frozensets(st.sampled_from("abc")),
)
@settings(max_examples=50, deadline=None)
def test_making_a_list_lawful_twice_changes_nothing(
    ranked: list[str], allowed: frozenset[str] | None
) -> None:
    asked = replace(question("w", "abc"), allowed=allowed)
    once = lawful(ranked, asked)
    assert lawful(once, asked) == once
    assert [key for key in dict.fromkeys(ranked) if key in once] == once
    assert set(once) == (set(ranked) if allowed is None else set(ranked) & allowed)


LONG = world(
    {"p": LETTERS, "q": LETTERS[::-1], "s": "abc"}, {"p": {"a": 1.0}, "q": {"a": 1.0}, "s": {"a": 1.0}}
)


def test_a_victim_has_a_wrong_document_right_below_the_first_twenty() -> None:
    found = attack.victims(LONG, split_of(["s", "q", "p"]))
    assert found == (("q", "f", 21), ("p", "u", 21))


def test_where_nothing_wrong_stands_so_low_nobody_is_attacked() -> None:
    assert attack.victims(LONG, split_of(["s"])) == ()
    assert attack.victims(LONG, split_of([])) == ()


@pytest.mark.parametrize("kind", attack.KINDS)
def test_an_attack_on_no_memory_moves_nothing(kind: attack.Kind) -> None:
    found = attack.attack(LONG, ("p", "u", 21), Nothing(), kind=kind, seed=2)
    assert (found.need, found.base, found.worst, found.end) == ("p", 21, 21, 21)


def test_an_attack_is_the_same_under_the_same_seed_and_lasts_its_events() -> None:
    arms = [Noting() for _ in range(3)]
    for arm, seed in zip(arms, (1, 1, 2), strict=True):
        attack.attack(LONG, ("p", "u", 21), arm, kind="sybil", seed=seed)
    assert arms[0].told == arms[1].told != arms[2].told
    assert [search_id for search_id, _, _ in arms[0].told] == [f"lift-{n:06d}" for n in range(attack.EVENTS)]


def test_popularity_falls_for_whoever_speaks_often() -> None:
    found = attack.attack(LONG, ("p", "u", 21), Popularity(), kind="focused", seed=1)
    assert found.worst < found.base


PAST = (("flap", tuple(LETTERS[:12]), ("l", "z")), ("slat", ("a",), ("a",)), ("slat", (), ()))


def test_a_past_search_shows_the_first_ten_then_what_was_right_and_missing() -> None:
    arm = Noting()
    found = titles.play(remembering(WORLD, *PAST), arm, seed=1, checkpoints=())
    shown = {keys: [o.key for o in said if not o.is_audit] for _, keys, said in arm.told}
    assert shown == {(*LETTERS[:10], "l", "z"): ["l", "z"], ("a",): ["a"], (): []}
    assert list(found) == [3]


def test_checkpoints_beyond_the_past_are_its_end() -> None:
    found = titles.play(remembering(WORLD, *PAST), Nothing(), seed=1, checkpoints=(0, 2, 3, 99))
    assert list(found) == [0, 2, 3]
    assert all(one.questions == tuple(range(18)) for one in found.values())


def test_a_world_without_a_past_is_measured_once() -> None:
    assert list(titles.play(WORLD, Nothing(), seed=1)) == [0]


def test_words_that_were_asked_in_another_case_were_asked() -> None:
    given = world({"Über": "ab"}, {})
    assert titles.unseen(remembering(given, ("ÜBER 0", ("a",), ()), ("über  1", ("a",), ()))) == (
        1,
        2,
        3,
        4,
        5,
    )


def test_two_seeds_play_the_past_in_orders_of_their_own() -> None:
    many = remembering(WORLD, *((f"t{n}", ("a", "b"), ("b",) if n % 2 else ("a",)) for n in range(40)))
    arms = [Noting() for _ in range(3)]
    for arm, seed in zip(arms, (1, 1, 2), strict=True):
        titles.play(many, arm, seed=seed, checkpoints=())
    assert arms[0].told == arms[1].told != arms[2].told


def test_the_earlier_test_finds_what_was_right_but_not_first() -> None:
    found = rejudge.play(WORLD, Nothing())
    assert (found.needs, found.found, found.verbatim, found.paraphrase) == (3, 2, 0, 0)
    assert (found.better, found.worse) == (0, 0)


def test_a_cache_brings_the_recorded_answer_up_in_the_same_words_alone() -> None:
    found = rejudge.play(WORLD, Cache())
    assert (found.found, found.verbatim, found.paraphrase, found.better, found.worse) == (2, 2, 0, 2, 0)


def test_a_ranker_whose_first_hit_is_nowhere_right_makes_the_right_ones_worse() -> None:
    found = rejudge.play(WORLD, Fixed("z"))
    assert (found.better, found.worse) == (0, 1)  # q alone had its answer first


def test_the_judge_rates_by_grade_and_what_is_wrong_with_nothing() -> None:
    arm = Noting()
    rejudge.play(WORLD, arm)
    rated = [{o.key: o.value for o in said if not o.is_audit} for _, _, said in arm.told]
    assert rated[:2] == [{"a": 0.0, "b": 0.75, "c": 0.0}, {"c": 1.0, "a": 0.0, "b": 0.75}]
    audited = [sum(o.is_audit for o in said) for _, _, said in arm.told]
    assert audited == [3, 0, 0], "one need in twenty, from the first on"


def test_scores_are_arrays_even_where_there_is_nothing_to_measure() -> None:
    final = play(WORLD, split_of([]), [], Perfect(), Nothing(), seed=1).final
    assert all(scores.questions == () for scores in final.values())
    assert all(np.array_equal(scores.ndcg, np.zeros(0)) for scores in final.values())
