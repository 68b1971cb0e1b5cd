"""Entries as they are compared: the view follows the fold, and names who says it today."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.matrix.bullets.events import Event
from lakehouse.matrix.bullets.fold import State
from lakehouse.matrix.bullets.hygiene.wording import read
from lakehouse.matrix.bullets.known import Index
from lakehouse.matrix.bullets.params import BulletParams
from tests.matrix.bullets.desk import BUS, CALL, CARD
from tests.matrix.bullets.logs import entry, serve, stamped

PARAMS = BulletParams()


def indexed(*events: Event) -> tuple[State, Index]:
    """A fold and the view beside it, brought up to date after each event."""
    state = State()
    index = Index(state)
    for event in stamped(*events):
        state.apply(event)
        index.refresh()
    return state, index


def names(
    index: Index, text: str, *, cosines: dict[str, float] | None = None, but: frozenset[str] = frozenset()
) -> list[tuple[str, str]]:
    found = index.alike(read(text), cosines=cosines or {}, now_ms=10_000, params=PARAMS, but=but)
    return [(one.bullet.entry_id, one.how) for one in found]


def test_a_view_of_nothing_knows_nothing() -> None:
    _, index = indexed()
    assert list(index.every()) == []
    assert names(index, CALL) == names(index, "") == []
    assert names(index, CALL, cosines={"gone": 1.0}) == []


def test_the_view_knows_what_it_was_told_to_take_up_and_the_fold_forgets_that_it_changed() -> None:
    state = State()
    index = Index(state)
    state.apply(stamped(entry("a"))[0])
    assert names(index, CALL) == []
    index.refresh()
    assert names(index, CALL) == [("a", "exact")]
    assert state.touched == {}


def test_a_text_that_was_changed_is_known_by_its_new_words_only() -> None:
    _, index = indexed(entry("a"), Event(op="update", entry_id="a", content=BUS))
    assert names(index, CALL) == []
    assert names(index, BUS.upper()) == [("a", "exact")]
    assert [(one.content, wording) for one, wording in index.every()] == [(BUS, read(BUS))]


def test_retired_and_waiting_entries_are_compared_too() -> None:
    waiting = Event(op="add", entry_id="w", content=BUS, status="quarantined", rule="order")
    _, index = indexed(entry("a"), waiting, Event(op="retire", entry_id="a"))
    assert (names(index, CALL), names(index, BUS)) == ([("a", "exact")], [("w", "exact")])


def test_what_was_merged_speaks_through_the_entry_at_the_end_of_the_chain() -> None:
    merges = [Event(op="merge", entry_id=one, entries=((two, 1),)) for one, two in (("b", "a"), ("c", "b"))]
    _, index = indexed(entry("a"), entry("b", BUS), entry("c", CARD), *merges)
    assert [names(index, text)[0][0] for text in (CALL, BUS, CARD)] == ["c", "c", "c"]
    assert names(index, CALL, but=frozenset("c")) == []


def test_entries_that_were_merged_into_each_other_end_somewhere() -> None:
    _, index = indexed(
        entry("a"),
        entry("b", BUS),
        Event(op="merge", entry_id="a", entries=(("b", 1),)),
        Event(op="merge", entry_id="b", entries=(("a", 2),)),
    )
    assert {name for name, _ in (*names(index, CALL), *names(index, BUS))} <= {"a", "b"}
    assert names(index, CALL)


def test_entries_left_out_are_not_named_and_the_others_are() -> None:
    _, index = indexed(entry("a"), entry("b"), entry("c", BUS))
    assert names(index, CALL, but=frozenset("a")) == [("b", "exact")]
    assert names(index, CALL, but=frozenset("ab")) == []


def test_words_find_a_copy_and_vectors_what_shares_no_word() -> None:
    _, index = indexed(entry("a"), entry("b", BUS))
    assert names(index, f"Please note: {CALL}") == [("a", "near")]
    other = "Ring people before the sun rises"
    assert names(index, other) == []
    low, high = PARAMS.cosine - 0.01, PARAMS.cosine_sure
    assert names(index, other, cosines={"a": low, "b": high}) == [("b", "rephrased")]


def test_a_call_makes_an_entry_recent_for_the_window() -> None:
    _, index = indexed(entry("a"), serve("c1", ("a", 1)))
    for now_ms, is_recent in ((2000 + PARAMS.window_ms, True), (2001 + PARAMS.window_ms, False)):
        found = index.alike(read(CALL), cosines={}, now_ms=now_ms, params=PARAMS)
        assert [one.is_recent for one in found] == [is_recent]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([CALL, BUS, CARD])), max_size=8))
def test_a_view_kept_up_to_date_is_the_view_made_anew(changes: list[tuple[str, str]]) -> None:
    log = [entry(name, CALL) for name in "abc"]
    state, kept = indexed(
        *log, *(Event(op="update", entry_id=name, content=content) for name, content in changes)
    )
    anew = Index(state)
    state.touched.update(dict.fromkeys("abc"))
    anew.refresh()
    for text in (CALL, BUS, CARD):
        assert names(kept, text) == names(anew, text)
        assert [name for name, _ in names(kept, text)] == [
            one.entry_id for one in state if one.content == text
        ]
