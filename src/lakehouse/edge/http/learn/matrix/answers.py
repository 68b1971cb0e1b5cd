"""[pure] What answers about the matrix look like; a test holds real ones against it."""

from lakehouse.edge.http.answers import SnapshotId
from lakehouse.edge.http.search.answers import Answer, Hit, Learning
from lakehouse.matrix.downgrade import Mode, Tier


class MatrixHit(Answer):
    """One row, with its origin."""

    hit: Hit
    p: float | None
    features: dict[str, float]


class Share(Answer):
    """What one corpus brought, and how it understood the question."""

    corpus: str
    candidates: int
    hits: int
    conditions: list[str]
    notes: list[str]


class Missing(Answer):
    """A corpus that did not answer."""

    corpus: str
    why: str


class Dropped(Answer):
    """A candidate that is not shown, and why."""

    corpus: str
    id: str
    p: float
    why: str


class Decision(Answer):
    """How much context a model gets."""

    mode: Mode
    downgraded_from: Mode | None
    model: str
    tier: Tier
    reason: str
    pairs: int
    e_value: float


class MatrixFound(Answer):
    """The answer of the matrix."""

    search_id: str
    hits: list[MatrixHit]
    is_answered: bool
    why: str
    corpora: list[Share]
    missing: list[Missing]
    dropped: list[Dropped]
    snapshots: dict[str, SnapshotId | None]
    learning: Learning
    elapsed_ms: float
    downgrade: Decision | None


class Corpus(Answer):
    """How a corpus is asked."""

    name: str
    index: str
    purpose: str
    weight: float
    floor: float
    filter: str
    facets: list[str]
    keys: list[str]
    rows: list[str]
    aliases: dict[str, list[str]]
    synonyms: dict[str, dict[str, str]]
    units: dict[str, list[str]]
    within: dict[str, str]


class Corpora(Answer):
    """Every corpus."""

    corpora: list[Corpus]


class Removed(Answer):
    """A card that was forgotten; its index stays."""

    corpus: str
    removed: bool


class Judged(Answer):
    """A passage with its score."""

    id: str
    score: float
    reasons: list[str]
    is_kept: bool


class Relevance(Answer):
    """Which passages are about the focus, best first."""

    kept: list[Judged]
    dropped: list[Judged]
    threshold: float
