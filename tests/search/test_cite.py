"""Citations: a sentence is cited where its words, numbers, names and denials stand, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.search.cite import Checked, Evidence, Passage, check, support
from lakehouse.search.hits import Place

PUMP = (
    "The Acme pump moves 40 litres of coolant each minute. It must not run dry. "
    "Operators inspect its filter every 500 hours and record the pressure."
)
TRUCK = (
    "A forklift driver needs the OSHA-10 card. Drivers lift loads of at most 2 tonnes. The yard is in Toledo."
)
LEAVE = "Employees with more than 3 years of service take 25 days of leave. Leave is not paid out at the end."


def passage(text: str, row: int, *, start: int = 0, score: float = 1.0) -> Passage:
    return Passage(
        id=f"manuals:{row}#0",
        corpus="manuals",
        table="manuals",
        row=str(row),
        chunk=0,
        start=start,
        end=start + len(text),
        text=text,
        score=score,
    )


PASSAGES = (passage(PUMP, 1, start=100), passage(TRUCK, 2), passage(LEAVE, 3))


@pytest.mark.parametrize(
    ("sentence", "n", "words"),
    [
        ("The Acme pump moves 40 litres of coolant each minute.", 1, "The Acme pump moves 40 litres"),
        ("Each minute the pump moves forty... 40 litres of coolant", 1, "The Acme pump moves"),
        ("The filter is inspected by operators every 500 hours.", 1, "Operators inspect its filter"),
        ("Drivers of a forklift need the OSHA-10 card.", 2, "A forklift driver needs"),
        ("The pump must not run dry.", 1, "It must not run dry."),
        ("Drivers lift loads of at most two tonnes, and the yard is in Toledo.", 2, "Drivers lift loads"),
    ],
)
def test_a_sentence_is_cited_where_its_words_stand(sentence: str, n: int, words: str) -> None:
    citation = support(sentence, PASSAGES)
    assert citation is not None
    assert citation.n == n
    assert words in citation.text


@pytest.mark.parametrize(
    "sentence",
    [
        "The Acme pump moves 45 litres of coolant each minute.",
        "The Bolt pump moves 40 litres of coolant each minute.",
        "The pump must run dry.",
        "Operators do not inspect its filter every 500 hours.",
        "Employees with less than 3 years of service take 25 days of leave.",
        "Leave is paid out at the end.",
        "The canteen opens at noon and serves soup.",
        "The Acme pump moves coolant to the red tower behind the old canteen.",
        "Toledo moves 40 litres of coolant each minute.",
    ],
)
def test_another_number_name_denial_or_matter_is_not_supported(sentence: str) -> None:
    assert support(sentence, PASSAGES) is None


def test_a_citation_points_at_the_very_characters_of_the_row() -> None:
    citation = support("The pump must not run dry.", PASSAGES)
    assert citation is not None
    first = 100 + PUMP.index("It must")
    assert (citation.id, citation.corpus) == ("manuals:1#0", "manuals")
    assert citation.text == "The Acme pump moves 40 litres of coolant each minute. It must not run dry."
    assert citation.source == Place(
        table="manuals", row="1", chunk=0, start=100, end=first + len("It must not run dry.")
    )


def test_one_sentence_is_cited_rather_than_two_that_hold_no_more() -> None:
    citation = support("Operators record the pressure and inspect the filter.", PASSAGES)
    assert citation is not None
    assert citation.text.startswith("Operators inspect")


def test_of_two_passages_that_say_the_same_the_better_found_is_cited() -> None:
    twice = (passage(TRUCK, 1, score=0.2), passage(TRUCK, 2, score=0.9))
    citation = support("Drivers lift loads of at most 2 tonnes.", twice)
    assert citation is not None
    assert citation.source.row == "2"


def test_a_name_that_opens_the_sentence_is_a_name_where_the_passages_know_it_as_one() -> None:
    told = (
        passage("Every week the owner pays Jones a bonus of 9 dollars.", 1),
        passage("He thanked Smith.", 2),
    )
    assert support("Jones is paid a bonus of 9 dollars every week by the owner.", told)
    assert not support("Smith is paid a bonus of 9 dollars every week by the owner.", told)


@pytest.mark.parametrize("sentence", ["", "Yes.", "It is so.", "[1]"])
def test_a_sentence_that_claims_nothing_is_neither_supported_nor_unsupported(sentence: str) -> None:
    assert support(sentence, ()) is None
    assert check(sentence, PASSAGES).unsupported == ()


def test_a_sentence_of_numbers_alone_is_cited_by_its_numbers() -> None:
    assert support("40", PASSAGES) is not None
    assert support("41", PASSAGES) is None


def test_markers_are_honoured_only_where_the_passage_supports_the_sentence() -> None:
    text = "The pump must not run dry [1]. Drivers need the OSHA-10 card [1]. Soup is served at noon [3]."
    checked = check(text, PASSAGES)
    assert checked.text == (
        "The pump must not run dry [1]. Drivers need the OSHA-10 card [2]. Soup is served at noon."
    )
    assert [(c.n, c.source.row) for c in checked.citations] == [(1, "1"), (2, "2")]
    assert checked.unsupported == ("Soup is served at noon.",)


def test_a_marker_decides_between_passages_that_both_support_the_sentence() -> None:
    twice = (passage(TRUCK, 1, score=0.9), passage(TRUCK, 2, score=0.2))
    assert check("Drivers lift loads of at most 2 tonnes [2].", twice).citations[0].source.row == "2"


def test_a_marker_after_the_full_stop_belongs_to_the_sentence_before_it() -> None:
    checked = check("Drivers need the OSHA-10 card.[2] The pump must not run dry. [1, 9] Fine.", PASSAGES)
    assert checked.text == "Drivers need the OSHA-10 card [1]. The pump must not run dry [2]. Fine."


def test_sentences_that_rest_on_the_same_words_share_a_citation() -> None:
    checked = check("Drivers need the OSHA-10 card.\n\n- A forklift driver needs the card.", PASSAGES)
    assert checked.text == "Drivers need the OSHA-10 card [1].\n\n- A forklift driver needs the card [1]."
    assert len(checked.citations) == 1


@given(st.text(st.sampled_from("ab1 .[]\n,-"), max_size=40))
def test_checking_loses_no_word_of_an_answer(text: str) -> None:
    plain = "".join(check(text, ()).text.split())
    kept = [c for c in plain if c not in "[]1,"]
    assert sorted(kept) == sorted(c for c in "".join(text.split()) if c not in "[]1,")


def test_without_passages_everything_is_unsupported() -> None:
    assert check("The pump runs dry.", ()) == Checked(
        text="The pump runs dry.", citations=(), unsupported=("The pump runs dry.",)
    )


def test_passages_are_read_once_for_many_sentences() -> None:
    evidence = Evidence(PASSAGES)
    found = evidence.support("The pump must not run dry.", among=[1, 2])
    assert found is None
    assert evidence.support("The pump must not run dry.", among=[0]) is not None
