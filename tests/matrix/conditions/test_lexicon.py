"""Values found in a text: whatever case, hyphen, number or slip; and what columns are called."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.matrix.conditions.facet import Facet, Kind, Vocabulary, kind_of, vocabulary
from lakehouse.matrix.conditions.lexicon import Lexicon
from lakehouse.matrix.conditions.words import split
from tests.matrix.conditions.people import FILMS, LEXICON, PRODUCTS

SAID = [
    (lexicon, facet, said, value)
    for lexicon in (LEXICON, PRODUCTS, FILMS)
    for facet in lexicon.vocabulary.facets
    for said, value in (*((v, v) for v in facet.values), *facet.synonyms)
]


def of(*values: str, synonyms: tuple[tuple[str, str], ...] = ()) -> Lexicon:
    return Lexicon(vocabulary([Facet(column="c", kind="text", values=values, synonyms=synonyms)]))


def found(text: str, lexicon: Lexicon = LEXICON) -> list[tuple[str, str]]:
    """Words of each mention with its first value."""
    words = split(text)
    return [
        (text[words[m.first].start : words[m.end - 1].end], m.entries[0].values[0])
        for m in lexicon.find(words)
    ]


def how(text: str, lexicon: Lexicon = LEXICON) -> list[str]:
    return [m.how for m in lexicon.find(split(text))]


@pytest.mark.parametrize("change", [str, str.upper, str.lower, lambda s: s.replace("-", " ")])
def test_every_value_and_synonym_is_found_as_itself(change: Callable[[str], str]) -> None:
    for lexicon, facet, said, value in SAID:
        words = split(change(said))
        held = [
            (e.facet.column, v)
            for m in lexicon.find(words)
            if (m.first, m.end, m.how) == (0, len(words), "exact")
            for e in m.entries
            for v in e.values
        ]
        assert (facet.column, value) in held, said


def test_a_plural_is_its_value_and_an_exact_value_goes_first() -> None:
    lexicon = of("welder", "glasses", "glass")
    assert found("welders", lexicon) == [("welders", "welder")]
    assert how("welders", lexicon) == ["plural"]
    assert found("glasses", lexicon) == [("glasses", "glasses")]
    assert found("glass", lexicon) == [("glass", "glass")]


def test_the_singular_of_a_value_that_is_plural_is_found_too() -> None:
    assert found("safety glass", PRODUCTS) == [("safety glass", "Safety Glasses")]
    assert found("one lamp", of("Lamps")) == [("lamp", "Lamps")]


def test_the_longer_value_wins_over_those_inside_it() -> None:
    lexicon = of("York", "New York", "New York City")
    assert found("new york city and new york and york", lexicon) == [
        ("new york city", "New York City"),
        ("new york", "New York"),
        ("york", "York"),
    ]


def test_a_slip_is_mended_where_only_one_word_is_near() -> None:
    assert found("weldres near Chciago") == [("weldres", "Welder"), ("Chciago", "Chicago")]
    assert how("Chciago") == ["typo"]
    assert found("walsen", of("walden", "walten")) == []
    assert found("walsen", of("walden")) == [("walsen", "walden")]


def test_a_word_that_the_table_has_is_never_mended() -> None:
    lexicon = of("market", "marker")
    assert found("the marker, the market", lexicon) == [("marker", "marker"), ("market", "market")]
    assert how("market", lexicon) == ["exact"]


def test_one_slip_in_a_value_is_mended_and_two_are_not() -> None:
    assert found("forkilft operator") == [("forkilft operator", "Forklift Operator")]
    assert ("forkilft opertaor", "Forklift Operator") not in found("forkilft opertaor")


@pytest.mark.parametrize("short", ["gray", "Gery", "dayz", "nihgt"])
def test_short_words_are_too_near_to_others_to_be_mended(short: str) -> None:
    assert found(f"people {short}", of("Gary", "day", "night")) == []


def test_only_long_values_may_be_parted_by_the_question() -> None:
    lexicon = of("forklift", "packing")
    assert found("fork lift", lexicon) == [("fork lift", "forklift")]
    assert found("pack ing", lexicon) == []
    assert found("pack-ing", lexicon) == [("pack-ing", "packing")]


def test_a_sentence_that_ends_between_them_parts_two_words() -> None:
    lexicon = of("New York", "St. Louis")
    assert found("it is new. York is old", lexicon) == []
    assert found("in st. louis or St Louis", lexicon) == [
        ("st. louis", "St. Louis"),
        ("St Louis", "St. Louis"),
    ]


@pytest.mark.parametrize("mark", [",", ";", "(", "?", "!", ":"])
def test_no_value_reaches_over_a_mark_that_parts(mark: str) -> None:
    assert found(f"new{mark} york", of("New York")) == []


def test_a_mark_inside_a_value_may_be_left_out() -> None:
    assert found("black & decker", PRODUCTS) == [("black & decker", "Black & Decker")]
    assert found("Black Decker", PRODUCTS) == [("Black Decker", "Black & Decker")]


def test_accents_are_of_no_matter() -> None:
    assert found("with gerard depardieu", FILMS) == [("gerard depardieu", "Gérard Depardieu")]
    assert found("MÜNCHEN, Munchen", of("München")) == [("MÜNCHEN", "München"), ("Munchen", "München")]


def test_all_spellings_of_a_value_are_one_entry_and_none_stands_twice() -> None:
    (mention,) = of("Gary", "GARY", "gary ", "Gary").find(split("gary"))
    assert [e.values for e in mention.entries] == [("Gary", "GARY", "gary ")]


def test_a_value_of_two_columns_has_an_entry_for_each() -> None:
    both = [Facet(column=c, kind="text", values=("orange",)) for c in ("brand", "colour")]
    (mention,) = Lexicon(vocabulary(both)).find(split("orange"))
    assert [e.facet.column for e in mention.entries] == ["brand", "colour"]


def test_a_synonym_means_its_value_and_needs_no_value_beside_it() -> None:
    lexicon = of(synonyms=(("Windy City", "Chicago"), ("Chi-town", "Chicago")))
    assert found("the windy city or chitown", lexicon) == [("windy city", "Chicago"), ("chitown", "Chicago")]


def test_a_flag_is_found_by_its_name_in_words_and_by_its_aliases() -> None:
    flag = Facet(column="is_black_and_white", kind="flag", aliases=("monochrome",))
    lexicon = Lexicon(vocabulary([flag]))
    assert found("black and white or monochrome", lexicon) == [
        ("black and white", "true"),
        ("monochrome", "true"),
    ]


def test_numbers_and_dates_are_never_found_as_values() -> None:
    facets = [
        Facet(column="n", kind="number", values=("5",)),
        Facet(column="d", kind="date", values=("May",)),
    ]
    assert Lexicon(vocabulary(facets)).find(split("5 in May")) == []


def test_values_without_a_letter_and_texts_without_a_word_are_no_trouble() -> None:
    lexicon = of("???", "-", "", " ", "ok")
    assert found("??? - ok", lexicon) == [("ok", "ok")]
    assert lexicon.find(()) == []
    assert Lexicon(vocabulary([])).find(split("anything at all")) == []


def test_many_threads_find_the_same_in_one_lexicon() -> None:
    questions = [
        "welders in Gary",
        "forkilft operators",
        "night shift, OSHA-10 or TWIC",
        "no such thing",
    ] * 20
    alone = [found(question) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(found, questions)) == alone


POOL = "welders in Gary , New York forkilft operator OSHA - 30 . twic ' IN not Chicgo night & shift straße x"


@given(text=st.lists(st.sampled_from(POOL.split()), max_size=12).map(" ".join))
@settings(max_examples=80, deadline=None)
def test_mentions_stand_in_order_and_never_over_each_other(text: str) -> None:
    words = split(text)
    mentions = LEXICON.find(words)
    assert all(one.end <= other.first for one, other in pairwise(mentions))
    assert all(0 <= m.first < m.end <= len(words) and m.entries for m in mentions)
    assert all(words[m.first].is_word and words[m.end - 1].is_word for m in mentions)


@given(text=st.text(max_size=60))
@settings(max_examples=80, deadline=None)
def test_any_text_falls_apart_into_words_that_stand_where_they_say(text: str) -> None:
    words = split(text)
    assert all(text[w.start : w.end] == w.text for w in words)
    assert all(one.end <= other.start for one, other in pairwise(words))
    assert "".join(w.text for w in words) == "".join(text.split())
    assert all(m.end <= len(words) for m in LEXICON.find(words))


@pytest.mark.parametrize(
    ("column", "names", "spelled"),
    [
        ("years_experience", ("years", "experience"), "years experience"),
        ("isUnionMember", ("union", "member"), "union member"), ("has_warranty", ("warranty",), "warranty"),
        ("HTTPStatus", ("http", "status"), "http status"), ("id", ("id",), "id"),
        ("name_of_town", ("town",), "name of town"), ("is", ("is",), ""),
        ("w2form", ("w", "2", "form"), "w 2 form"),
    ],
)  # fmt: skip
def test_a_column_is_named_by_the_parts_of_its_name_that_say_something(
    column: str, names: tuple[str, ...], spelled: str
) -> None:
    facet = Facet(column=column, kind="text", aliases=("Some Thing",))
    assert facet.names == (names, ("some", "thing"))
    assert facet.spelled == spelled


def test_a_separator_in_the_wrong_place_says_how_entries_are_declared() -> None:
    wrong: list[tuple[Kind, str]] = [
        ("entries", ""),
        ("entries", " "),
        ("text", ","),
        ("list", "|"),
        ("flag", ";"),
    ]
    for kind, separator in wrong:
        with pytest.raises(Invalid) as caught:
            Facet(column="c", kind=kind, separator=separator)
        assert 'kind="entries"' in caught.value.hint


def test_a_vocabulary_finds_a_column_in_any_case_and_keeps_rows_in_lower_case() -> None:
    made = vocabulary([Facet(column="Straße", kind="text")], rows=["Worker"], key="id")
    assert made.facet("STRASSE") is made.facets[0]
    assert made.facet("stra") is None
    assert made.rows == ("worker",)
    assert Vocabulary(facets=()).facet("") is None


def test_a_column_that_stands_there_twice_in_other_letters_is_told_what_to_do() -> None:
    with pytest.raises(Invalid) as caught:
        vocabulary([Facet(column="Straße", kind="text"), Facet(column="STRASSE", kind="date")])
    assert "once" in caught.value.hint


@pytest.mark.parametrize(
    "type_", ["VARCHAR[][]", "STRUCT(a VARCHAR)", "MAP(VARCHAR, INTEGER)", "BLOB", "", "DOUBLE[]"]
)
def test_a_type_without_plain_values_is_asked_for_in_no_way(type_: str) -> None:
    assert kind_of(type_) is None


@pytest.mark.parametrize("type_", ["TINYINT", "SMALLINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL(38,0)"])
def test_every_type_of_numbers_is_compared_as_a_number(type_: str) -> None:
    assert kind_of(type_) == "number"
