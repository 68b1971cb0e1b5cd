"""[acts] What is done to a delimited file that cannot be read as it stands: transcode, clean, locate rows."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lakehouse.ingest.delimited.dialect import encoding_of
from lakehouse.ingest.delimited.split import rejected, split
from lakehouse.ingest.shape import Dialect, Reject
from lakehouse.ingest.write import RejectLog

CHUNK_BYTES: Final = 1 << 20


def clean(path: Path, dialect: Dialect, *, width: int, out: Path, rejects: RejectLog) -> tuple[int, int]:
    """Copy the good records to `out` (no header, lines end in LF), the bad ones to `rejects`.

    Returns:
        How many are good, and the bytes of the longest of them.

    Cost: 100 to 300 MB/s; memory of some megabytes, or of the longest record.
    """
    good = longest = 0
    with out.open("wb") as file:
        for block in split(chunks(path), dialect, width=width):
            if block.good:
                file.write(b"\n".join(block.good) + b"\n")
            good += len(block.good)
            longest = max(longest, max(map(len, block.good), default=0))
            rejects.add(block.rejects)
    return good, longest


def locate(
    path: Path, dialect: Dialect, *, width: int, misfits: Iterator[tuple[int, str]]
) -> Iterator[Reject]:
    """The rejects for good records that no type fits.

    Args:
        path: the file as it stood, with its dialect and width.
        misfits: number of the record among the good ones, from 0, ascending, and the reason.
    """
    wanted = next(misfits, None)
    seen = 0
    for block in split(chunks(path), dialect, width=width):
        while wanted is not None and wanted[0] < seen + len(block.good):
            at = wanted[0] - seen
            yield rejected(block.lines[at], wanted[1], block.good[at])
            wanted = next(misfits, None)
        seen += len(block.good)
        if wanted is None:
            return


def chunks(path: Path) -> Iterator[bytes]:
    """The file's bytes by the megabyte, without a UTF-8 byte order mark."""
    with path.open("rb") as file:
        first = file.read(CHUNK_BYTES)
        yield first.removeprefix(codecs.BOM_UTF8)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def transcode(path: Path, encoding: str, out: Path) -> Path:
    """Write the text of `path` to `out` in UTF-8; what does not decode becomes U+FFFD.

    Cost: 100 MB/s.
    """
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    with path.open("rb") as source, out.open("w", encoding="utf-8", newline="") as file:
        first = decoder.decode(source.read(CHUNK_BYTES))
        file.write(first.removeprefix("\ufeff"))
        while chunk := source.read(CHUNK_BYTES):
            file.write(decoder.decode(chunk))
        file.write(decoder.decode(b"", final=True))
    return out


def encoding_throughout(path: Path) -> str:
    """utf-8 or cp1252 for a file without byte order mark, judged by all of its lines.

    Cost: 1 GB/s where it is ASCII.
    """
    foreign, tail = [], b""
    for chunk in chunks(path):
        lines = (tail + chunk).split(b"\n")
        tail = lines.pop()
        if not chunk.isascii():
            foreign += [encoding_of(line + b"\n") for line in lines if not line.isascii()]
    if not tail.isascii():
        foreign.append(encoding_of(tail + b"\n"))
    return "cp1252" if foreign.count("cp1252") > len(foreign) / 2 else "utf-8"
