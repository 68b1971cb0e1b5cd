"""Layouts that real programs write: what is found in them, cell by cell."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.ingest.delimited import dialect
from lakehouse.ingest.delimited.dialect import detect


class Case(NamedTuple):
    """A text, and what is to be found in it."""

    text: str
    delimiter: str
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    preamble: int = 0


CASES: dict[str, Case] = {
    "tabs": Case("a\tb\n1\t2\n", "\t", ("a", "b"), (("1", "2"),)),
    "carets": Case("a^b\n1^2\n", "^", ("a", "b"), (("1", "2"),)),
    "tildes": Case("a~b\n1~2\n", "~", ("a", "b"), (("1", "2"),)),
    "colons": Case("root:x:0\nanna:x:1\n", ":", ("column_1", "column_2", "column_3"),
                   (("root", "x", "0"), ("anna", "x", "1"))),
    "pipes around commas": Case("id|n\n1|a,b\n2|c,d\n", "|", ("id", "n"), (("1", "a,b"), ("2", "c,d"))),
    "semicolons around decimal commas": Case(
        "a;b;c\n1,5;2;3\n4,5;6;7\n", ";", ("a", "b", "c"), (("1,5", "2", "3"), ("4,5", "6", "7"))
    ),
    "quoted commas before semicolons": Case('"a,b";c\n"d,e";f\n', ";", ("a,b", "c"), (("d,e", "f"),)),
    "one column": Case("name\nanna\nzoe\n", "\x1f", ("name",), (("anna",), ("zoe",))),
    "one column of days": Case("2024-01-01\n2024-01-02\n", "\x1f", ("column_1",),
                               (("2024-01-01",), ("2024-01-02",))),
    "prose": Case("Dear Sir, hello\nI write, to you, about\nthat\n", "\x1f", ("Dear Sir, hello",),
                  (("I write, to you, about",), ("that",))),
    "a quoted line break": Case('a,b\n"x\ny",2\n', ",", ("a", "b"), (("x\ny", "2"),)),
    "doubled quotes": Case('a,b\n"say ""hi""",2\n', ",", ("a", "b"), (('say "hi"', "2"),)),
    "a note that holds a comma": Case("Sums, in 1000\nid,v,w\n1,2,3\n4,5,6\n", ",", ("id", "v", "w"),
                                      (("1", "2", "3"), ("4", "5", "6")), 1),
    "comments above": Case("# one\n# two\na,b\n1,2\n3,4\n", ",", ("a", "b"), (("1", "2"), ("3", "4")), 2),
    "a total below": Case("a,b\n1,2\n3,4\n\nTotal\n", ",", ("a", "b"), (("1", "2"), ("3", "4"))),
    "repeated names": Case("a,a,A\n1,2,3\n", ",", ("a", "a_2", "A_3"), (("1", "2", "3"),)),
    "names left out": Case("a,,c\n1,2,3\n", ",", ("a", "column_2", "c"), (("1", "2", "3"),)),
    "old Macintosh lines": Case("a,b\r1,2\r", ",", ("a", "b"), (("1", "2"),)),
    "no last line end": Case("a,b\n1,2", ",", ("a", "b"), (("1", "2"),)),
    "empty cells only": Case(",,\n,,\n", ",", ("column_1", "column_2", "column_3"), (("", "", ""),) * 2),
    "the separator told as Excel tells it": Case("sep=;\na;b\n1,0;2\n", ";", ("a", "b"), (("1,0", "2"),), 1),
    "a told separator that also stands in cells": Case(
        "SEP=|\r\na|b,c,d\r\n1|2,3,4\r\n", "|", ("a", "b,c,d"), (("1", "2,3,4"),), 1
    ),
    "a column that is called sep": Case("sep,n\nx,1\n", ",", ("sep", "n"), (("x", "1"),)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=[why.replace(" ", "-") for why in CASES])
def test_a_layout_is_read_as_its_writer_meant_it(case: Case) -> None:
    found = detect(case.text.encode(), whole=True)
    assert (found.dialect.delimiter, found.dialect.preamble) == (case.delimiter, case.preamble)
    assert found.names == case.names
    assert found.rows == case.rows


def test_confidence_is_the_share_of_records_that_fit() -> None:
    assert detect(b"a,b,c\n1,2,3\n4,5,6\n7,8\n", whole=True).confidence == 0.75
    assert detect(b"a,b\n1,2\n", whole=True).confidence == 1.0


@pytest.mark.parametrize("text", ["x" * 140_000, "x" * 140_000 + "\n"])
def test_one_endless_cell_is_a_file_of_one_column_and_no_name(text: str) -> None:
    found = detect(text.encode(), whole=True)
    assert (found.names, found.rows, found.dialect.header) == (("column_1",), (), False)


def test_a_cell_too_long_for_the_sample_is_passed_over() -> None:
    text = "a,b\n1," + "x" * 140_000 + "\n2,y\n"
    found = detect(text.encode(), whole=True)
    assert (found.names, found.rows) == (("a", "b"), (("2", "y"),))


def test_only_the_head_of_a_long_sample_is_split_by_every_delimiter() -> None:
    text = "a,b\n" + "1,2\n" * 40_000
    assert detect(text.encode(), whole=True).dialect.delimiter == ","


def test_a_sample_of_one_cut_line_is_used_as_it_is() -> None:
    assert detect(b"a,b,c", whole=False).names == ("a", "b", "c")


def test_a_title_longer_than_any_row_does_not_hide_the_header() -> None:
    found = detect(b"one,two,three,four\nid,v\n1,2\n3,4\n5,6\n", whole=True)
    assert found.names == ("one", "two", "three", "four")
    assert found.confidence == 0.2


def test_a_preamble_beyond_twenty_lines_is_not_skipped() -> None:
    text = "".join(f"note {n}\n" for n in range(25)) + "a,b\n" + "1,2\n" * 30
    assert detect(text.encode(), whole=True).dialect.preamble == 0


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        (b"", "empty", "export finished"),
        (b"\r\n\r\n", "empty", "export finished"),
        (b"\x00\x01\x02\x03" * 50, "binary", "CSV"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "binary", "CSV"),
        ((",".join(f"c{n}" for n in range(4097)) + "\n").encode(), "4,097 columns, more than 4,096", "split"),
    ],
)
def test_what_is_no_table_is_refused_with_a_way_out(data: bytes, message: str, hint: str) -> None:
    with pytest.raises(Invalid, match=message) as refused:
        detect(data, whole=True)
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"", "utf-8"),
        (b"a", "utf-8"),
        (b"\x00", "utf-8"),
        (b"\xc3", "cp1252"),
        (b"a\x00b\x00", "utf-16-le"),
        (b"\x00a\x00b", "utf-16-be"),
        (b"\xff\xfea\x00", "utf-16"),
        (b"\xfe\xff\x00a", "utf-16"),
        (b"\xff\xfe\x00\x00a\x00\x00\x00", "utf-32"),
        (b"\x00\x00\xfe\xff\x00\x00\x00a", "utf-32"),
        (b"\xef\xbb\xbfa", "utf-8"),
        ("Zürich\nGenève\n".encode("cp1252"), "cp1252"),
        ("Zürich\n€ 5\n".encode("cp1252"), "cp1252"),
        ("Zürich\nGenève\n".encode(), "utf-8"),
        ("Zürich\n".encode() + "Genève\n".encode("cp1252"), "utf-8"),
        ("東京\n大阪\n".encode(), "utf-8"),
        ("東京\n".encode() + "大".encode()[:2], "utf-8"),
    ],
)
def test_an_encoding_is_told_by_marks_zeros_and_what_decodes(data: bytes, encoding: str) -> None:
    assert dialect.encoding_of(data) == encoding


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff"), max_size=40)


@given(TEXTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-be"]))
def test_a_decoded_text_is_the_text_that_was_encoded(text: str, encoding: str) -> None:
    named = encoding.removesuffix("-sig")
    assert dialect.decode(text.encode(encoding), named) == text


@given(st.lists(st.text(max_size=6), min_size=1, max_size=8))
def test_names_are_never_empty_never_alike_and_hold_no_control_character(raw: list[str]) -> None:
    names = dialect.clean_names(raw)
    assert len({name.casefold() for name in names}) == len(names) == len(raw)
    assert all(name.strip() and not any(c < " " for c in name) for name in names)


@given(st.binary(min_size=1, max_size=80))
def test_any_bytes_have_a_layout_or_are_refused(data: bytes) -> None:
    try:
        found = detect(data, whole=True)
    except Invalid:
        return
    assert 0 <= found.confidence <= 1
    assert all(len(row) == len(found.names) for row in found.rows)
