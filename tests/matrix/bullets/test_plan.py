"""What each operation writes, and the kind of error with which it says why not; nothing is written here."""

from collections.abc import Callable
from functools import partial

import pytest

from lakehouse.base.errors import Conflict, Invalid, LakehouseError, NotFound, Refused
from lakehouse.matrix.bullets import plan
from lakehouse.matrix.bullets.bullet import DocRef, Status
from lakehouse.matrix.bullets.draft import Read
from lakehouse.matrix.bullets.events import Event
from lakehouse.matrix.bullets.fold import State
from lakehouse.matrix.bullets.hygiene.verdict import Rule, Verdict
from tests.matrix.bullets.desk import BUS, CALL, CARD
from tests.matrix.bullets.logs import ADDED, APART, entry, folded, given, serve, stamped, state_of

REF = DocRef(table="jobs", row="7", digest="d7")
WAITING = Event(op="add", entry_id="w", content=CARD, status="quarantined", rule="no_evidence")
ORDERED = Event(op="add", entry_id="o", content=CARD, status="quarantined", rule="order")
GONE = Event(op="retire", entry_id="b", reason="the client left")
BOTH = (entry("a"), entry("b", BUS))


def refused(call: Callable[[], object], kind: type[LakehouseError]) -> LakehouseError:
    """The error of a call, which has a hint."""
    with pytest.raises(kind) as found:
        call()
    assert found.value.hint
    return found.value


def updated(
    state: State, name: str, fields: Read, *, status: Status | None = None, verdict: Verdict = ADDED
) -> Event | None:
    return plan.update(state, name, fields, status=status, verdict=verdict, source="eva", reason="why")


def merged(state: State, *names: str, fields: Read | None = None, verdict: Verdict = ADDED) -> Event:
    return plan.merge(state, names, fields or given(), verdict=verdict, source="eva", reason="one habit")


def test_a_rejected_candidate_leaves_its_rule_and_nothing_of_its_text() -> None:
    verdict = Verdict(outcome="reject", rule="secret", reason="it holds a service key")
    fields = given(content=CALL, evidence=["s9"], scope={"role": "welder"}, section="calling")
    event = plan.add(State(), "new", fields, verdict=verdict, source="anna")
    assert event == Event(op="reject", rule="secret", reason="it holds a service key", source="anna")


def test_a_rejected_copy_names_the_entry_that_says_it() -> None:
    verdict = Verdict(outcome="reject", rule="duplicate", entry_id="a")
    assert plan.add(state_of(*BOTH), "new", given(content=CALL), verdict=verdict, source="").entry_id == "a"


def test_a_link_brings_evidence_and_changes_no_text() -> None:
    verdict = Verdict(outcome="link", rule="duplicate", reason="it says the same", entry_id="a")
    event = plan.add(
        state_of(*BOTH), "new", given(content=BUS, evidence=["s2"]), verdict=verdict, source="eva"
    )
    assert (event.op, event.entry_id, event.evidence, event.status) == ("link", "a", ("s2",), None)
    assert (event.content, event.section, event.scope, event.doc_refs) == (None, None, None, None)


def test_a_link_frees_what_waits_for_evidence_and_not_what_waits_for_a_person() -> None:
    state = state_of(WAITING, ORDERED)
    status = {
        name: plan.add(
            state,
            "new",
            given(content=CARD, evidence=["s2"]),
            verdict=Verdict(outcome="link", rule="duplicate", entry_id=name),
            source="",
        ).status
        for name in ("w", "o")
    }
    assert status == {"w": "active", "o": None}


def test_a_link_to_an_entry_that_is_not_there_is_not_written() -> None:
    verdict = Verdict(outcome="link", rule="duplicate", entry_id="nobody")
    refused(lambda: plan.add(State(), "n", given(content=CALL), verdict=verdict, source=""), NotFound)


@pytest.mark.parametrize(
    ("verdict", "is_trial", "status"),
    [(ADDED, False, "active"), (ADDED, True, "shadow"), (APART, False, "quarantined"),
     (APART, True, "quarantined")],
)  # fmt: skip
def test_a_new_entry_is_active_on_trial_or_kept_apart(verdict: Verdict, is_trial: bool, status: str) -> None:
    event = plan.add(State(), "n", given(content=CALL), verdict=verdict, source="anna", is_trial=is_trial)
    assert (event.op, event.entry_id, event.status, event.rule) == ("add", "n", status, verdict.rule)
    assert (event.section, event.content, event.source) == (plan.GENERAL, CALL, "anna")


def test_an_update_writes_what_is_given_and_leaves_the_rest_open() -> None:
    event = updated(state_of(*BOTH), "a", given(section="calling"))
    assert event == Event(op="update", entry_id="a", section="calling", reason="why", source="eva")


@pytest.mark.parametrize(
    "fields",
    [{"content": CALL}, {"section": "general"}, {"scope": {}}, {"evidence": ["s1"]}, {"evidence": []},
     {"doc_refs": []}, {"content": f"  {CALL} ", "section": "general", "evidence": ["s1"]}],
)  # fmt: skip
def test_an_update_to_what_stands_already_writes_nothing(fields: dict[str, object]) -> None:
    assert updated(state_of(*BOTH), "a", given(**fields)) is None


def test_an_update_to_the_status_that_stands_writes_nothing_and_to_another_does() -> None:
    state = state_of(*BOTH)
    assert updated(state, "a", given(), status="active") is None
    event = updated(state, "a", given(), status="shadow")
    assert event
    assert (event.status, event.reason) == ("shadow", "why")


def test_a_new_text_that_must_wait_takes_the_entry_out_of_use_whatever_status_was_asked() -> None:
    event = updated(state_of(*BOTH), "a", given(content=CARD), status="active", verdict=APART)
    assert event
    assert (event.status, event.rule, event.reason) == ("quarantined", "order", APART.reason)


def test_an_update_without_anything_is_invalid_and_one_of_nobody_is_not_found() -> None:
    state = state_of(*BOTH)
    refused(lambda: updated(state, "a", given()), Invalid)
    refused(lambda: updated(state, "nobody", given()), NotFound)


def test_a_retired_entry_is_not_updated_and_the_error_says_why_it_went() -> None:
    error = refused(lambda: updated(state_of(*BOTH, GONE), "b", given(section="x")), Refused)
    assert "the client left" in str(error)
    assert "b" in error.hint


def test_an_entry_that_was_merged_says_into_which() -> None:
    state = state_of(*BOTH, Event(op="merge", entry_id="a", entries=(("b", 1),), reason="same"))
    assert "merged into a" in str(refused(lambda: updated(state, "b", given(section="x")), Refused))


@pytest.mark.parametrize("rule", ["secret", "loop", "retired", "unproven", "too_long"])
def test_what_hygiene_keeps_out_is_refused_with_its_rule(rule: Rule) -> None:
    verdict = Verdict(outcome="reject", rule=rule, reason="because")
    error = refused(lambda: updated(state_of(*BOTH), "a", given(content=CARD), verdict=verdict), Refused)
    assert (error.context, rule in str(error), "because" in str(error)) == ({"rule": rule}, True, True)
    assert CARD not in str(error)


@pytest.mark.parametrize("outcome", ["reject", "link"])
def test_a_change_to_what_another_entry_says_is_a_conflict_that_names_it(outcome: str) -> None:
    verdict = Verdict(outcome="link" if outcome == "link" else "reject", rule="duplicate", entry_id="b")
    for call in (
        lambda: updated(state_of(*BOTH), "a", given(content=BUS), verdict=verdict),
        lambda: merged(state_of(*BOTH, entry("c", CARD)), "a", "c", verdict=verdict),
    ):
        assert refused(call, Conflict).hint.endswith(" b")


def test_a_merge_names_the_versions_that_retire_and_takes_evidence_and_rows_of_all() -> None:
    more = Event(op="update", entry_id="b", section="travel", evidence=("s3",), doc_refs=(REF,))
    event = merged(state_of(entry("a"), entry("b", BUS), more), "a", "b", fields=given(evidence=["s9"]))
    assert (event.op, event.entry_id, event.entries) == ("merge", "a", (("b", 2),))
    assert (event.evidence, event.doc_refs, event.content) == (("s9", "s1", "s3"), (REF,), None)
    assert (event.status, event.rule, event.reason) == (None, "", "one habit")


def test_a_merge_that_must_wait_says_by_which_rule() -> None:
    event = merged(state_of(*BOTH), "a", "b", fields=given(content=CARD), verdict=APART)
    assert (event.status, event.rule) == ("quarantined", "order")


def test_a_merge_keeps_no_more_evidence_than_an_entry_may_have() -> None:
    ids = [tuple(f"{name}{n}" for n in range(150)) for name in "xy"]
    state = state_of(entry("a", evidence=ids[0]), entry("b", BUS, evidence=ids[1]))
    assert merged(state, "a", "b").evidence == (*ids[0], *ids[1][:50])


def test_a_merge_needs_two_different_entries_and_at_most_fifty() -> None:
    many = state_of(*(entry(f"e{n}") for n in range(51)))
    for names in ((), ("e1",), ("e1", "e1"), tuple(f"e{n}" for n in range(51))):
        refused(partial(merged, many, *names), Invalid)
    assert len(merged(many, *(f"e{n}" for n in range(50))).entries) == 49


def test_only_entries_that_are_there_and_in_use_are_merged() -> None:
    state = state_of(*BOTH, entry("c", CARD), ORDERED, GONE)
    assert "quarantine" in str(refused(lambda: merged(state, "a", "o"), Refused))
    assert "retired" in str(refused(lambda: merged(state, "a", "b"), Refused))
    refused(lambda: merged(state, "a", "nobody"), NotFound)
    assert merged(state, "a", "c").entries == (("c", 1),)


def test_scopes_that_differ_are_merged_where_one_is_said_for_all() -> None:
    scoped = Event(op="add", entry_id="s", content=CARD, scope=(("city", "Bonn"),))
    state = state_of(entry("a"), scoped)
    assert "scope" in refused(lambda: merged(state, "a", "s"), Invalid).hint
    assert merged(state, "a", "s", fields=given(scope={"city": "Bonn"})).scope == (("city", "Bonn"),)


def test_an_entry_is_retired_once() -> None:
    state = state_of(*BOTH, GONE)
    assert plan.retire(state, "a", reason="r", source="eva") == Event(
        op="retire", entry_id="a", reason="r", source="eva"
    )
    assert plan.retire(state, "b", reason="again") is None
    refused(lambda: plan.retire(state, "nobody", reason="r"), NotFound)


@pytest.mark.parametrize("version", [0, 3, -1, True, "1", 1.0, None])
def test_a_version_that_an_entry_does_not_have_is_not_found(version: object) -> None:
    state = state_of(entry("a"), Event(op="update", entry_id="a", content=BUS))
    error = refused(lambda: plan.restore(state, "a", version=version, reason="r"), NotFound)
    assert "1 to 2" in str(error)


def test_the_version_that_stands_is_not_restored_and_an_earlier_one_is() -> None:
    state = state_of(entry("a"), Event(op="update", entry_id="a", content=BUS))
    assert plan.restore(state, "a", version=2, reason="r") is None
    assert plan.restore(state, "a", version=1, reason="r") == Event(
        op="restore", entry_id="a", to_version=1, reason="r"
    )


def test_going_back_restores_what_changed_retires_what_was_not_there_and_leaves_the_rest() -> None:
    change = Event(op="update", entry_id="a", content=CARD)
    state = state_of(*BOTH, serve("c", ("a", 1)), change, entry("late", CARD))
    events = plan.restore_all(state, "E003", reason="r")
    assert [(one.op, one.entry_id, one.to_version) for one in events] == [
        ("restore", "a", 1),
        ("retire", "late", 0),
    ]
    assert plan.restore_all(state, "E005", reason="r") == ()


def test_going_back_past_a_merge_brings_the_merged_entry_back() -> None:
    log = stamped(*BOTH, Event(op="merge", entry_id="a", entries=(("b", 1),), reason="same"))
    events = plan.restore_all(folded(*log), "E002", reason="r")
    after = folded(*stamped(*log, *events))
    assert [(one.entry_id, one.status, one.content, one.merged_into) for one in after] == [
        ("a", "active", CALL, ""),
        ("b", "active", BUS, ""),
    ]


def test_an_event_that_nobody_knows_is_not_found_but_a_moment_is_any_id() -> None:
    state = state_of(*BOTH)
    refused(lambda: plan.restore_all(state, "E0015", reason="r"), NotFound)
    back = plan.restore_all(state, "E0015", reason="r", is_moment=True)
    assert [(one.op, one.entry_id) for one in back] == [("retire", "b")]
    start = plan.restore_all(state, "A", reason="r", is_moment=True)
    assert [one.entry_id for one in start] == ["a", "b"]


def test_a_call_is_told_only_what_it_was_not_given_before() -> None:
    state = state_of(*BOTH, serve("c1", ("a", 1)))
    assert plan.serve(state, "c1", [("a", 1)]) is None
    assert plan.serve(state, "c1", []) is None
    for wanted in (("a", 2), ("b", 1)):
        event = plan.serve(state, "c1", [("a", 1), wanted])
        assert event == Event(op="serve", call_id="c1", entries=(wanted,))
    assert plan.serve(state, "c2", [("a", 1)]) == serve("c2", ("a", 1))


def voted(helpful: object = None, difference: object = None, *, source: str = "", call: str = "c1") -> Event:
    change = Event(op="update", entry_id="a", content=BUS, source="ben")
    state = state_of(entry("a", source="anna"), entry("b", CARD), serve("c1", ("a", 1)), change)
    return plan.vote(state, "a", call_id=call, helpful=helpful, difference=difference, source=source)


@pytest.mark.parametrize(
    "difference", [1.01, -1.01, float("nan"), float("inf"), True, "0.5", pytest.param(10**400, id="huge")]
)
def test_a_difference_is_a_finite_number_from_minus_one_to_one(difference: object) -> None:
    refused(lambda: voted(difference=difference), Invalid)


@pytest.mark.parametrize("helpful", [0, 1, "yes", 0.5])
def test_a_word_on_a_call_is_true_or_false(helpful: object) -> None:
    refused(lambda: voted(helpful), Invalid)


def test_a_vote_says_something_and_the_ends_of_the_scale_belong_to_it() -> None:
    refused(voted, Invalid)
    assert [voted(difference=one).difference for one in (-1, 0, 1)] == [-1.0, 0.0, 1.0]
    assert voted(helpful=False, difference=0.5).helpful is False


def test_only_a_call_that_was_served_the_entry_votes_on_it() -> None:
    assert "choose" in refused(lambda: voted(True, call="c2"), Refused).hint


@pytest.mark.parametrize("source", ["anna", "ben"])
def test_whoever_wrote_any_version_has_no_vote_and_everybody_else_has(source: str) -> None:
    refused(lambda: voted(True, source=source), Refused)
    assert voted(True, source="eva").source == "eva"
    assert voted(True).source == ""
