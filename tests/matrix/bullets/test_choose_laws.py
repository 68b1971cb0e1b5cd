"""What holds for the choice of a prompt's entries whatever the playbook holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.matrix.bullets.choose import HEAD, Choice, Known, Question, about, choose, render
from lakehouse.matrix.bullets.hygiene.wording import read
from lakehouse.matrix.bullets.params import BulletParams
from tests.matrix.bullets.desk import CALL, bullet

VOTES = st.tuples(st.integers(0, 6), st.integers(0, 6))


def chosen(votes: list[tuple[int, int]], params: BulletParams, k: int | None = None) -> Choice:
    entries = [bullet(f"e{n:02}", helpful=one, harmful=two) for n, (one, two) in enumerate(votes)]
    known = [Known(bullet=one, wording=read(one.content), cosine=None) for one in entries]
    return choose(Question(terms=read(CALL).terms), known, count=about, params=params, k=k)


@settings(max_examples=40, deadline=None)
@given(st.lists(VOTES, max_size=25), st.sampled_from([1, 30, 50, 300]), st.sampled_from([None, 1, 2]))
def test_for_every_playbook_a_prompt_gets_the_best_within_its_budget(
    votes: list[tuple[int, int]], tokens: int, k: int | None
) -> None:
    found = chosen(votes, BulletParams(prompt_tokens=tokens), k)
    scores = [one.score for one in found.chosen]
    assert len(scores) <= (k or 2)
    assert scores == sorted(scores, reverse=True)
    assert all(one.score == pytest.approx(one.relevance * one.bound) for one in found.chosen)
    assert found.tokens == (about(found.text) if found.chosen else 0) <= tokens
    assert len(found.left_out) == min(20, len(votes) - len(scores))
    assert not {one.bullet.entry_id for one in found.chosen} & {name for name, _ in found.left_out}
    assert found.text == render([one.bullet for one in found.chosen])


def test_of_thirty_that_fit_the_twenty_next_best_are_named() -> None:
    found = chosen([(n, 0) for n in range(30)], BulletParams())
    assert [one.bullet.entry_id for one in found.chosen] == ["e29", "e28"]
    assert [name for name, _ in found.left_out] == [f"e{n:02}" for n in range(27, 7, -1)]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_no_text_of_an_entry_breaks_out_of_its_line(text: str) -> None:
    lines = render([bullet("a", text), bullet("b", CALL)]).splitlines()
    assert (len(lines), lines[0], lines[2]) == (3, HEAD, f"- [b] {CALL}")
    assert lines[1].startswith("- [a]")


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("夜" * 8, 2)])
def test_tokens_by_length_are_rounded_up(text: str, tokens: int) -> None:
    assert about(text) == tokens
