"""[pure] What requests about outcomes and the playbook say; unknown members are refused."""

from typing import Annotated, Final

from pydantic import Field, JsonValue

from lakehouse.edge.http.bodies import Body, Names
from lakehouse.matrix.playbook.events import OutcomeKind

MANY: Final = 10_000
"""Outcomes or successes of one request."""

Word = Annotated[str, Field(max_length=600)]
Source = Annotated[str, Field(max_length=200, examples=["recruiter-7"], description="Who says so.")]
Reason = Annotated[str, Field(max_length=2000)]
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Question = Annotated[str, Field(max_length=32 << 10, examples=["forklift operator with OSHA-10 in IL"])]


class Outcome(Body):
    """What became of one hit."""

    search_id: Annotated[str, Field(min_length=1, max_length=64, description="Of the answer of a search.")]
    doc_id: Annotated[Word, Field(min_length=1, description="Of the hit.")]
    outcome: OutcomeKind
    source: Source = ""
    corpus: Annotated[Word, Field(description="Where several showed a row of this id.")] = ""
    value: Annotated[Share | None, Field(description="0 (wrong) to 1 (right); judged needs it.")] = None
    audit: Annotated[
        bool, Field(strict=True, description="Told by somebody who was asked at random: teaches trust.")
    ] = False
    at_ms: Annotated[
        int | None, Field(strict=True, ge=0, lt=1 << 53, description="When, in ms since 1970; else now.")
    ] = None


class Outcomes(Body):
    """What became of many hits: all are kept, or none."""

    outcomes: Annotated[list[Outcome], Field(min_length=1, max_length=MANY)]


class Success(Body):
    """A row that answers a question, told without a search."""

    query_text: Annotated[Question, Field(min_length=1)]
    answer_id: Annotated[Word, Field(min_length=1)]
    answer_corpus: Annotated[Word, Field(min_length=1)]
    score: Share = 1.0
    role: Annotated[str, Field(max_length=200, description="Kept with it; moves nothing.")] = ""
    tags: Annotated[list[Annotated[str, Field(max_length=200)]], Field(default_factory=list, max_length=64)]
    source: Source = ""
    vector: Annotated[
        list[Annotated[float, Field(strict=True, allow_inf_nan=False)]] | None,
        Field(max_length=8192, description="Of the question; else the lake embeds it."),
    ] = None
    model: Annotated[Word, Field(description="Of the vector; must be the one of the corpus.")] = ""


class Successes(Body):
    """Many such; each is kept, or refused with its own reason."""

    entries: Annotated[
        list[dict[str, JsonValue]],
        Field(min_length=1, max_length=MANY, description="As the body of one."),
    ]


class Ask(Body):
    """A question that nobody asks yet."""

    question: Question
    corpora: Annotated[Names, Field(default_factory=list, description="Indexes to look at; none: all.")]


class Trust(Body):
    """A source."""

    source: Source
    reason: Reason = ""


class Row(Body):
    """A row of a corpus."""

    corpus: Annotated[Word, Field(min_length=1)]
    doc_id: Annotated[Word, Field(min_length=1)]
    reason: Reason = ""


class Back(Body):
    """A version to go back to."""

    to: Annotated[str, Field(min_length=1, max_length=64)]
    reason: Reason = ""
