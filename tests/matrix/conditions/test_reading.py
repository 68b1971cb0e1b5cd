"""What becomes a condition, what does not, and what is said about it."""

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.matrix.conditions.facet import Facet, vocabulary
from lakehouse.matrix.conditions.lexicon import Lexicon
from lakehouse.matrix.conditions.reading import LONGEST, read
from tests.matrix.conditions.golden import told
from tests.matrix.conditions.people import LEXICON, PRODUCTS


def says(question: str, lexicon: Lexicon = LEXICON) -> set[str]:
    return set(told(read(question, lexicon).conditions))


@pytest.mark.parametrize("said", ["OSHA-30", "osha 30", "OSHA30", "osha-30s", "Osha - 30"])
def test_a_value_is_found_however_it_is_hyphened(said: str) -> None:
    assert says(f"people with {said}") == {"certificates: OSHA-30"}


def test_another_number_is_another_value() -> None:
    assert says("people with OSHA-31") == set()


def test_the_longest_value_wins() -> None:
    assert says("forklift operators with a forklift card") == {
        "role: Forklift Operator",
        "certificates: Forklift",
    }


@pytest.mark.parametrize(
    "question",
    [
        "may production rise with demand",
        "the grinding of lenses",
        "a day in the sun",
        "any questions now",
        "labeling in medical texts",
        "reports of the evening news",
        "packing density of spheres",
        "is it night or day",
        "the maintenance of standards in indexing",
        "set up a meeting or call me in the morning",
    ],
)  # fmt: skip
def test_ordinary_words_are_no_values_without_a_witness(question: str) -> None:
    assert says(question) == set()


def test_what_was_let_go_is_told_with_its_place_and_reason() -> None:
    reading = read("the grinding of lenses for at least 5 weeks", LEXICON)
    notes = {note.said: note.reason for note in reading.notes}
    assert not reading.conditions
    assert reading.text == reading.question
    assert "value of skills" in notes["grinding"]
    assert "names a column" in notes["at least 5"]


def test_a_wish_is_noted_and_no_condition() -> None:
    reading = read("welders in Denver, OSHA-30 not required", LEXICON)
    assert [(n.said, "wish" in n.reason) for n in reading.notes] == [("OSHA-30", True)]


def test_every_condition_says_where_it_stands_and_why() -> None:
    question = "welders, not in Chicago"
    found = {c.column: c for c in read(question, LEXICON).conditions}
    assert question[slice(*found["city"].span)] == "not in Chicago"
    assert question[slice(*found["role"].span)] == "welders"
    assert found["city"].is_negated
    assert all(c.why for c in found.values())
    assert str(found["city"]) == "city not is Chicago"


def test_what_is_ruled_out_is_not_searched_for() -> None:
    left = {
        "forklift operators not in Chicago, with OSHA-10": "forklift operators, with OSHA-10",
        "welders in Gary without OSHA-30 or CPR": "welders in Gary",
        "not in Chicago": "",
        "welders (not in Gary)": "welders ()",
    }
    for question, text in left.items():
        assert read(question, LEXICON).text.replace("( )", "()") in {text, text.replace(" ()", "")}


def test_what_became_a_condition_is_not_embedded_unless_nothing_else_is_left() -> None:
    question = "forklift operators in Gary who have done narrow aisle lifts, without CPR"
    assert read(question, LEXICON).meaning == "who have done narrow aisle lifts"
    assert read("welders in Gary, not in Joliet", LEXICON).meaning == "welders in Gary"
    assert read("the flow of heat", LEXICON).meaning == "the flow of heat"


def test_hard_keys_are_those_that_are_asked_for_with_one_value() -> None:
    assert read("welders in Gary without CPR", LEXICON).keys == {"role": "Welder", "city": "Gary"}
    assert read("welders in Gary or Joliet", LEXICON).keys == {"role": "Welder"}
    assert read("welders not in Gary", LEXICON).keys == {"role": "Welder"}


def test_codes_of_places_are_no_little_words() -> None:
    assert says("welders in or near Gary") == {"role: Welder"}
    assert says("welders in Gary, IN") == {"role: Welder", "city: Gary", "state: IN"}
    assert says("welders from gary in") == {"role: Welder", "city: Gary", "state: IN"}
    assert says("WELDERS IN PORTLAND OR SEATTLE") == {"role: Welder", "city: Portland | Seattle"}
    assert says("welders in Portland, OR or Gary, IN") == {
        "role: Welder",
        "city: Gary | Portland",
        "state: IN | OR",
    }


def test_alternatives_of_several_columns_let_all_pairs_through_and_say_so() -> None:
    reading = read("loaders in Newark or welders in Camden", LEXICON)
    assert told(reading.conditions) == {"role: Loader | Welder", "city: Camden | Newark"}
    assert any("all pairs" in note.reason for note in reading.notes)


def test_an_or_between_columns_is_one_of_the_two() -> None:
    assert says("loaders with TWIC or from Newark") == {"role: Loader", "certificates: TWIC / city: Newark"}


def test_asking_for_what_is_ruled_out_is_noted() -> None:
    reading = read("people in Gary, not in Gary", LEXICON)
    assert any("ruled out at once" in note.reason for note in reading.notes)


def test_a_value_of_two_columns_takes_the_one_that_is_named_or_else_both() -> None:
    assert says("people with a reach truck certificate") == {"certificates: Reach Truck"}
    assert says("people skilled in reach truck") == {"skills: reach truck"}
    assert says("people with OSHA-10 and Reach Truck") == {
        "certificates: OSHA-10",
        "certificates: Reach Truck",
    }
    assert says("people without reach truck") == {"not skills: reach truck", "not certificates: Reach Truck"}


def test_all_spellings_that_a_table_has_of_a_value_are_meant() -> None:
    messy = Lexicon(
        vocabulary([Facet(column="town", kind="text", is_place=True, values=("Gary", "GARY", "gary "))])
    )
    assert says("in Gary", messy) == {"town: GARY | Gary | gary "}


def test_a_table_without_facets_gets_no_conditions() -> None:
    empty = Lexicon(vocabulary([]))
    assert says("welders not in Chicago with at least 5 years", empty) == set()
    assert read("", LEXICON).conditions == ()
    assert read("???", LEXICON).conditions == ()


def test_what_stands_beyond_the_limit_is_kept_but_not_read() -> None:
    question = f"{'x ' * LONGEST}welders in Chicago"
    reading = read(question, LEXICON)
    assert not reading.conditions
    assert reading.text == question


def test_flags_are_asked_for_by_their_names() -> None:
    assert says("cordless drills", PRODUCTS) == {"is_cordless: true", "category: Drill"}
    assert says("non-cordless drills with a warranty", PRODUCTS) == {
        "not is_cordless: true",
        "has_warranty: true",
        "category: Drill",
    }


def test_a_column_is_declared_once() -> None:
    with pytest.raises(Invalid, match="twice"):
        vocabulary([Facet(column="a", kind="text"), Facet(column="A", kind="number")])


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("people with 5 years of experience", {"years_experience >= 5"}),
        ("people with five years of experience", {"years_experience >= 5"}),
        ("welders making 30k or less", {"role: Welder", "pay_rate <= 30000"}),
        ("people paid $1,250.50 or more", {"pay_rate >= 1250.5"}),
        ("welders free on December 1st, 2026", {"role: Welder", "available_from = 2026-12-01"}),
        ("welders free from 1 Dec 2026", {"role: Welder", "available_from >= 2026-12-01"}),
        ("welders free between 2026-01-01 and 2026-02-01",
         {"role: Welder", "available_from >= 2026-01-01", "available_from <= 2026-02-01"}),
        ("people registered on 2026-02-30", set()),
        ("people not available after 2026-12-01", {"not available_from > 2026-12-01"}),
        ("welders with experience over the last 5 years", {"role: Welder"}),
        ("more than 5 people", set()),
    ],
)  # fmt: skip
def test_comparisons_take_the_column_that_is_named_beside_them(question: str, meant: set[str]) -> None:
    assert says(question) == meant


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("welders -Chicago", {"role: Welder", "not city: Chicago"}),
        ("welders, no OSHA-10 required", {"role: Welder"}),
        ("welders, no certificates required", {"role: Welder"}),
        ("welders who do not need OSHA-30", {"role: Welder"}),
        ("welders, Chicago and Gary are excluded", {"role: Welder", "not city: Chicago", "not city: Gary"}),
        (
            "welders who do not mean what they said last week about old friends Chicago",
            {"role: Welder", "city: Chicago"},
        ),
        ("welders with no certificates such as OSHA-10", {"role: Welder", "not certificates: OSHA-10"}),
        ("people who are neither welders nor in Chicago", {"not role: Welder", "not city: Chicago"}),
        ("nor anyone in Gary", {"not city: Gary"}),
        ("not welders and in Gary", {"not role: Welder", "city: Gary"}),
        ("no welders and people from Gary", {"not role: Welder", "city: Gary"}),
        ("not in Gary, Joliet or Aurora", {"not city: Gary", "not city: Joliet", "not city: Aurora"}),
        ("preferably in Gary or Joliet, welders", {"role: Welder"}),
        ("no OSHA-30 welders", {"not certificates: OSHA-30 / not role: Welder"}),
    ],
)
def test_a_negation_reaches_as_far_as_it_is_meant(question: str, meant: set[str]) -> None:
    assert says(question) == meant


@pytest.mark.parametrize(
    "text", ["Chicago, " * 200, "welder " * 300, "not " * 500, "5 years " * 200, "(" * 2000]
)
def test_odd_questions_are_read_in_no_time(text: str) -> None:
    assert len(read(text, LEXICON).conditions) <= 1
