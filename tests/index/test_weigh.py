"""Words weighed over several indexes: one word weighs the same everywhere, and the attainable is known."""

from pathlib import Path

import pytest

from lakehouse.index.words.lexical import Document, Lexical
from lakehouse.index.words.weigh import Terms, rarity, together

DRIVERS = {f"d{n}": "forklift driver, night shift" for n in range(20)} | {"d20": "forklift and crane driver"}
NURSES = {f"n{n}": "registered nurse, night shift" for n in range(20)} | {"n20": "nurse with a forklift card"}


def filled(folder: Path, texts: dict[str, str]) -> Lexical:
    made = Lexical(folder)
    made.update(Document(key, "1", text) for key, text in texts.items())
    return made


@pytest.fixture
def drivers(tmp_path: Path) -> Lexical:
    return filled(tmp_path / "drivers", DRIVERS)


@pytest.fixture
def nurses(tmp_path: Path) -> Lexical:
    return filled(tmp_path / "nurses", NURSES)


def test_terms_say_how_often_the_question_and_how_many_rows_have_a_word(drivers: Lexical) -> None:
    said = drivers.terms('Cranes and cranes, forklifts? zeppelins -"no shift"')
    assert said == Terms(
        rows=21, asked={"crane": 2, "forklift": 1, "zeppelin": 1}, holding={"crane": 1, "forklift": 21}
    )


def test_words_of_phrases_and_fuzzy_words_count_too(drivers: Lexical) -> None:
    assert drivers.terms('"night shift" driver~').asked == {"night": 1, "shift": 1, "driver": 1}


def test_an_index_without_rows_knows_nothing_and_changes_nothing(tmp_path: Path, drivers: Lexical) -> None:
    empty = Lexical(tmp_path / "empty")
    assert together([empty.terms("crane"), drivers.terms("crane")]) == together([drivers.terms("crane")])
    assert empty.weighed({"crane": 1.0}, ["d20"]) == {}


def test_with_its_own_weights_an_index_scores_as_its_search_does(drivers: Lexical) -> None:
    question = "forklift crane crane driver"
    found = {hit.key: hit.score for hit in drivers.search(question, 30)}
    own = together([drivers.terms(question)]).weights
    assert drivers.weighed(own, list(DRIVERS)) == pytest.approx(found, abs=2e-4)


def test_a_word_that_is_common_here_and_rare_there_weighs_the_same_in_both(
    drivers: Lexical, nurses: Lexical
) -> None:
    question = "nurse with forklift"
    shared = together([drivers.terms(question), nurses.terms(question)])
    here, there = drivers.weighed(shared.weights, ["d0"]), nurses.weighed(shared.weights, ["n0", "n20"])
    assert there["n20"] > max(there["n0"], here["d0"])
    assert here["d0"] == pytest.approx(there["n0"], rel=0.25)  # both say one common word
    alone = drivers.search(question, 1)[0].score
    assert alone < here["d0"] / 5  # among drivers "forklift" says nothing


def test_no_row_gets_more_than_is_attainable_and_saying_everything_comes_near(tmp_path: Path) -> None:
    shouting = filled(tmp_path / "loud", {"a": "crane " * 200, "b": "nurse"})
    shared = together([shouting.terms("crane")])
    best = shouting.weighed(shared.weights, ["a"])["a"]
    assert 0.9 * shared.attainable < best < shared.attainable


def test_only_the_rows_that_were_named_are_scored(drivers: Lexical) -> None:
    assert set(drivers.weighed({"forklift": 1.0}, ["d3", "d20", "gone"])) == {"d3", "d20"}
    assert drivers.weighed({"forklift": 1.0}, []) == {}
    assert drivers.weighed({"zeppelin": 1.0}, ["d3"]) == {}


def test_rows_that_were_replaced_shift_scores_by_some_percent_only(drivers: Lexical) -> None:
    before = drivers.weighed({"crane": 1.0}, ["d20"])["d20"]
    drivers.update([Document(f"d{n}", "2", "forklift driver, early shift") for n in range(4)])
    assert drivers.weighed({"crane": 1.0}, ["d20"])["d20"] == pytest.approx(before, rel=0.15)


def test_unknown_words_weigh_most_and_lower_what_is_known(drivers: Lexical) -> None:
    shared = together([drivers.terms("forklift zeppelin")])
    assert shared.weights["zeppelin"] == rarity(21, 0) > shared.weights["forklift"] > 0
    assert 0 < shared.known < 0.1
    assert together([]).attainable == together([]).known == 0
