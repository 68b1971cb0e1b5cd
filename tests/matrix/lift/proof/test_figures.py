"""The figures that goals are about, out of rows and results that were written down by hand."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from lakehouse.matrix.lift.attack import Attacked
from lakehouse.matrix.lift.attack import Kind as Aimed
from lakehouse.matrix.lift.ground.world import Kept
from lakehouse.matrix.lift.outcome import Done
from lakehouse.matrix.lift.plan import Task
from lakehouse.matrix.lift.proof import figures, results
from lakehouse.matrix.lift.proof.figures import Run
from lakehouse.matrix.lift.proof.results import Duel, Row
from tests.matrix.lift.hand import done, played, row, scores, task
from tests.matrix.lift.proof.given import BASE, OURS, PARTED, R0, WORLD, curved, duel, judged, one


def run(*rows: Row, dones: Sequence[Done] = (), duels: Sequence[Duel] = ()) -> Run:
    return Run(dones=dones, worlds={"hand": WORLD}, rows=rows, duels=tuple(duels))


def measured(*rows: Row, dones: Sequence[Done] = (), duels: Sequence[Duel] = ()) -> dict[str, float]:
    return figures.figures(run(*rows, dones=dones, duels=duels))


def test_nothing_run_has_no_figure_at_all() -> None:
    assert figures.figures(Run(dones=(), worlds={}, rows=(), duels=())) == {}


def test_a_macro_figure_is_the_plain_mean_of_collections() -> None:
    given = run(row(mean=0.1), replace(row(mean=0.3), set="b"), row("new", 0.9), row(mean=0.9, user="clicks"))
    assert figures.macro(given, "perfect", "paraphrase") == pytest.approx(0.2)
    assert figures.macro(given, "perfect", "verbatim") is None
    assert figures.figures(given)["paraphrase_clean"] == 0.2


def test_rivals_and_other_kinds_of_runs_are_not_in_our_figures() -> None:
    others = [replace(row(), arm="cache"), replace(row(), kind="dead documents"), row(user="random")]
    assert "paraphrase_clean" not in measured(*others)


def test_new_needs_are_judged_by_their_lowest_bound_and_their_worse_user() -> None:
    found = measured(row("new", 0.1), replace(row("new", 0.0), set="b"), row("new", 0.02, user="clicks"))
    assert (found["new_low"], found["new_macro"]) == (-0.05, 0.02)


def test_harm_is_that_of_the_user_who_is_worse_served() -> None:
    kind = [replace(row(), hurt=0.0), replace(row("verbatim"), hurt=0.1)]
    worse = [replace(row(user="clicks"), hurt=0.2), replace(row("new", user="clicks"), hurt=0.7)]
    found = measured(*kind, *worse)
    assert (found["hurt_repeat"], found["hurt_new"]) == (0.2, 0.7)


def test_feedback_without_meaning_counts_in_either_direction() -> None:
    assert measured(row(mean=0.01, user="random"), row("new", -0.03, user="shuffled"))["noise"] == 0.03
    assert measured(row(mean=-0.2, user="inverted-all"))["collusion"] == 0.2


def test_the_share_that_is_kept_needs_something_to_keep() -> None:
    kept = row(mean=0.1, user="inverted-30")
    assert measured(row(mean=0.2, user="clicks"), kept)["inverted_30"] == 0.5
    for nothing in (row(mean=0.0, user="clicks"), row(mean=-0.1, user="clicks"), row("new", user="clicks")):
        assert "inverted_30" not in measured(nothing, kept)


def test_the_bound_of_60_in_100_is_that_of_its_worst_collection() -> None:
    found = measured(row(mean=0.1, user="inverted-60"), replace(row(mean=0.02, user="inverted-60"), set="b"))
    assert (found["inverted_60"], found["inverted_60_low"]) == (0.06, -0.03)


def attacked(kind: Aimed, *worst: int, seed: int = 1) -> Done:
    found = tuple(Attacked(need="p", base=30, worst=rank, end=rank + 1) for rank in worst)
    return done(task("attack", kind, seed=seed), PARTED, ours=found)


def test_the_one_attack_that_came_far_decides() -> None:
    dones = [attacked("focused", 12, 7), attacked("focused", 9, seed=2), attacked("sybil", 40)]
    found = measured(dones=dones)
    assert found == {"focused": 7.0, "sybil": 40.0}
    assert [a.worst for a in figures.attacks(run(dones=dones), "ours", "focused")] == [12, 7, 9]
    assert figures.attacks(run(dones=dones), "cache", "focused") == ()


def test_an_attack_that_found_no_victim_has_no_figure() -> None:
    assert measured(dones=[attacked("focused"), attacked("pushed", 5)]) == {"pushed": 5.0}


def test_duels_are_won_in_the_traffic_and_merely_not_lost_in_classes() -> None:
    live = [duel(0.1, 0.01), duel(0.1, 0.5), duel(0.9, 0.0, user="random")]
    classed = [duel(0.0, 1.0, of="new"), duel(-0.1, 0.5, of="new"), duel(-0.1, 0.01, of="verbatim")]
    assert measured(duels=[*live, *classed]) == {"rivals": 0.5, "rivals_classes": round(2 / 3, 6)}


def test_conditions_are_kept_as_well_as_the_worst_kind_of_them() -> None:
    kept = {"role": Kept(shown=10, meeting=10), "city": Kept(shown=8, meeting=6)}
    given = Run(dones=(), worlds={"hand": replace(WORLD, kept=kept)}, rows=(), duels=())
    assert figures.figures(given) == {"honoured": 0.75}


def test_where_one_row_is_taken_lift_is_relative_to_the_base_and_to_the_oracle() -> None:
    ours = replace(row(mean=0.1, user=results.TAKERS), base=0.5, ndcg=0.6)
    most = replace(ours, arm="oracle", ndcg=0.8)
    found = measured(ours, most)
    assert (found["staffing"], found["staffing_oracle"]) == (0.2, 0.75)
    assert "staffing" not in measured(replace(ours, base=0.0), most)
    assert "staffing_oracle" not in measured(ours, replace(most, ndcg=0.0))


def counted(given: Task, **counters: int) -> Done:
    return done(given, PARTED, none=BASE, ours=replace(OURS, counters=counters))


def test_what_must_never_happen_is_summed_over_all_streams() -> None:
    live = counted(task(user="clicks"), unseen=2, dead=9)
    dead = counted(task("dead documents"), unseen=1, dead=3)
    control = done(task(seed=2), PARTED, none=replace(BASE, counters={"unseen": 50, "dead": 50}))
    found = measured(dones=[live, dead, control])
    assert (found["leaks"], found["dead"]) == (3.0, 3.0)
    assert not {"leaks", "dead"} & measured(dones=[control]).keys()


def test_the_earlier_test_adds_collections_up_before_it_divides() -> None:
    dones = [done(task("rejudged", ""), PARTED, ours=found) for found in (judged(), judged(found=12))]
    found = measured(dones=dones)
    assert (found["own_verbatim"], found["own_paraphrase"]) == (6 / 16, 4 / 16)
    assert (found["own_better"], found["own_worse"]) == (0.5, 0.1)
    assert figures.rejudged(run(dones=dones), "cache") is None


def test_an_earlier_test_that_found_nothing_has_no_share() -> None:
    empty = done(task("rejudged", ""), PARTED, ours=judged(found=0, verbatim=0, paraphrase=0))
    assert measured(dones=[empty]) == {}


def test_titles_are_relative_to_the_control_after_the_last_search() -> None:
    ours = {0: scores([0, 1], [0.1, 0.1]), 50: scores([0, 1], [0.6, 0.1])}
    base = {0: scores([0, 1], [0.1, 0.1]), 50: scores([0, 1], [0.3, 0.2])}
    found = measured(dones=[done(task("titles", ""), PARTED, none=base, ours=ours)])
    assert found == {"titles": 0.4, "titles_hurt": 0.5}


def test_titles_without_their_control_are_not_compared() -> None:
    alone = done(task("titles", ""), PARTED, ours={0: scores([0], [0.1])})
    assert list(figures.titles(run(dones=[alone]), "ours")) == []


def test_the_share_of_rising_curves_is_that_of_the_main_users() -> None:
    rising, falling = curved(0.0, 0.1, 0.2), replace(curved(0.0, 0.3, 0.1), task=task(user="clicks"))
    other = replace(curved(0.5, 0.3, 0.1), task=task(user="random"))
    assert measured(dones=[rising, other])["rising"] == 1.0
    assert measured(dones=[rising, falling, other])["rising"] == 0.5


def test_fewer_than_thirty_far_questions_say_nothing() -> None:
    def far(count: int) -> dict[str, float]:
        ours = played([0.0] * 40, new=scores([R0] * count, [0.0] * count))
        base = played([0.0] * 40, new=scores([R0] * count, [0.1] * count))
        return measured(dones=[one(ours, base)])

    assert "far" not in far(29)
    assert far(30)["far"] == 0.1
