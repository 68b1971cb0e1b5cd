"""[seam] What the playbook is told: searches that were shown, and what became of what they showed.

Events are facts and are never changed; what they mean is computed by whoever reads them. Source of the shape:
the learning algorithms' rule "store events, derive everything else".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]

OutcomeKind = Literal["placed", "accepted", "clicked", "rejected", "failed", "judged"]
"""placed: the choice lasted. accepted: it was chosen. clicked: it was opened. rejected: it was refused.
failed: it was chosen and did not last. judged: an auditor gave it a value."""

KINDS: Final[tuple[OutcomeKind, ...]] = ("placed", "accepted", "clicked", "rejected", "failed", "judged")

Doc = tuple[str, str]
"""Corpus and key of a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One hit, as a person saw it."""

    corpus: str
    key: str
    rank: int
    """From 1; 0: it was told to be an answer, and never ranked."""

    base: float
    """Its score before the playbook said anything, 0 to 1."""

    digest: str = ""
    """Of the row's text at that moment; empty: unknown."""

    @property
    def doc(self) -> Doc:
        """What was shown."""
        return self.corpus, self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One question and what it showed."""

    search_id: str
    at_ms: int
    text: str
    vector: Vector | None
    """(d,), unit length; None: asked by words only."""

    model: str
    """Of the vector; vectors of different models are never compared."""

    shown: tuple[Shown, ...]
    keys: Mapping[str, str] = field(default_factory=dict)
    """Hard keys (role, city, tenant …): another search must agree in every one to count as alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one hit."""

    search_id: str
    corpus: str
    key: str
    kind: OutcomeKind
    source: str
    """Who says so; trust is kept by source. Empty: nobody in particular."""

    at_ms: int
    value: float | None = None
    """0 (wrong) to 1 (right); None: what its kind is worth."""

    is_audit: bool = False
    """Told by an auditor who was asked at random; only these teach trust."""

    role: str = ""
    """Of who asked; kept with the event, and moves nothing."""

    tags: tuple[str, ...] = ()

    @property
    def doc(self) -> Doc:
        """What it is about."""
        return self.corpus, self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A question, as the playbook takes it."""

    text: str
    vector: Vector | None
    model: str
    keys: Mapping[str, str] = field(default_factory=dict)
    now_ms: int
    """From which the ages of outcomes are taken."""
