"""Resumes: 60 to 120 words each, true to the columns, in more words than the columns'."""

import re
from collections.abc import Mapping
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from lakehouse.staffing import generate, resume
from lakehouse.staffing.trades import TRADES
from lakehouse.staffing.words import CERTIFICATES, NUMBER_WORDS, SHIFT_SENTENCES, SHIFTS
from lakehouse.staffing.workforce import draw


@pytest.fixture(scope="module")
def rows(company: Mapping[str, pa.Table]) -> list[dict[str, str]]:
    columns = ["role", "city", "state", "skills", "certificates", "years_experience", "shift", "resume"]
    listed: list[dict[str, str]] = company["candidates"].select(columns).to_pylist()
    return listed


def entries(text: str | None) -> set[str]:
    return set(text.split("; ")) if text else set()


def test_every_resume_has_60_to_120_words(rows: list[dict[str, str]]) -> None:
    sizes = [len(row["resume"].split()) for row in rows]
    assert min(sizes) >= 60
    assert max(sizes) <= 120


@pytest.mark.parametrize("seed", [2, 3])
def test_so_have_those_of_a_large_roster(seed: int) -> None:
    for batch in generate.roster(40_000, seed=seed):
        sizes = [len(text.split()) for text in batch["resume"].to_pylist()]
        assert min(sizes) >= 60
        assert max(sizes) <= 120


def test_no_two_people_wrote_the_same(rows: list[dict[str, str]]) -> None:
    assert len({row["resume"] for row in rows}) > 0.995 * len(rows)


def test_a_resume_names_the_town(rows: list[dict[str, str]]) -> None:
    assert all(f"{row['city']}, {row['state']}" in row["resume"] for row in rows)


def test_a_resume_claims_a_certificate_only_if_it_is_held(rows: list[dict[str, str]]) -> None:
    for row in rows:
        held = entries(row["certificates"])
        for certificate in CERTIFICATES.values():
            if certificate.name not in held:
                assert certificate.have not in row["resume"]


def test_a_resume_denies_a_certificate_only_if_it_is_lacking(rows: list[dict[str, str]]) -> None:
    denied = 0
    for row in rows:
        held = entries(row["certificates"])
        for certificate in CERTIFICATES.values():
            if certificate.lack in row["resume"]:
                denied += 1
                assert certificate.name not in held
    assert denied > 0.3 * len(rows)


def test_every_held_certificate_is_mentioned(rows: list[dict[str, str]]) -> None:
    for row in rows:
        for name in entries(row["certificates"]):
            assert name in row["resume"] or CERTIFICATES[name].have in row["resume"]


def test_every_skill_is_mentioned_by_keyword_or_in_other_words(rows: list[dict[str, str]]) -> None:
    said = {trade.title: dict(trade.skills) for trade in TRADES}
    for row in rows:
        for skill in entries(row["skills"]):
            assert skill in row["resume"] or said[row["role"]][skill] in row["resume"]


def test_years_agree_in_figures_or_in_words(rows: list[dict[str, str]]) -> None:
    for row in rows:
        years = int(row["years_experience"])
        word = NUMBER_WORDS[years] if years < len(NUMBER_WORDS) else "-"
        assert re.search(rf"\b({years}|{word}) years?\b", row["resume"], re.IGNORECASE), row["resume"]


def test_the_shift_wish_agrees(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert any(text in row["resume"] for text in SHIFT_SENTENCES[SHIFTS.index(row["shift"])])


def test_many_resumes_do_not_name_their_trade(rows: list[dict[str, str]]) -> None:
    silent = np.mean([row["role"].lower() not in row["resume"].lower() for row in rows])
    assert 0.4 < silent < 0.9


def test_words_about_dependability_say_nothing_about_the_hidden_truth(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    answer = lake.sql(
        """SELECT corr((resume LIKE '%I show up%')::INT, reliability), corr(length(resume), reliability)
        FROM candidates JOIN hidden USING (candidate_id)"""
    ).fetchall()
    assert max(abs(value) for value in answer[0]) < 0.03


@pytest.mark.parametrize(
    ("items", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_words_are_listed_as_people_do(items: list[str], text: str) -> None:
    assert resume.enumerate_words(items) == text


def test_the_items_of_a_mask_are_chosen_in_order() -> None:
    assert resume.chosen(["a", "b", "c"], 0b101) == ["a", "c"]
    assert resume.chosen(["a", "b", "c"], 0) == []


def extremes(trade: int) -> tuple[list[tuple[int, int]], tuple[int, int]]:
    """Fewest and most words of each part that is always there, and of a second duty."""
    masks = [mask for mask in range(resume.SKILL_SETS) if 3 <= mask.bit_count() <= 5]
    skills = resume.skill_sentences().words.reshape(len(TRADES), resume.SKILL_SETS, 3)[trade, masks]
    duties = resume.duties().words.reshape(len(TRADES), 6)[trade]
    parts = [
        resume.openers().words.reshape(len(TRADES), 6, resume.YEARS)[trade, :, 1:],
        duties,
        skills,
        resume.certificate_sentences().words.reshape(len(TRADES), resume.CERTIFICATE_SETS * 2)[trade],
        resume.homes().words,
        resume.shifts().words,
    ]
    return [(int(part.min()), int(part.max())) for part in parts], (int(duties.min()), int(duties.max()))


@pytest.mark.parametrize("trade", range(len(TRADES)), ids=[trade.title for trade in TRADES])
def test_the_longest_parts_that_are_always_there_fit_together(trade: int) -> None:
    parts, _ = extremes(trade)
    assert sum(most for _, most in parts) <= resume.MAX_WORDS


@pytest.mark.parametrize("trade", range(len(TRADES)), ids=[trade.title for trade in TRADES])
def test_the_shortest_parts_reach_the_least_with_all_that_may_be_added(trade: int) -> None:
    parts, (second, _) = extremes(trade)
    fillers = resume.fillers().words
    added = second + resume.closings().words.min() + (fillers + np.roll(fillers, -1)).min()
    assert sum(least for least, _ in parts) + added >= resume.MIN_WORDS


def test_a_sentence_of_no_words_is_none() -> None:
    listed = resume.phrases(["two words", None, "one"])
    assert listed.words.tolist() == [2, 0, 1]
    assert listed.texts.to_pylist() == ["two words", None, "one"]


def test_years_are_said_in_words_by_every_other_opener_and_one_is_a_year() -> None:
    first = resume.openers().texts.to_pylist()[: 6 * resume.YEARS]
    assert "1 year " in first[1]
    assert "one year " in first[resume.YEARS + 1]
    assert "20 years" in first[20]
    assert "twenty years" in first[resume.YEARS + 20].lower()
    assert "25 years" in first[resume.YEARS + 25]


def test_a_lack_is_of_a_certificate_that_is_not_there_and_nobody_with_all_lacks_one() -> None:
    texts = resume.lacks().texts.to_pylist()
    for position, trade in enumerate(TRADES):
        for mask in range(resume.CERTIFICATE_SETS):
            start = (position * resume.CERTIFICATE_SETS + mask) * 6
            names = [name for bit, (name, _) in enumerate(trade.certificates) if not mask >> bit & 1]
            expected: set[str | None] = {CERTIFICATES[name].lack for name in names}
            assert set(texts[start : start + 6]) == (expected or {None})


def test_a_resume_depends_on_its_person_alone() -> None:
    whole = resume.write(draw(np.arange(200), seed=8)).to_pylist()
    assert [resume.write(draw(np.array([n]), seed=8))[0].as_py() for n in range(0, 200, 20)] == whole[::20]


def test_the_hidden_truth_changes_no_word() -> None:
    people = draw(np.arange(300), seed=8)
    other = replace(people, reliability=1 - people.reliability, archetype=3 - people.archetype)
    assert resume.write(other).equals(resume.write(people))
