"""[acts] What learning costs: time added to a search by many events, and events made durable each second."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np

from lakehouse.assembly import open_lake
from lakehouse.base.clock import SystemClock
from lakehouse.base.ids import ulid
from lakehouse.bench.corpora.library import INDEX, K
from lakehouse.bench.corpora.sentences import texts
from lakehouse.bench.ground import Ground
from lakehouse.bench.outcome import Outcome, Skipped, tail
from lakehouse.bench.race import race, timed
from lakehouse.bench.targets import LEARN_RATE, LEARN_TIME
from lakehouse.lake.facade import Lakehouse
from lakehouse.llm.minilm.embedder import MiniLM
from lakehouse.matrix.playbook.events import Outcome as Event
from lakehouse.matrix.playbook.events import Search, Shown, Vector
from lakehouse.matrix.playbook.records import outcome_record
from lakehouse.store.journal import Journal
from lakehouse.store.local import LocalStore
from lakehouse.store.streams import Json

NAME: Final = "learn"
WORDS: Final = 6
"""Of a question."""

ASKED: Final = 200
"""Different questions in a sample; every one was asked before, so that the playbook has much to say."""

AGAIN: Final = 5
"""Events of one question, where questions come again."""

SOURCES: Final = 50
AT_ONCE: Final = 10_000
"""Records of one write while the log is filled."""

CLIENTS: Final = 8
BULK: Final = 1_000


def measure(ground: Ground) -> Iterator[Outcome | Skipped]:
    """Searches with and without the playbook in turn; then feedback alone, from eight threads, in bulk."""
    if not MiniLM.is_installed():
        yield Skipped(measure=NAME, reason="the local model is not installed: make setup")
        return
    events = ground.sizes.events
    root = ground.text_lake
    for distinct in (events // AGAIN, events):
        yield from _searches(ground, root, events, distinct)
        _forget(root)
    with open_lake(root) as lake:
        yield from _rates(lake, ground.sizes.told)
    _forget(root)


def _searches(ground: Ground, root: Path, events: int, distinct: int) -> Iterator[Outcome]:
    questions = list(texts(distinct, words=WORDS, seed=3))
    asked = questions[: min(ASKED, ground.sizes.questions)]
    with open_lake(root) as lake:
        embedded = lake.embed(asked, use="query")
    model = str(embedded.model)
    fill(root, questions, embedded.vectors, events=events, rows=ground.sizes.vectors, model=model)
    with open_lake(root) as lake:
        first = timed(lambda: lake.search(asked[0], corpora=(INDEX,), k=K))
        rounds = [_round(lake, asked) for _ in range(ground.sizes.samples + 1)][1:]  # the first one warms
        moved = lake.search(asked[-1], corpora=(INDEX,), k=K).learning
    what = f"{events:,} events, {distinct:,} questions"
    yield Outcome(
        measure=NAME,
        what=f"added to the p95 of a search, {what}",
        target=LEARN_TIME,
        ours=tuple(max(tail(on) - tail(off), 1e-9) for on, off in rounds),
        note=(
            f"{what}: p95 {_ms(rounds, 0)} with and {_ms(rounds, 1)} ms without; {moved.computed} rows known;"
            f" the first search, which reads the log, took {first:.1f} s"
        ),
    )


def _forget(root: Path) -> None:
    """Leave a closed lake as it was before anything was told."""
    shutil.rmtree(root / "journal" / "outcomes")


def _round(lake: Lakehouse, asked: Sequence[str]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Seconds of searches with and without the playbook."""
    mine, others = iter(asked), iter(asked)

    def seconds(question: str, *, playbook: bool) -> float:
        return timed(lambda: lake.search(question, corpora=(INDEX,), k=K, playbook=playbook))

    return race(
        lambda: seconds(next(mine), playbook=True),
        lambda: seconds(next(others), playbook=False),
        samples=len(asked),
    )


def _ms(rounds: Sequence[tuple[tuple[float, ...], tuple[float, ...]]], side: int) -> str:
    return f"{np.median([tail(both[side]) for both in rounds]) * 1000:.1f}"


def fill(root: Path, questions: Sequence[str], known: Vector, *, events: int, rows: int, model: str) -> None:
    """Write events of these questions into the log of a lake, as if ten rows of each had been shown.

    Args:
        known: vectors of the first questions; the others get drawn ones, which cost as much to compare.
    """
    rng, clock = np.random.default_rng(11), SystemClock()
    vectors = rng.standard_normal((len(questions), known.shape[1]), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[: len(known)] = known
    journal = Journal(LocalStore(root, durability="process", clock=clock), clock=clock)

    def record(number: int) -> Mapping[str, Json]:
        now_ms, at = clock.now_ms(), number % len(questions)
        keys = rng.integers(0, rows, K).tolist()
        shown = tuple(
            Shown(corpus=INDEX, key=str(key), rank=rank, base=1 / rank) for rank, key in enumerate(keys, 1)
        )
        search = Search(
            search_id=ulid(now_ms), at_ms=now_ms, text=questions[at], vector=vectors[at], model=model,
            shown=shown,
        )  # fmt: skip
        taken = shown[number % 3]
        event = Event(
            search_id=search.search_id, corpus=INDEX, key=taken.key, kind="accepted",
            source=f"s{number % SOURCES}", at_ms=now_ms,
        )  # fmt: skip
        return outcome_record(event, event_id=ulid(now_ms), rank=taken.rank, first=search)

    for start in range(0, events, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, events))
        journal.append("outcomes", [record(number) for number in numbers])
    journal.close()
    journal.compact("outcomes")


def _rates(lake: Lakehouse, told: int) -> Iterator[Outcome]:
    """Events each second, each durable when its call returns, with the lake's own durability: power loss."""
    searches = [
        lake.search(text, corpora=(INDEX,), k=K) for text in texts(told // K + 1, words=WORDS, seed=4)
    ]
    hits = [(found.search_id, hit.id) for found in searches for hit in found.hits][:told]

    def one(hit: tuple[str, str]) -> None:
        lake.feedback(*hit, outcome="accepted", source="bench")

    def alone() -> None:
        for hit in hits[: told // CLIENTS]:
            one(hit)

    def together() -> None:
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(one, hits))

    def bulk() -> None:
        outcomes = [{"search_id": s, "doc_id": d, "outcome": "clicked", "source": "bench"} for s, d in hits]
        lake.playbook.feedback_many((outcomes * (BULK // len(outcomes) + 1))[:BULK])

    for what, count, work in (
        ("1 client", told // CLIENTS, alone),
        (f"{CLIENTS} clients", len(hits), together),
        (f"{BULK:,} at once", BULK, bulk),
    ):
        yield Outcome(
            measure=NAME,
            what=f"events recorded durably, {what}",
            target=LEARN_RATE,
            ours=tuple(count / _seconds(work) for _ in range(3)),
            note="each is on the disk, flushed, when its call returns",
        )


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
