"""The card of the resumes: what recruiters say is read by it, and SQL agrees about every hit."""

from collections.abc import Iterator
from typing import Final

import pytest

from lakehouse.assembly import open_lake
from lakehouse.lake.facade import Lakehouse
from lakehouse.lake.models import Models
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.settings import DurabilityParams, Settings
from lakehouse.staffing import people, resumes, sample
from lakehouse.staffing.card import RESUMES, STATES
from lakehouse.staffing.resumes import QUESTION

SETTINGS = Settings(durability=DurabilityParams(mode="process"))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lakehouse]:
    models = Models(embedder=FakeEmbedder, chat=lambda: None, entries=100)
    root = tmp_path_factory.mktemp("staffing") / "lake"
    with open_lake(root, settings=SETTINGS, models=models) as lake:
        list(sample.load(lake, scale=0.1))
        resumes.build(lake)
        yield lake


HAS: Final = "coalesce(list_contains(string_split(certificates, '; '), '{}'), false)"
FORKLIFT: Final = "role = 'Forklift Operator'"


@pytest.mark.parametrize(
    ("question", "where"),
    [
        (QUESTION, f"{FORKLIFT} AND city = 'Chicago' AND shift <> 'night' AND {HAS.format('OSHA-10')}"),
        ("welders in Illinois, but not in Chicago", "role = 'Welder' AND state = 'IL' AND city <> 'Chicago'"),
        ("forklift driver without OSHA-30", f"{FORKLIFT} AND NOT {HAS.format('OSHA-30')}"),
        ("welders under $30 an hour", "role = 'Welder' AND pay_rate < 30"),
        ("welders with at least 10 years", "role = 'Welder' AND years_experience >= 10"),
        ("anyone who is not a welder", "role <> 'Welder'"),
    ],
)
def test_every_hit_is_one_for_which_sql_says_so(lake: Lakehouse, question: str, where: str) -> None:
    found = lake.matrix.search(question, corpora=["resumes"], k=100, per_corpus_k=100)
    allowed = {str(row[0]) for row in lake.sql(f"SELECT candidate_id FROM candidates WHERE {where}").rows()}
    assert found.hits, found.why
    assert {one.hit.id for one in found.hits} <= allowed
    assert all(one.hit.sql_verified for one in found.hits)


def test_the_card_names_columns_of_the_table_and_every_state_of_it(lake: Lakehouse) -> None:
    assert lake.matrix.corpora.get("resumes").facets == tuple(RESUMES["facets"])  # type: ignore[arg-type]
    assert set(people.STATES) <= set(STATES.values())


def test_a_card_that_somebody_wrote_stays(lake: Lakehouse) -> None:
    mine = lake.matrix.corpora.add({**RESUMES, "weight": 2.0})
    resumes.build(lake)
    assert lake.matrix.corpora.get("resumes") == mine
    lake.matrix.corpora.add(RESUMES)
