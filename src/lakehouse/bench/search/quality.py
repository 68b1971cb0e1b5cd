"""[acts] How well judged questions are answered: nDCG@10 by meaning, by words and by both."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Final

from lakehouse.assembly import open_lake
from lakehouse.bench.ground import Ground
from lakehouse.bench.outcome import Outcome, Skipped
from lakehouse.bench.targets import NDCG
from lakehouse.lake.facade import Lakehouse
from lakehouse.llm.minilm.embedder import MiniLM
from lakehouse.search.measure import ndcg

NAME: Final = "quality"
COLLECTIONS: Final = Path(__file__).parents[4].parent / "shared" / "data" / "ir"
"""Beside the repository; not part of it."""

BASELINES: Final[Mapping[str, tuple[float, float, float] | None]] = {
    "cran": (0.378, 0.360, 0.409),
    "time": (0.583, 0.676, 0.652),
    "onet_titles": None,
    "cisi": (0.425, 0.396, 0.441),
    "npl": (0.434, 0.436, 0.490),
}
"""nDCG@10 of MiniLM, of BM25 and of both by reciprocal rank, measured on these sets with exact search."""

DEPTH: Final = 10
DIGITS: Final = 3
"""That the baselines have; ours are rounded to as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Texts, questions, and which texts answer which question."""

    name: str
    texts: tuple[dict[str, str], ...]
    """`id` and `body`."""

    questions: Mapping[str, str]
    grades: Mapping[str, Mapping[str, float]]
    """By question: key of a relevant text and how relevant it is."""


def measure(ground: Ground, folder: Path = COLLECTIONS) -> Iterator[Outcome | Skipped]:
    """Each collection that is there."""
    names = [name for name in BASELINES if (folder / name).is_dir()][: ground.sizes.judged]
    if not names:
        yield Skipped(
            measure=NAME, reason=f"the judged collections are not at {folder.name}/ beside the project"
        )
        return
    if not MiniLM.is_installed():
        yield Skipped(measure=NAME, reason="the local model is not installed: make setup")
        return
    root = ground.fresh("quality") / "lake"
    with open_lake(root) as lake:
        for name in names:
            collection = read(folder / name)
            lake.upsert(name, list(collection.texts), key="id")
            lake.index.build(name, table=name, text="body", id="id", refresh="manual")
            yield from _judged(lake, collection)


def read(folder: Path) -> Collection:
    """A collection as it lies on disk."""
    documents, questions = (
        [json.loads(line) for line in (folder / file).read_text().splitlines() if line.strip()]
        for file in ("docs.jsonl", "queries.jsonl")
    )
    grades: dict[str, dict[str, float]] = {}
    for line in (folder / "qrels.tsv").read_text().splitlines():
        question, text, *grade = line.split("\t")
        try:
            grades.setdefault(question, {})[text] = float(grade[-1]) if grade else 1.0
        except ValueError:
            continue  # the line of titles
    bodies = [(str(d["id"]), f"{d.get('title') or ''} {d.get('text') or ''}".strip()) for d in documents]
    asked = {str(q["id"]): q["text"] for q in questions}
    return Collection(
        name=folder.name,
        texts=tuple({"id": key, "body": body} for key, body in bodies if body),
        questions={key: text for key, text in asked.items() if grades.get(key)},
        grades=grades,
    )


def _judged(lake: Lakehouse, collection: Collection) -> Iterator[Outcome]:
    scores = {leg: round(mean(each), DIGITS) for leg, each in _scores(lake, collection).items()}
    size = f"{len(collection.texts):,} texts, {len(collection.questions)} questions"
    baselines = BASELINES[collection.name]
    for leg, baseline in zip(scores, baselines or (), strict=False):
        yield Outcome(
            measure=NAME,
            what=f"{collection.name}, {leg}",
            target=NDCG,
            ours=(scores[leg],),
            peer_name="baselines: MiniLM, BM25, reciprocal rank fusion, exact search",
            peer=(baseline,),
            note=f"{collection.name}: {size}; nDCG@{DEPTH}",
        )
    better = max(scores["dense"], scores["lexical"])
    yield Outcome(
        measure=NAME,
        what=f"{collection.name}, fused beside the better leg",
        target=NDCG,
        ours=(scores["fused"],),
        peer_name="our better leg",
        peer=(better,),
        note="" if baselines else f"{collection.name}: {size}; no baseline on the same questions",
    )


def _scores(lake: Lakehouse, collection: Collection) -> dict[str, list[float]]:
    """nDCG of each question, by leg."""
    index, corpora = lake.index.get(collection.name), (collection.name,)
    scores: dict[str, list[float]] = {"dense": [], "lexical": [], "fused": []}
    for key, text in collection.questions.items():
        vector = lake.embed([text], use="query").vectors[0]
        found = {
            "dense": [hit.id for hit in lake.search(vector=vector, corpora=corpora, k=DEPTH).hits],
            "lexical": [hit.key for hit in index.words().search(text, DEPTH)],
            "fused": [hit.id for hit in lake.search(text, corpora=corpora, k=DEPTH).hits],
        }
        for leg, ranking in found.items():
            scores[leg].append(ndcg(ranking, collection.grades[key], k=DEPTH))
    return scores
