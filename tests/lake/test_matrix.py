"""Many corpora of a lake asked as one: attribution, conditions, what is lost, what was learned."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.base.errors import Invalid, LakehouseError, NotFound, Unavailable
from lakehouse.lake.facade import Lakehouse
from lakehouse.matrix.downgrade import Request
from lakehouse.matrix.found import MatrixFound
from tests.lake.conftest import open_with

ROLES = ("Welder", "Nurse", "Forklift Operator")
CITIES = ("Chicago", "Peoria", "Joliet")
WORKERS = [
    {
        "id": f"w{n}",
        "role": ROLES[n % 3],
        "city": CITIES[n // 3 % 3],
        "shift": ("day", "night")[n // 9 % 2],
        "body": f"{ROLES[n % 3]} number{n} who works hard",
    }
    for n in range(54)
]
JOBS = [{"id": "j1", "body": "Welder wanted for a shipyard"}, {"id": "j2", "body": "Nurse wanted"}]
RULES = [{"id": "p1", "body": "A welder wears a mask; overtime is paid"}]
CARD = {
    "name": "workers",
    "facets": ["role", "city", "shift"],
    "keys": ["role", "city"],
    "rows": ["worker", "people"],
}


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lakehouse]:
    with open_with(tmp_path / "lake") as lake:
        for name, rows in (("workers", WORKERS), ("jobs", JOBS), ("rules", RULES)):
            lake.upsert(f"{name}_t", rows, key="id")
            lake.index.build(name, table=f"{name}_t", text="body", id="id")
        lake.matrix.corpora.add(CARD)
        yield lake


def ids(found: MatrixFound) -> list[str]:
    return [one.hit.id for one in found.hits]


def meeting(lake: Lakehouse, where: str) -> set[str]:
    return {str(row[0]) for row in lake.sql(f"SELECT id FROM workers_t WHERE {where}").rows()}


def test_three_corpora_answer_with_their_names_and_no_more_than_their_share(lake: Lakehouse) -> None:
    found = lake.matrix.search("welder", k=10, per_corpus_k=2, strict=False)
    assert {one.hit.corpus for one in found.hits} == {"workers", "jobs", "rules"}
    assert {share.corpus: share.hits for share in found.corpora}["workers"] == 2
    assert [one.hit.rank for one in found.hits] == list(range(1, len(found.hits) + 1))
    assert all(one.hit.why.startswith(one.hit.corpus) and one.p is not None for one in found.hits)
    assert set(found.snapshots) == {"lake.workers_t", "lake.jobs_t", "lake.rules_t"}


@pytest.mark.parametrize(
    ("question", "where"),
    [
        ("welder not in Chicago", "role = 'Welder' AND city <> 'Chicago'"),
        ("nurse in Peoria, not nights", "role = 'Nurse' AND city = 'Peoria' AND shift <> 'night'"),
        ("people who are not welders", "role <> 'Welder'"),
        ("not in Chicago", "city <> 'Chicago'"),
    ],
)
def test_every_hit_meets_what_sql_says_of_the_question(lake: Lakehouse, question: str, where: str) -> None:
    found = lake.matrix.search(question, corpora=["workers"], k=50, per_corpus_k=50)
    assert ids(found)
    assert set(ids(found)) <= meeting(lake, where)
    assert all(one.hit.sql_verified for one in found.hits)


def test_structural_filters_hold_and_a_corpus_without_the_column_has_no_row(lake: Lakehouse) -> None:
    found = lake.matrix.search(
        "worker", k=20, role="nurse", metadata_filter={"city": ["Peoria", "Joliet"]}, strict=False
    )
    assert set(ids(found)) <= meeting(lake, "role = 'Nurse' AND city IN ('Peoria', 'Joliet')")
    assert {one.hit.corpus for one in found.hits} == {"workers"}
    assert next(s for s in found.corpora if s.corpus == "jobs").hits == 0


def test_a_corpus_whose_index_is_gone_fails_the_request_or_is_named(lake: Lakehouse) -> None:
    lake.matrix.corpora.add({"name": "jobs"})
    lake.index.drop("jobs")
    with pytest.raises(Unavailable, match="jobs"):
        lake.matrix.search("welder")
    found = lake.matrix.search("welder", partial=True)
    assert [one.corpus for one in found.missing] == ["jobs"]
    assert ids(found)
    with pytest.raises(NotFound, match="nope"):
        lake.matrix.search("welder", corpora=["workers", "nope"], partial=True)


def test_a_corpus_whose_table_is_gone_is_missing_too(lake: Lakehouse) -> None:
    lake.matrix.corpora.add({"name": "jobs"})
    lake.catalog("DELETE", ["namespaces", "lake", "tables", "jobs_t"], {})  # as another tool does it
    with pytest.raises(Unavailable, match="jobs"):
        lake.matrix.search("welder", corpora=["workers", "jobs"])
    found = lake.matrix.search("welder", corpora=["workers", "jobs"], partial=True)
    assert [one.corpus for one in found.missing] == ["jobs"]


def test_nothing_answers_in_a_microsecond_and_the_next_question_is_not_hurt(lake: Lakehouse) -> None:
    with pytest.raises(Unavailable, match="in time"):
        lake.matrix.search("welder in Chicago", deadline_s=1e-6)
    assert ids(lake.matrix.search("welder in Chicago"))


def test_an_acceptance_moves_nothing_where_a_hard_key_differs(lake: Lakehouse) -> None:
    first = lake.matrix.search("welder in Chicago", corpora=["workers"], k=6)
    taken = ids(first)[2]
    for n in range(3):
        lake.feedback(first.search_id, taken, outcome="placed", source=f"recruiter-{n}")
    again = lake.matrix.search("welder in Chicago", corpora=["workers"], k=6)
    assert ids(again).index(taken) < ids(first).index(taken)
    assert again.learning.moved
    elsewhere = lake.matrix.search("welder in Peoria", corpora=["workers"], k=6)
    assert elsewhere.learning.computed == 0
    assert taken not in ids(elsewhere)
    without = lake.matrix.search("welder in Chicago", corpora=["workers"], k=6, use_playbook=False)
    assert ids(without) == ids(first)
    left_out = lake.matrix.search("welder in Chicago", corpora=["workers"], k=6, exclude_ids=[taken])
    assert taken not in ids(left_out)


def test_what_was_learned_is_the_same_after_a_restart(lake: Lakehouse, tmp_path: Path) -> None:
    first = lake.matrix.search("welder in Chicago", corpora=["workers"], k=6)
    taken = ids(first)[-1]
    lake.feedback(first.search_id, taken, outcome="placed", source="recruiter")
    now = lake.matrix.search("welder in Chicago", corpora=["workers"], k=6)
    with open_with(tmp_path / "lake") as other:
        then = other.matrix.search("welder in Chicago", corpora=["workers"], k=6)
    assert [(one.hit.id, one.hit.score) for one in then.hits] == [
        (one.hit.id, one.hit.score) for one in now.hits
    ]


def test_two_corpora_over_one_index_show_each_row_once(lake: Lakehouse) -> None:
    lake.matrix.corpora.add(CARD | {"name": "night", "index": "workers", "filter": "shift = 'night'"})
    alone = lake.matrix.search("welder", corpora="night", k=20, per_corpus_k=20)
    assert set(ids(alone)) <= meeting(lake, "shift = 'night'")
    assert {one.hit.corpus for one in alone.hits} == {"night"}
    both = ids(lake.matrix.search("welder", corpora=["night", "workers"], k=20, per_corpus_k=20))
    assert len(both) == len(set(both))


def test_a_vocabulary_follows_its_table(lake: Lakehouse) -> None:
    assert not ids(lake.matrix.search("welder in Springfield", corpora=["workers"], metadata_filter={
        "city": "Springfield"}))  # fmt: skip
    lake.upsert("workers_t", [WORKERS[0] | {"id": "new", "city": "Springfield"}], key="id")
    found = lake.matrix.search("welder in Springfield", corpora=["workers"])
    assert "city is Springfield" in found.corpora[0].conditions
    assert ids(found) == ["new"]


def test_a_vector_asks_without_words_and_instead_of_them(lake: Lakehouse) -> None:
    vector = lake.embed(["Nurse wanted"], use="query").vectors[0].tolist()
    alone = lake.matrix.search(vector=vector, corpora=["jobs"], strict=False)
    assert ids(alone)[0] == "j2"
    beside = lake.matrix.search("shipyard", vector=vector, corpora=["jobs"], strict=False)
    assert {one.hit.id: one.hit.parts.dense for one in beside.hits}["j2"] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"query": ""}, Invalid),
        ({"query": "   "}, Invalid),
        ({"query": "👷"}, Invalid),
        ({"query": "x" * (1 << 20)}, Invalid),
        ({"query": 7}, Invalid),
        ({"k": 0}, Invalid),
        ({"k": True}, Invalid),
        ({"k": 1001}, Invalid),
        ({"per_corpus_k": 0}, Invalid),
        ({"deadline_s": 0}, Invalid),
        ({"deadline_s": float("nan")}, Invalid),
        ({"corpora": ["nope"]}, NotFound),
        ({"corpora": ["👷"]}, NotFound),
        ({"where": "nope = 1"}, Invalid),
        ({"vector": [0.1, 0.2]}, Invalid),
        ({"vector": []}, Invalid),
        ({"corpora": ["workers"], "metadata_filter": {"city": {"a": 1}}}, Invalid),
        ({"corpora": ["workers"], "metadata_filter": {"city": None}}, Invalid),
    ],
)
def test_foolish_questions_are_refused_in_words(
    lake: Lakehouse, wrong: dict[str, object], kind: type[LakehouseError]
) -> None:
    with pytest.raises(kind) as told:
        lake.matrix.search(**{"query": "welder", **wrong})  # type: ignore[arg-type]  # wrong on purpose
    assert told.value.hint


@pytest.mark.parametrize("question", ["the of and", "not", "not not not", "-", "in in in"])
def test_questions_that_say_nothing_find_nothing_or_are_refused(lake: Lakehouse, question: str) -> None:
    if question == "-":
        with pytest.raises(Invalid, match="no words"):
            lake.matrix.search(question)
        return
    found = lake.matrix.search(question)
    assert not found.is_answered
    assert found.why.startswith("not in the data")


def test_weak_models_come_from_the_settings_and_pairs_of_all_processes_count(
    lake: Lakehouse, tmp_path: Path
) -> None:
    assert lake.matrix.downgrade(Request(model="big")).downgraded_from == "composed"
    assert lake.matrix.downgrade(Request(model="tiny:free")).mode == "composed"
    with open_with(tmp_path / "lake") as other:
        for n in range(40):
            pairs = (other if n % 2 else lake).matrix.audit_context("big", "composed", 0.9).pairs
            assert pairs == n + 1
    kept = lake.matrix.downgrade(Request(model="big"))
    assert (kept.mode, kept.downgraded_from, kept.pairs) == ("composed", None, 40)


@pytest.mark.parametrize(("mode", "difference"), [("nope", 0.1), ("composed", 2), ("composed", float("nan"))])
def test_a_pair_that_cannot_be_is_not_written(lake: Lakehouse, mode: str, difference: float) -> None:
    with pytest.raises(Invalid):
        lake.matrix.audit_context("big", mode, difference)  # type: ignore[arg-type]  # wrong on purpose
    assert lake.matrix.downgrade(Request(model="big")).pairs == 0


def test_corpora_are_built_out_of_tables_folders_and_queries(lake: Lakehouse, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text("# Masks\n\nA welder wears a mask.\n")
    built = lake.matrix.build_folder({"name": "notes"}, tmp_path / "notes")
    assert built.rows == 1
    rows = lake.matrix.build_sql(
        {"name": "night", "facets": ["city"]}, "SELECT * FROM workers_t WHERE shift = 'night'",
        id="id", text="body",
    )  # fmt: skip
    assert rows.rows == 27
    table = lake.matrix.build_table({"name": "people"}, table="workers_t", text="body", id="id")
    assert table.rows == 54
    assert {card.name for card in lake.matrix.corpora.ls()} >= {"notes", "night", "people"}
    assert ids(lake.matrix.search("mask", corpora=["notes"], strict=False))


def test_columns_that_questions_could_name_are_suggested(lake: Lakehouse) -> None:
    assert {facet.column for facet in lake.matrix.suggest("workers")} == {"role", "city", "shift"}
    with pytest.raises(NotFound):
        lake.matrix.suggest("nope")
