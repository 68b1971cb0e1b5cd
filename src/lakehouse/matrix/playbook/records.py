"""[pure] Searches and outcomes as records of the log, and back.

The first outcome of a search carries the whole search, so the stream of outcomes can be read by itself.
Vectors are kept as 16-bit floats in base64: 1 KB for 384 members.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence

import numpy as np

from lakehouse.matrix.playbook.events import KINDS, Outcome, Search, Shown, Vector
from lakehouse.store.streams import Json


def rounded(vector: Vector) -> Vector:
    """The vector as the log keeps it, so that what was told and what is read again are the same."""
    return vector.astype(np.float16).astype(np.float32)


def search_record(search: Search) -> dict[str, Json]:
    """A search as JSON."""
    vector = "" if search.vector is None else _packed(search.vector)
    return {
        "at_ms": search.at_ms,
        "text": search.text,
        "vector": vector,
        "model": search.model,
        "keys": dict(search.keys),
        "shown": [[one.corpus, one.key, one.rank, round(one.base, 6), one.digest] for one in search.shown],
    }


def outcome_record(outcome: Outcome, *, event_id: str, rank: int, first: Search | None) -> dict[str, Json]:
    """An outcome as JSON.

    Args:
        rank: at which the row was shown.
        first: the search, where this is the first that is told of it.
    """
    told = {"role": outcome.role, "tags": list(outcome.tags)}
    return {
        "event_id": event_id,
        "search_id": outcome.search_id,
        "corpus": outcome.corpus,
        "doc_id": outcome.key,
        "outcome": outcome.kind,
        "value": outcome.value,
        "source": outcome.source,
        "rank": rank,
        "audit": outcome.is_audit,
        "at_ms": outcome.at_ms,
        "search": search_record(first) if first else None,
        **{name: value for name, value in told.items() if value},
    }


def read_search(search_id: str, record: object) -> Search | None:
    """The search of a record; None: it is none."""
    if not isinstance(record, Mapping):
        return None
    keys, shown = record.get("keys", {}), record.get("shown", [])
    at_ms, text, model = record.get("at_ms"), record.get("text"), record.get("model", "")
    if not (isinstance(keys, Mapping) and isinstance(shown, Sequence) and isinstance(at_ms, int)):
        return None
    if not (isinstance(text, str) and isinstance(model, str)):
        return None
    rows = tuple(row for one in shown if (row := _shown(one)) is not None)
    return Search(
        search_id=search_id, at_ms=at_ms, text=text, vector=_unpacked(record.get("vector")), model=model,
        shown=rows, keys={str(name): str(value) for name, value in keys.items()},
    )  # fmt: skip


def read_outcome(record: Mapping[str, Json]) -> Outcome | None:
    """The outcome of a record; None: it is none."""
    kind = next((kind for kind in KINDS if kind == record.get("outcome")), None)
    at_ms, value = record.get("at_ms"), record.get("value")
    names = [record.get(name, "") for name in ("search_id", "corpus", "doc_id", "source")]
    search_id, corpus, key, source = (name if isinstance(name, str) else "" for name in names)
    if kind is None or not isinstance(at_ms, int) or not search_id or not key:
        return None
    if isinstance(value, int | float) and not 0 <= value <= 1:
        return None  # a success beyond 1 would break the bound of boosts
    return Outcome(
        search_id=search_id, corpus=corpus, key=key, kind=kind, source=source, at_ms=at_ms,
        value=float(value) if isinstance(value, int | float) else None,
        is_audit=record.get("audit") is True,
    )  # fmt: skip


def _shown(row: object) -> Shown | None:
    match row:
        case [str(corpus), str(key), int(rank), int() | float() as base, str(digest)]:
            return Shown(corpus=corpus, key=key, rank=rank, base=float(base), digest=digest)
        case _:
            return None


def _packed(vector: Vector) -> str:
    return base64.b64encode(vector.astype("<f2").tobytes()).decode("ascii")


def _unpacked(packed: object) -> Vector | None:
    if not isinstance(packed, str) or not packed:
        return None
    try:
        vector = np.frombuffer(base64.b64decode(packed, validate=True), dtype="<f2").astype(np.float32)
    except (binascii.Error, ValueError):
        return None
    return vector if np.isfinite(vector).all() else None
