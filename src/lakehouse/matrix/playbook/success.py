"""[pure] A success that is told without a search: a question, the row that answered it, and how well.

It becomes a search that showed this row alone and never ranked it, and an outcome of that search. The id of
the search is made of what it is about, so that the same success told twice is one, and a later score replaces
an earlier one.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lakehouse.base.errors import Invalid, Refused
from lakehouse.matrix.playbook.check import LONGEST
from lakehouse.matrix.playbook.events import Outcome, Search, Shown, Vector

KNOWN: Final = frozenset(
    {"query_text", "answer_id", "answer_corpus", "score", "role", "tags", "source", "vector", "model"}
)
TEXT: Final = 32 << 10
"""Characters of a question."""

WORD: Final = 600
"""Characters of an id or a corpus."""

TAGS: Final = 64
SEPARATOR: Final = "\x1f"
HINT: Final = (
    '{"query_text": "forklift in Joliet", "answer_id": "17", "answer_corpus": "resumes", "score": 1}'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """What was told."""

    query_text: str
    answer_id: str
    answer_corpus: str
    score: float
    """0 (wrong) to 1 (right)."""

    role: str = ""
    """Kept with the event; it moves nothing."""

    tags: tuple[str, ...] = ()
    source: str = ""
    vector: Vector | None = None
    """(d,), unit length, of the question; None: the lake embeds it."""

    model: str = ""
    """Of the vector."""

    @property
    def search_id(self) -> str:
        """Of the search that it stands for: the same for the same question, row and source."""
        parts = (self.query_text, self.answer_id, self.answer_corpus, self.source)
        return "told-" + hashlib.sha256(SEPARATOR.join(parts).encode()).hexdigest()[:32]


def read(given: Mapping[str, object]) -> Success:
    """A success out of what a client sent.

    Raises:
        Invalid: a member is missing, unknown, or cannot be right.
    """
    if unknown := sorted(map(str, given.keys() - KNOWN)):
        raise Invalid(f"a success has no {unknown[0][:40]!r}", hint=HINT)
    query = _text(given, "query_text", most=TEXT)
    answer, corpus = _text(given, "answer_id", most=WORD), _text(given, "answer_corpus", most=WORD)
    role, source = (_text(given, name, most=LONGEST, blank=True) for name in ("role", "source"))
    score = given.get("score", 1.0)
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise Invalid("the score of a success is a number from 0 (wrong) to 1 (right)", hint='"score": 1')
    return Success(
        query_text=query, answer_id=answer, answer_corpus=corpus, score=float(score), role=role,
        tags=_tags(given.get("tags")), source=source, vector=_vector(given.get("vector")),
        model=_text(given, "model", most=WORD, blank=True),
    )  # fmt: skip


def check_model(given: Success, *, model: str, dimension: int) -> None:
    """Raises `Refused` where the vector of a success is not of the model that searches of its corpus use."""
    if given.vector is None:
        return
    hint = "leave the vector out: the lake embeds the question itself"
    if not model:
        raise Refused(f"{given.answer_corpus} is searched by words only, so no vector fits", hint=hint)
    if given.model != model:
        raise Refused(f"this vector is not known to be of the model {model}", hint=hint)
    if len(given.vector) != dimension:
        raise Refused(f"this vector has {len(given.vector)} members, not {dimension}", hint=hint)


def search(given: Success, *, vector: Vector | None, model: str, at_ms: int, digest: str) -> Search:
    """The search that it stands for.

    Args:
        vector: of the question; None: compared by words only.
        digest: of the row's text now.
    """
    row = Shown(corpus=given.answer_corpus, key=given.answer_id, rank=0, base=0.0, digest=digest)
    return Search(
        search_id=given.search_id, at_ms=at_ms, text=given.query_text, vector=vector,
        model=model if vector is not None else "", shown=(row,),
    )  # fmt: skip


def outcome(given: Success, *, at_ms: int) -> Outcome:
    """What became of that search."""
    return Outcome(
        search_id=given.search_id, corpus=given.answer_corpus, key=given.answer_id, kind="judged",
        source=given.source, at_ms=at_ms, value=given.score, role=given.role, tags=given.tags,
    )  # fmt: skip


def _text(given: Mapping[str, object], name: str, *, most: int, blank: bool = False) -> str:
    value = given.get(name, "")
    if not isinstance(value, str) or len(value) > most or not (blank or value.strip()):
        raise Invalid(f"{name} is text of {0 if blank else 1} to {most:,} characters", hint=HINT)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Invalid(f"{name} holds half a character", hint=HINT) from error
    return value


def _tags(given: object) -> tuple[str, ...]:
    if given is None:
        return ()
    tags = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else None
    if tags is None or len(tags) > TAGS or not all(isinstance(t, str) and len(t) <= LONGEST for t in tags):
        raise Invalid(f"tags are at most {TAGS} texts", hint='"tags": ["night shift"]')
    return tuple(tags)


def _vector(given: object) -> Vector | None:
    if given is None:
        return None
    try:
        numbers = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise Invalid("a vector is a list of numbers", hint="leave it out: the lake embeds it") from error
    length = float(np.linalg.norm(numbers)) if numbers.ndim == 1 and numbers.size else 0.0
    if not np.isfinite(length) or length == 0:
        raise Invalid("the vector is empty, has no length, or is not finite", hint="leave it out")
    made: Vector = (numbers / length).astype(np.float32)
    return made
