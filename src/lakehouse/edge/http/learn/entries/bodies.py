"""[pure] What requests about entries of the playbook say; unknown members are refused."""

from typing import Annotated, Final, Literal

from pydantic import Field

from lakehouse.edge.http.bodies import Body
from lakehouse.edge.http.learn.bodies import Source

CHARS: Final = 32 << 10
"""Of a text before anything is judged; an entry has at most 500."""

Id = Annotated[str, Field(min_length=1, max_length=128)]
Text = Annotated[str, Field(max_length=CHARS, examples=["Crane jobs in Gary need a signal person too."])]
Section = Annotated[str, Field(min_length=1, max_length=60, examples=["calling"])]
Facet = Annotated[str, Field(min_length=1, max_length=200)]
Scope = Annotated[
    dict[Facet, Facet],
    Field(max_length=16, description="Where it holds; none: everywhere.", examples=[{"role": "welder"}]),
]
Evidence = Annotated[
    list[Id], Field(max_length=200, description="Ids of searches with an outcome, or of traces.")
]
Reason = Annotated[str, Field(max_length=500)]


class RowRef(Body):
    """A row that an entry rests on."""

    table: Annotated[str, Field(min_length=1, max_length=500)]
    row: Annotated[str, Field(min_length=1, max_length=500)]
    digest: Annotated[str, Field(max_length=500, description="As a hit shows it.")] = ""


Refs = Annotated[list[RowRef], Field(max_length=50)]


class Add(Body):
    """A lesson in words, handed in for the playbook."""

    content: Text
    section: Section | None = None
    scope: Scope | None = None
    evidence: Evidence | None = None
    doc_refs: Refs | None = None
    source: Source = ""
    trial: Annotated[
        bool, Field(strict=True, description="It begins in shadow, where only trial calls get it.")
    ] = False


class Edit(Body):
    """Fields of an entry to change; what is not given stays."""

    content: Text | None = None
    section: Section | None = None
    scope: Scope | None = None
    evidence: Evidence | None = None
    doc_refs: Refs | None = None
    status: Annotated[
        Literal["active", "shadow"] | None, Field(description="Out of shadow or quarantine; with a reason.")
    ] = None
    source: Source = ""
    reason: Reason = ""


class Merge(Body):
    """Entries that say the same: the first one stays."""

    entries: Annotated[list[Id], Field(min_length=2, max_length=50)]
    content: Annotated[Text | None, Field(description="For all; else that of the first stays.")] = None
    section: Section | None = None
    scope: Scope | None = None
    source: Source = ""
    reason: Annotated[Reason, Field(min_length=1)]


class Vote(Body):
    """What an entry did for a call that was given it."""

    call_id: Annotated[Id, Field(description="search_id of the answer, or call_id of the choice.")]
    helpful: Annotated[bool | None, Field(strict=True)] = None
    difference: Annotated[
        float | None,
        Field(
            strict=True, ge=-1, le=1, allow_inf_nan=False,
            description="Of the call's result, with the entry minus without it.",
        ),
    ] = None  # fmt: skip
    source: Source = ""


class Choose(Body):
    """A question whose prompt may get entries."""

    question: Annotated[Text, Field(min_length=1)]
    facets: Annotated[Scope | None, Field(description="Of the question; a scope must match.")] = None
    call_id: Annotated[
        str, Field(max_length=128, description="Of the call that gets them; without one it is a look.")
    ] = ""
    k: Annotated[int | None, Field(strict=True, ge=1, le=2)] = None
    trial: Annotated[bool, Field(strict=True, description="Entries in shadow may be chosen too.")] = False
