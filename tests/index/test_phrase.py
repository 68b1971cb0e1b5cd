"""What a person types is read the way it is meant, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.index.words.phrase import Asked, Fuzzy, meant, parse


def test_the_four_kinds_of_parts_are_told_apart() -> None:
    assert parse('forklift "night shift" recruter~ -temporary -"no weekends"') == Asked(
        words=("forklift",),
        phrases=("night shift",),
        fuzzy=(Fuzzy("recruter", 1),),
        excluded=("temporary", "no weekends"),
    )


@pytest.mark.parametrize(
    ("text", "distance"), [("welder~", 1), ("welder~1", 1), ("welder~2", 2), ("welder~9", 2), ("welder~0", 1)]
)
def test_a_fuzzy_word_is_one_or_two_edits_away(text: str, distance: int) -> None:
    assert parse(text).fuzzy == (Fuzzy("welder", distance),)


def test_a_tilde_with_a_stop_behind_it_is_still_fuzzy() -> None:
    assert parse("welder~2, nurse").fuzzy == (Fuzzy("welder", 2),)


@pytest.mark.parametrize("text", ["OSHA-10", "x-ray", "~5", "a - b", "co–op", "--", "welder~shop"])
def test_a_hyphen_or_tilde_elsewhere_means_nothing(text: str) -> None:
    asked = parse(text + " nurse")
    assert not asked.excluded
    assert not asked.fuzzy


def test_words_are_kept_as_typed_and_as_often() -> None:
    assert parse("Nurse nurse, R.N.").words == ("Nurse", "nurse,", "R.N.")


@pytest.mark.parametrize("text", ['"open ended', 'ended"', 'a "b" c"', '"', 'nurse "" x', '"""'])
def test_unbalanced_quotes_are_harmless(text: str) -> None:
    asked = parse(text + " nurse")
    assert "nurse" in asked.words
    assert not any('"' in part for part in (*asked.words, *asked.phrases))


def test_inches_are_no_quotes() -> None:
    assert parse('6" pipe 5" flange').phrases == ()
    assert parse('6" pipe 5" flange').words == ("6", "pipe", "5", "flange")


def test_curly_quotes_are_quotes() -> None:
    assert parse("“night shift”, (“day shift”)").phrases == ("night shift", "day shift")


def test_the_signs_of_a_pasted_text_ask_for_nothing() -> None:
    listed = '-forklift -welding, a "hot line" and ~5 more ' + "word " * 41
    assert parse(listed + "end").words[:6] == ("-forklift", "-welding,", "a", "hot", "line", "and")
    assert not parse(listed + "end").phrases
    assert parse(listed.removesuffix("word ")).excluded == ("forklift", "welding,")


def test_exclusions_alone_are_a_query() -> None:
    assert parse("-temporary") == Asked(excluded=("temporary",))


@pytest.mark.parametrize("text", ["", "  \n", "?!", '""', "-", "~", "_"])
def test_a_query_with_nothing_in_it_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="no words"):
        parse(text)


def test_half_a_surrogate_pair_is_no_character() -> None:
    assert parse("nurse \ud83d x\ud83dy").words == ("nurse", "x?y")


def test_a_long_text_without_a_word_is_refused() -> None:
    with pytest.raises(Invalid, match="no words"):
        parse("- " * 60)


@given(st.text(st.characters()))
def test_anything_typed_with_a_word_in_it_is_valid(text: str) -> None:
    asked = parse(text + " nurse")
    assert "nurse" in asked.words
    assert all(1 <= fuzzy.distance <= 2 for fuzzy in asked.fuzzy)


@given(st.text(st.sampled_from('"-~ ab2,(\n')))
def test_no_mixture_of_signs_breaks_a_part_open(text: str) -> None:
    asked = parse(text + " nurse")
    assert not any('"' in part for part in (*asked.words, *asked.phrases, *asked.excluded))
    assert not any(" " in word for word in asked.words)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("kennedy -nassau", "kennedy"),
        ('kennedy -"prime minister" "the summit" -bermuda', "kennedy the summit"),
        ("kennedy -“prime minister”", "kennedy"),
        ('"kennedy -nassau" -oslo', "kennedy -nassau"),
        ("-nassau", ""),
    ],
)
def test_meaning_is_asked_for_without_what_is_excluded(text: str, left: str) -> None:
    assert meant(text) == left


@pytest.mark.parametrize(
    "text", ["follow-up on OSHA-10  cards", 'a "night shift"', "one - two", " ".join(["-word"] * 60)]
)
def test_meaning_is_asked_for_as_typed_where_nothing_is_excluded(text: str) -> None:
    assert meant(text) == text
