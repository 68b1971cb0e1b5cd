"""How a text is written is found from its first bytes."""

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.ingest.delimited import dialect
from lakehouse.ingest.delimited.dialect import Layout


def detect(text: str | bytes) -> Layout:
    return dialect.detect(text.encode() if isinstance(text, str) else text, whole=True)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", ":"])
def test_the_delimiter_that_cuts_evenly_is_found(delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in [("id", "name"), ("1", "anna"), ("2", "zoe")])
    found = detect(text)
    assert (found.dialect.delimiter, found.names, found.confidence) == (delimiter, ("id", "name"), 1.0)


def test_decimal_commas_do_not_hide_a_semicolon() -> None:
    assert detect("a;b\n1,5;2,5\n3,5;4,5\n").dialect.delimiter == ";"


def test_times_do_not_make_a_colon_the_delimiter() -> None:
    assert detect("at,n\n10:00:00,1\n11:00:00,2\nodd\n").dialect.delimiter == ","


def test_apostrophes_around_cells_are_quotes_where_there_are_no_others() -> None:
    found = detect("id,note\n1,'a, b'\n2,'c'\n")
    assert (found.dialect.quote, found.rows[0]) == ("'", ("1", "a, b"))


def test_an_apostrophe_in_a_word_is_no_quote() -> None:
    assert detect("id,note\n1,it's\n2,o'clock\n").dialect.quote == '"'


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("id,name\n1,anna\n", True),
        ("1,anna\n2,zoe\n", False),
        ("name,city\nanna,rome\n", True),
        ("country,2019,2020\nitaly,1,2\n", True),
        ("2019,2020\n1,2\n", False),
        ("a,b\n", True),
        ("anna,2024-01-01\nzoe,2024-01-02\n", False),
        ("x,y\nx,y\nx,y\n", False),
        (",\n1,2\n", False),
    ],
)
def test_a_header_is_made_of_names_not_of_values(text: str, header: bool) -> None:
    assert detect(text).dialect.header is header


def test_a_file_without_header_gets_numbered_columns() -> None:
    assert detect("1,anna\n2,zoe\n").names == ("column_1", "column_2")


def test_names_are_made_usable_and_unique_whatever_their_case() -> None:
    raw = [" id ", "ID", "", "a\x00b\nc", "id_2", "Größe", "\ufeffx"]
    assert dialect.clean_names(raw) == ("id", "ID_2", "column_3", "a b c", "id_2_2", "Größe", "x")


def test_lines_before_the_header_are_counted() -> None:
    found = detect("Title\n\nid,name\n1,anna\n2,zoe\n")
    assert (found.dialect.preamble, found.names) == (2, ("id", "name"))


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="empty"):
        detect(data)


def test_a_binary_file_is_refused() -> None:
    with pytest.raises(Invalid, match="binary"):
        detect(bytes(range(1, 32)) * 20)


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(Invalid, match=r"5,000 columns"):
        detect(",".join(f"c{n}" for n in range(5000)) + "\n")


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"a,b\n", "utf-8"),
        ("é\n".encode(), "utf-8"),
        ("é\nü\n".encode("latin-1"), "cp1252"),
        ("é\nü\n".encode() + b"\xff\n", "utf-8"),
        ("a,b\n1,2\n".encode("utf-16"), "utf-16"),
        ("a,b\n1,2\n".encode("utf-16-be"), "utf-16-be"),
        ("a,b\n1,2\n".encode("utf-16-le"), "utf-16-le"),
        ("a,b\n".encode("utf-32"), "utf-32"),
    ],
)
def test_the_encoding_is_found(data: bytes, encoding: str) -> None:
    assert dialect.encoding_of(data) == encoding


def test_a_sample_cut_in_the_middle_of_a_line_ignores_that_line() -> None:
    found = dialect.detect(b"a,b\n1,2\n3,4,5,6", whole=False)
    assert (found.names, found.rows) == (("a", "b"), (("1", "2"),))
