"""[pure] What requests about search say; unknown members are refused."""

from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue

from lakehouse.edge.http.bodies import Body, Names

MOST: Final = 3.4e38
"""Of a vector's member: what single precision can hold."""

Word = Annotated[str, Field(max_length=600)]
Text = Annotated[str, Field(max_length=1 << 20)]
Texts = Annotated[list[Text], Field(min_length=1, max_length=2048)]
Asked = Annotated[str, Field(max_length=32 << 10, examples=["forklift operator with OSHA-10 in IL"])]
Condition = Annotated[
    str | None,
    Field(max_length=64 << 10, examples=["state = 'IL'"], description="On the table's columns, as in SQL."),
]
K = Annotated[int, Field(ge=1, le=1000, strict=True, description="Hits.")]
Exact = Annotated[bool, Field(description="Compare with every vector instead of asking the graph.")]
Excluded = Annotated[
    list[Annotated[str, Field(max_length=600)] | int],
    Field(default_factory=list, max_length=10_000, description="Ids that must not be found."),
]
Corpora = Annotated[Names, Field(default_factory=list, description="Indexes to search; none: all.")]
Vector = Annotated[
    # Strict, since the lax reading takes true for 1 and "7" for 7. It costs 11 microseconds for 768 members.
    list[Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-MOST, le=MOST)]],
    Field(min_length=1, max_length=8192, description="Of the index's dimension; any length but zero."),
]
Config = Annotated[
    dict[str, JsonValue],
    Field(
        default_factory=dict,
        max_length=20,
        examples=[{"m": 16, "ef_search": 64}],
        description="Of the graph: m, ef_construction, ef_search, storage, rerank, backend.",
    ),
]


class Embed(Body):
    """Texts to make vectors of."""

    texts: Texts
    use: Annotated[
        Literal["document", "query"], Field(description="Some models read what is asked differently.")
    ] = "document"


class Build(Body):
    """An index to make."""

    name: Annotated[Word, Field(examples=["resumes"])]
    table: Word
    text: Annotated[Word | Names, Field(description='Columns, or one template: "{role}: {resume}".')] = ""
    id: Annotated[
        Word | None, Field(description="Identifies a row; by default the table's key, or what is unique.")
    ] = None
    model: Annotated[Word | None, Field(description="Must be the one that is set up.")] = None
    vector: Annotated[Word, Field(description="A column of ready vectors, instead of a model.")] = ""
    config: Config
    chunk_tokens: Annotated[int | None, Field(strict=True, description="Longest passage.")] = None
    overlap_tokens: Annotated[int | None, Field(strict=True)] = None
    refresh: Literal["manual", "on-append", "scheduled"] | None = None
    every_s: Annotated[int | None, Field(ge=1, strict=True, description="Between scheduled refreshes.")] = (
        None
    )
    min_recall: Annotated[float | None, Field(strict=True, allow_inf_nan=False)] = None


class Question(Body):
    """What every question may add."""

    k: K = 10
    where: Condition = None
    exact: Exact = False
    exclude_ids: Excluded
    use_playbook: Annotated[
        bool, Field(strict=True, description="Let outcomes of earlier searches move rows.")
    ] = True


class Search(Question):
    """A question to one index."""

    text: Asked = ""
    vector: Annotated[Vector | None, Field(description="Instead of the text's own, or without text.")] = None


class SearchAll(Question):
    """A question to several indexes."""

    query: Asked
    corpora: Corpora


class Hybrid(Question):
    """A question to one index, among the rows that a condition leaves."""

    question: Asked
    index: Word


class Rag(Body):
    """A question that wants an answer."""

    question: Asked
    corpora: Corpora
    k: K = 8
    where: Condition = None
    model: Annotated[Word | None, Field(description="By default the one that is set up, or none.")] = None


class Try(Body):
    """A configuration to try."""

    config: Config
    queries: Annotated[int, Field(ge=1, le=2000, strict=True, description="Of the sample.")] = 200
    eval_set: Annotated[Word, Field(description="Judged questions instead of a sample.")] = ""


class Promote(Body):
    """The generation that is to serve."""

    generation: Annotated[int, Field(ge=1, le=2**31, strict=True)]
    note: Annotated[str, Field(max_length=2000)] = ""
    override: Annotated[bool, Field(description="Although it finds less than the index demands.")] = False


class Autotune(Body):
    """How much to try."""

    budget: Annotated[int, Field(ge=1, le=100, strict=True, description="Most trials.")] = 6


class Input(Body):
    """Texts to make vectors of, as OpenAI's protocol has it."""

    input: Text | Texts
    model: Annotated[Word | None, Field(description="Must be one that GET /v1/models lists.")] = None
    encoding_format: Annotated[
        Literal["float", "base64"], Field(description="base64: little-endian float32.")
    ] = "float"
    dimensions: Annotated[int | None, Field(description="Must be the model's own.")] = None
    user: Annotated[str | None, Field(max_length=600, description="Not used.")] = None
