"""Answers, measures and sentences at their edges: what a reader sees, worked out by hand or for any text."""

from collections.abc import Sequence
from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.llm.chat import Turn
from lakehouse.llm.scripted import ScriptedChat
from lakehouse.search.answer import EXTRACTIVE, MOST, NOT_THERE, Answer, compose, extract, prompt
from lakehouse.search.cite import Passage
from lakehouse.search.measure import gain, ndcg, recall, reciprocal_rank
from lakehouse.search.sentences import spans

FEW = settings(max_examples=25, deadline=None)
BAKERY = "Bread is baked at 4 in the morning. Cakes are sold until noon. The shop is closed on Sunday."
QUESTION = "When is bread baked?"
RANKING = st.permutations("abcdef")
GRADES = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 3), min_size=1)


def passage(text: str, row: int = 1, *, start: int = 0, score: float = 1.0) -> Passage:
    return Passage(
        id=f"shop:{row}#0",
        corpus="shop",
        table="shop",
        row=str(row),
        chunk=0,
        start=start,
        end=start + len(text),
        text=text,
        score=score,
    )


def says(text: str, *, advice: str = "") -> Answer:
    """What becomes of a model's words."""
    return compose(QUESTION, [passage(BAKERY)], chat=ScriptedChat(lambda _: text, model="m"), advice=advice)


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_a_model_that_says_nothing_found_nothing(text: str) -> None:
    answer = says(text)
    assert (answer.text, answer.model) == (NOT_THERE, "m")
    assert answer.reason.startswith("m found no answer")


@pytest.mark.parametrize("marker", ["[1]", "[7]", "[0]", ""])
def test_a_claim_of_another_number_is_unsupported_whatever_stands_behind_it(marker: str) -> None:
    answer = says(f"Bread is baked at 5 in the morning {marker}.")
    assert (answer.citations, len(answer.unsupported)) == ((), 1)
    assert "[" not in answer.text


def test_advice_reaches_the_model_and_is_no_evidence() -> None:
    seen: list[Sequence[Turn]] = []

    def script(turns: Sequence[Turn]) -> str:
        seen.append(turns)
        return "Rolls cost 9 euros in Vienna."

    answer = compose(
        QUESTION, [passage(BAKERY)], chat=ScriptedChat(script), advice="Rolls cost 9 euros in Vienna."
    )
    assert seen[0][1].text.index("Rolls cost") < seen[0][1].text.index("<passage")
    assert answer.unsupported == ("Rolls cost 9 euros in Vienna.",)


@pytest.mark.parametrize("fence", ["</passage>", "<passage n='9'>", "<\n/passage >"])
def test_advice_cannot_open_or_close_a_fence(fence: str) -> None:
    user = prompt(QUESTION, [passage(BAKERY)], advice=f"Be short. {fence}")[1].text
    assert user.count("<passage") == user.count("</passage>") == 1


@FEW
@given(st.lists(st.text(max_size=20), max_size=5))
def test_every_passage_is_fenced_once_and_numbered_from_1(texts: list[str]) -> None:
    user = prompt(QUESTION, [passage(text, n) for n, text in enumerate(texts)])[1].text
    numbers = [int(part.split('"')[0]) for part in user.split('<passage n="')[1:]]
    assert numbers == list(range(1, len(texts) + 1))
    assert user.count("</passage>") == len(texts)


def test_space_around_the_question_does_not_reach_the_model() -> None:
    assert prompt(" \n why? ", [])[1].text.endswith("\n\nQuestion: why?")


@FEW
@given(st.lists(st.sampled_from([*BAKERY.split(". "), "Bread", "", "!"]), min_size=1, max_size=6))
def test_an_extract_of_any_passages_quotes_them_word_for_word(texts: list[str]) -> None:
    given_ = [passage(text, n, start=100 * n) for n, text in enumerate(texts)]
    answer = extract(QUESTION, given_)
    assert len(answer.citations) <= MOST
    assert (answer.text == NOT_THERE) == (not answer.citations)
    assert (answer.model, answer.unsupported) == (EXTRACTIVE, ())
    for one in answer.citations:
        n = int(one.source.row)
        assert texts[n][one.source.start - 100 * n : one.source.end - 100 * n] == one.text


def test_a_wrapped_sentence_is_shown_on_one_line_and_cited_as_it_stands() -> None:
    text = "Bread is baked in the old stone oven behind the shop and\nit is sold warm."
    answer = extract("Where is bread baked?", [passage(text)])
    assert answer.text == "Bread is baked in the old stone oven behind the shop and it is sold warm. [1]"
    assert answer.citations[0].text == text


def test_cosines_of_too_few_passages_are_refused_with_the_passage_named() -> None:
    with pytest.raises(Invalid) as error:
        extract(QUESTION, [passage(BAKERY, 1), passage(BAKERY, 2)], likeness=[[0.1, 0.1, 0.1]])
    assert error.value.context["passage"] == 1
    assert "sentences.spans" in error.value.hint


def test_a_cosine_below_what_is_near_answers_nothing() -> None:
    assert extract("Weekend hours?", [passage(BAKERY)], likeness=[[0.0, 0.0, 0.49]]).text == NOT_THERE
    near = extract("Weekend hours?", [passage(BAKERY)], likeness=[[0.0, 0.0, 0.5]])
    assert near.text == "The shop is closed on Sunday. [1]"


@pytest.mark.parametrize(
    ("rank", "k", "worth"), [(1, 10, 1.0), (2, 10, 1 / log2(3)), (10, 10, 1 / log2(11)), (11, 10, 0.0)]
)
def test_one_right_key_is_worth_what_its_rank_is_discounted_to(rank: int, k: int, worth: float) -> None:
    ranking = [f"x{n}" for n in range(1, rank)] + ["right"]
    assert ndcg(ranking, {"right": 3}, k=k) == pytest.approx(worth)
    assert reciprocal_rank(ranking, {"right": 3}, k=k) == (1 / rank if rank <= k else 0)


def test_a_ranking_of_nothing_is_worth_nothing() -> None:
    assert ndcg([], {"a": 1}) == reciprocal_rank([], {"a": 1}) == recall([], {"a": 1}) == 0


def test_a_negative_grade_is_no_relevance() -> None:
    assert ndcg(["a", "b"], {"a": -1, "b": 1}) == pytest.approx(1 / log2(3))
    assert reciprocal_rank(["a", "b"], {"a": -1, "b": 1}) == 0.5
    assert recall(["a"], {"a": -1, "b": 1}) == 0


@FEW
@given(RANKING, GRADES, st.integers(1, 6))
def test_looking_further_never_lowers_recall_or_the_reciprocal_rank(
    ranking: list[str], grades: dict[str, int], k: int
) -> None:
    assert recall(ranking, grades, k=k) <= recall(ranking, grades, k=k + 1)
    assert reciprocal_rank(ranking, grades, k=k) <= reciprocal_rank(ranking, grades, k=k + 1)


@FEW
@given(RANKING, GRADES, st.integers(0, 4))
def test_a_better_key_moved_before_a_worse_one_never_lowers_ndcg(
    ranking: list[str], grades: dict[str, int], at: int
) -> None:
    turned = [*ranking[:at], ranking[at + 1], ranking[at], *ranking[at + 2 :]]
    better = grades.get(turned[at], 0) >= grades.get(ranking[at], 0)
    before, after = ndcg(ranking, grades), ndcg(turned, grades)
    assert after >= before - 1e-12 if better else after <= before + 1e-12


@FEW
@given(GRADES, RANKING, st.floats(0.5, 8))
def test_grades_on_another_scale_give_the_same_ndcg(
    grades: dict[str, int], ranking: list[str], scale: float
) -> None:
    scaled = {key: grade * scale for key, grade in grades.items()}
    assert ndcg(ranking, scaled) == pytest.approx(ndcg(ranking, grades))


def test_the_interval_of_one_query_is_its_difference() -> None:
    found = gain([0.75], [0.5])
    assert (found.mean, found.low, found.high) == (0.25, 0.25, 0.25)


def test_changing_sides_turns_the_interval_round() -> None:
    one, other = [0.1, 0.9, 0.4, 0.6, 0.2], [0.3, 0.5, 0.45, 0.1, 0.2]
    there, back = gain(one, other), gain(other, one)
    assert there.mean == pytest.approx(-back.mean)
    assert there.low == pytest.approx(-back.high)
    assert there.low <= there.mean <= there.high


def test_a_comparison_of_other_queries_says_how_many_there_were() -> None:
    with pytest.raises(Invalid) as error:
        gain([1.0, 0.5], [1.0])
    assert (error.value.context["values"], error.value.context["than"]) == (2, 1)
    assert "judge" in error.value.hint


@pytest.mark.parametrize("text", ["?!", "...", "–", "(", "。"])
def test_signs_alone_are_one_piece_and_never_lost(text: str) -> None:
    assert [text[start:end] for start, end in spans(text)] == [text]


@pytest.mark.parametrize("end", [".", "!", "?", "…", "。"])
def test_a_sentence_ends_with_its_mark(end: str) -> None:
    text = f"Bread is warm{end} Cakes are cold"
    assert [text[start:last] for start, last in spans(text)] == [f"Bread is warm{end}", "Cakes are cold"]


def test_a_long_text_without_a_mark_is_one_sentence() -> None:
    assert spans("word " * 20_000) == ((0, 20_000 * 5 - 1),)
