"""[acts] Texts to vectors, beside sentence-transformers and beside onnxruntime with nothing around it."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np

from lakehouse.bench.corpora.sentences import texts
from lakehouse.bench.ground import THREADS, Ground
from lakehouse.bench.memory import peak_of
from lakehouse.bench.outcome import Outcome, Skipped
from lakehouse.bench.race import race, timed
from lakehouse.bench.search.stranger import ABSENT, Stranger, interpreter, stranger
from lakehouse.bench.targets import EMBED_BARE, EMBED_MEMORY, EMBED_TORCH
from lakehouse.llm.minilm import convert, weights
from lakehouse.llm.minilm.embedder import MiniLM

NAME: Final = "embedding"
LENGTHS: Final = (40, 180)
"""Tokens."""

BATCH: Final = 32
PEER: Final = "sentence-transformers"


def measure(ground: Ground) -> Iterator[Outcome | Skipped]:
    """Rates at both lengths, then the memory of a process that does nothing else."""
    if not MiniLM.is_installed():
        yield Skipped(measure=NAME, reason="the local model is not installed: make setup")
        return
    folder = ground.fresh("embedding")
    model, python = MiniLM(folder / "models", threads=THREADS), interpreter()
    with ExitStack() as stack:
        peer = stack.enter_context(stranger(folder, python=python)) if python else None
        for length in LENGTHS:
            given = tuple(islice(of_length(length, model.count), ground.sizes.texts))
            yield _beside_torch(model, peer, given, length=length, samples=ground.sizes.samples)
            yield _beside_bare(model, folder / "models", given, length=length, samples=ground.sizes.samples)
    model.close()
    yield _memory(folder / "models", given)


def of_length(tokens: int, count: Callable[[str], int]) -> Iterator[str]:
    """Texts of at most so many tokens, and hardly fewer."""
    for text in texts(1 << 30, words=tokens, seed=tokens):
        words = text.split(" ")
        low, high = 1, len(words)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if count(" ".join(words[:middle])) <= tokens else (low, middle - 1)
        yield " ".join(words[:low])


def _rate(given: Sequence[str], work: Callable[[], object]) -> float:
    return len(given) / timed(work)


def _beside_torch(
    model: MiniLM, peer: Stranger | None, given: Sequence[str], *, length: int, samples: int
) -> Outcome:
    what = f"texts of {length} tokens, beside {PEER}"
    names = [PEER]

    def theirs() -> float:
        assert peer is not None  # noqa: S101 - the race takes place with one only
        said: dict[str, Any] = peer.ask("embed", {"model": str(weights.folder()), "texts": list(given)})
        names.append(said["name"])
        return len(given) / float(said["seconds"])

    mine = partial(_rate, given, partial(model.embed, given))
    if peer is None:
        ours = race(mine, lambda: 0.0, samples=samples, warm_ups=1)[0]
        return Outcome(measure=NAME, what=what, target=EMBED_TORCH, ours=ours, peer_name=PEER, absent=ABSENT)
    ours, others = race(mine, theirs, samples=samples, warm_ups=1)
    return Outcome(
        measure=NAME,
        what=what,
        target=EMBED_TORCH,
        ours=ours,
        peer_name=names[-1],
        peer=others,
        note=f"the same weights, {THREADS} threads; the peer computes in fp32, ours in int8",
    )


def _beside_bare(model: MiniLM, cache: Path, given: Sequence[str], *, length: int, samples: int) -> Outcome:
    bare = Bare(convert.network(cache, "int8"))
    ours, others = race(
        partial(_rate, given, partial(model.embed, given)),
        partial(_rate, given, partial(bare.embed, given)),
        samples=samples,
        warm_ups=1,
    )
    return Outcome(
        measure=NAME,
        what=f"texts of {length} tokens, beside bare onnxruntime",
        target=EMBED_BARE,
        ours=ours,
        peer_name="bare onnxruntime",
        peer=others,
        note=f"the same int8 network in batches of {BATCH}, tokens cut by the same library, all at once",
    )


class Bare:
    """The network and the tokenizer, as a script of ten lines would use them."""

    def __init__(self, network: bytes) -> None:
        runtime, tokenizers = import_module("onnxruntime"), import_module("tokenizers")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = THREADS
        self._session = runtime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        self._tokens = tokenizers.Tokenizer.from_str(weights.read(weights.TOKENIZER).decode())
        self._tokens.no_padding()
        self._tokens.enable_truncation(256)

    def embed(self, given: Sequence[str]) -> None:
        """Vectors of the texts, which nobody needs."""
        for start in range(0, len(given), BATCH):
            ids = [one.ids for one in self._tokens.encode_batch(list(given[start : start + BATCH]))]
            lengths = np.array([len(one) for one in ids], np.int32)
            padded = np.zeros((len(ids), lengths.max()), np.int32)
            for row, one in enumerate(ids):
                padded[row, : len(one)] = one
            shares = (np.arange(padded.shape[1]) < lengths[:, None]) / lengths[:, None]
            self._session.run(
                ["means"],
                {"ids": padded, "lengths": lengths, "shares": shares[:, None, :].astype(np.float32)},
            )


def _memory(cache: Path, given: Sequence[str]) -> Outcome:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pid = pool.submit(os.getpid).result()
        with peak_of(pid) as peak:
            pool.submit(_alone, cache, given).result()
    return Outcome(
        measure=NAME,
        what="peak memory of a process that embeds",
        target=EMBED_MEMORY,
        ours=(float(peak[0]),),
        note="memory: loaded from the converted file, texts of 180 tokens",
    )


def _alone(cache: Path, given: Sequence[str]) -> None:
    MiniLM(cache, threads=THREADS).embed(given)
