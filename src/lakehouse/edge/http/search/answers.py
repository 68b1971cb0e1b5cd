"""[pure] What answers about search look like, for the OpenAPI document; a test holds real ones against it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from lakehouse.edge.http.answers import SnapshotId


class Answer(BaseModel):
    """Exactly these members."""

    model_config = ConfigDict(extra="forbid")


class Embedded(Answer):
    """A unit vector for each text, in order."""

    vectors: list[list[float]]
    dimension: int
    model: str


class EmbedStats(Answer):
    """The cache of vectors."""

    hits: int
    misses: int
    hit_rate: float
    size: int


class Started(Answer):
    """Work that goes on in the background; GET /v1/jobs/{id} says how far it is."""

    job_id: str
    index: str


class Job(Answer):
    """A piece of work as it stands."""

    job_id: str
    kind: str
    subject: str
    state: Literal["waiting", "running", "done", "failed", "stopped"]
    phase: str
    done: int
    total: int
    rate: float
    eta_s: float | None
    started_at: str
    ended_at: str
    error: str
    hint: str


class Jobs(Answer):
    """Work of this server, newest first; all of it is in `system.jobs`."""

    jobs: list[Job]


class Config(Answer):
    """How a graph is built and searched."""

    backend: str
    m: int
    ef_construction: int
    ef_search: int
    storage: str
    rerank: int


class Promotion(Answer):
    """One generation made the serving one."""

    generation: int
    at: str
    by: str
    recall: float
    note: str
    overridden: bool


class Index(Answer):
    """One index: what it is, how good it is, how far behind."""

    name: str
    table: str
    id: str
    text: list[str]
    vector: str
    model: str
    dimension: int
    rows: int
    embedded: int
    vectors: int
    generation: int | None
    recall: float | None
    recall_worst: float | None
    bytes: int
    built_at: str
    age_s: float | None
    fresh: int
    dead: int
    waiting: int
    refresh: str
    config: Config
    generations: list[int]
    history: list[Promotion]
    problem: str
    unusable: int
    unusable_why: str


class Indexes(Answer):
    """Every index."""

    indexes: list[Index]


class DroppedIndex(Answer):
    """An index that was forgotten; its table stays."""

    index: str
    dropped: bool


class Pointer(Answer):
    """Which generation serves, and which did before."""

    index: str
    current: Promotion | None
    history: list[Promotion]


class Parts(Answer):
    """What a score was made of."""

    dense: float | None
    lexical: float | None
    boost: float | None
    base: float


class Place(Answer):
    """Where a text stands."""

    table: str
    row: str
    chunk: int
    start: int
    end: int


class Hit(Answer):
    """One row that answers."""

    rank: int
    id: str
    corpus: str
    score: float
    parts: Parts
    text: str
    source: Place
    sql_verified: bool
    why: str
    digest: str


class Learning(Answer):
    """What the playbook did: rows it had an opinion of, found anyway, moved, brought in."""

    computed: int
    hit: int
    moved: int
    injected: int


class Found(Answer):
    """The answer to a search, best first."""

    search_id: str
    hits: list[Hit]
    corpora: list[str]
    snapshots: dict[str, SnapshotId | None]
    notes: list[str]
    elapsed_ms: float
    learning: Learning


class Embedding(Answer):
    """One vector; as base64 where that was asked for."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class Usage(Answer):
    """An estimate: four characters a token."""

    prompt_tokens: int
    total_tokens: int


class Embeddings(Answer):
    """Vectors, as OpenAI's protocol has it."""

    object: Literal["list"]
    data: list[Embedding]
    model: str
    usage: Usage


class Model(Answer):
    """One model."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class Models(Answer):
    """The models that are set up."""

    object: Literal["list"]
    data: list[Model]


class Citation(Answer):
    """Where the words stand that support a sentence."""

    n: int
    id: str
    corpus: str
    text: str
    source: Place


class Cited(Answer):
    """An answer made of passages, with the search it rests on."""

    answer: str
    citations: list[Citation]
    unsupported: list[str]
    model: str
    reason: str
    entries: list[str]
    hits: list[Hit]
    notes: list[str]
    search_id: str
    corpora: list[str]
    snapshots: dict[str, SnapshotId | None]


class Trial(Answer):
    """One configuration, measured."""

    index_name: str
    generation: int | None
    config: Config
    build_s: float
    bytes: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    recall: float
    recall_worst: float
    recall_low: float
    recall_high: float
    k: int
    queries: int
    eval_set: str
    seed: int


class Trials(Answer):
    """Every trial, oldest first."""

    index: str
    trials: list[Trial]


class Best(Answer):
    """The best by one measure."""

    index: str
    metric: Literal["recall", "latency", "pareto"]
    trials: list[Trial]
