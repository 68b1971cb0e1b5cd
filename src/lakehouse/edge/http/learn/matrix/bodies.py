"""[pure] What requests about the matrix say; unknown members are refused."""

from typing import Annotated, Final

from pydantic import Field

from lakehouse.edge.http.bodies import Body, Names
from lakehouse.edge.http.search.bodies import Asked, Condition, Excluded, K, Vector
from lakehouse.matrix.downgrade import Mode

MOST_VALUES: Final = 10_000

Word = Annotated[str, Field(max_length=600)]
Role = Annotated[str, Field(max_length=200, examples=["Forklift Operator"])]
Model = Annotated[str, Field(min_length=1, max_length=200, examples=["qwen3:8b"])]
Scalar = str | bool | int | float
Filter = Annotated[
    dict[Word, Scalar | Annotated[list[Scalar], Field(max_length=MOST_VALUES)]],
    Field(
        default_factory=dict,
        max_length=100,
        examples=[{"city": ["Chicago", "Joliet"], "status": "active"}],
        description="Column to its value, or to any of several; all must hold.",
    ),
]
Corpora = Annotated[Names, Field(default_factory=list, description="Corpora to ask; none: all.")]
Text = Annotated[str, Field(max_length=1 << 20)]
Symbols = Annotated[list[Word], Field(default_factory=list, max_length=1000)]
Facets = Annotated[list[Word], Field(default_factory=list, max_length=200)]
Words = Annotated[dict[Word, list[Word]], Field(default_factory=dict, max_length=200)]


class Search(Body):
    """A question to many corpora."""

    query_text: Asked = ""
    query_vector: Annotated[
        Vector | None, Field(description="Instead of the text's own, or without text.")
    ] = None
    corpora: Corpora
    k: K = 8
    per_corpus_k: Annotated[
        int, Field(ge=1, le=1000, strict=True, description="Most hits of one corpus, of several.")
    ] = 6
    use_playbook: Annotated[
        bool, Field(strict=True, description="Let outcomes of earlier searches move rows.")
    ] = True
    model: Annotated[
        Model | None, Field(description="That gets the hits as context: the answer says how much of it.")
    ] = None
    role: Role = ""
    exclude_ids: Excluded
    metadata_filter: Filter
    where: Condition = None
    partial: Annotated[
        bool, Field(strict=True, description="Answer without a corpus that failed, and name it.")
    ] = False
    strict: Annotated[
        bool, Field(strict=True, description="Drop what is unlikely to be right; false: show it.")
    ] = True
    explain: Annotated[bool, Field(strict=True, description="Name what was dropped, and why.")] = False
    deadline_s: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False, description="For all corpora.")] = (
        5.0
    )


class CorpusCard(Body):
    """How a corpus is to be asked; its name stands in the path."""

    index: Annotated[Word | None, Field(description="By default the one of its name.")] = None
    purpose: Annotated[str, Field(max_length=2000)] = ""
    weight: Annotated[float, Field(gt=0, le=1000, strict=True, allow_inf_nan=False)] = 1.0
    floor: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 0.0
    filter: Annotated[str, Field(max_length=2000, examples=["status = 'active'"])] = ""
    facets: Facets
    keys: Facets
    rows: Facets
    aliases: Words
    synonyms: Annotated[dict[Word, dict[Word, Word]], Field(default_factory=dict, max_length=200)]
    units: Words
    within: Annotated[dict[Word, Word], Field(default_factory=dict, max_length=200)]


class Focus(Body):
    """What a question is about."""

    path: Annotated[str, Field(max_length=4096)] = ""
    text: Text = ""
    defined: Symbols
    imported: Symbols


class Chunk(Body):
    """A passage that was found."""

    id: Word
    text: Text
    path: Annotated[str, Field(max_length=4096)] = ""


class RelevanceAsked(Body):
    """Passages to be judged."""

    focus: Focus
    chunks: Annotated[list[Chunk], Field(max_length=1000)]
    threshold: Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)] = 0.3


class Downgrade(Body):
    """What is about to be asked of a model."""

    model: Model
    mode: Mode = "composed"
    force_mode: Annotated[Mode | None, Field(description="Kept, whatever the evidence.")] = None
    full_context: Annotated[bool, Field(strict=True, description="Leave the mode as it is.")] = False
