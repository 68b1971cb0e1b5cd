"""[acts] The same vectors in LanceDB and Chroma, embedded, at our recall or the best that they reach."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from lakehouse.assembly import open_lake
from lakehouse.bench.corpora.clusters import recall
from lakehouse.bench.corpora.library import INDEX, Corpus, K, build
from lakehouse.bench.ground import Ground
from lakehouse.bench.outcome import Outcome
from lakehouse.bench.race import timed
from lakehouse.bench.search.stranger import ABSENT, interpreter, stranger
from lakehouse.bench.search.vectors import answers
from lakehouse.bench.targets import RIVAL_BUILD, RIVAL_QUERY, RIVAL_RECALL
from lakehouse.index.ann import Config

NAME: Final = "peers"
RIVALS: Final = {"lancedb": "LanceDB", "chroma": "Chroma"}


def measure(ground: Ground) -> Iterator[Outcome]:
    """Ours once, then each of them; building begins at the Parquet file for all."""
    corpus, folder = ground.vectors, ground.fresh("peers")
    with open_lake(folder / "lake") as lake:
        build_s = timed(lambda: build(lake, corpus))
        times = tuple(
            timed(lambda q=question: lake.search(vector=q, corpora=(INDEX,), k=K))  # type: ignore[misc]  # a default binds it
            for question in corpus.questions
        )
        mine = recall(answers(lake, corpus), corpus.true)
    python = interpreter()
    for what, name in RIVALS.items():
        if python is None:
            said: Mapping[str, Any] = {"name": name, "absent": ABSENT}
        else:
            with stranger(folder, python=python) as peer:
                said = _best(peer.ask(what, _asked(ground, corpus, what)), mine)
        yield from _compared(name, said, corpus, build_s=build_s, times=times, mine=mine)


def _asked(ground: Ground, corpus: Corpus, what: str) -> dict[str, object]:
    settings, folder = Config(), ground.fresh(f"peer-{what}")
    np.save(folder / "questions.npy", corpus.questions)
    return {
        "file": str(corpus.path),
        "questions": str(folder / "questions.npy"),
        "folder": str(folder / "data"),
        "dimension": corpus.shape.dimension,
        "m": settings.m,
        "ef_construction": settings.ef_construction,
        "true": corpus.true.tolist(),
    }


def _best(answer: dict[str, Any], mine: float) -> dict[str, Any]:
    """The quickest try that finds as much as we do, else the one that finds most."""
    enough = [one for one in answer["tries"] if one["recall"] >= mine]
    chosen = enough[0] if enough else max(answer["tries"], key=lambda one: one["recall"])
    return {**answer, **chosen, "absent": ""}


def _compared(
    name: str,
    said: Mapping[str, Any],
    corpus: Corpus,
    *,
    build_s: float,
    times: tuple[float, ...],
    mine: float,
) -> Iterator[Outcome]:
    shape = f"{corpus.rows:,} x {corpus.shape.dimension}"
    common: dict[str, Any] = {"measure": NAME, "peer_name": said["name"], "absent": said["absent"]}
    has = not said["absent"]
    yield Outcome(
        what=f"build beside {name}, {shape}",
        target=RIVAL_BUILD,
        ours=(build_s,),
        peer=(said["build_s"],) if has else (),
        note="from the Parquet file to searchable on disk, the same M and efConstruction",
        **common,
    )
    yield Outcome(
        what=f"question beside {name}",
        target=RIVAL_QUERY,
        ours=times,
        peer=tuple(said["times"]) if has else (),
        note=f"{name} searched with efSearch {64 * said['effort']}" if has else "",
        **common,
    )
    yield Outcome(
        what=f"recall@{K} beside {name}",
        target=RIVAL_RECALL,
        ours=(mine,),
        peer=(said["recall"],) if has else (),
        **common,
    )
