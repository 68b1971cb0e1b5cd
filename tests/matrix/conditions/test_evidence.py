"""Whether a value is meant where its word stands: by which witness, and what is said where there is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.matrix.conditions import evidence, speech
from lakehouse.matrix.conditions.facet import Facet, vocabulary
from lakehouse.matrix.conditions.lexicon import Lexicon
from tests.matrix.conditions.laid import seen
from tests.matrix.conditions.people import FILMS, LEXICON, PRODUCTS


def why(question: str, lexicon: Lexicon = LEXICON) -> dict[str, str]:
    """Value -> what speaks for it, of the values that are meant."""
    kept, _ = evidence.weigh(seen(question, lexicon)[0])
    return {one.mention.entries[0].values[0]: one.why for one in kept}


@pytest.mark.parametrize(
    ("question", "value", "witness"),
    [
        ("all about forklift operator", "Forklift Operator", "several words"),
        ("all about osha30", "OSHA-30", "a name with digits"),
        ("the heat of Denver rises", "Denver", "capitalised within the sentence"),
        ("what is TWIC about", "TWIC", "written in capitals"),
        ("people near OH", "OH", "a code after a preposition"),
        ("welders from gary in", "IN", "a code after a place that lies there"),
        ("the night shift", "night", "the column is named beside it"),
        ("the skill: packing", "packing", "the column is named beside it"),
        ("the weather in denver", "Denver", "a place after 'in'"),
        ("the weather in downtown denver", "Denver", "a place after 'in'"),
        ("packing workers", "packing", "before what a row is called"),
        ("welder.", "Welder", "a sentence by itself"),
        ("three welders", "Welder", "what is looked for"),
        ("a welder who sings", "Welder", "what is looked for"),
        ("workers who can do packing", "packing", "after 'do'"),
    ],
)  # fmt: skip
def test_each_witness_is_heard_and_named(question: str, value: str, witness: str) -> None:
    assert why(question)[value] == witness


def test_a_value_beside_another_of_its_column_is_meant_too() -> None:
    found = why("the shift: night or day")
    assert set(found) == {"night", "day"}
    assert "beside another value of the column" in found.values()


@pytest.mark.parametrize(
    "question",
    [
        "THE NIGHT IS LONG AND THE DAY IS SHORT", "The Packing Density Under Heavy Loading",
        "Night falls over the hills", "a day is 24 hours", "now what", "in or out",
    ],
)  # fmt: skip
def test_capitals_say_nothing_in_titles_at_the_start_and_where_all_are(question: str) -> None:
    assert why(question) == {}


def test_a_loud_question_is_one_in_capitals_or_a_title() -> None:
    loud = {
        q: seen(q)[0].is_loud
        for q in ("WELDERS IN GARY", "Night Shift Welders Needed Today", "Welders in Gary")
    }
    assert list(loud.values()) == [True, True, False]
    assert not seen("")[0].is_loud
    assert not seen("5 - 7")[0].is_loud
    assert not seen("I a B")[0].is_loud


def test_a_slip_in_lower_case_needs_a_place_word_or_another_value() -> None:
    assert why("the chciago weather") == {}
    assert set(why("the weather in chciago")) == {"Chicago"}
    assert set(why("candidates, chciago, TWIC")) == {"Chicago", "TWIC"}
    assert set(why("the weather of Chciago")) == {"Chicago"}


def test_codes_in_lower_case_are_little_words_unless_their_place_stands_before() -> None:
    assert why("in or out of it, oh no") == {}
    assert set(why("people from portland or")) == {"Portland", "OR"}
    assert set(why("people from Portland or from Gary")) == {"Portland", "Gary"}


def test_a_code_that_a_place_does_not_lie_in_is_no_code_in_lower_case() -> None:
    assert "OH" not in why("people from gary oh well")


def test_of_several_columns_the_one_that_is_named_is_meant() -> None:
    both = [Facet(column=c, kind="text", values=("amber",)) for c in ("brand", "colour")]
    lexicon = Lexicon(vocabulary(both, rows=("lamp",)))
    for column in ("brand", "colour"):
        (one,) = evidence.weigh(seen(f"lamps with the {column} amber", lexicon)[0])[0]
        assert [e.facet.column for e in one.mention.entries] == [column]
    (either,) = evidence.weigh(seen("amber lamps", lexicon)[0])[0]
    assert len(either.mention.entries) == 2


def test_what_is_let_go_names_its_columns_in_order() -> None:
    both = [Facet(column=c, kind="text", values=("light",)) for c in ("weight", "colour")]
    _, dropped = evidence.weigh(seen("the speed of light in glass", Lexicon(vocabulary(both)))[0])
    (reason,) = [reason for _, reason in dropped]
    assert reason.startswith("a value of colour or weight, but")


def test_weak_witnesses_count_only_in_a_question_about_the_table() -> None:
    assert why("can you do packing") == {}
    assert "packing" in why("candidates that do packing")
    assert "packing" in why("who in Gary can do packing")


def test_any_table_may_be_asked_about_people_and_only_its_own_about_its_rows() -> None:
    assert "Thriller" in why("thriller films", FILMS)
    assert "Drill" in why("cordless drill items", PRODUCTS)
    assert "packing" in why("packing staff")
    assert why("packing films") == {}


def test_beyond_the_ends_of_a_question_stands_nothing() -> None:
    scene, _ = seen("in the Gary")
    (gary,) = [m for m in scene.mentions if scene.key(m.first) == "gary"]
    assert (scene.key(-1), scene.key(3), scene.key(0)) == ("", "", "in")
    assert scene.left(gary) == "in"
    assert scene.left(gary, over=frozenset()) == "the"
    assert scene.left(scene.mentions[0], over=speech.FUNCTION) == ""


def test_a_question_of_many_values_is_weighed_to_the_end() -> None:
    cities = [value for f in LEXICON.vocabulary.facets if f.column == "city" for value in f.values]
    question = f"welders in {', '.join(cities).lower()}"
    assert set(cities) - {"Springfield"} <= set(why(question))


POOL = (
    "welders in Gary Chicgo IN or , the night day packing people OSHA - 10 not . shift a three oh THE OH who"
)


@given(question=st.lists(st.sampled_from(POOL.split()), max_size=14).map(" ".join))
@settings(max_examples=80, deadline=None)
def test_every_mention_is_meant_or_let_go_with_a_reason(question: str) -> None:
    scene, _ = seen(question)
    kept, dropped = evidence.weigh(scene)
    firsts = [one.mention.first for one in kept]
    assert firsts == sorted(firsts)
    assert sorted([*firsts, *(m.first for m, _ in dropped)]) == [m.first for m in scene.mentions]
    assert all(one.why and one.mention.entries for one in kept)
    assert all(reason.startswith("a value of ") for _, reason in dropped)


@given(question=st.lists(st.sampled_from(POOL.split()), max_size=14).map(" ".join))
@settings(max_examples=40, deadline=None)
def test_a_meant_value_keeps_only_columns_that_have_it(question: str) -> None:
    scene, _ = seen(question)
    held = {m.first: {e.facet.column for e in m.entries} for m in scene.mentions}
    for one in evidence.weigh(scene)[0]:
        assert {e.facet.column for e in one.mention.entries} <= held[one.mention.first]


def test_the_bags_of_common_words_keep_to_what_they_say() -> None:
    assert speech.bag("a b\n a") == {"a", "b"}
    assert speech.bag("") == frozenset()
    assert speech.PLACE <= speech.PREPOSITIONS <= speech.CLOSING
    assert not speech.QUALITIES & speech.FUNCTION
    assert speech.NUMBERS["twenty"] == 20
    assert sorted(speech.MONTHS.values()) == list(range(1, 13))
    assert all(word == word.lower() for word in speech.CLOSING | speech.FUNCTION | speech.LITTLE)
