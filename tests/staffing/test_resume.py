"""Resumes: 60 to 120 words each, true to the columns, in more words than the columns'."""

import re
from collections.abc import Mapping

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from lakehouse.staffing import generate, resume
from lakehouse.staffing.trades import TRADES
from lakehouse.staffing.words import CERTIFICATES, NUMBER_WORDS, SHIFT_SENTENCES, SHIFTS


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
