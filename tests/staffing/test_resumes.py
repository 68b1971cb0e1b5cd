"""Resumes are indexed with role and papers: all by words, by meaning as many as there is time for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.assembly import open_lake
from lakehouse.lake.facade import Lakehouse, Progress
from lakehouse.lake.models import Models
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.settings import DurabilityParams, Settings
from lakehouse.staffing import resumes, sample
from lakehouse.staffing.schema import CANDIDATES

SCALE = 0.1
SETTINGS = Settings(durability=DurabilityParams(mode="process"))


def opened(root: Path, *, has_model: bool = True) -> Lakehouse:
    """A lake whose model is made of words: it takes no time."""
    models = Models(embedder=lambda: FakeEmbedder() if has_model else None, chat=lambda: None, entries=10_000)
    return open_lake(root, settings=SETTINGS, models=models)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lakehouse]:
    """A lake with 1,500 candidates."""
    with opened(tmp_path_factory.mktemp("resumes") / "lake") as lake:
        list(sample.load(lake, scale=SCALE))
        yield lake


def test_the_columns_that_lead_the_text_are_there() -> None:
    assert resumes.TEXT.format(**{name: name for name in CANDIDATES.names}).startswith("role, certificates.")
    assert CANDIDATES.name == resumes.TABLE
    assert CANDIDATES.key == "candidate_id"


def test_all_resumes_answer_by_words_and_a_bounded_part_by_meaning(lake: Lakehouse) -> None:
    told: list[Progress] = []
    info = resumes.build(lake, watch=told.append)
    assert (info.rows, info.embedded, info.waiting) == (1500, resumes.AT_ONCE, 1500 - resumes.AT_ONCE)
    assert [p for p in told if p.phase == "words"][-1].done == 1500
    meaning = [p for p in told if p.phase == "meaning"]
    assert {p.total for p in meaning} == {resumes.AT_ONCE}
    assert max(p.done for p in meaning) == resumes.AT_ONCE


def test_what_is_there_is_neither_made_nor_embedded_again(lake: Lakehouse) -> None:
    told: list[Progress] = []
    resumes.build(lake)
    resumes.build(lake, watch=told.append)
    assert told == []


def test_the_word_that_only_meaning_can_find_stands_in_no_resume(lake: Lakehouse) -> None:
    resumes.build(lake)
    word = resumes.SEARCHES[0].query
    found = lake.search(word, corpora=(resumes.NAME,), k=100)
    assert {hit.parts.lexical for hit in found.hits} == {None}
    said = f"SELECT count(*) FROM candidates WHERE concat(role, certificates, resume) ILIKE '%{word}%'"
    assert lake.sql(said).rows() == [(0,)]


def test_the_search_with_a_condition_finds_people_of_the_trade_whom_sql_confirms(lake: Lakehouse) -> None:
    resumes.build(lake)
    asked = resumes.SEARCHES[1]
    found = lake.search(asked.query, corpora=(resumes.NAME,), k=3, where=asked.where)
    allowed = {
        str(row[0]) for row in lake.sql(f"SELECT candidate_id FROM candidates WHERE {asked.where}").rows()
    }
    assert found.hits[0].text.startswith("Forklift Operator, ")
    assert {hit.id for hit in found.hits} <= allowed
    assert all(hit.sql_verified for hit in found.hits)


def test_the_rest_is_embedded_by_a_refresh(lake: Lakehouse) -> None:
    info = resumes.build(lake)
    assert lake.index.refresh(resumes.NAME).embedded == info.waiting
    assert lake.index.show(resumes.NAME).waiting == 0


def test_without_a_model_words_answer(tmp_path: Path) -> None:
    with opened(tmp_path / "lake", has_model=False) as lake:
        list(sample.load(lake, scale=0.01))
        info = resumes.build(lake)
        assert (info.rows, info.embedded) == (150, 0)
        assert lake.search("forklift", k=1).hits[0].parts.lexical
