"""[acts] Top-10 questions: through the Python API and through HTTP, with a vector and with text."""

import http.client
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from typing import Final

from lakehouse.assembly import open_lake
from lakehouse.base.errors import Unavailable
from lakehouse.bench.corpora.library import INDEX, Corpus, K
from lakehouse.bench.corpora.sentences import texts
from lakehouse.bench.ground import Ground
from lakehouse.bench.outcome import Outcome
from lakehouse.bench.race import race, timed
from lakehouse.bench.served import REQUEST_S, serving
from lakehouse.bench.targets import ASK_CACHED, ASK_HTTP, ASK_PYTHON, ASK_TEXT
from lakehouse.index.ann import Config
from lakehouse.lake.facade import Lakehouse

NAME: Final = "search"
PATH: Final = f"/v1/vectors/indexes/{INDEX}/search"
WARM: Final = 20
"""Questions that are asked before the clock starts."""

WORDS: Final = 6
"""Of a question."""

KNOWN: Final = 20
"""Different questions whose embeddings are cached."""


def measure(ground: Ground) -> Iterator[Outcome]:
    """Python beside the same graph in bare FAISS; then a real server and its client in another process."""
    corpus, asked = ground.vectors, ground.sizes.questions
    with open_lake(ground.vector_lake) as lake:
        yield _python(lake, corpus, asked)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as client:
        bodies = [{"vector": vector.tolist(), "k": K} for vector in corpus.questions]
        with serving(ground.vector_lake) as server:
            times = client.submit(ask, server.port, bodies[:WARM] + bodies).result()[WARM:]
        yield Outcome(
            measure=NAME,
            what=f"HTTP, a vector, {corpus.rows:,} x {corpus.shape.dimension}",
            target=ASK_HTTP,
            ours=times,
            note="client and server share the cores; the client's writing of JSON is left out",
        )
        new = [{"text": text, "k": K} for text in texts(asked + WARM, words=WORDS, seed=2)]
        known = new[:KNOWN] * (asked // KNOWN + 1)
        with serving(ground.text_lake) as server:
            first = client.submit(ask, server.port, new).result()[WARM:]
            again = client.submit(ask, server.port, new[:KNOWN] + known).result()[KNOWN:]
        rows = f"{ground.sizes.vectors:,} texts"
        yield Outcome(measure=NAME, what=f"HTTP, text asked before, {rows}", target=ASK_CACHED, ours=again)
        yield Outcome(
            measure=NAME,
            what=f"HTTP, text never asked before, {rows}",
            target=ASK_TEXT,
            ours=first,
            note=f"questions of {WORDS} words; embedding by the local model, by words and by meaning, fused",
        )


def _python(lake: Lakehouse, corpus: Corpus, asked: int) -> Outcome:
    faiss = import_module("faiss")
    index = lake.index.get(INDEX)
    serving = index.table.pointer().current
    bare = faiss.read_index(str(index.folder / f"gen-{serving.generation if serving else 0:04d}/index.faiss"))
    parameters = faiss.SearchParametersHNSW(efSearch=Config().ef_search)
    ours, peer = iter(corpus.questions), iter(corpus.questions)

    def mine() -> float:
        question = next(ours)
        return timed(lambda: lake.search(vector=question, corpora=(INDEX,), k=K))

    def theirs() -> float:
        question = next(peer)[None, :]
        faiss.omp_set_num_threads(1)
        return timed(lambda: bare.search(question, K, params=parameters))

    warm = min(WARM, asked // 2)
    times, others = race(mine, theirs, samples=asked - warm, warm_ups=warm)
    return Outcome(
        measure=NAME,
        what=f"Python API, a vector, {corpus.rows:,} x {corpus.shape.dimension}",
        target=ASK_PYTHON,
        ours=times,
        peer_name="the same graph in bare FAISS",
        peer=others,
    )


def ask(port: int, bodies: Sequence[object]) -> tuple[float, ...]:
    """Seconds of each request on one connection that is kept.

    Raises:
        Unavailable: the server answered something else than 200 and ten hits.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=REQUEST_S)
    try:
        return tuple(_seconds(partial(connection.request, "POST", PATH), connection, body) for body in bodies)
    finally:
        connection.close()


def _seconds(send: Callable[..., None], connection: http.client.HTTPConnection, body: object) -> float:
    data = json.dumps(body).encode()
    started = time.perf_counter()
    send(data, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.read()
    seconds = time.perf_counter() - started
    if response.status != http.HTTPStatus.OK:
        raise Unavailable(f"the server answered {response.status}: {answer[:200]!r}", hint="see /health")
    if len(json.loads(answer)["hits"]) != K:
        raise Unavailable("the server found less than was asked for", hint="report this")
    return seconds
