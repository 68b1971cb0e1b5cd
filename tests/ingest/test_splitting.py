"""The exact splitter: every line belongs to one record, and each record is good or rejected, once."""

import csv
import io
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.ingest.delimited import split as splitting
from lakehouse.ingest.delimited.split import RAW_BYTES, split
from lakehouse.ingest.shape import Dialect

Cut = tuple[list[tuple[int, bytes]], list[tuple[int, str, str]]]
PLAIN = Dialect(header=False)


def cut(*chunks: bytes, how: Dialect = PLAIN, width: int = 2) -> Cut:
    """Good records and rejects, each with its line."""
    good: list[tuple[int, bytes]] = []
    bad: list[tuple[int, str, str]] = []
    for block in split(chunks, how, width=width):
        good += zip(block.lines, block.good, strict=True)
        bad += [(r.line, r.reason, r.raw) for r in block.rejects]
    return good, bad


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (b"a,b\n1,2\n", [(1, b"a,b"), (2, b"1,2")]),
        (b"a,b\n1,2", [(1, b"a,b"), (2, b"1,2")]),
        (b"a,b\r\n1,2\r\n", [(1, b"a,b"), (2, b"1,2")]),
        (b"1,2,\n3,4\n", [(1, b"1,2"), (2, b"3,4")]),
        (b'"a\nb",2\nc,3\n', [(1, b'"a\nb",2'), (3, b"c,3")]),
        (b'"a\nb\nc\nd\ne",1\n2,3\n', [(1, b'"a\nb\nc\nd\ne",1'), (6, b"2,3")]),
        (b'"a\r\nb",1\r\n', [(1, b'"a\r\nb",1')]),
        (b'"a""b",2\n', [(1, b'"a""b",2')]),
        (b'"",\n', [(1, b'"",')]),
        (b' "x", "y"\n', [(1, b'"x","y"')]),
        (b'"x" ,y\n', [(1, b'"x",y')]),
        (b'"a","b"\r', [(1, b'"a","b"')]),
        (b'x"y,1\n', [(1, b'x"y,1')]),
        (b"x\ry,2\n", [(1, b'"x\ry",2')]),
        (b"\n\n1,2\n", [(3, b"1,2")]),
        (b"\r\n1,2\r\n", [(2, b"1,2")]),
        (b"", []),
        (b"\n\n", []),
    ],
)
def test_a_good_record_goes_on_as_duckdb_reads_it_back(text: bytes, good: list[tuple[int, bytes]]) -> None:
    assert cut(text) == (good, [])


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        (b"1\n", (1, "it has 1 fields where 2 are expected", "1")),
        (b"1,2,3\n", (1, "it has 3 fields where 2 are expected", "1,2,3")),
        (b"1,2,3,\n", (1, "it has 4 fields where 2 are expected", "1,2,3,")),
        (b'"x" y,1\n', (1, "text follows a closing quote", '"x" y,1')),
        (b'"x"y"z",1\n', (1, "text follows a closing quote", '"x"y"z",1')),
        (b'"x,1\n', (1, "a quote is opened and never closed", '"x,1')),
        (b'1,"\n', (1, "a quote is opened and never closed", '1,"')),
        (b"\xff,2\n", (1, "it is not valid UTF-8", "\ufffd,2")),
        (b'"\xff",2\n', (1, "it is not valid UTF-8", '"\ufffd",2')),
        (b'"a\nb"\n', (1, "it has 1 fields where 2 are expected", '"a\nb"')),
        (b" \n", (1, "it has 1 fields where 2 are expected", " ")),
    ],
)
def test_a_bad_record_says_line_reason_and_text(text: bytes, bad: tuple[int, str, str]) -> None:
    assert cut(text) == ([], [bad])


def test_reading_goes_on_at_the_line_after_an_open_quote() -> None:
    good, bad = cut(b'1,2\n"open,3\n4,5\n6,7\n')
    assert good == [(1, b"1,2"), (3, b"4,5"), (4, b"6,7")]
    assert [line for line, _, _ in bad] == [2]


@pytest.mark.parametrize(
    ("text", "how", "good", "rejected"),
    [
        (b"a,b", Dialect(), [], []),
        (b"", Dialect(), [], []),
        (b"\n\r\na,b\n1,2\n", Dialect(), [(4, b"1,2")], []),
        (b'"a\nb",c\n1,2\n', Dialect(), [(3, b"1,2")], []),
        (b'"open,c\n1,2\n', Dialect(), [(2, b"1,2")], []),
        (b"T\n\na,b\n1,2", Dialect(preamble=2), [(4, b"1,2")], [1]),
        (b"T1\nT2", Dialect(preamble=5), [], [1, 2]),
        (b"T\n1,2\n", Dialect(preamble=1, header=False), [(2, b"1,2")], [1]),
        (b"1,2\r3,4\r", Dialect(header=False, newline="\r"), [(1, b"1,2"), (2, b"3,4")], []),
        (b"'a,b';2\n", Dialect(header=False, quote="'", delimiter=";"), [(1, b"'a,b';2")], []),
    ],
)
def test_what_stands_before_the_rows_is_dropped_or_kept_as_rejects(
    text: bytes, how: Dialect, good: list[tuple[int, bytes]], rejected: list[int]
) -> None:
    found, bad = cut(text, how=how)
    assert found == good
    assert [(line, reason) for line, reason, _ in bad] == [
        (n, "it stands before the header") for n in rejected
    ]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (b"\n\n", [(1, b""), (2, b"")]),
        (b"x\r\n", [(1, b"x")]),
        (b"a\rb\n", [(1, b'"a\rb"')]),
        (b'a\r"b\n', [(1, b'"a\r""b"')]),
        (b'"x"\n', [(1, b'"x"')]),
        (b"hello, world\n", [(1, b"hello, world")]),
    ],
)
def test_in_one_column_a_blank_line_is_a_row_and_a_comma_is_text(
    text: bytes, good: list[tuple[int, bytes]]
) -> None:
    assert cut(text, how=Dialect(header=False, delimiter="\x1f"), width=1) == (good, [])


def test_a_rejected_row_keeps_four_kibibytes_of_its_text() -> None:
    _, [(_, _, raw)] = cut(b"x" * 10_000 + b"\n")
    assert raw == "x" * RAW_BYTES


def test_a_record_beyond_the_limit_is_refused_whether_plain_or_quoted() -> None:
    long = b"y" * (splitting.MAX_RECORD_BYTES + 10)
    for record in (b"1," + long, b'1,"' + long + b'"'):
        good, [(line, reason, _)] = cut(record, b"\n", b"3,4\n")
        assert good == [(2, b"3,4")]
        assert line == 1
        assert reason in ("it is longer than 16 MiB", "a quote is opened and never closed")


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
tables = st.lists(st.lists(cells, min_size=3, max_size=3), max_size=8)


@given(
    tables,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.integers(1, 20),
)
def test_whatever_pythons_csv_writes_is_cut_into_the_same_rows_at_any_chunk(
    table: list[list[str]], newline: str, quoting: Literal[0, 1], size: int
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=newline, quoting=quoting).writerows(table)
    data = text.getvalue().encode()
    good, bad = cut(*(data[n : n + size] for n in range(0, len(data), size)), width=3)
    assert bad == []
    assert [next(csv.reader(io.StringIO(r.decode(), newline=""), strict=True)) for _, r in good] == table


pieces = st.lists(
    st.sampled_from([b'"', b"\n", b",", b"1,2\n", b"\r\n", b"\r", b" ", b'"x"', b"\xc3", b"\xa9"])
)


@given(pieces, st.integers(1, 7))
def test_where_the_chunks_end_changes_nothing(parts: list[bytes], size: int) -> None:
    data = b"".join(parts)
    whole, pieced = cut(data), cut(*(data[n : n + size] for n in range(0, len(data), size)))
    assert whole == pieced


@given(pieces)
def test_every_line_that_is_not_blank_belongs_to_one_record(parts: list[bytes]) -> None:
    data = b"".join(parts)
    good, bad = cut(data)
    lines = sorted([line for line, _ in good] + [line for line, _, _ in bad])
    assert len(set(lines)) == len(lines)
    if b'"' not in data:
        filled = [n for n, line in enumerate(data.split(b"\n"), 1) if line.removesuffix(b"\r")]
        assert lines == filled
