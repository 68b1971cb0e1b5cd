"""[acts] Compressed sources as plain files, within limits: a small file must not fill the disk."""

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

import pyarrow as pa

from lakehouse.base.errors import Invalid, Refused
from lakehouse.ingest.shape import Compression

MAGIC: Final[dict[bytes, Compression]] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
CHUNK_BYTES: Final = 1 << 20
FREE_BYTES: Final = 64 << 20
"""Below this size no ratio is too high: small texts of one repeated line are common."""

MAX_RATIO: Final = 200
MAX_BYTES: Final = 20 << 30


def compression_of(head: bytes) -> Compression:
    """How a file that begins with `head` is compressed."""
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), "none")


def expanded(
    path: Path,
    out: Path,
    *,
    max_ratio: int = MAX_RATIO,
    max_bytes: int = MAX_BYTES,
    free_bytes: int = FREE_BYTES,
) -> Path:
    """The plain file: `path` itself, or its content written to `out`.

    Raises:
        Refused: it grows beyond 200 times its size (above 64 MB) or beyond 20 GiB.
        Invalid: the compressed bytes are damaged or cut off.
    """
    with path.open("rb") as file:
        kind = compression_of(file.read(4))
    if kind == "none":
        return path
    limit = min(max_bytes, max(free_bytes, max_ratio * path.stat().st_size))
    try:
        with out.open("wb") as target:
            if kind == "gzip":
                with gzip.open(path) as plain:
                    _copy(plain.read, target, limit)
            else:
                with pa.input_stream(str(path), compression="zstd") as plain:
                    _copy(plain.read, target, limit)
    except (EOFError, zlib.error, gzip.BadGzipFile, pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise Invalid(f"the {kind} data is damaged or cut off", hint="compress the file again") from error
    return out


def _copy(read: Callable[[int], bytes], target: IO[bytes], limit: int) -> None:
    written = 0
    while chunk := read(CHUNK_BYTES):
        written += len(chunk)
        if written > limit:
            raise Refused(
                f"the file expands to more than {limit:,} bytes",
                hint="expand it yourself and send the plain file",
            )
        target.write(chunk)
