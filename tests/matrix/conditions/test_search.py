"""A predicate out of a question is one that searches take, by either way of finding its rows."""

import pyarrow as pa

from lakehouse.matrix.conditions import structural
from lakehouse.matrix.conditions.reading import read
from lakehouse.matrix.conditions.sql import predicate
from tests.matrix.conditions.conftest import Asked
from tests.matrix.conditions.people import LEXICON


def test_a_search_under_the_conditions_of_its_question_shows_only_rows_that_keep_them(
    people: tuple[Asked, pa.Table],
) -> None:
    asked, table = people
    rows = {str(row["candidate_id"]): row for row in table.to_pylist()}
    asked.lake.index.build("resumes", table="candidates", text="resume", id="candidate_id")
    question = "loaders not in Chicago or Gary who have at least 3 years experience, without OSHA-10"
    reading = read(question, LEXICON)
    first = asked.lake.search(
        "freight trailers", corpora=["resumes"], k=20, where=predicate(reading.conditions)
    )
    assert len(first.hits) == 20
    assert all(hit.sql_verified for hit in first.hits)
    for hit in first.hits:
        row = rows[hit.id]
        assert row["role"] == "Loader"
        assert row["city"] not in {"Chicago", "Gary"}
        assert row["years_experience"] >= 3
        assert "OSHA-10" not in str(row["certificates"]).split("; ")
    gone = structural.without([first.hits[0].id], key="candidate_id", type_="BIGINT")
    where = predicate([*reading.conditions, *gone])
    again = asked.lake.search("freight trailers", corpora=["resumes"], k=20, where=where)
    assert first.hits[0].id not in {hit.id for hit in again.hits}
