"""On real texts: sentences lose nothing, and citations believe what stands there and not what was altered."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.search.answer import NOT_THERE, extract
from lakehouse.search.cite import Evidence, Passage
from lakehouse.search.sentences import spans
from lakehouse.search.terms import read

SETS = Path(__file__).parents[3] / "shared" / "data" / "ir"

pytestmark = pytest.mark.skipif(
    not SETS.exists(), reason="the public retrieval sets are not beside the project"
)

Change = Callable[[str, str, random.Random], str | None]
"""A sentence and one of another text become a claim; None where this sentence cannot be changed so."""


def texts(name: str, count: int) -> list[str]:
    lines = (SETS / name / "docs.jsonl").read_text().splitlines()[:count]
    return [text for line in lines if (text := json.loads(line)["text"])]


def passages(of: list[str]) -> list[Passage]:
    return [
        Passage(
            id=f"t:{n}#0", corpus="c", table="t", row=str(n), chunk=0, start=0, end=len(x), text=x, score=1.0
        )
        for n, x in enumerate(of)
    ]


def sentences(text: str) -> list[str]:
    cut = [text[start:end] for start, end in spans(text)]
    return [sentence for sentence in cut if len(read(sentence).stems) > 5]


def as_it_stands(sentence: str, other: str, dice: random.Random) -> str | None:
    return sentence


def some_words_left_out(sentence: str, other: str, dice: random.Random) -> str | None:
    kept = [word for word in sentence.split() if dice.random() > 0.2 or re.search(r"\d|\bno|n't", word)]
    return " ".join(kept)


def another_text(sentence: str, other: str, dice: random.Random) -> str | None:
    return other


def another_number(sentence: str, other: str, dice: random.Random) -> str | None:
    changed, count = re.subn(r"\d+", lambda m: str(int(m.group()) + 7), sentence, count=1)
    return changed if count else None


def denied(sentence: str, other: str, dice: random.Random) -> str | None:
    if re.search(r"\b(not|no|never|nor|neither|cannot)\b", sentence):
        return None
    changed, count = re.subn(r"\b(is|are|was|were|can|has|have)\b", r"\1 not", sentence, count=1)
    return changed if count else None


@pytest.mark.parametrize("name", ["cran", "time", "cisi", "npl", "onet_titles"])
def test_sentences_of_real_texts_hold_every_character_but_space(name: str) -> None:
    for text in texts(name, 100):
        assert "".join("".join(text[a:b].split()) for a, b in spans(text)) == "".join(text.split())


@pytest.mark.parametrize("name", ["cran", "cisi", "onet_titles"])
@pytest.mark.parametrize(
    ("change", "least", "most"),
    [
        (as_it_stands, 1.0, 1.0),
        (some_words_left_out, 0.9, 1.0),
        (another_text, 0.0, 0.05),
        (another_number, 0.0, 0.1),
        (denied, 0.0, 0.1),
    ],
)
def test_citations_tell_what_stands_there_from_what_was_altered(
    name: str, change: Change, least: float, most: float
) -> None:
    dice, of = random.Random(1), texts(name, 160)
    outcomes = []
    for at in range(0, len(of) - 12, 4):
        evidence = Evidence(passages(of[at : at + 4]))
        mine, others = sentences(of[at]), sentences(of[at + 8])
        for sentence, other in zip(mine[:3], others[:3], strict=False):
            if (claim := change(sentence, other, dice)) is not None:
                outcomes.append(evidence.support(claim) is not None)
    if not outcomes:
        pytest.skip("no sentence of these texts can be altered so")
    assert least <= sum(outcomes) / len(outcomes) <= most


def test_a_question_to_the_wrong_corpus_is_mostly_not_answered() -> None:
    lines = (SETS / "cran" / "queries.jsonl").read_text().splitlines()[:20]
    elsewhere = passages(texts("time", 4))
    answers = [extract(json.loads(line)["text"], elsewhere).text for line in lines]
    assert sum(text == NOT_THERE for text in answers) >= 0.8 * len(answers)
