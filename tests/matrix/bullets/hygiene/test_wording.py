"""What of a text is compared: the same for every way of writing it, another for every other text."""

import hashlib
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.matrix.bullets.hygiene.same import jaccard, same
from lakehouse.matrix.bullets.hygiene.wording import GRAM, SHINGLE, grams, plain, read, sentences, words
from lakehouse.matrix.bullets.params import BulletParams
from tests.matrix.bullets.desk import BUS, CALL, CARD

PARAMS = BulletParams()
LETTERS = st.text(st.sampled_from("abcdé ß'7-\u200b"), max_size=40)
SETS = st.frozensets(st.sampled_from("abcdef"))
UNSEEN = ("\u00ad", "\u200b", "\u200d", "\u202e", "\u2060", "\u2066", "\ufeff", "\U000e0041")


def test_the_digest_is_of_the_words_in_order() -> None:
    assert read("  The CAT,\n(sat)! ").digest == hashlib.sha256(b"the cat sat").hexdigest()
    assert read("sat the cat").digest != read("the cat sat").digest
    assert read("").digest == read(" … ").digest == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("sign", UNSEEN)
def test_a_character_without_a_shape_changes_nothing_wherever_it_stands(sign: str) -> None:
    for hidden in (sign + CALL, CALL + sign, CALL.replace("a", f"a{sign}")):
        assert plain(hidden) == CALL
        assert read(hidden) == read(CALL)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ﬁre", "fire"),
        ("Ｃａｌｌ", "Call"),
        ("x²", "x2"),
        ("cafe\u0301", "café"),
        ("①", "1"),
        ("a\u00a0b", "a b"),
    ],
)
def test_compatible_forms_are_one_way_of_writing(written: str, meant: str) -> None:
    assert plain(written) == meant
    assert read(written).digest == read(meant).digest


def test_an_unseen_character_between_a_letter_and_its_accent_hides_nothing() -> None:
    assert plain("cafe\u200b\u0301") == "café"
    assert read("cafe\u200b\u0301").digest == read("CAFÉ").digest


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_one_way_of_writing_stays_as_it_is(text: str) -> None:
    once = plain(text)
    assert plain(once) == once
    assert unicodedata.is_normalized("NFKC", once)


def test_words_are_without_case_and_keep_their_apostrophe() -> None:
    assert words("Straße STRASSE") == ("strasse", "strasse")
    assert words("Don’t don't 'quoted' rock'n'roll") == ("don't", "don't", "quoted", "rock'n'roll")
    assert words("e-mail, 24/7: C3PO_x") == ("e", "mail", "24", "7", "c3po_x")
    assert words("夜勤 Ночь") == ("夜勤", "ночь")


@settings(max_examples=60, deadline=None)
@given(LETTERS)
def test_words_of_the_words_are_the_words_and_make_the_same_wording(text: str) -> None:
    line = " ".join(words(text))
    assert words(line) == words(text)
    assert read(line).digest == read(text).digest
    assert read(text.upper()).digest == read(text.lower()).digest


@settings(max_examples=60, deadline=None)
@given(LETTERS)
def test_shingles_are_runs_of_the_line_and_there_is_always_one(text: str) -> None:
    found, line = read(text), " ".join(words(text))
    assert found.shingles
    assert all(one in line and len(one) == min(SHINGLE, len(line)) for one in found.shingles)
    assert len(found.shingles) <= max(len(line) - SHINGLE + 1, 1)


def test_shingles_by_hand() -> None:
    assert read("night bus").shingles == {"night", "ight ", "ght b", "ht bu", "t bus"}
    assert read("bus").shingles == {"bus"}
    assert read("").shingles == {""}


def test_content_leaves_out_words_that_claim_nothing_and_terms_are_stems() -> None:
    found = read("The drivers are called before the shift")
    assert found.content == {"drivers", "called", "shift"}
    assert found.terms == {"driver", "call", "shift"}
    empty = read("the of and")
    assert not empty.content
    assert empty.terms == {"the", "of", "and"}


@pytest.mark.parametrize("count", range(8))
def test_runs_of_four_words_are_as_many_as_begin_in_the_text(count: int) -> None:
    found = tuple(map(str, range(count)))
    runs = list(grams(found))
    assert len(runs) == max(count - GRAM + 1, 0)
    assert all(run == found[at : at + GRAM] for at, run in enumerate(runs))


def test_sentences_end_at_marks_followed_by_a_blank_and_at_ends_of_lines() -> None:
    assert list(sentences("Pay 3.50 an hour. Why? Because… so\nEnd")) == [
        ("pay", "3", "50", "an", "hour"),
        ("why",),
        ("because",),
        ("so",),
        ("end",),
    ]
    assert list(sentences("")) == list(sentences(" . \n\n ! ")) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["Call Bob.", "Why now?", "Go!", "wait"]), max_size=6))
def test_sentences_hold_every_word_of_the_text_in_order(parts: list[str]) -> None:
    text = " ".join(parts)
    assert tuple(word for sentence in sentences(text) for word in sentence) == words(text)


@settings(max_examples=60, deadline=None)
@given(SETS, SETS)
def test_the_jaccard_index_is_even_handed_and_one_only_for_equal_sets(
    one: frozenset[str], two: frozenset[str]
) -> None:
    found = jaccard(one, two)
    assert found == jaccard(two, one)
    assert 0 <= found <= 1
    assert (found == 1) == (one == two != frozenset())
    assert (found == 0) == one.isdisjoint(two)


@settings(max_examples=60, deadline=None)
@given(LETTERS, st.sampled_from([None, -1.0, 0.0, 0.7, 1.0]))
def test_every_text_is_itself_whatever_its_vectors_say(text: str, cosine: float | None) -> None:
    assert same(read(text), read(text.upper()), cosine=cosine, params=PARAMS) == "exact"


@pytest.mark.parametrize("other", [BUS, CARD])
def test_a_higher_cosine_never_makes_two_lessons_less_alike(other: str) -> None:
    order = [None, "similar", "rephrased"]
    found = [same(read(CALL), read(other), cosine=at / 20, params=PARAMS) for at in range(21)]
    assert [order.index(how) for how in found] == sorted(order.index(how) for how in found)
    assert (found[0], found[-1]) == (None, "rephrased")
