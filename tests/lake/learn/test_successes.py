"""Successes that are told without a search: once, replaced, in bulk, and what is refused."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from lakehouse.base.errors import Invalid, LakehouseError, NotFound, Refused
from lakehouse.lake.facade import Lakehouse
from lakehouse.llm.fake import FakeEmbedder
from tests.lake.learn.conftest import opened

MODEL = str(FakeEmbedder(dimension=64).model)
GOOD: Mapping[str, object] = {
    "query_text": "somebody for pipes",
    "answer_id": "4",
    "answer_corpus": "resumes",
}


def told(lake: Lakehouse, **more: object) -> Mapping[str, object]:
    (done,) = lake.playbook.record_many([{**GOOD, **more}])
    if done.problem:
        raise done.problem
    assert done.told is not None
    return {"id": done.told.search_id, "new": done.told.is_new}


def worth(lake: Lakehouse) -> list[float]:
    return [past.worth for row in lake.playbook.why("somebody for pipes").rows for past in row.past]


def test_a_success_moves_its_row_for_a_like_question(lake: Lakehouse) -> None:
    lake.playbook.record("somebody for pipes", "4", answer_corpus="resumes", source="ann")
    (row,) = (hit for hit in lake.search("pipes, somebody", k=5).hits if hit.id == "4")
    assert (row.parts.boost or 0) > 0
    assert "somebody for pipes" in row.why


def test_the_same_twice_adds_nothing_and_another_score_replaces_the_first(lake: Lakehouse) -> None:
    first = told(lake, score=0.9, source="ann")
    assert told(lake, score=0.9, source="ann") == {"id": first["id"], "new": False}
    assert lake.playbook.stats().outcomes == 1
    assert told(lake, score=0.4, source="ann") == first
    assert worth(lake) == [0.4]
    assert told(lake, score=0.4, source="bob")["id"] != first["id"]


def test_the_id_is_the_same_in_every_lake_and_process(lake: Lakehouse, root: Path) -> None:
    first = told(lake)
    lake.close()
    with opened(root) as again:
        assert told(again) == {"id": first["id"], "new": False}


def test_role_and_tags_are_kept_with_the_event(lake: Lakehouse) -> None:
    told(lake, role="foreman", tags=["night", "cold"])
    ((extra,),) = lake.sql("SELECT extra FROM system.outcomes").rows()
    assert str(extra) == '{"role":"foreman","tags":["night","cold"]}'


def test_of_many_each_bad_one_has_its_reason_and_the_others_are_kept_in_one_write(
    lake: Lakehouse, root: Path
) -> None:
    entries = [{**GOOD, "query_text": f"pipes number{n}"} for n in range(20)]
    bad = [{**GOOD, "answer_id": "99"}, {**GOOD, "score": 2}, {}]
    done = lake.playbook.record_many([*entries[:10], *bad, *entries[10:]])
    assert [type(one.problem) for one in done[10:13]] == [NotFound, Invalid, Invalid]
    assert all(one.told and one.told.is_new for one in (*done[:10], *done[13:]))
    assert lake.playbook.stats().outcomes == 20
    assert len(list((root / "journal" / "outcomes").iterdir())) == 1


def test_of_the_same_twice_in_one_call_the_later_score_holds(lake: Lakehouse) -> None:
    first, again, other = lake.playbook.record_many([GOOD, GOOD, {**GOOD, "score": 0.5}])
    assert [one.told and one.told.is_new for one in (first, again, other)] == [True, False, True]
    assert worth(lake) == [0.5]
    assert lake.playbook.record_many([]) == ()


def test_a_vector_of_the_lakes_own_model_is_taken_as_it_is(lake: Lakehouse) -> None:
    (vector,) = FakeEmbedder(dimension=64).embed(["zebra"], use="query")
    told(lake, vector=vector.tolist(), model=MODEL)
    assert lake.playbook.why("somebody for pipes").similarity < 0.9
    assert lake.playbook.why("somebody for pipes").similarity >= 0.5


@pytest.mark.parametrize(
    ("wrong", "kind", "said"),
    [
        ({"query_text": " "}, Invalid, "query_text"),
        ({"query_text": "x" * 40_000}, Invalid, "query_text"),
        ({"query_text": "half \ud800"}, Invalid, "half a character"),
        ({"answer_id": 4}, Invalid, "answer_id"),
        ({"answer_id": "99"}, NotFound, "no row '99'"),
        ({"answer_corpus": "nobody"}, NotFound, "nobody"),
        ({"score": -0.1}, Invalid, "score"),
        ({"score": True}, Invalid, "score"),
        ({"score": float("nan")}, Invalid, "score"),
        ({"source": "x" * 201}, Invalid, "source"),
        ({"tags": "night"}, Invalid, "tags"),
        ({"tags": ["x"] * 65}, Invalid, "tags"),
        ({"colour": "red"}, Invalid, "no 'colour'"),
        ({"vector": [1.0] * 64, "model": "another@1"}, Refused, "not known to be of the model"),
        ({"vector": [1.0] * 64}, Refused, "not known to be of the model"),
        ({"vector": [1.0] * 63, "model": MODEL}, Refused, "63 members, not 64"),
        ({"vector": [0.0] * 64, "model": MODEL}, Invalid, "no length"),
        ({"vector": ["x"], "model": MODEL}, Invalid, "list of numbers"),
    ],
)
def test_what_cannot_be_a_success_is_refused_with_its_reason(
    lake: Lakehouse, wrong: Mapping[str, object], kind: type[LakehouseError], said: str
) -> None:
    with pytest.raises(kind) as caught:
        told(lake, **wrong)
    assert said in caught.value.message
    assert caught.value.hint
    assert lake.playbook.stats().outcomes == 0


def test_without_a_model_words_are_compared_and_no_vector_fits(root: Path) -> None:
    with opened(root, has_model=False) as lake:
        with pytest.raises(Refused, match="by words only"):
            told(lake, vector=[1.0] * 64, model=MODEL)
        told(lake)
        assert lake.playbook.why("somebody for pipes").rows[0].id == "4"
    with opened(root) as lake:  # now questions have vectors, and are another kind
        assert lake.playbook.why("somebody for pipes").stratum == "none"
        told(lake, score=0.7)
        assert lake.playbook.stats().damaged == 0


def test_more_than_the_most_are_refused(lake: Lakehouse) -> None:
    with pytest.raises(Invalid, match="at most 10,000"):
        lake.playbook.record_many([GOOD] * 10_001)
