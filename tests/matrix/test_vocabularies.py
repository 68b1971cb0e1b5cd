"""Lexicons of corpora: what a card makes askable of a real table, kept per snapshot, read once by many."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Barrier

import pytest

from lakehouse.lake.facade import Lakehouse
from lakehouse.matrix.conditions import reading
from lakehouse.matrix.conditions.facet import Facet
from lakehouse.matrix.conditions.lexicon import Lexicon
from lakehouse.matrix.corpus import Corpus, card
from lakehouse.matrix.vocabularies import NO_FACETS, Vocabularies
from lakehouse.query.engine import Limits, Params, Version
from lakehouse.query.result import Result
from lakehouse.table.schema import Column
from tests.lake.conftest import open_with

CITIES = (("Oslo", "NO"), ("Rome", "IT"), ("Bonn", "DE"))
ROWS = [
    {
        "id": str(n),
        "city": CITIES[n % 3][0],
        "land": CITIES[n % 3][1],
        "pay": 20.0 + n,
        "is_night": n % 2 == 0,
    }
    for n in range(9)
]
CARD = Corpus(
    name="jobs",
    index="jobs_ix",
    facets=("city", "land", "pay", "is_night"),
    keys=("city",),
    rows=("job",),
    aliases={"pay": ("wage",)},
    synonyms={"land": {"Italy": "IT"}},
    units={"pay": ("$",)},
    within={"city": "land"},
)


@dataclass
class Counted:
    """A lake as a vocabulary asks it, and what it was asked."""

    lake: Lakehouse
    asked: list[str] = field(default_factory=list)

    def sql(
        self, text: str, params: Params = None, *, at: Version = None, limits: Limits | None = None
    ) -> Result:
        self.asked.append(text)
        return self.lake.sql(text, params, at=at)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lakehouse]:
    with open_with(tmp_path_factory.mktemp("words") / "lake", has_model=False) as lake:
        lake.upsert("jobs", ROWS, key="id")
        yield lake


@pytest.fixture(scope="module")
def columns(lake: Lakehouse) -> tuple[Column, ...]:
    return lake.show("jobs").columns


@pytest.fixture
def sql(lake: Lakehouse) -> Counted:
    return Counted(lake)


def snapshot(lake: Lakehouse) -> int:
    at = lake.show("jobs").info.snapshot_id
    assert at is not None
    return at


def got(
    vocabularies: Vocabularies, lake: Lakehouse, columns: tuple[Column, ...], corpus: Corpus = CARD
) -> Lexicon:
    return vocabularies.get(corpus, table="jobs", columns=columns, key="id", at=snapshot(lake))


def facet(lexicon: Lexicon, column: str) -> Facet:
    return next(one for one in lexicon.vocabulary.facets if one.column == column)


def test_what_the_card_says_of_a_column_stands_beside_what_the_table_holds(
    lake: Lakehouse, sql: Counted, columns: tuple[Column, ...]
) -> None:
    lexicon = got(Vocabularies(sql), lake, columns)
    city, land, pay = (facet(lexicon, name) for name in ("city", "land", "pay"))
    assert set(city.values) == {"Oslo", "Rome", "Bonn"}
    assert (city.is_key, city.is_place, city.within) == (True, True, "land")
    assert (land.is_key, land.synonyms) == (False, (("Italy", "IT"),))
    assert (pay.kind, pay.aliases, pay.units, pay.bare) == ("number", ("wage",), ("$",), ">=")
    assert facet(lexicon, "is_night").kind == "flag"


def test_a_question_is_read_by_it(lake: Lakehouse, sql: Counted, columns: tuple[Column, ...]) -> None:
    said = reading.read("jobs in Rome", got(Vocabularies(sql), lake, columns))
    assert [(one.column, one.values) for one in said.conditions] == [("city", ("Rome",))]
    assert said.keys == {"city": "Rome"}


def test_a_card_without_facets_makes_nothing_askable_and_asks_sql_nothing(
    lake: Lakehouse, sql: Counted, columns: tuple[Column, ...]
) -> None:
    vocabularies = Vocabularies(sql)
    assert got(vocabularies, lake, columns, card("jobs")) is NO_FACETS
    assert vocabularies.get(CARD, table="jobs", columns=columns, key="id", at=None) is NO_FACETS
    assert (sql.asked, len(vocabularies)) == ([], 0)


def test_a_facet_whose_column_is_gone_is_left_aside(
    lake: Lakehouse, sql: Counted, columns: tuple[Column, ...]
) -> None:
    kept = tuple(column for column in columns if column.name != "land")
    lexicon = got(Vocabularies(sql), lake, kept)
    assert {one.column for one in lexicon.vocabulary.facets} == {"city", "pay", "is_night"}
    assert facet(lexicon, "city").within == ""


def test_only_facets_that_are_all_gone_are_no_facets(lake: Lakehouse, sql: Counted) -> None:
    only = (Column(name="other", type="VARCHAR"),)
    assert got(Vocabularies(sql), lake, only) is NO_FACETS


def test_the_second_question_of_a_snapshot_asks_sql_nothing(
    lake: Lakehouse, sql: Counted, columns: tuple[Column, ...]
) -> None:
    vocabularies = Vocabularies(sql)
    first = got(vocabularies, lake, columns)
    count = len(sql.asked)
    assert count > 0
    assert got(vocabularies, lake, columns) is first
    assert len(sql.asked) == count


def test_another_card_of_the_same_table_has_a_lexicon_of_its_own(
    lake: Lakehouse, sql: Counted, columns: tuple[Column, ...]
) -> None:
    vocabularies = Vocabularies(sql)
    whole = got(vocabularies, lake, columns)
    plain = got(vocabularies, lake, columns, Corpus(name="jobs", index="jobs_ix", facets=("city",)))
    assert {one.column for one in plain.vocabulary.facets} == {"city"}
    assert len(whole.vocabulary.facets) == 4
    assert len(vocabularies) == 2


def test_no_more_are_kept_than_was_said_and_the_one_used_longest_ago_goes_first(
    lake: Lakehouse, sql: Counted, columns: tuple[Column, ...]
) -> None:
    vocabularies = Vocabularies(sql, most=2)
    cards = [replace(CARD, name=name) for name in ("one", "two", "three")]
    for corpus in (cards[0], cards[1], cards[0], cards[2]):
        got(vocabularies, lake, columns, corpus)
    assert len(vocabularies) == 2
    count = len(sql.asked)
    got(vocabularies, lake, columns, cards[0])
    assert len(sql.asked) == count
    got(vocabularies, lake, columns, cards[1])
    assert len(sql.asked) > count


def test_many_questions_at_once_read_the_table_once(
    lake: Lakehouse, sql: Counted, columns: tuple[Column, ...]
) -> None:
    got(Vocabularies(sql), lake, columns)
    count = len(sql.asked)
    vocabularies, start = Vocabularies(sql), Barrier(6)

    def ask(_: int) -> Lexicon:
        start.wait(30)
        return got(vocabularies, lake, columns)

    with ThreadPoolExecutor(6) as pool:
        lexicons = list(pool.map(ask, range(6)))
    assert len(sql.asked) == 2 * count
    assert all(one is lexicons[0] for one in lexicons)
