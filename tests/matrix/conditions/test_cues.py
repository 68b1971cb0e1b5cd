"""Words that negate, weaken, or take the negation back; and the pieces that they stand among."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.matrix.conditions import cues
from lakehouse.matrix.conditions.cues import AFTER_NEGATIVE, AFTER_SOFT, PHRASES, WEAKENED, Cue
from lakehouse.matrix.conditions.pieces import Piece
from lakehouse.matrix.conditions.words import split
from tests.matrix.conditions.laid import laid, name
from tests.matrix.conditions.people import PRODUCTS

(VALUE,) = (p for p in laid("people in Gary")[0] if p.value)


def plain(*keys: str) -> list[Piece]:
    """Words with a blank between them; `*` is a value."""
    return [VALUE if key == "*" else Piece(key=key, start=0, end=1) for key in keys]


def glued(piece: Piece) -> Piece:
    return replace(piece, is_glued=True)


@pytest.mark.parametrize(("phrase", "cue"), PHRASES.items())
def test_every_phrase_is_known_whole_also_before_a_value(phrase: tuple[str, ...], cue: Cue) -> None:
    wanted = ("prefix" if phrase == ("non",) else cue, len(phrase))
    assert cues.at(plain(*phrase), 0) == wanted
    assert cues.at(plain("welders", *phrase, "*"), 1) == wanted


@pytest.mark.parametrize("word", ["shan't", "mustn't", "won't", "ain't"])
def test_any_word_that_ends_in_not_negates_a_clause(word: str) -> None:
    assert cues.at(plain(word, "live"), 0) == ("clause", 1)


@pytest.mark.parametrize("word", ["welders", "knot", "note", "nose", "number", "another", "*"])
def test_other_words_are_no_cues(word: str) -> None:
    assert cues.at(plain(word, "*"), 0) is None


@pytest.mark.parametrize("word", sorted(WEAKENED))
def test_what_is_not_needed_is_neither_asked_for_nor_ruled_out(word: str) -> None:
    assert cues.at(plain("shouldn't", word, "*"), 0) == ("soft", 2)
    assert cues.at(plain("not", "to", "be", "strictly", word), 0) == ("soft", 5)


def test_only_a_negated_clause_is_weakened_and_only_by_the_next_word() -> None:
    assert cues.at(plain("without", "required"), 0) == ("phrase", 1)
    assert cues.at(plain("not", "welders", "required"), 0) == ("clause", 1)
    assert cues.at(plain("not", "to", "be"), 0) == ("clause", 1)


def test_a_dash_negates_the_value_that_it_is_glued_to() -> None:
    dash, value = Piece(key="-", start=0, end=1), glued(VALUE)
    assert cues.at([dash, value], 0) == ("prefix", 1)
    assert cues.at([dash, VALUE], 0) is None
    assert cues.at([glued(dash), value], 0) is None
    assert cues.at([dash], 0) is None
    assert cues.at([dash, *plain("word")], 0) is None


def test_non_takes_its_hyphen_with_it() -> None:
    assert cues.at(plain("non", "-", "*"), 0) == ("prefix", 2)
    assert cues.at(plain("non", "*"), 0) == ("prefix", 1)


@pytest.mark.parametrize(
    "keys", [("any", "colour", "but"), ("all", "towns", "except"), ("every", "x", "but")]
)
def test_any_thing_but_is_one_cue_of_three_words(keys: tuple[str, ...]) -> None:
    assert cues.at(plain(*keys, "*"), 0) == ("phrase", 3)
    assert cues.at(plain(keys[0], "*", keys[2]), 0) is None
    assert cues.at(plain(*keys[:2]), 0) is None


@pytest.mark.parametrize("phrase", AFTER_SOFT)
def test_every_weakening_behind_a_value_is_known(phrase: tuple[str, ...]) -> None:
    assert cues.after(plain("*", *phrase), 1) == ("soft", len(phrase))


@pytest.mark.parametrize("phrase", [p for p in AFTER_NEGATIVE if p != ("free",)])
def test_every_negation_behind_a_value_is_known(phrase: tuple[str, ...]) -> None:
    assert cues.after(plain("*", *phrase), 1) == ("negative", len(phrase))
    assert cues.after(plain("*", "is", *phrase), 1) == ("negative", len(phrase) + 1)


def test_free_negates_only_where_it_is_glued_on() -> None:
    dash, free = (glued(p) for p in plain("-", "free"))
    assert cues.after([VALUE, dash, free], 1) == ("negative", 2)
    assert cues.after(plain("*", "free"), 1) is None


@pytest.mark.parametrize("word", ["missing", "lacking", "absent"])
def test_what_is_missing_stands_before_it_only_where_nothing_follows(word: str) -> None:
    assert cues.after(plain("*", word), 1) == ("negative", 1)
    assert cues.after(plain("*", word, ",", "*"), 1) == ("negative", 1)
    assert cues.after(plain("*", word, "*"), 1) is None


def test_a_town_will_not_do_but_people_may_not_do_something() -> None:
    assert cues.after(plain("*", "will", "not", "do"), 1) == ("negative", 3)
    assert cues.after(plain("*", "won't", "do", "."), 1) == ("negative", 2)
    assert cues.after(plain("*", "will", "not", "do", "nights"), 1) is None


def test_a_verb_cut_short_denies_the_value_or_a_must() -> None:
    assert cues.after(plain("*", "isn't"), 1) == ("negative", 1)
    assert cues.after(plain("*", "doesn't", "."), 1) == ("negative", 1)
    assert cues.after(plain("*", "isn't", "welders"), 1) is None
    assert cues.after(plain("*", "required", "*", "not"), 3) == ("soft", 1)


def test_nothing_behind_a_value_says_nothing_of_it() -> None:
    assert cues.after(plain("*"), 1) is None
    assert cues.after(plain("*", "is", "are"), 1) is None
    assert cues.after(plain("*", "and", "excluded"), 1) is None


def test_words_are_read_whole_or_not_at_all() -> None:
    pieces = plain("a", "b", "*", "c")
    assert cues.keys(pieces, 0, 2) == ("a", "b")
    assert cues.keys(pieces, 1, 2) is None
    assert cues.keys(pieces, 3, 2) is None


POOL = (
    "not without no but or except any - Gary OSHA-10 required need never only preferably don't and , people"
)


@given(text=st.lists(st.sampled_from(POOL.split()), max_size=12).map(" ".join))
@settings(max_examples=60, deadline=None)
def test_a_cue_never_reaches_beyond_the_question(text: str) -> None:
    pieces, _ = laid(text)
    found = [(i, cues.at(pieces, i)) for i in range(len(pieces))]
    assert all(1 <= cue[1] <= len(pieces) - i for i, cue in found if cue)
    behind = [(i, cues.after(pieces, i)) for i in range(len(pieces) + 1)]
    assert all(1 <= cue[1] <= len(pieces) - i for i, cue in behind if cue)


@given(
    text=st.lists(st.sampled_from(f"{POOL} welders with at least 5 years experience".split()), max_size=14)
)
@settings(max_examples=60, deadline=None)
def test_pieces_take_every_word_of_a_question_once_and_in_order(text: list[str]) -> None:
    question = " ".join(text)
    pieces, _ = laid(question)
    assert "".join(question[p.start : p.end] for p in pieces).replace(" ", "") == question.replace(" ", "")
    assert all(one.end <= other.start for one, other in pairwise(pieces))
    assert all(bool(p.key) is (p.value is None) for p in pieces)
    assert {p.end == q.start for p, q in pairwise(pieces) if q.is_glued} <= {True}


def test_a_value_and_a_comparison_are_one_piece_each() -> None:
    pieces, _ = laid("forklift operators with at least 5 years experience in New York")
    assert [name(p) for p in pieces] == [
        *("Forklift Operator", "with", "years_experience", "experience", "in", "NY")
    ]
    assert pieces[0].columns == {"role"}
    assert pieces[2].columns == {"years_experience"}
    assert pieces[1].columns == frozenset()


def test_the_name_of_a_column_of_several_values_is_a_noun() -> None:
    nouns = {p.key: p.noun.column for p in laid("skills, a certificate, cards, the shift")[0] if p.noun}
    assert nouns == {"skills": "skills", "certificate": "certificates", "cards": "certificates"}


def test_words_know_the_columns_that_they_name_and_whether_those_are_measures() -> None:
    pieces = {p.key: p for p in laid("people with experience available of no trade")[0]}
    assert pieces["experience"].names == {"years_experience"}
    assert pieces["experience"].is_measure
    assert pieces["available"].names == {"availability", "available_from"}
    assert not pieces["available"].is_measure
    assert pieces["trade"].names == {"role"}
    assert not pieces["of"].names


def test_a_piece_is_a_place_if_all_it_may_be_are_places() -> None:
    places = {name(p): p.is_place for p in laid("drills in Rome, made of steel", PRODUCTS)[0] if p.value}
    assert places == {"Drill": False, "Rome": True, "steel": False}


def test_pieces_of_nothing_are_none() -> None:
    assert laid("")[0] == []
    assert [p.key for p in laid("¿ ?")[0]] == [w.key for w in split("¿ ?")]
