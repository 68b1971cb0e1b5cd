"""[pure] Cuts a delimited text into records, exactly: the good go on, the bad keep line and reason.

Theory of operation. DuckDB's reader is fast but stops at the first bad row, or reports bad rows in ways that
cannot be added up. This splitter is slower and exact: every physical line belongs to one record, and every
record is either good (it has the right number of fields and is valid UTF-8) or rejected, once. The good ones
come out in a form that DuckDB reads back unchanged. A quote that is never closed costs only the line it
stands on: reading goes on at the next line.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lakehouse.ingest.shape import Dialect, Reject

MAX_RECORD_BYTES: Final = 16 << 20
RAW_BYTES: Final = 4096
"""How much of a rejected row is kept."""


@dataclass(slots=True)
class Block:
    """Some consecutive records of the source."""

    good: list[bytes] = field(default_factory=list)
    """Each as one record of the same dialect, without its line end."""

    lines: list[int] = field(default_factory=list)
    """The physical line, from 1, on which each good record begins."""

    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Record:
    """What stands at one place of the text."""

    lines: int
    """Physical lines it covers."""

    fields: list[bytes]
    """As written, quotes included; empty when broken."""

    broken: str = ""


def split(chunks: Iterable[bytes], dialect: Dialect, *, width: int) -> Iterator[Block]:
    """Every record after the header, in order, in blocks of about one chunk.

    Args:
        chunks: the text in UTF-8, without a byte order mark.
        width: how many fields a good record has.
    """
    text = _Lines(chunks, dialect.newline.encode())
    block, at = _before_data(text, dialect), 0
    splitter = _Splitter(text, dialect, width)
    while True:
        at += splitter.take_all(at, block)
        while at < len(text.lines):
            at += splitter.take(at, block)
        if block.good or block.rejects:
            yield block
        block = Block()
        text.drop(at)
        at = 0
        if not text.more():
            return


def _before_data(text: "_Lines", dialect: Dialect) -> Block:
    """Reject the preamble, drop the header, and leave `text` at the first row."""
    while len(text.lines) <= dialect.preamble and text.more():
        pass
    block = Block()
    for n, line in enumerate(text.lines[: dialect.preamble]):
        if line.strip():
            block.rejects.append(rejected(n + 1, "it stands before the header", line))
    text.drop(min(dialect.preamble, len(text.lines)))
    while dialect.header and text.at_blank():
        text.drop(1)
    if dialect.header and text.lines:
        text.drop(max(1, _Splitter(text, dialect, 0).record(0).lines))
    return block


def rejected(line: int, reason: str, raw: bytes) -> Reject:
    """A reject with as much of its text as is kept; what is not UTF-8 is shown as U+FFFD."""
    kept = raw[:RAW_BYTES].removesuffix(b"\r")
    return Reject(line=line, reason=reason, raw=kept.decode(errors="replace"))


class _Lines:
    """Physical lines of a chunked text; a line beyond the limit is cut just past it, so it can be refused."""

    def __init__(self, chunks: Iterable[bytes], newline: bytes) -> None:
        self._chunks, self._newline = iter(chunks), newline
        self._parts: list[bytes] = []
        self._held = 0
        self._over = False
        self.lines: list[bytes] = []
        self.first = 1
        """Number of `lines[0]` in the file."""

    def more(self) -> bool:
        """Read on; False when there is nothing left."""
        while not self._over:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._over = True
                if self._parts:
                    self.lines.append(b"".join(self._parts))
                    self._parts = []
                    return True
                return False
            head, *rest = chunk.split(self._newline)
            self._hold(head)
            if rest:
                self.lines.append(b"".join(self._parts))
                self.lines += rest[:-1]
                self._parts, self._held = [], 0
                self._hold(rest[-1])
                return True
        return False

    def drop(self, count: int) -> None:
        """Forget the first `count` lines."""
        del self.lines[:count]
        self.first += count

    def at_blank(self) -> bool:
        """Is the next line there, and blank?"""
        return bool(self.lines or self.more()) and not self.lines[0].strip(b"\r")

    def _hold(self, part: bytes) -> None:
        if part and self._held <= MAX_RECORD_BYTES:
            self._parts.append(part)
            self._held += len(part)


class _Splitter:
    def __init__(self, text: _Lines, dialect: Dialect, width: int) -> None:
        self._text, self._width = text, width
        self._delimiter, self._quote = dialect.delimiter.encode(), dialect.quote.encode()
        self._newline = dialect.newline.encode()

    def take_all(self, at: int, block: Block) -> int:
        """Take all lines at once when each is a plain good record, which is the rule; 0 when one is not."""
        lines = self._text.lines[at:] if at else self._text.lines
        marks, whole = self._width - 1, self._newline.join(lines)
        if self._quote in whole or b"\r" in whole or not _is_utf8(whole):
            return 0
        blank = self._width > 1 and not all(lines)
        if (
            blank
            or len(whole) > MAX_RECORD_BYTES
            or any(line.count(self._delimiter) != marks for line in lines)
        ):
            return 0
        block.good += lines
        block.lines += range(self._text.first + at, self._text.first + at + len(lines))
        return len(lines)

    def take(self, at: int, block: Block) -> int:
        """Put the record at `lines[at]` into `block` and say how many lines it covers."""
        line = self._text.lines[at]
        if line.endswith(b"\r"):
            line = line[:-1]
        if not line and self._width > 1:
            return 1
        plain = self._quote not in line and b"\r" not in line and len(line) <= MAX_RECORD_BYTES
        if plain and line.count(self._delimiter) == self._width - 1 and _is_utf8(line):
            block.good.append(line)
            block.lines.append(self._text.first + at)
            return 1
        return self._take_slowly(at, block)

    def _take_slowly(self, at: int, block: Block) -> int:
        found = self.record(at)
        raw = self._newline.join(self._text.lines[at : at + found.lines])
        if len(found.fields) == self._width + 1 and not found.fields[-1]:
            found.fields.pop()  # a delimiter at the line's end, with nothing behind it
        reason = found.broken or self._fault(found.fields, raw)
        if reason:
            block.rejects.append(rejected(self._text.first + at, reason, raw))
        else:
            block.good.append(self._delimiter.join(map(self._requoted, found.fields)))
            block.lines.append(self._text.first + at)
        return found.lines

    def _fault(self, fields: list[bytes], raw: bytes) -> str:
        if len(raw) > MAX_RECORD_BYTES:
            return "it is longer than 16 MiB"
        if len(fields) != self._width:
            return f"it has {len(fields)} fields where {self._width} are expected"
        return "" if _is_utf8(raw) else "it is not valid UTF-8"

    def _requoted(self, value: bytes) -> bytes:
        if value[:1] != self._quote and (b"\r" in value or b"\n" in value):
            return self._quote + value.replace(self._quote, self._quote * 2) + self._quote
        return value

    def record(self, at: int) -> _Record:
        """The record that begins on `lines[at]`; reads on when a quoted field does."""
        lines, fields, pos = 1, [], 0
        text = self._text.lines[at]
        while True:
            start = (
                pos + len(text[pos:]) - len(text[pos:].lstrip(b" ")) if text[pos : pos + 1] == b" " else pos
            )
            if text[start : start + 1] != self._quote:
                value, pos, over = self._unquoted(text, pos)
                fields.append(value)
            else:
                end = self._closing(text, start + 1)
                while end < 0:
                    longer, lines = self._longer(at, lines)
                    if len(longer) == len(text) or len(text) > MAX_RECORD_BYTES:
                        return _Record(1, [], "a quote is opened and never closed")
                    end, text = self._closing(longer, -end), longer
                fields.append(text[start:end])
                pos, over = self._after(text, end)
                if pos < 0:
                    return _Record(1, [], "text follows a closing quote")
            if over:
                return _Record(1 + text.count(self._newline, 0, pos), fields)

    def _unquoted(self, text: bytes, pos: int) -> tuple[bytes, int, bool]:
        """The field at `pos`, where the next begins, and whether it was the record's last."""
        line_end = text.find(self._newline, pos)
        line_end = len(text) if line_end < 0 else line_end
        cut = text.find(self._delimiter, pos, line_end)
        if cut >= 0:
            return text[pos:cut], cut + 1, False
        return text[pos:line_end].removesuffix(b"\r"), line_end, True

    def _closing(self, text: bytes, pos: int) -> int:
        """Just past the quote that closes the field; minus the place to go on from when it is not there."""
        while True:
            found = text.find(self._quote, pos)
            if found < 0:
                return -len(text)
            if text[found + 1 : found + 2] != self._quote:
                return found + 1
            pos = found + 2

    def _after(self, text: bytes, end: int) -> tuple[int, bool]:
        """Where the next field begins after a closing quote, and is the record over; -1 if text follows."""
        while text[end : end + 1] == b" ":
            end += 1
        if text[end : end + 1] == self._delimiter:
            return end + 1, False
        rest = text[end : end + 2]
        if not rest or rest[:1] == self._newline or rest == b"\r" + self._newline or rest == b"\r":
            return end, True
        return -1, True

    def _longer(self, at: int, lines: int) -> tuple[bytes, int]:
        """The text from `lines[at]` with twice as many lines, so that long fields stay linear."""
        wanted = lines * 2
        while len(self._text.lines) < at + wanted and self._text.more():
            pass
        taken = self._text.lines[at : at + wanted]
        return self._newline.join(taken), len(taken)


def _is_utf8(line: bytes) -> bool:
    if line.isascii():
        return True
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
