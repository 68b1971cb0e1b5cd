"""Trust comes of audits alone: J of a source, by hand and by its bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.matrix.playbook.trust import Trust

SHARE = st.floats(0, 1)
ROWS = st.lists(st.tuples(SHARE, st.floats(0.01, 1), st.booleans()), max_size=30)
HONEST = [(1.0, 1.0, True), (0.0, 1.0, False)]
INVERTED = [(0.0, 1.0, True), (1.0, 1.0, False)]


def test_without_audits_everybody_has_the_same_middling_trust() -> None:
    assert Trust().weight("ann") == Trust().weight("") == pytest.approx(0.8 - 0.2)


def test_j_of_an_audited_source_is_worked_out_by_hand() -> None:
    trust = Trust()
    trust.learn("ann", HONEST * 2)
    pool_right, pool_wrong = (2 + 2 * 0.8) / (2 + 2), (0 + 2 * 0.2) / (2 + 2)
    right, wrong = (2 + 4 * pool_right) / (2 + 4), (0 + 6 * pool_wrong) / (2 + 6)
    assert trust.weight("ann") == pytest.approx(right - wrong)
    assert trust.weight("bob") == pytest.approx(pool_right - pool_wrong)


def test_a_source_that_says_the_contrary_of_the_truth_counts_nothing_and_never_less() -> None:
    trust = Trust()
    trust.learn("ann", HONEST * 20)
    trust.learn("mallory", INVERTED * 20)
    assert trust.weight("mallory") == 0
    assert trust.weight("ann") > 0.6


def test_a_pool_that_colludes_altogether_loses_all_trust_also_that_of_newcomers() -> None:
    trust = Trust()
    for n in range(10):
        trust.learn(f"mallory-{n}", INVERTED)
    assert [trust.weight(name) for name in ("mallory-0", "mallory-9", "newcomer")] == [0, 0, 0]


def test_a_source_that_says_the_same_of_all_rows_tells_nothing() -> None:
    trust = Trust()
    trust.learn("yes", [(1.0, 1.0, True), (1.0, 1.0, False)] * 200)
    assert trust.weight("yes") < 0.02


def test_a_right_row_far_down_that_nobody_saw_is_no_lie() -> None:
    looked, blamed = Trust(), Trust()
    looked.learn("ann", [(0.0, 0.1, True)] * 10)
    blamed.learn("ann", [(0.0, 1.0, True)] * 10)
    assert looked.weight("ann") > blamed.weight("ann")


def test_a_source_that_a_person_declared_bad_counts_nothing_whatever_audits_say() -> None:
    trust = Trust()
    trust.learn("ann", HONEST * 50)
    trust.distrust({"ann"})
    assert trust.weight("ann") == 0
    assert trust.weight("bob") > 0


@given(st.dictionaries(st.sampled_from(["ann", "bob", "cat"]), ROWS), st.sampled_from(["ann", "bob", "new"]))
def test_trust_is_from_0_to_1_whatever_audits_say(
    said: dict[str, list[tuple[float, float, bool]]], who: str
) -> None:
    trust = Trust()
    for source, rows in said.items():
        trust.learn(source, rows)
    assert 0 <= trust.weight(who) <= 1


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=20))
def test_one_more_true_word_never_costs_trust(words: list[tuple[bool, bool]]) -> None:
    rows = [(float(word), 1.0, is_right) for word, is_right in words]
    before, after = Trust(), Trust()
    before.learn("ann", rows)
    after.learn("ann", [*rows, (1.0, 1.0, True)])
    assert after.weight("ann") >= before.weight("ann") - 1e-12
