"""What the memory says of a question: of which earlier searches, how strong, and what it must never mix."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.matrix.playbook.boost import Evidence
from lakehouse.matrix.playbook.events import Outcome
from lakehouse.matrix.playbook.memory import NOTHING, Boosts, Memory
from lakehouse.matrix.playbook.params import PlaybookParams
from tests.matrix.playbook.told import CORPUS, DAY, FORKLIFT, NOW, need, said, search, unit

ROW = (CORPUS, "a")
J = 0.6
"""Of everybody, before any audit."""


def knowing(*, params: PlaybookParams | None = None) -> Memory:
    memory = Memory(params or PlaybookParams())
    memory.tell(search("s"), [said("s")])
    return memory


def test_a_repeat_of_one_success_by_an_unaudited_source_is_worked_out_by_hand() -> None:
    found = knowing().boosts(need())
    assert (found.similarity, found.stratum, found.weight) == (pytest.approx(1), 2, 1)
    rate = (J + 0.15) / (J + 0.5)
    assert found.evidence[ROW].boost == pytest.approx(0.3 * (rate - 0.3) / 0.7)
    assert found.evidence[CORPUS, "c"].failures == pytest.approx(J / 3)
    assert found.injected == {ROW}


def test_an_empty_memory_and_a_strange_question_say_nothing() -> None:
    assert Memory().boosts(need()) == NOTHING
    assert knowing().boosts(need("pastry chef at dawn")) == NOTHING


def test_a_row_that_was_never_shown_has_no_evidence() -> None:
    assert knowing().boosts(need()).evidence.keys() == {(CORPUS, key) for key in "abc"}


def test_a_far_question_is_computed_in_shadow_and_brings_no_row_in() -> None:
    far = knowing().boosts(need("forklift driver wanted urgently"))
    assert 0.5 <= far.similarity < 0.65
    assert (far.stratum, far.weight, far.injected) == (0, 0, frozenset())
    assert far.evidence[ROW].successes > 0
    assert set(far.scaled().values()) == {0.0}


def test_searches_with_other_hard_keys_are_not_used_at_all() -> None:
    memory = Memory()
    memory.tell(replace(search("s"), keys={"city": "Berlin"}), [said("s")])
    asked = need()
    assert memory.boosts(asked) == NOTHING
    assert memory.boosts(replace(asked, keys={"city": "Bonn"})) == NOTHING
    assert memory.boosts(replace(asked, keys={"city": "Berlin", "role": "x"})) == NOTHING
    assert memory.boosts(replace(asked, keys={"city": "Berlin"})).injected == {ROW}


def test_vectors_of_another_model_are_never_compared() -> None:
    memory = Memory()
    memory.tell(search("s", vector=unit(1, 0)), [said("s")])
    asked = need(vector=unit(1, 0))
    assert memory.boosts(asked).injected == {ROW}
    assert memory.boosts(replace(asked, model="large")) == NOTHING


def test_a_model_that_changed_its_dimension_under_its_old_name_is_another_model() -> None:
    memory = Memory()
    memory.tell(search("s", vector=unit(1, 0)), [said("s")])
    memory.tell(search("t", vector=unit(1, 0, 0)), [said("t", "b")])
    assert memory.boosts(need(vector=unit(1, 0))).injected == {ROW}
    assert memory.boosts(need(vector=unit(1, 0, 0))).injected == {(CORPUS, "b")}


def test_a_search_that_lost_its_vector_does_not_keep_others_out() -> None:
    memory = Memory()
    memory.tell(replace(search("s"), model="small"), [said("s")])
    memory.tell(search("t", vector=unit(0, 1)), [said("t")])
    assert memory.boosts(need(vector=unit(0, 1))).similarity == pytest.approx(1)


def test_only_the_fifty_nearest_searches_are_heard_the_latest_of_one_wording_first() -> None:
    memory = Memory()
    for n in range(60):
        memory.tell(search(f"s{n}"), [said(f"s{n}", source=f"u{n}")])
    past = memory.past(need(), floor=0.5)
    assert [one.search_id for one in past] == [f"s{n}" for n in range(59, 9, -1)]
    assert memory.boosts(need()).evidence[ROW].successes == pytest.approx(50 * J)


def test_what_was_learned_fades_by_half_in_every_half_life() -> None:
    then = need(now_ms=NOW + 180 * DAY)
    assert knowing().boosts(then).evidence[ROW].successes == pytest.approx(J / 2)


def test_a_failure_counts_at_most_once_however_much_successes_are_amplified() -> None:
    won = Evidence(boost=0.2, successes=1.0, failures=0.0, searches=())
    lost = Evidence(boost=-0.1, successes=0.0, failures=1.0, searches=())
    found = Boosts(
        evidence={ROW: won, (CORPUS, "b"): lost}, similarity=1.0, stratum=2, weight=3.0, injected=frozenset()
    )
    assert found.scaled() == {ROW: pytest.approx(0.6), (CORPUS, "b"): -0.1}
    assert replace(found, weight=0.5).scaled() == {ROW: pytest.approx(0.1), (CORPUS, "b"): -0.05}


def test_a_source_that_is_distrusted_loses_what_it_said_before_and_regains_it() -> None:
    memory = knowing()
    before = memory.boosts(need()).evidence
    memory.distrust_only(["ann"])
    assert memory.boosts(need()).evidence == {}
    memory.distrust_only([])
    assert memory.boosts(need()).evidence == before


@pytest.mark.parametrize("part", ["injection", "strata"])
def test_a_part_that_is_left_out_for_measuring_is_out(part: str) -> None:
    memory = knowing(params=PlaybookParams(without=part))
    assert memory.boosts(need()).injected == (frozenset() if part == "injection" else {ROW})
    assert memory.boosts(need("forklift driver wanted urgently")).weight == (part == "strata")


OUTCOMES = st.lists(
    st.builds(
        said,
        st.sampled_from(["s", "t"]),
        st.sampled_from("abc"),
        st.sampled_from(["placed", "clicked", "rejected", "failed"]),
        source=st.sampled_from(["ann", "bob"]),
        at_ms=st.integers(NOW - DAY, NOW),
    ),
    max_size=12,
    unique_by=lambda one: one.at_ms,
)


def told(outcomes: list[Outcome]) -> Memory:
    memory = Memory()
    for one in outcomes:
        memory.tell(search(one.search_id, f"{FORKLIFT} {one.search_id}"), [one])
        memory.study()
    return memory


@given(OUTCOMES)
def test_the_order_in_which_outcomes_come_in_does_not_matter(outcomes: list[Outcome]) -> None:
    mixed = sorted(outcomes, key=lambda one: (one.key, one.source, one.kind, one.at_ms))
    one, other = told(outcomes).boosts(need()).evidence, told(mixed).boosts(need()).evidence
    assert one.keys() == other.keys()
    for doc, known in one.items():
        assert other[doc].boost == pytest.approx(known.boost, abs=1e-9)


@given(OUTCOMES)
def test_the_same_events_give_the_same_answers_bit_for_bit(outcomes: list[Outcome]) -> None:
    assert told(outcomes).boosts(need()) == told(outcomes).boosts(need())


@given(OUTCOMES)
def test_telling_everything_twice_changes_nothing(outcomes: list[Outcome]) -> None:
    assert told(outcomes + outcomes).boosts(need()).scaled() == told(outcomes).boosts(need()).scaled()
