"""Outcomes move later searches, visibly; what cannot be told is refused with its reason, and not kept."""

import json
from collections.abc import Mapping

import pytest

from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Conflict, Invalid, LakehouseError, NotFound, Refused
from lakehouse.lake.facade import Lakehouse
from tests.lake.learn.conftest import ASKED, START_MS, accept, order

DAY_MS = 86_400_000


def test_a_row_that_was_taken_rises_for_a_question_like_that_one(lake: Lakehouse) -> None:
    before = lake.search("driver of a forklift", k=5, playbook=False)
    accept(lake, "4")
    after = lake.search("driver of a forklift", k=5)
    (row,) = (hit for hit in after.hits if hit.id == "4")
    assert order(before).index("4") > order(after).index("4")
    assert row.parts.boost is not None
    assert row.parts.boost > 0
    assert ASKED in row.why
    assert after.learning.moved > 0


def test_without_the_playbook_nothing_moves_and_the_search_is_remembered_all_the_same(
    lake: Lakehouse,
) -> None:
    accept(lake, "1")
    found = lake.search(ASKED, k=5, playbook=False)
    assert {hit.parts.boost for hit in found.hits} == {None}
    assert lake.feedback(found.search_id, found.hits[0].id, outcome="clicked").rank == 1


def test_a_question_about_something_else_hears_nothing(lake: Lakehouse) -> None:
    accept(lake, "1")
    found = lake.search("ledgers and payroll", k=5)
    assert {hit.parts.boost for hit in found.hits} == {None}


def test_what_was_told_is_rows_of_sql(lake: Lakehouse) -> None:
    found = accept(lake, "1", sources=("ann",))
    lake.playbook.control("distrust", "ann", reason="a robot")
    outcomes = "SELECT search_id, corpus, doc_id, outcome, source, rank, audit FROM system.outcomes"
    rank = order(found).index("1") + 1
    assert lake.sql(outcomes).rows() == [(found.search_id, "resumes", "1", "accepted", "ann", rank, False)]
    controls = "SELECT op, subject, reason FROM system.playbook"
    assert lake.sql(controls).rows() == [("distrust", "ann", "a robot")]
    searches = "SELECT query, rows, shown, model, learning FROM system.searches"
    ((query, rows, shown, model, learning),) = lake.sql(searches).rows()
    assert (query, rows) == (ASKED, len(found.hits))
    assert [row[:3] for row in json.loads(str(shown))] == [["resumes", h.id, h.rank] for h in found.hits]
    assert str(model).startswith("fake@")
    assert json.loads(str(learning)) == {"computed": 0, "hit": 0, "moved": 0, "injected": 0}


@pytest.mark.parametrize(
    ("told", "kind", "said"),
    [
        ({"search_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}, NotFound, "no such search"),
        ({"search_id": ""}, Invalid, "names search_id and doc_id"),
        ({"search_id": 7}, Invalid, "names search_id and doc_id"),
        ({"doc_id": "99"}, Refused, "was not shown"),
        ({"corpus": "others"}, Refused, "was not shown"),
        ({"outcome": "liked"}, Invalid, "outcome is unknown"),
        ({"outcome": "judged"}, Invalid, "needs its value"),
        ({"value": 1.5}, Invalid, "from 0 (wrong) to 1"),
        ({"value": float("nan")}, Invalid, "from 0 (wrong) to 1"),
        ({"value": True}, Invalid, "is a number"),
        ({"at_ms": START_MS + 120_000}, Invalid, "in the future"),
        ({"at_ms": -1}, Invalid, "since 1970"),
        ({"at_ms": 1 << 60}, Invalid, "since 1970"),
        ({"source": "x" * 201}, Invalid, "at most 200"),
    ],
)
def test_what_cannot_be_told_is_refused_and_all_that_came_with_it(
    lake: Lakehouse, told: Mapping[str, object], kind: type[LakehouseError], said: str
) -> None:
    found = lake.search(ASKED, k=3)
    good = {"search_id": found.search_id, "doc_id": found.hits[0].id, "outcome": "accepted"}
    with pytest.raises(kind) as caught:
        lake.playbook.feedback_many([good, {**good, **told}])
    assert said in caught.value.message
    assert caught.value.hint
    assert lake.playbook.stats().outcomes == 0
    assert lake.sql("SELECT count(*) FROM system.outcomes").rows() == [(0,)]


def test_more_than_the_most_are_refused_before_any_is_looked_at(lake: Lakehouse) -> None:
    with pytest.raises(Invalid, match="at most 10,000"):
        lake.playbook.feedback_many([{}] * 10_001)


def test_a_row_that_is_gone_takes_no_outcome(own: Lakehouse) -> None:
    lake = own
    found = lake.search(ASKED, k=3)
    lake.delete("people", where="id = 3")
    lake.index.refresh("resumes")
    with pytest.raises(Conflict, match="gone"):
        lake.feedback(found.search_id, "3", outcome="accepted")


def test_an_outcome_of_long_ago_counts_less_than_one_of_today(lake: Lakehouse, clock: FixedClock) -> None:
    accept(lake, "1", sources=("ann",))
    young = lake.playbook.why(ASKED).rows[0].boost
    clock.advance(360 * DAY_MS)
    assert 0 < lake.playbook.why(ASKED).rows[0].boost < young / 1.5


def test_a_condition_and_excluded_ids_hold_for_boosted_rows(lake: Lakehouse) -> None:
    accept(lake, "4", question="pipes and forklift")
    asked = "pipes and forklift"
    assert order(lake.search(asked, k=5))[0] == "4"
    assert "4" not in order(lake.search(asked, k=5, where="city = 'Oslo'"))
    assert "4" not in order(lake.search(asked, k=5, exclude=["4"]))


def test_a_success_brings_a_row_that_the_search_does_not_find(lake: Lakehouse) -> None:
    lake.playbook.record("zebra crossing guard", "5", answer_corpus="resumes", source="ann")
    assert "5" in order(lake.search("zebra crossing guard", k=5))
    assert "5" not in order(lake.search("zebra crossing guard", k=5, exclude=["5"]))
    assert "5" not in order(lake.search("zebra crossing guard", k=5, where="city <> 'Bonn'"))


def test_a_deleted_row_is_not_brought_back_and_a_changed_one_counts_less(own: Lakehouse) -> None:
    lake = own
    accept(lake, "1", sources=("ann",))
    (before,) = (row for row in lake.playbook.why(ASKED).rows if row.id == "1")
    lake.upsert("people", [{"id": 1, "resume": "Forklift operator, now retired."}], key="id")
    lake.index.refresh("resumes")
    (changed,) = (row for row in lake.playbook.why(ASKED).rows if row.id == "1")
    assert 0 < changed.boost < before.boost
    lake.delete("people", where="id = 1")
    lake.index.refresh("resumes")
    assert "1" not in order(lake.search(ASKED, k=5))
    assert "1" not in [row.id for row in lake.playbook.why(ASKED).rows]


def test_why_names_the_search_the_source_and_what_it_counts(lake: Lakehouse) -> None:
    found = accept(lake, "1", sources=("ann",))
    why = lake.playbook.why("a forklift driver")
    top = why.rows[0]
    assert (why.stratum, why.weight, top.id, top.corpus, top.joins) == ("repeat", 1.0, "1", "resumes", True)
    (past,) = top.past
    assert (past.search_id, past.question, past.source, past.worth) == (found.search_id, ASKED, "ann", 0.8)
    assert past.trust == pytest.approx(0.6)
    (moved,) = (hit for hit in lake.search("a forklift driver", k=5).hits if hit.id == "1")
    assert moved.parts.boost == pytest.approx(top.boost, abs=1e-6)


def test_why_of_an_unknown_question_is_nothing_and_of_no_question_an_error(lake: Lakehouse) -> None:
    accept(lake, "1")
    assert (lake.playbook.why("ledgers and payroll").stratum, lake.playbook.why("tax").rows) == ("none", ())
    with pytest.raises(Invalid, match="empty"):
        lake.playbook.why("  ")
    with pytest.raises(NotFound):
        lake.playbook.why("tax", corpora=["nobody"])


def test_a_distrusted_source_loses_its_weight_in_hindsight_and_gets_it_back(lake: Lakehouse) -> None:
    before = order(lake.search(ASKED, k=5))
    accept(lake, "1", sources=("ann",))
    moved = lake.playbook.why(ASKED).rows[0].boost
    lake.playbook.control("distrust", "ann")
    assert order(lake.search(ASKED, k=5)) == before
    lake.playbook.control("trust", "ann")
    assert lake.playbook.why(ASKED).rows[0].boost == moved


def test_a_retired_row_does_not_move_until_it_is_restored(lake: Lakehouse) -> None:
    accept(lake, "4")
    moved = lake.playbook.why(ASKED).rows[0]
    lake.playbook.control("retire_row", "resumes/4")
    assert "4" not in [row.id for row in lake.playbook.why(ASKED).rows]
    (hit,) = (hit for hit in lake.search(ASKED, k=5).hits if hit.id == "4")
    assert hit.parts.boost is None
    lake.playbook.control("restore_row", "resumes/4")
    assert lake.playbook.why(ASKED).rows[0] == moved


def test_a_rollback_goes_back_and_a_rollback_of_it_gives_it_all_again(lake: Lakehouse) -> None:
    accept(lake, "1", sources=("ann",))
    (first,) = lake.playbook.history()
    accept(lake, "4", question="pipes", sources=("bob",))
    second = lake.playbook.history()[0]
    lake.playbook.control("rollback", to=first.version, reason="bob erred")
    assert lake.playbook.why("pipes").stratum == "none"
    assert lake.playbook.why(ASKED).rows[0].id == "1"
    shown = lake.playbook.history()
    assert [(one.what, one.is_undone) for one in shown] == [
        ("rollback", False), ("accepted", True), ("accepted", False),
    ]  # fmt: skip
    lake.playbook.control("rollback", to=second.version)
    assert lake.playbook.why("pipes").rows[0].id == "4"
    assert [one.is_undone for one in lake.playbook.history()] == [False, True, False, False]


@pytest.mark.parametrize(
    ("op", "subject", "to", "kind"),
    [
        ("forget", "x", "", Invalid),
        ("distrust", " ", "", Invalid),
        ("distrust", "x" * 2000, "", Invalid),
        ("retire_row", "1042", "", Invalid),
        ("rollback", "", "", Invalid),
        ("rollback", "", "01ARZ3NDEKTSV4RRFFQ69G5FAV", NotFound),
    ],
)
def test_a_control_that_says_nothing_sensible_is_refused(
    lake: Lakehouse, op: str, subject: str, to: str, kind: type[LakehouseError]
) -> None:
    with pytest.raises(kind) as caught:
        lake.playbook.control(op, subject, to=to)
    assert caught.value.hint
    assert lake.playbook.history() == ()


def test_the_history_says_what_by_whom_and_of_which_question(lake: Lakehouse) -> None:
    found = accept(lake, "1", sources=("ann",))
    lake.feedback(found.search_id, "3", outcome="judged", value=0.0, source="eve", audit=True)
    newest, oldest = lake.playbook.history()
    assert (oldest.what, oldest.subject, oldest.by, oldest.question) == (
        "accepted",
        "resumes/1",
        "ann",
        ASKED,
    )
    assert (newest.what, newest.by, newest.question, newest.reason) == (
        "audited judged",
        "eve",
        ASKED,
        "value 0",
    )
    assert newest.version > oldest.version
    assert lake.playbook.history(limit=1) == (newest,)
    for limit in (0, 10_001):
        with pytest.raises(Invalid, match="limit"):
            lake.playbook.history(limit=limit)
