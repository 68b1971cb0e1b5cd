"""An index follows its table: what is new is found, what is edited is found anew, what is gone is not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.base.errors import Invalid, NotFound, Refused, Unavailable
from lakehouse.index.words.lexical import Document, Lexical
from lakehouse.lake.facade import Found, Lakehouse
from tests.lake.conftest import open_with


def ids(found: Found) -> list[str]:
    return [hit.id for hit in found.hits]


def built(lake: Lakehouse, **more: object) -> None:
    lake.index.build("resumes", table="people", text="resume", id="id", **more)  # type: ignore[arg-type]


def test_a_question_finds_the_rows_that_answer_it_with_their_proof(lake: Lakehouse) -> None:
    built(lake)
    found = lake.search("forklift operator", corpora=["resumes"], k=2)
    assert ids(found) == ["1", "3"]
    first = found.hits[0]
    assert first.rank == 1
    assert first.text == "Forklift operator with an OSHA-10 card and night shifts."
    assert (first.source.table, first.source.row, first.source.start) == ("people", "1", 0)
    assert first.parts.dense is not None
    assert first.parts.lexical is not None
    assert first.sql_verified
    assert found.snapshots == {"lake.people": lake.show("people").info.snapshot_id}


def test_a_new_row_is_found_by_words_at_once_and_by_meaning_after_a_refresh(lake: Lakehouse) -> None:
    built(lake)
    lake.upsert("people", [{"id": 9, "city": "Kiel", "resume": "Crane operator in the harbour."}], key="id")
    found = lake.search("crane", corpora=["resumes"], k=1)
    assert ids(found) == ["9"]
    assert found.hits[0].parts.dense is None
    assert "1 of 6 rows are found by words only so far" in found.notes[0]
    assert lake.index.refresh("resumes").embedded == 1
    again = lake.search("crane", corpora=["resumes"], k=1)
    assert again.hits[0].parts.dense is not None
    assert not again.notes


def test_an_edited_row_is_found_by_what_it_says_now_and_only_it_is_embedded(lake: Lakehouse) -> None:
    built(lake)
    lake.upsert("people", [{"id": 2, "resume": "Baker of bread and rolls."}], key="id")
    assert "2" not in [h.id for h in lake.search("nurse", k=5).hits if h.parts.lexical]
    done = lake.index.refresh("resumes")
    assert (done.embedded, done.removed) == (1, 0)
    assert lake.search("baker bread", k=1).hits[0].text == "Baker of bread and rolls."
    assert lake.index.refresh("resumes").embedded == 0


def test_a_deleted_row_is_never_found_again(lake: Lakehouse) -> None:
    built(lake)
    lake.delete("people", where="id = 1")
    assert "1" not in ids(lake.search("forklift operator", k=5))
    assert lake.index.refresh("resumes").removed == 1
    assert "1" not in ids(lake.search("forklift operator", k=5))


def test_a_row_without_text_or_id_is_counted_and_harms_nobody(lake: Lakehouse) -> None:
    lake.upsert("people", [{"id": 7, "city": "Ulm", "resume": "  "}, {"id": 8, "city": "Ulm"}], key="id")
    built(lake)
    done = lake.index.refresh("resumes")
    assert (done.rows, done.blank, done.keyless) == (5, 2, 0)


@pytest.mark.parametrize("where", ["city = 'Rome'", "city = 'Rome' AND id > 2", "resume LIKE '%cold%'"])
def test_a_condition_leaves_only_rows_that_sql_confirms(lake: Lakehouse, where: str) -> None:
    built(lake)
    found = lake.hybrid("forklift", index="resumes", where=where, k=5)
    allowed = {str(row[0]) for row in lake.sql(f"SELECT id FROM people WHERE {where}").rows()}
    assert ids(found)[0] == "3"
    assert set(ids(found)) <= allowed
    assert all(hit.sql_verified for hit in found.hits)


@pytest.mark.parametrize("where", ["id IN (SELECT id FROM people)", "1=1) OR (1=1", "1; DROP TABLE people"])
def test_a_condition_that_is_more_than_one_is_refused(lake: Lakehouse, where: str) -> None:
    built(lake)
    with pytest.raises((Refused, Invalid)) as error:
        lake.search("forklift", where=where)
    assert error.value.hint


def test_excluded_rows_are_left_out(lake: Lakehouse) -> None:
    built(lake)
    assert ids(lake.search("forklift operator", k=2, exclude=["1"]))[0] == "3"


def test_a_template_puts_columns_into_the_text(lake: Lakehouse) -> None:
    lake.index.build("cities", table="people", text="{city}: {resume}", id="id")
    assert ids(lake.search("bonn", corpora=["cities"], k=1)) == ["5"]


def test_without_a_model_words_answer_and_the_result_says_so(tmp_path: Path) -> None:
    with open_with(tmp_path / "lake", has_model=False) as lake:
        lake.upsert("people", [{"id": 1, "resume": "forklift operator"}], key="id")
        info = lake.index.build("resumes", table="people", text="resume", id="id")
        assert (info.embedded, info.waiting, info.model) == (0, 1, "")
        found = lake.search("forklift")
        assert ids(found) == ["1"]
        assert "by words only" in found.notes[0]
        with pytest.raises(Unavailable) as error:
            lake.embed(["x"])
        assert "make setup" in error.value.hint


def test_ready_vectors_are_searched_without_a_model(lake: Lakehouse) -> None:
    rows = [{"id": n, "v": [float(n == i) for i in range(4)]} for n in range(4)]
    bad = [
        {"id": 10, "v": [1.0]},
        {"id": 11, "v": [0.0] * 4},
        {"id": 12, "v": [float("nan")] * 4},
        {"id": 13, "v": None},
    ]
    lake.upsert("points", [*rows, *bad], key="id")
    lake.index.build("points", table="points", vector="v", id="id")
    assert lake.index.show("points").embedded == 4
    found = lake.search(vector=[0, 0, 5, 0.1], corpora=["points"], k=2)
    assert ids(found) == ["2", "3"]
    assert found.hits[0].score == pytest.approx(0.9998, abs=1e-3)
    with pytest.raises(Invalid, match="members"):
        lake.search(vector=[1, 2], corpora=["points"])


@pytest.mark.parametrize("vector", [[], [0.0] * 64, [float("nan")] * 64, [float("inf")] * 64])
def test_a_vector_that_is_none_is_refused_with_a_hint(lake: Lakehouse, vector: list[float]) -> None:
    built(lake)
    with pytest.raises(Invalid) as error:
        lake.search(vector=vector)
    assert error.value.hint


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"table": "nobody"}, NotFound), ({"text": "resumee"}, NotFound), ({"id": "nr"}, NotFound),
        ({"id": "city"}, Invalid), ({"name": "No Name"}, Invalid), ({"text": ""}, Invalid),
        ({"config": {"m": 1}}, Invalid), ({"speed": 3}, Invalid), ({"model": "gpt"}, Unavailable),
    ],
)  # fmt: skip
def test_an_index_that_cannot_be_is_refused_before_anything_is_made(
    lake: Lakehouse, wrong: dict[str, object], kind: type[Exception]
) -> None:
    asked = {"name": "resumes", "table": "people", "text": "resume", "id": "id"} | wrong
    with pytest.raises(kind) as error:
        lake.index.build(asked.pop("name"), **asked)
    assert error.value.hint  # type: ignore[attr-defined]
    assert lake.index.names() == ()


def test_the_id_is_found_where_none_is_given(lake: Lakehouse) -> None:
    assert lake.index.build("resumes", table="people", text="resume").id == "id"


def test_an_unknown_index_is_said_with_those_that_are_there(lake: Lakehouse) -> None:
    built(lake)
    with pytest.raises(NotFound) as error:
        lake.search("x", corpora=["resume"])
    assert "resumes" in error.value.hint


def test_many_new_rows_are_found_beside_a_generation_and_worn_ones_get_a_new_one(
    lake: Lakehouse, many: Callable[[int], None]
) -> None:
    many(50)
    built(lake)
    first = lake.index.show("resumes")
    assert first.generation == 1
    assert (first.fresh, first.dead, first.waiting) == (0, 0, 0)
    lake.upsert("people", [{"id": 9, "resume": "Crane operator in the harbour."}], key="id")
    lake.index.refresh("resumes")
    fresh = lake.index.show("resumes")
    assert (fresh.generation, fresh.fresh) == (1, 1)
    assert ids(lake.search("crane harbour", k=1)) == ["9"]
    lake.delete("people", where="id >= 100 AND id < 120")
    assert lake.index.show("resumes").dead == 20
    lake.index.refresh("resumes")
    assert lake.index.show("resumes").generation == 2


def test_a_generation_is_promoted_rolled_back_and_promoted_again(lake: Lakehouse) -> None:
    built(lake)
    lake.index.get("resumes").build(lambda _: None)
    assert lake.index.show("resumes").generation == 2
    lake.index.rollback("resumes")
    assert lake.index.show("resumes").generation == 1
    lake.index.rollback("resumes")
    assert lake.index.show("resumes").generation is None
    assert ids(lake.search("forklift operator", k=1)) == ["1"]
    lake.index.promote("resumes", 2, note="again")
    shown = lake.index.show("resumes")
    assert (shown.generation, shown.generations) == (2, (1, 2))
    with pytest.raises(NotFound):
        lake.index.promote("resumes", 7)


def test_a_lake_opened_again_searches_what_was_built(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    with open_with(root) as lake:
        lake.upsert("people", [{"id": 1, "resume": "forklift operator"}], key="id")
        built(lake)
    with open_with(root) as lake:
        assert ids(lake.search("forklift")) == ["1"]
        assert lake.index.show("resumes").generation == 1
        assert lake.sql("SELECT count(*) FROM _vectors.resumes").rows() == [(1,)]


def test_a_dropped_index_is_gone_and_its_table_stays(lake: Lakehouse) -> None:
    built(lake)
    lake.index.drop("resumes")
    assert lake.index.names() == ()
    assert not (lake.root / "indexes" / "resumes").exists()
    assert lake.show("people").info.rows == 5
    with pytest.raises(Unavailable):
        lake.search("forklift")


def test_vectors_of_another_model_are_not_mixed_but_made_anew(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    with open_with(root, dimension=64) as lake:
        lake.upsert("people", [{"id": n, "resume": f"worker {n}"} for n in range(5)], key="id")
        built(lake)
    with open_with(root, dimension=32) as lake:
        assert "is not here" in lake.search("worker").notes[0]
        assert lake.index.refresh("resumes").embedded == 5
        assert lake.index.show("resumes").dimension == 32
        assert lake.sql("SELECT count(DISTINCT model) FROM _vectors.resumes").rows() == [(1,)]
        assert lake.search("worker 3", k=1).hits[0].parts.dense is not None


def test_a_definition_that_cuts_otherwise_embeds_anew_and_another_one_does_not(lake: Lakehouse) -> None:
    long = " ".join(f"word{n}" for n in range(200))
    lake.upsert("people", [{"id": 1, "resume": long}], key="id")
    built(lake)
    assert lake.index.show("resumes").vectors == 5
    built(lake, min_recall=0.9)
    assert lake.index.refresh("resumes").embedded == 0
    built(lake, chunk_tokens=50, overlap_tokens=0)
    assert lake.index.show("resumes").vectors > 7


def test_an_index_follows_its_table_when_that_is_renamed_and_goes_when_it_is_dropped(lake: Lakehouse) -> None:
    built(lake)
    lake.rename("people", "workers")
    found = lake.search("forklift operator", k=1)
    assert (ids(found), found.hits[0].source.table, found.notes) == (["1"], "workers", ())
    assert lake.index.refresh("resumes").embedded == 0
    lake.drop("workers")
    assert lake.index.names() == ()


def test_an_index_whose_table_another_tool_dropped_is_shown_as_such_and_harms_no_search(
    lake: Lakehouse,
) -> None:
    built(lake)
    lake.upsert("skills", [{"id": 1, "text": "forklift licence"}], key="id")
    lake.index.build("skills", table="skills", text="text", id="id")
    lake.catalog("DELETE", ["namespaces", "lake", "tables", "people"], {})
    broken, whole = lake.index.ls()
    assert (broken.name, whole.name) == ("resumes", "skills")
    assert "people" in broken.problem
    assert not whole.problem
    assert [h.corpus for h in lake.search("forklift").hits] == ["skills"]
    with pytest.raises(NotFound):
        lake.search("forklift", corpora=["resumes"])
    lake.index.drop("resumes")


def test_several_corpora_are_searched_as_one(lake: Lakehouse) -> None:
    built(lake)
    lake.upsert("skills", [{"id": 1, "text": "forklift licence"}, {"id": 2, "text": "first aid"}], key="id")
    lake.index.build("skills", table="skills", text="text", id="id")
    found = lake.search("forklift", k=3)
    assert {(h.corpus, h.id) for h in found.hits} == {("resumes", "1"), ("resumes", "3"), ("skills", "1")}
    assert [h.rank for h in found.hits] == [1, 2, 3]
    assert set(found.snapshots) == {"lake.people", "lake.skills"}


def test_words_that_another_process_put_back_are_put_right_before_the_next_search(lake: Lakehouse) -> None:
    built(lake)
    assert ids(lake.search("nurse", k=1)) == ["2"]
    (folder,) = (lake.root / "indexes" / "resumes").glob("lexical-*")
    late = Lexical(folder)  # as one that read the table before the latest commit
    late.update([Document("2", "older", "a baker of bread")], ["1"])
    late.close()
    found = lake.search("nurse", k=1).hits[0]
    assert (found.id, found.text[:16]) == ("2", "Registered nurse")
    assert ids(lake.search("forklift operator", k=1)) == ["1"]


@pytest.mark.parametrize("name", ["\0", "x" * 300, "", " "])
def test_a_name_that_no_index_can_have_is_told_of_indexes_not_of_tables(lake: Lakehouse, name: str) -> None:
    with pytest.raises(Invalid, match="an index") as error:
        lake.index.show(name)
    assert error.value.hint == "lakehouse index ls"


def test_a_generation_that_is_not_there_is_told_with_those_that_are(lake: Lakehouse) -> None:
    lake.index.build("resumes", table="people", text="resume")
    with pytest.raises(NotFound, match="no generation 77") as error:
        lake.index.promote("resumes", 77)
    assert error.value.hint == "there are: 1"
