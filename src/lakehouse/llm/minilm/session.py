"""[acts] The network in memory: token ids to mean vectors; the one module that imports onnxruntime."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it ships no types
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as raised  # type: ignore[import-untyped]  # as above

from lakehouse.base.errors import Unavailable

FAULTS: Final = (
    raised.Fail,
    raised.RuntimeException,
    raised.EngineError,
    raised.InvalidGraph,
    raised.InvalidProtobuf,
    raised.InvalidArgument,
    raised.NotImplemented,
)
"""They have no root of their own."""

ERRORS_ONLY: Final = 3


class Session:
    """Runs one network; safe between threads."""

    def __init__(self, network: bytes, *, threads: int) -> None:
        """Load it, weights and all.

        Raises:
            Unavailable: onnxruntime cannot run it here, or memory is short.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = ERRORS_ONLY
        # Threads that wait for work sleep; spinning, they would keep the cores busy for nothing.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        except FAULTS as error:
            raise Unavailable(
                "the embedding model cannot be loaded", hint="free memory, or install anew: make setup"
            ) from error

    def means(self, texts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """The mean over the tokens of each text, (n, 384), not yet of unit length.

        Raises:
            Unavailable: onnxruntime failed; most likely memory is short.
        """
        lengths = np.array([len(ids) for ids in texts], np.int32)
        padded = np.zeros((len(texts), lengths.max()), np.int32)
        shares = np.zeros((len(texts), 1, lengths.max()), np.float32)
        for row, ids in enumerate(texts):
            padded[row, : len(ids)] = ids
            shares[row, 0, : len(ids)] = 1 / len(ids)
        given = {"ids": padded, "lengths": lengths, "shares": shares}
        try:
            (means,) = self._session.run(["means"], given)
        except FAULTS as error:
            raise Unavailable(
                "the embedding model failed", hint="free memory, or lower embedding.batch_tokens"
            ) from error
        vectors: NDArray[np.float32] = means[:, 0]
        return vectors
