"""[acts] Counts the records of a delimited text and hashes it in one pass, apart from any parser.

The count is the outside witness of the proof that no row disappears: line ends outside quotes, blank lines
left out. It is right for every well-formed text; where it disagrees with the parser, the splitter decides.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

BLOCK_BYTES: Final = 256 << 10
"""Fits the processor's cache: hashing and counting then read memory once."""

REPORT_BYTES: Final = 16 << 20
LF, CR = 10, 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What one pass over the bytes tells."""

    sha256: str
    """Lowercase hex."""

    records: int
    """The header counts as one."""

    bytes: int


def scan(
    path: Path, *, quote: str, blank_rows: bool, progress: Callable[[int], None] | None = None
) -> Scanned:
    """Hash the file and count its records.

    Args:
        path: a text in UTF-8 whose lines end in LF or CR LF.
        quote: one ASCII character.
        blank_rows: does a blank line count as a record? It does in a file of one column.
        progress: told the number of bytes read so far, every few megabytes.

    Cost: 1 GB/s without quotes, 0.3 GB/s where they are dense; 1 MiB of memory.
    """
    digest, total, counter = hashlib.sha256(), 0, _Counter(ord(quote), blank_rows)
    view = memoryview(counter.buffer)[2:]
    with path.open("rb", buffering=0) as file:
        while got := file.readinto(view):
            digest.update(view[:got])
            counter.add(got)
            total += got
            if progress and total % REPORT_BYTES < got:
                progress(total)
    return Scanned(sha256=digest.hexdigest(), records=counter.finish(), bytes=total)


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes, lowercase hex.

    Cost: 1.7 GB/s.
    """
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Counter:
    """Counts line ends outside quotes, block by block; `buffer` begins with the last two bytes seen."""

    def __init__(self, quote: int, blank_rows: bool) -> None:
        self.buffer = bytearray(b"\n\n") + bytes(BLOCK_BYTES)  # as if a line had ended before the file
        self._data = np.frombuffer(self.buffer, np.uint8)
        self._quote, self._blank_rows = quote, blank_rows
        self._inside = 0
        self._records = 0

    def add(self, got: int) -> None:
        """Count what stands in the buffer after its first two bytes."""
        data = self._data[: got + 2]
        ends = data == LF
        inner = bool(self._inside) or (data[2:] == self._quote).any()
        blank = not self._blank_rows and ((ends[2:] & ends[1:-1]).any() or (ends[2:] & ends[:-2]).any())
        if inner or blank:
            self._add_exactly(data)
        else:
            self._records += int(np.count_nonzero(ends[2:]))
        self.buffer[:2] = self.buffer[got : got + 2]

    def finish(self) -> int:
        """The count, with a last line that no line end closes."""
        tail = bytes(self.buffer[:2])
        open_line = not tail.endswith(b"\n") and (self._blank_rows or tail != b"\n\r")
        return self._records + (open_line or bool(self._inside))

    def _add_exactly(self, data: NDArray[np.uint8]) -> None:
        ends = np.flatnonzero(data[2:] == LF) + 2
        quotes = np.flatnonzero(data[2:] == self._quote) + 2
        ends = ends[(np.searchsorted(quotes, ends) + self._inside) % 2 == 0]
        self._inside = (self._inside + len(quotes)) % 2
        before, further = data[ends - 1], data[ends - 2]
        blank = (before == LF) | ((before == CR) & (further == LF))
        self._records += len(ends) - (0 if self._blank_rows else int(np.count_nonzero(blank)))
