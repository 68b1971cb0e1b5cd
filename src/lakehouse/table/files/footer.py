"""[pure] The end of a Parquet file: lists and maps marked as such in the way that every reader knows.

DuckDB marks a list or map with the older of Parquet's two marks only, the converted type. Daft goes by the
newer one, the logical type: without it a list is a struct to it, whose members need field ids, and a list's
one member, the repeated group, has none. What a file says of its columns stands in its footer, behind all
rows, so the mark is added without touching a row.

Source: parquet.thrift of the Parquet format, `FileMetaData` and `SchemaElement`; Thrift's compact protocol.
"""

from typing import Final

MAGIC: Final = b"PAR1"
TAIL_BYTES: Final = 8
"""Length of the footer, little-endian, and the magic; a file ends with them."""

SCHEMA, CONVERTED, LOGICAL = 2, 6, 10
"""Ids of `FileMetaData.schema`, `SchemaElement.converted_type` and `SchemaElement.logicalType`."""

MARKS: Final = {1: b"\x2c\x00\x00", 3: b"\x3c\x00\x00"}
"""Converted type (MAP, LIST) to the `LogicalType` that says the same: a union with one empty struct."""

STOP, BYTE, BINARY, LIST, STRUCT = 0, 3, 8, 9, 12
FLAGS, INTEGERS, LONG = range(1, 3), range(4, 7), 15
"""Kinds of values in the compact protocol; a flag has no bytes of its own, and a list of
15 members or more has their number after its kind."""


def footer_bytes(tail: bytes) -> int:
    """How long the footer before the last 8 bytes of a file is; 0: this is no Parquet file we can read."""
    is_ours = len(tail) == TAIL_BYTES and tail[4:] == MAGIC
    return int.from_bytes(tail[:4], "little") if is_ours else 0


def marked(footer: bytes) -> bytes:
    """The footer with the logical type of every list and map that lacks it.

    Raises:
        ValueError: it is no Parquet footer.
    """
    try:
        places = _Walk(footer).unmarked()
    except (IndexError, RecursionError) as error:
        raise ValueError("no Parquet footer") from error
    parts, done = [], 0
    for place, mark in places:
        parts += [footer[done:place], mark]
        done = place
    return b"".join((*parts, footer[done:]))


def with_tail(footer: bytes) -> bytes:
    """The footer and what a file ends with after it."""
    return footer + len(footer).to_bytes(4, "little") + MAGIC


class _Walk:
    """One pass over a footer up to the end of its schema."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def unmarked(self) -> list[tuple[int, bytes]]:
        """Where bytes are missing, and which."""
        field_id = 0
        while True:
            field_id, kind = self._field(field_id)
            if kind == STOP:
                raise ValueError("no Parquet footer")
            if field_id == SCHEMA and kind == LIST:
                return [found for _ in range(self._members()) if (found := self._element())]
            self._skip(kind)

    def _element(self) -> tuple[int, bytes] | None:
        """One node of the schema: what it lacks."""
        field_id, converted = 0, -1
        while True:
            last = field_id
            field_id, kind = self._field(last)
            if kind == STOP:
                mark = MARKS.get(converted) if last < LOGICAL else None
                return (self._at - 1, bytes([(LOGICAL - last) << 4 | STRUCT]) + mark) if mark else None
            if field_id == CONVERTED:
                converted = self._number() >> 1  # zigzag; the types we look for are positive
            else:
                self._skip(kind)

    def _field(self, last: int) -> tuple[int, int]:
        """Id and kind of the next field of a struct."""
        head = self._byte()
        if head == STOP:
            return last, STOP
        step, kind = head >> 4, head & 15
        return (last + step if step else self._number() >> 1), kind

    def _members(self) -> int:
        """How many members a list has."""
        size = self._byte() >> 4
        return self._number() if size == LONG else size

    def _skip(self, kind: int) -> None:
        """Pass over one value of a kind that `SchemaElement` holds."""
        if kind == STRUCT:
            while (inner := self._field(0)[1]) != STOP:
                self._skip(inner)
        elif kind == BYTE:
            self._at += 1
        elif kind == BINARY:
            length = self._number()
            self._at += length
        elif kind in INTEGERS:
            self._number()
        elif kind not in FLAGS:
            raise ValueError("no Parquet footer")

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _number(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 128:
            value |= (byte & 127) << shift
            shift += 7
        return value | byte << shift
