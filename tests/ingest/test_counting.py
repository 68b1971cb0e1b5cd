"""The outside witness counts what the splitter finds; what is transcoded and cleaned says the same."""

import codecs
import csv
import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakehouse.ingest.delimited import repair
from lakehouse.ingest.delimited.scan import BLOCK_BYTES, REPORT_BYTES, digest, scan
from lakehouse.ingest.delimited.split import split
from lakehouse.ingest.shape import Dialect
from lakehouse.ingest.write import RejectLog
from tests.ingest.loading import inspect, load, rejects, rows

IN_ONE_FOLDER = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def written(folder: Path, data: bytes) -> Path:
    path = folder / "text.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("text", "records"),
    [
        (b"", 0),
        (b"\n\n\n", 0),
        (b"\r\n\r\n", 0),
        (b"a", 1),
        (b"a\n", 1),
        (b"a\r\n", 1),
        (b"a\nb", 2),
        (b"a\n\n\nb\n", 2),
        (b"a\r\n\r\nb\r\n", 2),
        (b"\na\n", 1),
        (b'"x\ny"\nb\n', 2),
        (b'"x\n\n\ny"\n\nb', 2),
        (b'"a""\n"\n', 1),
        (b'a"\nb"\nc\n', 2),
        (b'"open\n', 1),
        (b"a\n\r", 1),
        (b"\n\r\n" * 3, 0),
    ],
)
def test_records_are_line_ends_outside_quotes_without_blank_lines(
    tmp_path: Path, text: bytes, records: int
) -> None:
    found = scan(written(tmp_path, text), quote='"', blank_rows=False)
    assert (found.records, found.bytes) == (records, len(text))
    assert found.sha256 == hashlib.sha256(text).hexdigest() == digest(tmp_path / "text.csv")


@pytest.mark.parametrize(("text", "records"), [(b"", 0), (b"\n", 1), (b"a\n\nb", 3), (b'"\n"\n\n', 2)])
def test_in_one_column_blank_lines_count(tmp_path: Path, text: bytes, records: int) -> None:
    assert scan(written(tmp_path, text), quote='"', blank_rows=True).records == records


@pytest.mark.parametrize("shift", range(-3, 3))
@pytest.mark.parametrize("ending", [b"\n\n", b"\r\n\r\n", b'"\n"\n'])
def test_a_block_that_ends_anywhere_counts_the_same(tmp_path: Path, shift: int, ending: bytes) -> None:
    head = b"x" * (BLOCK_BYTES + shift) + b"\n"
    found = scan(written(tmp_path, head + ending + b"b\n"), quote='"', blank_rows=False)
    assert found.records == 2 + (b'"' in ending)


def test_progress_is_told_every_few_megabytes(tmp_path: Path) -> None:
    told: list[int] = []
    size = 2 * REPORT_BYTES + 100
    scan(written(tmp_path, b"\n" * size), quote='"', blank_rows=True, progress=told.append)
    assert told == [REPORT_BYTES, 2 * REPORT_BYTES]


cells = st.text(st.sampled_from('ab",;\n\r é'), max_size=5)


@IN_ONE_FOLDER
@given(st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=8))
def test_the_witness_and_the_splitter_agree_on_every_well_formed_text(
    tmp_path: Path, table: list[list[str]]
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    data = text.getvalue().encode()
    blocks = list(split([data], Dialect(header=False), width=2))
    assert sum(len(b.good) for b in blocks) == len(table)
    assert scan(written(tmp_path, data), quote='"', blank_rows=False).records == len(table)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp1252", "utf-16-be"])
def test_a_transcoded_copy_holds_the_same_text_whatever_the_chunks_cut(tmp_path: Path, encoding: str) -> None:
    text = "aé€" * 300_000 + "\r\nend"
    path = written(tmp_path, text.encode(encoding))
    copy = repair.transcode(path, encoding, tmp_path / "utf8.csv")
    assert copy.read_bytes() == text.encode()


def test_what_does_not_decode_is_shown_as_such(tmp_path: Path) -> None:
    path = written(tmp_path, "ok\n".encode("utf-16") + b"\x00")
    assert repair.transcode(path, "utf-16", tmp_path / "out").read_text("utf-8") == "ok\n\ufffd"


@pytest.mark.parametrize(
    ("lines", "encoding"),
    [
        ([b"plain"] * 3, "utf-8"),
        (["Köln".encode()] * 3, "utf-8"),
        (["Köln".encode("cp1252")] * 3, "cp1252"),
        (["Köln".encode()] * 3 + ["Köln".encode("cp1252")], "utf-8"),
        (["Köln".encode()] + ["Köln".encode("cp1252")] * 2, "cp1252"),
        ([b"plain"] * 50 + ["Köln".encode("cp1252")], "cp1252"),
    ],
)
def test_the_encoding_of_the_whole_is_that_of_most_lines_with_accents(
    tmp_path: Path, lines: list[bytes], encoding: str
) -> None:
    assert repair.encoding_throughout(written(tmp_path, b"\n".join(lines))) == encoding


def test_cleaning_separates_good_from_bad_and_says_how_long_a_good_one_may_be(tmp_path: Path) -> None:
    path = written(tmp_path, codecs.BOM_UTF8 + b"a,b\r\n1,2\r\n3\r\n\r\n44,55\r\n")
    log = RejectLog(tmp_path / "rejects.ndjson")
    assert log.path == ""
    good, longest = repair.clean(path, Dialect(), width=2, out=tmp_path / "clean.csv", rejects=log)
    assert (good, longest, log.count) == (2, 5, 1)
    assert (tmp_path / "clean.csv").read_bytes() == b"1,2\n44,55\n"
    assert log.path == str(tmp_path / "rejects.ndjson")


def test_rows_that_no_type_fits_are_found_again_by_their_number(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n" + b"".join(b"%d,x\n" % n for n in range(100)) + b"bad\n")
    found = list(repair.locate(path, Dialect(), width=2, misfits=iter([(0, "first"), (99, "last")])))
    assert [(r.line, r.reason, r.raw) for r in found] == [(2, "first", "0,x"), (101, "last", "99,x")]
    assert list(repair.locate(path, Dialect(), width=2, misfits=iter([]))) == []


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_bad_rows_are_told_with_their_line_in_any_encoding(
    tmp_path: Path, newline: str, encoding: str
) -> None:
    lines = ["Bericht für März", "größe,ort", "1,Köln", "2", '"3","a ""b"""', "4,x,y", ""]
    done = load(tmp_path, newline.join(lines).encode(encoding))
    assert [(line, raw) for line, _, raw in rejects(done)] == [
        (1, "Bericht für März"), (4, "2"), (6, "4,x,y"),
    ]  # fmt: skip
    assert rows(done) == [(1, "Köln"), (3, 'a "b"')]
    assert done.rows_read == 5


def test_a_key_column_that_is_empty_is_a_doubt_of_the_whole_file_only_when_it_is_asked_for(
    tmp_path: Path,
) -> None:
    assert [c.nullable for c in inspect(tmp_path, b"id,n\n1,x\n,y\n").columns] == [True, False]
    assert load(tmp_path, b"id,n\n1,x\n,y\n").rejected == 0
