"""How far a negation reaches, what two of them make, and what is only a wish."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.matrix.conditions import polarity
from lakehouse.matrix.conditions.polarity import Said
from tests.matrix.conditions.laid import laid, name
from tests.matrix.conditions.people import PRODUCTS


def said(question: str) -> list[Said]:
    return polarity.read(*laid(question))


def told(question: str) -> list[str]:
    """Each value with a mark: - ruled out, ~ a wish, ! its column ruled out, + asked for."""
    pieces, rows = laid(question)
    return [f"{_mark(one)}{name(pieces[one.piece])}" for one in polarity.read(pieces, rows)]


def _mark(one: Said) -> str:
    if one.is_absent or one.is_soft:
        return "!" if one.is_absent else "~"
    return "-" if one.is_negated else "+"


def test_a_negation_of_a_phrase_ends_at_the_next_preposition() -> None:
    assert told("people without OSHA-10 in Gary") == ["-OSHA-10", "+Gary"]
    assert told("people except welders from Gary") == ["-Welder", "+Gary"]


def test_a_negation_of_a_clause_passes_prepositions_until_it_has_met_a_value() -> None:
    assert told("people not based in Chicago with OSHA-10") == ["-Chicago", "+OSHA-10"]
    assert told("people who never worked near Gary on night shift") == ["-Gary", "+night"]


@pytest.mark.parametrize("between", [" or ", ", ", " and ", " nor ", ", or ", " or in "])
def test_a_negation_goes_on_over_a_list_of_one_column(between: str) -> None:
    assert told(f"people not in Gary{between}Joliet") == ["-Gary", "-Joliet"]


@pytest.mark.parametrize("between", [" and with ", ", with ", " but with ", ". With ", " (with ", "; with "])
def test_a_negation_ends_before_what_another_column_asks_for(between: str) -> None:
    assert told(f"people not in Gary{between}OSHA-10") == ["-Gary", "+OSHA-10"]


@pytest.mark.parametrize("turn", ["but", "however", "though", "instead"])
def test_a_turn_ends_a_negation(turn: str) -> None:
    assert told(f"people not in Gary {turn} in Joliet") == ["-Gary", "+Joliet"]


@given(count=st.integers(0, 9))
@settings(max_examples=10, deadline=None)
def test_an_even_number_of_negations_before_a_value_is_none(count: int) -> None:
    assert told(f"people {'not ' * count}in Gary") == ["-Gary" if count % 2 else "+Gary"]


@given(count=st.integers(0, 14))
@settings(max_examples=15, deadline=None)
def test_too_many_words_without_a_value_end_a_negation(count: int) -> None:
    assert told(f"people not {'blub ' * count}in Gary") == ["-Gary" if count <= 7 else "+Gary"]


def test_words_that_say_nothing_do_not_count_as_unknown() -> None:
    assert told(f"people not {'any of the people ' * 5}in Gary") == ["-Gary"]


def test_neutral_phrases_look_like_negations_and_are_none() -> None:
    assert told("people not only in Gary but also in Joliet") == ["+Gary", "+Joliet"]
    assert told("no doubt welders in Gary") == ["+Welder", "+Gary"]
    assert told("welders, no matter, in Gary") == ["+Welder", "+Gary"]


@pytest.mark.parametrize(
    "wish", ["preferably", "ideally", "maybe", "no need for", "not necessarily", "prefer"]
)
def test_a_wish_is_no_condition_and_ends_with_its_list(wish: str) -> None:
    assert told(f"people {wish} in Gary or Joliet, with OSHA-10") == ["~Gary", "~Joliet", "+OSHA-10"]


def test_a_wish_behind_a_list_takes_the_list_with_it() -> None:
    assert told("welders with OSHA-10 and TWIC preferred") == ["+Welder", "~OSHA-10", "~TWIC"]
    assert told("welders in Gary, TWIC a plus") == ["+Welder", "+Gary", "~TWIC"]
    assert told("welders in Gary, TWIC would be nice") == ["+Welder", "+Gary", "~TWIC"]


def test_a_negation_behind_a_list_takes_the_list_with_it() -> None:
    assert told("welders, Gary and Joliet excluded") == ["+Welder", "-Gary", "-Joliet"]
    assert told("welders in Gary, Joliet excluded") == ["+Welder", "+Gary", "-Joliet"]


def test_no_value_required_is_no_negation_of_it() -> None:
    assert told("welders, no OSHA-10 required") == ["+Welder", "~OSHA-10"]
    assert told("welders, no OSHA-10 card needed") == ["+Welder", "~OSHA-10"]
    assert told("welders, no certificates needed") == ["+Welder"]


def test_a_prefix_reaches_one_value_only() -> None:
    pieces, rows = laid("non-cordless red drills", PRODUCTS)
    assert [one.is_negated for one in polarity.read(pieces, rows)] == [True, False, False]
    assert told("welders -Gary with TWIC") == ["+Welder", "-Gary", "+TWIC"]


def test_a_column_without_a_value_is_ruled_out_as_a_whole() -> None:
    assert told("welders without certificates") == ["+Welder", "!certificates"]
    assert told("welders with no skills in Gary") == ["+Welder", "!skills", "+Gary"]
    assert told("welders not without certificates") == ["+Welder"]


def test_a_column_named_beside_its_value_rules_out_the_value_alone() -> None:
    assert told("welders without a TWIC certificate") == ["+Welder", "-TWIC"]
    assert told("welders without the certificate TWIC") == ["+Welder", "-TWIC"]


def test_values_of_one_negated_phrase_are_ruled_out_together() -> None:
    first, second = said("no OSHA-30 welders")
    assert first.compound == second.compound > 0
    assert {one.compound for one in said("no OSHA-30, no welders")} == {0}
    assert {one.compound for one in said("without OSHA-30 or TWIC")} == {0}


def test_a_town_and_its_state_are_ruled_out_together() -> None:
    town, state, paper = said("not in Gary, Indiana, with OSHA-10")
    assert town.compound == state.compound > 0
    assert (town.is_negated, state.is_negated, paper.is_negated) == (True, True, False)


def test_what_is_ruled_out_knows_the_word_that_does_it() -> None:
    question = "welders who are not from Gary, OSHA-10 excluded"
    role, town, paper = said(question)
    assert role.cue == -1
    assert question[town.cue :].startswith("not from Gary")
    assert question[paper.cue :].startswith("OSHA-10")


def test_neither_and_nor_are_one_negation() -> None:
    assert told("people with neither OSHA-10 nor TWIC") == ["-OSHA-10", "-TWIC"]
    assert told("neither in Gary nor in Joliet, people") == ["-Gary", "-Joliet"]


def test_a_question_without_values_says_nothing() -> None:
    assert said("") == []
    assert said("not without never, but no") == []


@pytest.mark.parametrize("end", [". ", "; ", "? ", "! ", " - ", " — ", "\n. "])
def test_a_clause_that_ends_takes_its_negation_along(end: str) -> None:
    assert told(f"not Gary{end}Joliet people") == ["-Gary", "+Joliet"]


POOL = "not in Gary , or and without OSHA-10 TWIC welders but no preferably certificates required . - except"
YES = "in Gary , or with OSHA-10 TWIC welders people and"


@given(question=st.lists(st.sampled_from(POOL.split()), max_size=14).map(" ".join))
@settings(max_examples=80, deadline=None)
def test_every_value_is_said_once_in_order_and_columns_only_where_ruled_out(question: str) -> None:
    pieces, rows = laid(question)
    found = polarity.read(pieces, rows)
    assert [one.piece for one in found] == sorted({one.piece for one in found})
    assert {one.piece for one in found if not one.is_absent} == {i for i, p in enumerate(pieces) if p.value}
    assert all(one.is_negated and pieces[one.piece].noun for one in found if one.is_absent)
    assert all(one.cue >= 0 for one in found if one.is_negated)


@given(question=st.lists(st.sampled_from(YES.split()), max_size=12).map(" ".join))
@settings(max_examples=50, deadline=None)
def test_a_question_without_a_negating_word_rules_out_nothing(question: str) -> None:
    assert not [one for one in said(question) if one.is_negated or one.is_soft or one.is_absent]
