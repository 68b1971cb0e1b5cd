"""[pure] How a delimited text is written, decided from its first bytes: encoding, delimiter, quote, header.

Every candidate delimiter is tried on the sample; the one that cuts most records into the same number of
fields wins. A header is a first record that does not look like the data below it.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lakehouse.base.errors import Invalid
from lakehouse.ingest.infer import infer
from lakehouse.ingest.shape import Dialect

DELIMITERS: Final = (",", "\t", ";", "|")
LAST_RESORT: Final = (":", "^", "~")
"""Only when no other cuts the text: times hold colons in files that commas separate."""

ONE_COLUMN: Final = "\x1f"
"""The delimiter of a file of one column: a character that no text holds, so commas stay in the text."""

MIN_SHARE: Final = 0.5
"""Share of records that must have the same number of fields; ragged files are cut, prose is not."""

SINGLE_QUOTED: Final = re.compile(r"(?:^|[,;\t|])'[^'\n]*'(?:[,;\t|\r\n]|$)", re.MULTILINE)
TOLD: Final = re.compile(r"sep=(.)(?=\r|\n)", re.IGNORECASE)
"""The line that Excel puts and reads above a text to tell its delimiter."""

LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
JUDGED_CHARACTERS: Final = 64 << 10
"""Of the sample, how much is split by every possible delimiter."""

MAX_PREAMBLE: Final = 20
MAX_COLUMNS: Final = 4096
BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A dialect, the columns it yields, and how sure we are."""

    dialect: Dialect
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """The sample's records that have as many fields as there are columns, header left out."""

    confidence: float
    """Share of the sample's records that have that number of fields, 0 to 1."""


def detect(sample: bytes, *, whole: bool) -> Layout:
    """The layout of a delimited text.

    Args:
        sample: its first bytes, some hundred kilobytes.
        whole: is the sample all of it? If not, its last line is cut off and ignored.

    Raises:
        Invalid: there is nothing in it, it is binary, or it has more columns than are allowed.
    """
    encoding = encoding_of(sample)
    text = decode(sample, encoding)
    newline: Literal["\n", "\r"] = "\r" if "\r" in text and "\n" not in text else "\n"
    if not whole:
        text = text[: text.rfind(newline) + 1] or text
    if not text.strip("\r\n"):
        raise Invalid("the file is empty", hint="check that the export finished, then send it again")
    if is_binary(text):
        raise Invalid("the file is binary, not text", hint="send CSV, TSV, JSON, Parquet or Arrow")
    few = len(text) <= JUDGED_CHARACTERS
    delimiter, quote = _best(text if few else text[: text.rfind(newline, 0, JUDGED_CHARACTERS) + 1] or text)
    told = TOLD.match(text)
    if told:
        delimiter = told[1]
    records = parse(text, delimiter=delimiter, quote=quote)[1 if told else 0 :]
    return _layout(records, Dialect(delimiter=delimiter, quote=quote, encoding=encoding, newline=newline))


def encoding_of(sample: bytes) -> str:
    """utf-8, utf-16, utf-32 or cp1252: by byte order mark, zero bytes, then by what decodes.

    A text whose accents are mostly valid UTF-8 is UTF-8 with some broken rows, not another encoding.
    """
    for mark, name in BOMS:
        if sample.startswith(mark):
            return name
    pairs = len(sample) // 2
    if (
        pairs >= 2
        and sample[1 : 2 * pairs : 2].count(0) > 0.4 * pairs
        and not sample[0 : 2 * pairs : 2].count(0)
    ):
        return "utf-16-le"
    if (
        pairs >= 2
        and sample[0 : 2 * pairs : 2].count(0) > 0.4 * pairs
        and not sample[1 : 2 * pairs : 2].count(0)
    ):
        return "utf-16-be"
    foreign = [
        line for line in sample.split(b"\n")[: -1 if sample.count(b"\n") else None] if not line.isascii()
    ]
    valid = sum(map(is_utf8, foreign))
    return "utf-8" if valid >= len(foreign) - valid else "cp1252"


def is_utf8(line: bytes) -> bool:
    """Does it decode as UTF-8?"""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def decode(data: bytes, encoding: str) -> str:
    """The text of `data`; what does not decode becomes U+FFFD, a byte order mark is dropped."""
    return data.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace").removeprefix(
        "\ufeff"
    )


def is_binary(text: str) -> bool:
    """Are more than a tenth of its first 4,096 characters control characters that no text holds?"""
    head = text[:4096]
    return sum(c < " " and c not in "\t\r\n\f\v\x1b" for c in head) > len(head) / 10


def parse(text: str, *, delimiter: str, quote: str) -> list[tuple[int, tuple[str, ...]]]:
    """The records of `text` with the physical line each begins on, from 0; blank lines are left out."""
    reader = csv.reader(LINE.findall(text), delimiter=delimiter, quotechar=quote)
    found: list[tuple[int, tuple[str, ...]]] = []
    while True:
        line = reader.line_num
        try:
            fields = next(reader)
        except StopIteration:
            return found
        except csv.Error:
            continue  # a field beyond csv's own limit: the sample can do without it
        if fields:
            found.append((line, tuple(fields)))


def clean_names(raw: Sequence[str]) -> tuple[str, ...]:
    """Column names as given, made usable: no control characters, never empty, unique whatever the case."""
    taken: set[str] = set()
    names = []
    for n, given in enumerate(raw, 1):
        base = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+", " ", given).strip() or f"column_{n}"
        name, again = base, 2
        while name.casefold() in taken:
            name, again = f"{base}_{again}", again + 1
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def looks_like_header(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Is the first record made of names rather than of values?

    Numbers, dates and truth values are values, with one exception: years across the top of a cross table.
    """
    typed = [cell for cell in first if infer("", [cell]).type != "VARCHAR"]
    if not any(cell.strip() for cell in first):
        return False
    if not typed:
        return not rows or tuple(first) not in {tuple(row) for row in rows}
    years = [cell for cell in typed if re.fullmatch("(?:19|20)[0-9]{2}", cell)]
    return len(years) == len(typed) < len(first) and len(set(years)) == len(years) > 1


def _best(text: str) -> tuple[str, str]:
    quote = "'" if '"' not in text and SINGLE_QUOTED.search(text) else '"'
    scores = {d: _share(text, d, quote) for d in DELIMITERS if d in text}
    if not any(share >= MIN_SHARE for share in scores.values()):
        scores = {d: _share(text, d, quote) for d in LAST_RESORT if d in text}
        scores = {d: share for d, share in scores.items() if share > 0.95}
    best = max(scores, key=lambda d: scores[d], default=ONE_COLUMN)
    return (best if scores.get(best, 0) >= MIN_SHARE else ONE_COLUMN), quote


def _share(text: str, delimiter: str, quote: str) -> float:
    """Share of records with the commonest number of fields, when that is two or more."""
    counts = Counter(len(fields) for _, fields in parse(text, delimiter=delimiter, quote=quote))
    width, times = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return times / counts.total() if width > 1 else 0.0


def _layout(records: Sequence[tuple[int, tuple[str, ...]]], dialect: Dialect) -> Layout:
    widths = [len(fields) for _, fields in records]
    width = max(Counter(widths).items(), key=lambda item: (item[1], item[0]))[0] if widths else 1
    start = widths.index(width) if widths else 0
    if start > MAX_PREAMBLE or any(w > width for w in widths[:start]):
        start, width = 0, widths[0]
    if width > MAX_COLUMNS:
        raise Invalid(
            f"the file has {width:,} columns, more than {MAX_COLUMNS:,}", hint="split it, or send JSON"
        )
    fitting = [fields for _, fields in records[start:] if len(fields) == width]
    header = bool(fitting) and looks_like_header(fitting[0], fitting[1:])
    names = clean_names(fitting[0] if header else [""] * width)
    return Layout(
        dialect=Dialect(
            delimiter=dialect.delimiter,
            quote=dialect.quote,
            header=header,
            preamble=records[start][0] if records else 0,
            encoding=dialect.encoding,
            newline=dialect.newline,
        ),
        names=names,
        rows=tuple(fitting[1:] if header else fitting),
        confidence=len(fitting) / max(len(records), 1),
    )
