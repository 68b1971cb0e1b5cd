"""The formula, worked out by hand: successes, failures, rate and boost of a row, and its bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.matrix.playbook.boost import Edition, Evidence, Mark, Past, evidence
from lakehouse.matrix.playbook.events import Doc
from lakehouse.matrix.playbook.params import DEFAULTS, PlaybookParams
from tests.matrix.playbook.told import DAY, NOW

ROW: Doc = ("jobs", "a")
LOWEST, HIGHEST = 0.3 * (0 - 0.3) / 0.7, 0.3
SHARE = st.floats(0, 1)
PASTS = st.lists(
    st.builds(
        Past,
        st.text("xyz", min_size=1, max_size=3),
        SHARE,
        st.integers(NOW - 3_000 * DAY, NOW + 3_000 * DAY),
        st.lists(
            st.builds(
                Mark,
                st.sampled_from([ROW, ("jobs", "b")]),
                st.sampled_from(["ann", "bob", ""]),
                SHARE,
                SHARE,
                st.sampled_from(["", "d"]),
            ),
            max_size=6,
        ),
    ),
    max_size=60,
)


def past(
    similarity: float = 1.0, worth: float = 1.0, *, source: str = "ann", seen: float = 1.0, days: float = 0
) -> Past:
    mark = Mark(ROW, source, worth, seen, "d")
    return Past(f"s-{source}", similarity, round(NOW - days * DAY), (mark,))


def known(
    pasts: Sequence[Past],
    *,
    trust: float = 1.0,
    fresh: Mapping[Edition, float] | None = None,
    params: PlaybookParams = DEFAULTS,
) -> Evidence:
    believed = {mark.source: trust for one in pasts for mark in one.marks}
    found = evidence(pasts, trust=believed, fresh=fresh or {}, now_ms=NOW, params=params)
    return found[ROW]


def boost(rate: float) -> float:
    return 0.3 * (rate - 0.3) / 0.7


def test_one_full_success_of_the_same_question_is_worth_a_fifth() -> None:
    one = known([past()])  # a = 1, f = 0, p = 1.15 / 1.5
    assert (one.successes, one.failures) == (1, 0)
    assert one.boost == pytest.approx(0.2)


def test_every_weight_of_the_formula_enters_as_it_is_written() -> None:
    one = known([past(0.8, 0.8, days=180)], trust=0.5, fresh={(ROW, "d"): 0.5})
    weight = 0.512 * 0.5 * 0.5 * 0.5  # similarity cubed, trust, one half-life, a changed text
    won, lost = weight * 0.8, weight * 0.8**5 * 0.2
    assert (one.successes, one.failures) == (pytest.approx(0.0512), pytest.approx(0.0041943, rel=1e-4))
    assert (won, lost) == (pytest.approx(one.successes), pytest.approx(one.failures))
    assert one.boost == pytest.approx(boost((0.0512 + 0.15) / (0.0512 + 0.0041943 + 0.5)), abs=1e-7)
    assert one.boost == pytest.approx(0.026685, abs=1e-6)


def test_a_row_that_was_passed_over_at_rank_four_loses_a_quarter_of_a_failure() -> None:
    one = known([past(worth=0.0, seen=0.25)])  # p = 0.15 / 0.75
    assert (one.successes, one.failures) == (0, 0.25)
    assert one.boost == pytest.approx(-0.3 / 7)


def test_a_failure_falls_with_the_eighth_power_of_similarity_and_a_success_with_the_third() -> None:
    assert known([past(0.5)]).successes == pytest.approx(0.5**3)
    assert known([past(0.5, 0.0)]).failures == pytest.approx(0.5**8)


def test_a_thousand_views_do_not_beat_three_successes_of_three() -> None:
    params = replace(DEFAULTS, neighbours=2_000)
    views = [past(worth=float(n % 2), source=f"u{n}") for n in range(1_000)]  # every second one a success
    popular = known(views, params=params)
    proven = known([past(source=name) for name in ("ann", "bob", "cat")])
    assert popular.successes == pytest.approx(500)
    assert popular.boost == pytest.approx(boost(500.15 / 1_000.5))
    assert proven.boost == pytest.approx(boost(3.15 / 3.5)) == pytest.approx(0.2571428)
    assert proven.boost > popular.boost


def test_one_source_gives_at_most_weight_one_to_a_row_on_either_side() -> None:
    assert known([past()] * 40).successes == 1
    assert known([past(worth=0.0)] * 40).failures == 1
    assert known([past(source="ann"), past(source="bob")] * 20).successes == 2


def test_what_was_learned_counts_half_after_every_half_life() -> None:
    assert [known([past(days=days)]).successes for days in (0, 180, 360)] == [1, 0.5, 0.25]
    short = replace(DEFAULTS, half_life_days=10)
    assert known([past(days=30)], params=short).successes == pytest.approx(0.125)


def test_a_time_to_come_counts_as_now_and_never_more() -> None:
    assert known([past(days=-400)]).successes == 1


def test_a_row_that_is_gone_has_no_evidence_and_a_changed_one_half() -> None:
    found = evidence([past()], trust={"ann": 1.0}, fresh={(ROW, "d"): 0.0}, now_ms=NOW, params=DEFAULTS)
    assert found == {}
    assert known([past()], fresh={(ROW, "d"): 0.5}).successes == 0.5


def test_what_was_learned_of_the_text_of_today_counts_in_full_beside_that_of_an_older_one() -> None:
    old = Past("old", 1.0, NOW, (Mark(ROW, "ann", 1.0, 1.0, "before"),))
    new = Past("new", 1.0, NOW, (Mark(ROW, "bob", 1.0, 1.0, "now"),))
    assert known([old, new], fresh={(ROW, "before"): 0.5, (ROW, "now"): 1.0}).successes == 1.5


def test_a_source_without_trust_says_nothing() -> None:
    nobody = evidence([past()], trust={"ann": 0.0}, fresh={}, now_ms=NOW, params=DEFAULTS)
    assert nobody == {}


def test_only_the_fifty_nearest_are_listened_to() -> None:
    pasts = [past(source=f"u{n}") for n in range(60)]
    assert known(pasts).successes == 50
    assert known(pasts, params=replace(DEFAULTS, neighbours=7)).successes == 7


def test_the_three_heaviest_successes_say_why() -> None:
    pasts = [Past(f"s{n}", n / 10, NOW, (Mark(ROW, f"u{n}", 1.0, 1.0, ""),)) for n in (6, 9, 7, 8)]
    assert [name for name, _ in known(pasts).searches] == ["s9", "s8", "s7"]


@given(PASTS, SHARE, SHARE)
def test_a_boost_stays_between_its_bounds_whatever_is_told(
    pasts: list[Past], trust: float, fresh: float
) -> None:
    believed = dict.fromkeys(("ann", "bob", ""), trust)
    states = {(ROW, "d"): fresh}
    for one in evidence(pasts, trust=believed, fresh=states, now_ms=NOW, params=DEFAULTS).values():
        assert LOWEST - 1e-12 <= one.boost <= HIGHEST
        assert one.successes >= 0
        assert one.failures >= 0


@given(PASTS)
def test_the_order_of_searches_that_are_equally_alike_does_not_matter(pasts: list[Past]) -> None:
    level = [replace(one, similarity=0.9) for one in pasts[:50]]
    believed = dict.fromkeys(("ann", "bob", ""), 1.0)
    turned = evidence(level[::-1], trust=believed, fresh={}, now_ms=NOW, params=DEFAULTS)
    for doc, one in evidence(level, trust=believed, fresh={}, now_ms=NOW, params=DEFAULTS).items():
        assert turned[doc].boost == pytest.approx(one.boost, abs=1e-12)


@given(st.floats(0.5, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_better_outcome_never_lowers_a_row(similarity: float, one: float, other: float) -> None:
    worse, better = sorted((one, other))
    assert known([past(similarity, worse)]).boost <= known([past(similarity, better)]).boost + 1e-12


@pytest.mark.parametrize(
    ("part", "won", "lost"), [("decay", 1.0, 0.0), ("negatives", 0.5, 0.0)], ids=["decay", "negatives"]
)
def test_a_part_that_is_left_out_for_measuring_is_out(part: str, won: float, lost: float) -> None:
    one = known([past(days=180)], params=replace(DEFAULTS, without=part))
    assert (one.successes, one.failures) == (won, lost)
    refused = known([past(worth=0.0)], params=replace(DEFAULTS, without=part))
    assert (refused.failures == 0) is (part == "negatives")
