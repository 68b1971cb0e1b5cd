"""The playbook of a lake: kept before it is answered, seen by others, refused whole, and taken back."""

from dataclasses import replace

import pytest

from lakehouse.base.errors import Conflict, Invalid, LakehouseError, NotFound, Refused
from lakehouse.matrix.playbook.events import Outcome
from lakehouse.matrix.playbook.params import PlaybookParams
from lakehouse.store.local import LocalStore
from lakehouse.store.memory import MemoryStore
from tests.matrix.playbook.told import CORPUS, FORKLIFT, NOW, Desk, said, search


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def desk(store: MemoryStore) -> Desk:
    return Desk(store)


def test_what_was_placed_is_raised_and_what_was_passed_over_falls(desk: Desk) -> None:
    desk.show(search("s"))
    desk.tell(said("s", "b"))
    boosts = desk.boosts()
    assert boosts["b"] > 0 > boosts["c"] > boosts["a"]
    assert desk.ask()[CORPUS, "b"].joins
    assert FORKLIFT in desk.ask()[CORPUS, "b"].why


def test_a_row_that_no_search_showed_has_no_evidence(desk: Desk) -> None:
    desk.learn("s")
    assert "j" in desk.texts
    assert desk.boosts().keys() == {"a", "b", "c"}


def test_the_same_log_says_the_same_to_a_playbook_that_is_opened_later(
    desk: Desk, store: MemoryStore
) -> None:
    desk.learn("s")
    desk.learn("t", "b", source="bob")
    later = Desk(store)
    assert later.ask() == desk.ask()
    assert later.playbook.stats() == desk.playbook.stats()


def test_two_playbooks_over_one_folder_see_each_others_events(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("lake")
    one, other = Desk(LocalStore(folder)), Desk(LocalStore(folder))
    assert one.boosts() == other.boosts() == {}
    one.learn("s")
    other.wait()
    assert other.boosts() == pytest.approx(one.boosts())
    other.tell(said("s", "b", source="bob"))  # of a search that the other process showed
    one.wait()
    assert one.boosts() == other.boosts()
    assert one.playbook.stats().outcomes == other.playbook.stats().outcomes == 2


def test_a_row_whose_text_changed_counts_half_and_one_that_is_gone_nothing(desk: Desk) -> None:
    desk.learn("s")
    full = desk.boosts()["a"]
    desk.texts["a"] = "rewritten"
    rate = (0.6 * 0.5 + 0.15) / (0.6 * 0.5 + 0.5)
    assert desk.boosts()["a"] == pytest.approx(0.3 * (rate - 0.3) / 0.7)
    assert desk.boosts()["a"] < full
    del desk.texts["a"]
    assert "a" not in desk.boosts()


def test_success_of_the_text_of_today_counts_in_full_beside_that_of_an_older_text(desk: Desk) -> None:
    desk.learn("s")
    desk.texts["a"] = "rewritten"
    now = search("t")
    desk.show(replace(now, shown=tuple(replace(one, digest=desk.texts[one.key]) for one in now.shown)))
    desk.tell(said("t", source="bob"))
    won = 0.6 * 0.5 + 0.6
    assert desk.boosts()["a"] == pytest.approx(0.3 * ((won + 0.15) / (won + 0.5) - 0.3) / 0.7)


def test_while_it_is_off_it_learns_and_moves_nothing(store: MemoryStore) -> None:
    off = Desk(store, PlaybookParams(is_on=False))
    off.learn("s")
    assert off.boosts() == {}
    assert Desk(store).boosts()["a"] > 0


def test_a_far_question_moves_nothing_and_brings_nothing_before_audits_say_so(desk: Desk) -> None:
    desk.learn("s")
    assert desk.ask("forklift driver wanted urgently") == {}


@pytest.mark.parametrize(
    ("one", "error"),
    [(said("s", at_ms=NOW + 3_600_000), Invalid), (said("s", "z"), Refused), (said("unknown"), NotFound),
     (said("s", value=2.0), Invalid), (said("s", "c"), Conflict)],
    ids=["future", "not shown", "unknown search", "value", "gone"],
)  # fmt: skip
def test_what_is_refused_is_refused_whole_and_nothing_is_written(
    desk: Desk, store: MemoryStore, one: Outcome, error: type[LakehouseError]
) -> None:
    desk.show(search("s"))
    del desk.texts["c"]
    with pytest.raises(error):
        desk.tell(said("s"), one)
    assert list(store.list("journal/")) == []
    assert (desk.boosts(), desk.playbook.stats().outcomes) == ({}, 0)


def test_distrust_takes_back_what_a_source_said_long_ago_and_trust_gives_it_again(desk: Desk) -> None:
    desk.learn("s", source="mallory")
    before = desk.boosts()
    desk.playbook.control("distrust", "mallory", reason="sold placements")
    assert desk.boosts() == {}
    assert desk.playbook.stats().sources["mallory"] == 0
    desk.playbook.control("trust", "mallory")
    assert desk.boosts() == before


def test_a_row_that_is_retired_is_silent_until_it_is_restored(desk: Desk) -> None:
    desk.learn("s")
    before = desk.boosts()
    desk.playbook.control("retire_row", f"{CORPUS}/a")
    assert desk.boosts().keys() == {"b", "c"}
    desk.playbook.control("restore_row", f"{CORPUS}/a")
    assert desk.boosts() == before


def test_a_state_is_had_again_and_the_one_after_it_too(desk: Desk, store: MemoryStore) -> None:
    first = desk.learn("s")
    one = desk.boosts()
    second = desk.learn("t", "b", source="bob")
    two = desk.boosts()
    desk.playbook.control("rollback", "", to=first)
    assert desk.boosts() == one != two
    desk.playbook.control("rollback", "", to=second)
    assert desk.boosts() == Desk(store).boosts() == two


def test_a_rollback_to_what_never_was_is_refused_and_nothing_is_written(
    desk: Desk, store: MemoryStore
) -> None:
    desk.learn("s")
    written = len(list(store.list("journal/")))
    with pytest.raises(NotFound):
        desk.playbook.control("rollback", "", to="01NEVER")
    assert len(list(store.list("journal/"))) == written


def test_learning_goes_on_after_a_rollback_with_a_search_that_it_took_out(desk: Desk) -> None:
    first = desk.learn("s")
    desk.learn("t", "b", source="bob")
    desk.playbook.control("rollback", "", to=first)
    desk.tell(said("t", "c", source="bob"))
    assert desk.boosts()["c"] > 0
    assert desk.playbook.stats().damaged == 0


def test_the_answer_to_a_feedback_says_what_was_kept_and_what_the_word_counts(desk: Desk) -> None:
    desk.show(search("s"))
    (told,) = desk.playbook.tell([said("s", "b")], find=lambda _: None, exists=lambda *_: True)
    assert (told.search_id, told.corpus, told.doc_id, told.rank, told.trust) == ("s", CORPUS, "b", 2, 0.6)
    assert told.event_id == desk.playbook.stats().version


def test_a_search_of_another_process_is_found_in_its_log(desk: Desk) -> None:
    desk.playbook.tell([said("s")], find=search, exists=lambda *_: True)
    assert desk.boosts()["a"] > 0


def test_rows_of_corpora_that_are_not_asked_stay_out(desk: Desk) -> None:
    desk.learn("s")
    assert all(corpus == CORPUS for corpus, _ in desk.ask())
    assert desk.ask("pastry chef at dawn") == {}
