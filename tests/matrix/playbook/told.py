"""Searches, outcomes and playbooks to test with, as short to write as they are to read."""

from collections.abc import Collection, Mapping

import numpy as np

from lakehouse.base.clock import FixedClock
from lakehouse.matrix.playbook.boost import DAY_MS
from lakehouse.matrix.playbook.events import Need, Outcome, OutcomeKind, Search, Shown, Vector
from lakehouse.matrix.playbook.params import DEFAULTS, PlaybookParams
from lakehouse.matrix.playbook.playbook import Playbook
from lakehouse.search.learned import Asked, Recalled, Row
from lakehouse.store.journal import Journal
from lakehouse.store.objects import ObjectStore

NOW = 1_700_000_000_000
DAY = DAY_MS
CORPUS = "jobs"
FORKLIFT = "forklift driver night shift"


def search(name: str, text: str = FORKLIFT, *, keys: str = "abc", vector: Vector | None = None) -> Search:
    """A search that showed one row for each letter of `keys`, in this order."""
    shown = tuple(
        Shown(corpus=CORPUS, key=key, rank=rank, base=round(1 - rank / 10, 6), digest=f"text of {key}")
        for rank, key in enumerate(keys, 1)
    )
    model = "" if vector is None else "small"
    return Search(search_id=name, at_ms=NOW, text=text, vector=vector, model=model, shown=shown)


def said(
    name: str,
    key: str = "a",
    kind: OutcomeKind = "accepted",
    *,
    source: str = "ann",
    value: float | None = None,
    at_ms: int = NOW,
) -> Outcome:
    """What a source says of one row of a search; that it was accepted counts in full here."""
    value = 1.0 if kind == "accepted" and value is None else value
    return Outcome(search_id=name, corpus=CORPUS, key=key, kind=kind, source=source, at_ms=at_ms, value=value)


def audited(name: str, key: str, *, is_right: bool) -> Outcome:
    """What an auditor found."""
    return Outcome(
        search_id=name, corpus=CORPUS, key=key, kind="judged", source="auditor", at_ms=NOW,
        value=float(is_right), is_audit=True,
    )  # fmt: skip


def need(text: str = FORKLIFT, *, vector: Vector | None = None, now_ms: int = NOW) -> Need:
    """A question."""
    return Need(text=text, vector=vector, model="" if vector is None else "small", now_ms=now_ms)


def unit(*members: float) -> Vector:
    """A vector of unit length."""
    made = np.array(members, np.float32)
    unit: Vector = made / np.float32(np.linalg.norm(made))
    return unit


class Desk:
    """A playbook with its journal, a clock that stands still, and rows that are there until they are not."""

    def __init__(self, store: ObjectStore, params: PlaybookParams = DEFAULTS) -> None:
        self.clock = FixedClock(NOW)
        self.journal = Journal(store, clock=self.clock)
        self.playbook = Playbook(self.journal, clock=self.clock, params=params)
        self.texts = {key: f"text of {key}" for key in "abcdefghij"}
        """Digest of each row as it is now."""

    def show(self, one: Search) -> None:
        """Somebody searched."""
        self.playbook.shown(one)

    def tell(self, *outcomes: Outcome) -> str:
        """Somebody says what became of it; the version with it."""
        told = self.playbook.tell(
            outcomes, find=lambda _: None, exists=lambda corpus, key: corpus == CORPUS and key in self.texts
        )
        return told[-1].event_id

    def learn(self, name: str, key: str = "a", *, source: str = "ann") -> str:
        """A search of its own whose row `key` was placed."""
        self.show(search(name))
        return self.tell(said(name, key, source=source))

    def ask(self, text: str = FORKLIFT) -> Mapping[Row, Recalled]:
        """What is known of rows for a question."""
        return self.playbook.recall(Asked(text=text, vector=None, model="", corpora=(CORPUS,)), self._digests)

    def boosts(self, text: str = FORKLIFT) -> dict[str, float]:
        """By key of the row."""
        return {key: one.boost for (_, key), one in self.ask(text).items()}

    def wait(self) -> None:
        """Long enough to see what other processes wrote."""
        self.clock.advance(2_000)

    def _digests(self, corpus: str, keys: Collection[str]) -> dict[str, str]:
        return {key: self.texts[key] for key in keys if corpus == CORPUS and key in self.texts}
