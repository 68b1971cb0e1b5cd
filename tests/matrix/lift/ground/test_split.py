from collections import Counter
from dataclasses import replace

from lakehouse.matrix.lift.ground.split import ARRIVALS, ASKED, SPAN_MS, split, traffic
from tests.matrix.lift.scene import tiny


def test_three_in_five_needs_are_learned_and_none_is_on_both_sides() -> None:
    parted = split(tiny(), seed=1)
    assert len(parted.learned) == 29
    assert sorted((*parted.learned, *parted.new)) == sorted(tiny().grades)


def test_needs_that_are_one_need_twice_stay_on_one_side() -> None:
    # The trap: a random split of near-duplicates makes a cache look as if it generalised.
    world, twins = tiny(), {}
    places = {q.need: n for n, q in enumerate(world.questions) if q.wording == 0}
    asked = list(world.asked)
    for need in sorted(places)[::2]:
        twins[need] = need[:-1] + "1"
        asked[places[twins[need]]] = replace(asked[places[twins[need]]], vector=asked[places[need]].vector)
    for seed in range(5):
        parted = split(replace(world, asked=tuple(asked)), seed=seed)
        assert all((a in parted.learned) == (b in parted.learned) for a, b in twins.items())


def test_seeds_part_differently_and_the_same_seed_alike() -> None:
    assert split(tiny(), seed=1) == split(tiny(), seed=1)
    assert split(tiny(), seed=1).digest != split(tiny(), seed=2).digest


def test_the_traffic_asks_learned_needs_in_the_first_four_wordings_only() -> None:
    world, parted = tiny(), split(tiny(), seed=1)
    asked = [world.questions[a.question] for a in traffic(world, parted, seed=1)]
    assert len(asked) == ARRIVALS
    assert {q.need for q in asked} <= set(parted.learned)
    assert {q.wording for q in asked} == set(ASKED)


def test_a_few_needs_are_asked_all_the_time() -> None:
    world, parted = tiny(), split(tiny(), seed=1)
    asked = Counter(world.questions[a.question].need for a in traffic(world, parted, seed=1))
    assert asked[parted.learned[0]] > 4 * asked[parted.learned[-1]]


def test_arrivals_take_a_quarter_of_a_year_come_from_twenty_sources_and_one_in_twenty_is_audited() -> None:
    arrivals = traffic(tiny(), split(tiny(), seed=1), seed=1)
    assert {a.source for a in arrivals} == set(range(20))
    assert 0.03 < sum(a.is_audited for a in arrivals) / len(arrivals) < 0.07
    assert 0.99 * SPAN_MS < arrivals[-1].at_ms - arrivals[0].at_ms < SPAN_MS
