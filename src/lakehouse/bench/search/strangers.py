"""[acts] What runs in the peers' own environment: it imports nothing of ours, and is started by `stranger`.

A request is one line of JSON on standard input, its answer one line on the standard output that was there at
the start; what libraries print goes to standard error.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

K: Final = 10
BATCH: Final = 32


def lancedb(asked: dict[str, Any]) -> dict[str, Any]:
    """A table with an HNSW index inside IVF; the search is deepened until it finds enough."""
    numpy, parquet = import_module("numpy"), import_module("pyarrow.parquet")
    pyarrow, lance = import_module("pyarrow"), import_module("lancedb")
    index = import_module("lancedb.index")
    started = time.perf_counter()
    rows = parquet.read_table(asked["file"], columns=["id", "v"])
    lists = rows["v"].combine_chunks()
    fixed = pyarrow.FixedSizeListArray.from_arrays(lists.flatten(), asked["dimension"])
    data = pyarrow.table({"id": rows["id"], "v": fixed})
    table = lance.connect(asked["folder"]).create_table("bench", data)
    graph = index.HnswSq(
        distance_type="cosine", num_partitions=1, m=asked["m"], ef_construction=asked["ef_construction"]
    )
    table.create_index("v", config=graph)
    built = time.perf_counter() - started
    questions = numpy.load(asked["questions"])

    def ask(question: Any, effort: int) -> list[int]:
        search = table.search(question, vector_column_name="v").distance_type("cosine").nprobes(1)
        found: list[int] = search.ef(64 * effort).refine_factor(effort).limit(K).to_arrow()["id"].to_pylist()
        return found

    return {
        "name": f"LanceDB {version('lancedb')} IVF_HNSW_SQ",
        "build_s": built,
        "tries": [_tried(ask, questions, effort, asked["true"]) for effort in (1, 2, 4)],
    }


def chroma(asked: dict[str, Any]) -> dict[str, Any]:
    """A collection on disk; depth is fixed when it is made, so another one is made for another depth."""
    numpy, parquet = import_module("numpy"), import_module("pyarrow.parquet")
    db, settings = import_module("chromadb"), import_module("chromadb.config").Settings
    questions = numpy.load(asked["questions"])
    started = time.perf_counter()
    client = db.PersistentClient(asked["folder"], settings=settings(anonymized_telemetry=False))
    rows = parquet.read_table(asked["file"], columns=["id", "v"])
    vectors = numpy.asarray(rows["v"].combine_chunks().flatten()).reshape(-1, asked["dimension"])
    ids = [str(one) for one in rows["id"].to_pylist()]
    graph = {
        "space": "cosine",
        "max_neighbors": asked["m"],
        "ef_construction": asked["ef_construction"],
        "ef_search": 64,
        "num_threads": asked["threads"],
    }
    table = client.create_collection("bench", configuration={"hnsw": graph})
    step = client.get_max_batch_size()
    for at in range(0, len(ids), step):
        table.add(ids=ids[at : at + step], embeddings=vectors[at : at + step])
    built = time.perf_counter() - started

    def ask(question: Any, effort: int) -> list[int]:
        del effort
        found = table.query(query_embeddings=question[None, :], n_results=K, include=["distances"])
        return [int(one) for one in found["ids"][0]]

    tries = []
    for effort in (1, 2, 4):
        table.modify(configuration={"hnsw": {"ef_search": 64 * effort}})
        tries.append(_tried(ask, questions, effort, asked["true"]))
    return {"name": f"Chroma {version('chromadb')}", "build_s": built, "tries": tries}


def _tried(
    ask: Callable[[Any, int], list[int]],
    questions: Any,
    effort: int,
    true: list[list[int]],
) -> dict[str, Any]:
    """Recall and the time of each question at one depth."""
    for question in questions[:20]:
        ask(question, effort)
    times, shares = [], []
    for question, exact in zip(questions, true, strict=True):
        started = time.perf_counter()
        found = ask(question, effort)
        times.append(time.perf_counter() - started)
        shares.append(len({*found} & {*exact}) / len(exact))
    return {"effort": effort, "times": times, "recall": sum(shares) / len(shares)}


_model: list[Any] = []


def embed(asked: dict[str, Any]) -> dict[str, Any]:
    """Seconds that sentence-transformers takes for these texts; the model is loaded once, before."""
    if not _model:
        torch, transformers = import_module("torch"), import_module("sentence_transformers")
        torch.set_num_threads(asked["threads"])
        _model.append(transformers.SentenceTransformer(asked["model"], device="cpu"))
        _model[0].encode(asked["texts"][:BATCH])
    started = time.perf_counter()
    _model[0].encode(asked["texts"], batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
    return {
        "seconds": time.perf_counter() - started,
        "name": f"sentence-transformers {version('sentence-transformers')} on torch {version('torch')}",
    }


KNOWN: Final = {"lancedb": lancedb, "chroma": chroma, "embed": embed}


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        answers.write(json.dumps(KNOWN[asked["what"]](asked)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
