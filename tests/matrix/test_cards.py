"""What a card says of words, units and places, what it refuses and how it tells the way out."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.matrix.corpus import HEAVIEST, LONGEST, Corpus, card, known, parse, read, write

FEW = settings(max_examples=25, deadline=None)
WORD = st.text(min_size=1, max_size=12).map(str.strip).filter(bool)
FACETS = ("city", "state", "pay_rate")
WHOLE: dict[str, object] = {
    "name": "nurses",
    "index": "resumes",
    "purpose": "Nurses who may work now",
    "weight": 2,
    "floor": 0.05,
    "filter": "status = 'active'",
    "facets": ["city", "state", "pay_rate"],
    "keys": ["state"],
    "rows": ["nurse", "candidate"],
    "aliases": {"pay_rate": ["wage", "pay"]},
    "synonyms": {"state": {"Illinois": "IL"}},
    "units": {"pay_rate": ["$"]},
    "within": {"city": "state"},
}


def refusal(**changed: object) -> Invalid:
    """Why a card with these members is refused."""
    with pytest.raises(Invalid) as error:
        parse(WHOLE | changed)
    assert error.value.hint
    return error.value


def test_every_member_that_a_person_gives_stands_on_the_card() -> None:
    made = parse(WHOLE)
    assert (made.name, made.index, made.weight, made.floor) == ("nurses", "resumes", 2.0, 0.05)
    assert (made.facets, made.keys, made.rows) == (FACETS, ("state",), ("nurse", "candidate"))
    assert made.aliases == {"pay_rate": ("wage", "pay")}
    assert made.synonyms == {"state": {"Illinois": "IL"}}
    assert (made.units, made.within) == ({"pay_rate": ("$",)}, {"city": "state"})


def test_a_card_with_every_member_comes_back_and_is_written_the_same_way_again() -> None:
    made = parse(WHOLE)
    assert read(write(made)) == made
    assert write(read(write(made))) == write(made)
    assert parse(json.loads(write(made))) == made


@FEW
@given(
    st.dictionaries(st.sampled_from(FACETS), st.lists(WORD, max_size=3, unique=True).map(tuple)),
    st.dictionaries(st.sampled_from(FACETS), st.dictionaries(WORD, WORD, max_size=3)),
)
def test_any_words_of_any_script_come_back(
    aliases: dict[str, tuple[str, ...]], synonyms: dict[str, dict[str, str]]
) -> None:
    made = replace(parse(WHOLE), aliases=aliases, synonyms=synonyms)
    assert read(write(made)) == made


def test_the_order_in_which_members_are_given_changes_nothing_that_is_written() -> None:
    assert write(parse(dict(reversed(WHOLE.items())))) == write(parse(WHOLE))


def test_a_card_is_written_in_the_letters_of_its_language() -> None:
    assert "Pflegekräfte" in write(replace(card("a"), purpose="Pflegekräfte"))


def test_space_around_what_was_said_is_left_out() -> None:
    made = parse({"name": " a ", "purpose": "\tforklifts\n", "facets": [" city", "city "]})
    assert (made.name, made.index, made.purpose, made.facets) == ("a", "a", "forklifts", ("city",))


@pytest.mark.parametrize("member", ["aliases", "synonyms", "units", "within"])
def test_words_of_a_column_that_is_no_facet_are_refused(member: str) -> None:
    said: dict[str, object] = {"aliases": ["x"], "synonyms": {"x": "y"}, "units": ["x"], "within": "city"}
    assert "'salary' is no facet" in refusal(**{member: {"salary": said[member]}}).message


def test_a_place_lies_within_a_facet_or_the_card_is_refused() -> None:
    assert "'country' is no facet" in refusal(within={"city": "country"}).message


def test_of_several_that_are_no_facets_the_same_one_is_named_every_time() -> None:
    assert "'alpha'" in refusal(units={"zulu": ["$"], "alpha": ["$"], "mike": ["$"]}).message


def test_a_key_that_is_no_facet_is_named_with_its_corpus() -> None:
    error = refusal(keys=["role"])
    assert "'role' is no facet" in error.message
    assert error.context["corpus"] == "nurses"


@pytest.mark.parametrize("member", ["aliases", "synonyms", "units", "within"])
@pytest.mark.parametrize("value", [["city"], "city", 3, None, {1: "x"}])
def test_what_must_be_an_object_is_refused_as_anything_else(member: str, value: object) -> None:
    assert refusal(**{member: value}).message == f"{member} is an object"


@pytest.mark.parametrize("value", [["IL"], "IL", 7])
def test_synonyms_of_a_facet_are_an_object_too(value: object) -> None:
    assert "is an object" in refusal(synonyms={"state": value}).message


@pytest.mark.parametrize("member", ["facets", "keys", "rows"])
@pytest.mark.parametrize("value", ["city", 1, {"city": 1}, None, [["city"]]])
def test_what_must_be_a_list_of_texts_is_refused_as_anything_else(member: str, value: object) -> None:
    assert member in refusal(**{member: value}).message


@pytest.mark.parametrize("weight", [HEAVIEST, 1e-9])
def test_the_heaviest_and_the_lightest_weight_are_taken(weight: float) -> None:
    assert parse(WHOLE | {"weight": weight}).weight == weight


@pytest.mark.parametrize("weight", [0.0, -1.0, HEAVIEST + 1, float("inf"), float("nan")])
def test_a_weight_outside_its_range_is_refused(weight: float) -> None:
    assert "weight" in refusal(weight=weight).message


@pytest.mark.parametrize("floor", [-0.01, 1.01, float("nan"), float("inf")])
def test_a_floor_that_is_no_probability_is_refused(floor: float) -> None:
    assert refusal(floor=floor).hint == '"floor": 0'


@pytest.mark.parametrize("floor", [0, 1])
def test_the_ends_of_a_floor_are_probabilities_too(floor: int) -> None:
    assert parse(WHOLE | {"floor": floor}).floor == float(floor)


@pytest.mark.parametrize("member", ["purpose", "filter"])
def test_the_longest_text_is_taken_and_one_character_more_is_not(member: str) -> None:
    assert write(parse(WHOLE | {member: "x" * LONGEST})).count("x") >= LONGEST
    assert refusal(**{member: "x" * (LONGEST + 1)}).hint == "shorten it"


@pytest.mark.parametrize("name", ["", "A", "1a", "a-b", "a b", "ä", "a.b", "_a", "a\n", "a; DROP TABLE x"])
def test_a_name_is_lower_case_letters_digits_and_underscores(name: str) -> None:
    with pytest.raises(Invalid, match="name of a corpus") as error:
        Corpus(name=name, index="a")
    assert "a letter first" in error.value.hint
    with pytest.raises(Invalid, match="name of an index"):
        Corpus(name="a", index=name)


def test_a_long_name_is_not_repeated_whole() -> None:
    with pytest.raises(Invalid) as error:
        card("X" * 5_000)
    assert len(error.value.message) < 200


def test_an_unknown_member_is_named_beside_those_that_there_are() -> None:
    error = refusal(colour="red")
    assert error.message == "a corpus has no 'colour'"
    assert "aliases" in error.hint
    assert "within" in error.hint


def test_members_of_a_newer_version_are_left_aside_only_where_they_are_known_to_be_kept() -> None:
    newer = WHOLE | {"mood": "new"}
    assert known(newer) == parse(WHOLE)
    with pytest.raises(Invalid):
        parse(newer)


@pytest.mark.parametrize("text", ["null", "3", '"a"', '{"name": null}', '{"name": "a", "keys": ["b"]}', "{"])
def test_whatever_is_no_card_is_corrupt_and_says_to_write_it_anew(text: str) -> None:
    with pytest.raises(Corrupt) as error:
        read(text)
    assert error.value.hint == "write the card anew"


def test_a_filter_of_blanks_is_no_filter() -> None:
    assert replace(card("a"), filter=" \n").where(" ") == ""
    assert replace(card("a"), filter="  ").where("x = 1") == "x = 1"
