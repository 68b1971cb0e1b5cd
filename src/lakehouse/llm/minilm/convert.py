"""[acts] The converted network on disk: made once, moved into place whole, verified at every start.

The file is its own proof: behind the network stand 76 bytes with the SHA-256 of all bytes before them, as a
metadata entry of ONNX, so that every tool still reads the file. It is a cache: whatever is wrong with it,
it is made again from the weights, which are verified themselves.
"""

import fcntl
import hashlib
import os
from importlib import import_module
from pathlib import Path
from typing import Final

from lakehouse.base.errors import Unavailable
from lakehouse.llm.minilm import weights

VERSION: Final = "1"
"""Of the graph. Raise it with every change of `graph` that may change a vector."""

TRAILER: Final = b"\x72\x4a\x0a\x06sha256\x12\x40"
"""What comes before the 64 hex digits: field 14 (metadata_props) of an ONNX model, one entry of 74 bytes.

A message of protobuf may be continued by appending fields.
Source: protobuf.dev/programming-guides/encoding, "Last One Wins"; onnx.proto3, ModelProto.
"""


def network(cache: Path, precision: str, *, model: Path | None = None) -> bytes:
    """The network as onnxruntime reads it, converted now if it has not been.

    Args:
        cache: a folder, created when absent; one file a version and precision.
        precision: "int8" or "fp32".
        model: the folder of the weights; None: the installed package.

    Raises:
        NotFound: it is not converted yet, and the package is not installed.
        Corrupt: it is not converted yet, and the weights are damaged.
        Unavailable: the disk refused.

    Cost: 0.1 s when converted, else about 1 s and 400 MB while it lasts.
    """
    file = cache / f"minilm-{VERSION}-{precision}.onnx"
    return _verified(file) or _convert_alone(file, precision, model)


def _convert_alone(file: Path, precision: str, model: Path | None) -> bytes:
    # One process at a time; the lock goes with the process, however that ends. The next one finds the file.
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.with_suffix(".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return _verified(file) or _convert(file, precision, model)
    except OSError as error:
        raise Unavailable(
            f"the embedding model cannot be kept: {error.strerror}",
            hint=f"make {file.parent} a folder that can be written, with 100 MB free",
        ) from error


def _verified(file: Path) -> bytes | None:
    try:
        data = file.read_bytes()
    except OSError:
        return None
    cut = len(data) - len(TRAILER) - 64
    is_whole = cut > 0 and data[cut:] == _trailer(memoryview(data)[:cut])
    return data if is_whole else None


def _trailer(body: bytes | memoryview) -> bytes:
    return TRAILER + hashlib.sha256(body).hexdigest().encode()


def _convert(file: Path, precision: str, model: Path | None) -> bytes:
    tensors = weights.tensors(weights.read(weights.WEIGHTS, model))
    # Imported here: `onnx` costs memory and time that a start with a converted file must not pay.
    body: bytes = import_module("lakehouse.llm.minilm.graph").build(tensors, precision)
    data = body + _trailer(body)
    # Always the same name: what a killed process left is overwritten, not left for ever.
    partial = file.with_suffix(".partial")
    with partial.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(file)
    return data
