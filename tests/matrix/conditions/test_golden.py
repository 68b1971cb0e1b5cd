"""Whole questions: those written by hand, those made by a seed, those that ask for nothing."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

from lakehouse.matrix.conditions.reading import read
from lakehouse.matrix.conditions.sql import predicate
from tests.matrix.conditions import golden, questions
from tests.matrix.conditions.conftest import Asked
from tests.matrix.conditions.golden import Case
from tests.matrix.conditions.people import FILMS, LEXICON, PRODUCTS

MISSED = {
    "@products orange lamps": "orange is a brand and a colour: both are let through, with a note",
    "Is Gary available now?": "a person called as a town: nothing in the question says which",
    "@films what is the drama about": "one plain word and no witness: left to search, with a note",
    "which welders have let their OSHA-10 lapse and live in Ohio": "to let lapse is to lack: not known",
    "nobody below 5 years of experience, please: machine operators": "rows without one pass",
    "Hazmat drivers without violations in Dallas": "at the start of a question a capital proves nothing",
}
"""Read otherwise than meant, and why."""

LATER = [
    case
    for name in ("by_hand_later.txt", "by_hand_last.txt", "by_hand_fresh.txt")
    for case in golden.read(golden.BY_HAND.with_name(name))
]
OTHERS = {"@products": PRODUCTS, "@films": FILMS}
COLLECTIONS = Path(__file__).parents[4] / "shared" / "data" / "ir"
MADE = questions.make(600)


def told(question: str) -> frozenset[str]:
    table, _, rest = question.partition(" ")
    lexicon = OTHERS.get(table, LEXICON)
    return golden.told(read(rest if table in OTHERS else question, lexicon).conditions)


def wanted(case: Case) -> frozenset[str]:
    return frozenset(map(golden.tidy, case.meant))


@pytest.mark.parametrize("case", golden.read(), ids=lambda c: c.question)
def test_a_question_of_a_recruiter_is_read_as_it_is_meant(case: Case) -> None:
    assert told(case.question) == wanted(case)


@pytest.mark.parametrize("case", LATER, ids=lambda c: c.question)
def test_a_question_that_nothing_was_made_for_is_read_as_it_is_meant(case: Case) -> None:
    assert (told(case.question) == wanted(case)) is (case.question not in MISSED)


@pytest.mark.parametrize("kind", questions.RECIPES)
def test_questions_made_by_a_seed_are_read_as_they_were_made(kind: str) -> None:
    cases = [case for case in MADE if case.kind == kind]
    assert [case.question for case in cases if told(case.question) != wanted(case)] == []


def test_the_rows_that_sql_leaves_are_those_that_the_question_means(people: tuple[Asked, pa.Table]) -> None:
    asked, table = people
    rows = table.to_pylist()
    found_any = 0
    for case in [*golden.read(), *MADE[:100]]:
        where = predicate(read(case.question, LEXICON).conditions)
        ids = asked.lake.sql(f"SELECT candidate_id FROM candidates WHERE {where}").to_arrow()
        meant = {row["candidate_id"] for row in rows if all(golden.holds(line, row) for line in case.meant)}
        assert set(ids["candidate_id"].to_pylist()) == meant, case.question
        found_any += bool(meant)
    assert found_any > 50


@pytest.mark.skipif(not COLLECTIONS.exists(), reason="the shared collections are not here")
def test_hardly_a_question_about_other_things_gets_a_condition() -> None:
    asked = [
        str(json.loads(line)["text"])
        for name in ("cran", "time", "cisi", "npl")
        for line in (COLLECTIONS / name / "queries.jsonl").read_text().splitlines()
    ]
    invented = [question for question in asked if told(question)]
    assert len(asked) > 500
    assert len(invented) <= 2
