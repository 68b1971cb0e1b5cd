"""[acts] CSV and its relatives to staged Parquet: one fast checked pass, and an exact one when that fails.

Theory of operation. The sample only proposes types. The fast pass reads the file with DuckDB, holds every
value to its type in the same SELECT that writes Parquet, and stops at the first doubt, while another thread
counts records and hashes. A doubt: one query finds every column in doubt, those become wider, and the pass
runs again. A malformed row, or figures that differ: the exact splitter separates good rows from bad and the
good ones are read in place of the file. At the end independent witnesses agree, or nothing is handed over.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from lakehouse.base.errors import Corrupt
from lakehouse.ingest.delimited import checked, dialect, repair
from lakehouse.ingest.delimited.checked import Text
from lakehouse.ingest.delimited.dialect import Layout
from lakehouse.ingest.delimited.scan import digest, scan
from lakehouse.ingest.shape import Conversion, Dialect
from lakehouse.ingest.write import Order, RejectLog, conversion, open_duck

HEAD_BYTES: Final = 256 << 10
CHUNK_BYTES: Final = 256 << 10
SAMPLE_CELLS: Final = 40_000
"""Cells looked at to propose types: more costs time on every file, fewer cost a second pass on some."""

Progress = Callable[[int], None]


def inspect(path: Path) -> Layout:
    """Layout and sample of a delimited file: rows from its start, its middle and its end.

    Raises:
        Invalid: empty, binary or too wide.
    """
    size = path.stat().st_size
    layout = dialect.detect(_bytes_at(path, 0, HEAD_BYTES), whole=size <= HEAD_BYTES)
    if size <= HEAD_BYTES:
        return layout
    wanted = max(100, SAMPLE_CELLS // len(layout.names))
    rows = list(layout.rows[: wanted // 2])
    for start in (size // 3, size // 2, max(HEAD_BYTES, size - CHUNK_BYTES)):
        rows += _rows_at(path, start, layout.dialect, len(layout.names))[: wanted // 6]
    return replace(layout, rows=tuple(rows))


def convert(path: Path, how: Dialect, order: Order, *, width: int, progress: Progress) -> Conversion:
    """Write the file's rows as typed Parquet; see the theory above.

    Args:
        path: not compressed.
        how: the dialect that `inspect` found.
        order: each target names its column of the file by position.
        width: number of columns in the file.
        progress: told the bytes read so far.

    Raises:
        Corrupt: the figures do not add up; nothing may be committed.
        Unavailable: out of disk or memory.
    """
    out = order.out
    original = _in_utf8(Text(path=path, dialect=how, width=width), out)
    rejects = RejectLog(out / "rejects.ndjson")
    with ThreadPoolExecutor(1) as pool, open_duck(out, columns=width) as con:
        scanning = pool.submit(scan, original.path, quote=how.quote, blank_rows=width == 1, progress=progress)
        done = checked.write(con, original, order) if original.is_plain else None
        scanned = scanning.result()
        counted, read = "scan of line ends", scanned.records - how.header
        if done is None or done.staged.rows + done.misfits != read:
            original, cleaned, good = _cleaned(original, out, rejects)
            done = checked.write(con, cleaned, order)
            counted, read = "record splitter", good + rejects.count
        if done is None:
            raise Corrupt("rows that were found good could not be read again", hint="send the file again")
        if done.misfits:
            found = checked.misfits(con, done)
            rejects.add(repair.locate(original.path, original.dialect, width=width, misfits=found))
    result = conversion(done.staged, rejects, read=read, targets=done.targets, counted_by=counted)
    asked = zip(order.targets, done.targets, strict=True)
    widened = tuple(new.name for old, new in asked if new.type != old.type)
    return replace(result, widened=widened, sha256=scanned.sha256 if original.path == path else digest(path))


def _in_utf8(text: Text, out: Path) -> Text:
    """The same text, or a transcoded copy of it."""
    encoding = text.dialect.encoding
    if encoding == "utf-8":
        return text
    copy = repair.transcode(text.path, encoding, out / "utf8.csv")
    return replace(text, path=copy, dialect=replace(text.dialect, encoding="utf-8"))


def _cleaned(original: Text, out: Path, rejects: RejectLog) -> tuple[Text, Text, int]:
    """The text as it stood (in UTF-8), its good records as a text of their own, and how many they are."""
    if repair.encoding_throughout(original.path) != "utf-8":
        original = _in_utf8(replace(original, dialect=replace(original.dialect, encoding="cp1252")), out)
    path, how = out / "clean.csv", original.dialect
    good, longest = repair.clean(original.path, how, width=original.width, out=path, rejects=rejects)
    plain = replace(how, header=False, preamble=0, newline="\n")
    room = max(original.max_line_bytes, 2 * longest)
    return original, replace(original, path=path, dialect=plain, max_line_bytes=room), good


def _rows_at(path: Path, start: int, how: Dialect, width: int) -> list[tuple[str, ...]]:
    """Whole records found after `start`; what is cut or does not have the width is left out."""
    text = dialect.decode(_bytes_at(path, start, CHUNK_BYTES), how.encoding)
    whole = text[text.find(how.newline) + 1 : text.rfind(how.newline) + 1]
    records = dialect.parse(whole, delimiter=how.delimiter, quote=how.quote)
    return [fields for _, fields in records if len(fields) == width]


def _bytes_at(path: Path, start: int, count: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(count)
