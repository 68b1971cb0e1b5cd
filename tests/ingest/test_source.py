"""What a person names is found, named, expanded within limits, and told apart by content."""

import gzip
import io
from pathlib import Path

import pyarrow as pa
import pytest

from lakehouse.base.errors import Invalid, NotFound, Refused
from lakehouse.ingest.expand import expanded
from lakehouse.ingest.naming import format_of, table_name
from lakehouse.ingest.source import find
from tests.ingest.loading import inspect, load, rows

CSV = b"id,name\n1,anna\n2,zoe\n"


def names(tmp_path: Path, *words: str) -> list[str]:
    found = find(words, stdin=io.BytesIO(CSV), spool=tmp_path / "spooled")
    return [s.path.name for s in found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("in/b.csv", "in/a.json", "in/.hidden.csv", "in/sub/c.csv", "in/.git/d.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CSV)
    return tmp_path / "in"


def test_a_folder_is_walked_in_order_without_hidden_entries(tmp_path: Path, folder: Path) -> None:
    assert names(tmp_path, str(folder)) == ["a.json", "b.csv", "c.csv"]


def test_a_pattern_is_expanded(tmp_path: Path, folder: Path) -> None:
    assert names(tmp_path, f"{folder}/*.csv") == ["b.csv"]
    assert names(tmp_path, f"{folder}/**/*.csv") == ["b.csv", "c.csv"]


def test_a_file_named_twice_is_taken_once(tmp_path: Path, folder: Path) -> None:
    assert names(tmp_path, f"{folder}/b.csv", f"{folder}/*.csv", f"{folder}/../in/b.csv") == ["b.csv"]


def test_what_is_piped_in_is_spooled(tmp_path: Path) -> None:
    (found,) = find(["-"], stdin=io.BytesIO(CSV), spool=tmp_path / "spooled")
    assert (found.label, found.table, found.bytes, found.path.read_bytes()) == ("-", "stdin", len(CSV), CSV)


@pytest.mark.parametrize("word", ["nothing.csv", "empty", "*.nope"])
def test_a_word_that_names_nothing_is_not_found(tmp_path: Path, word: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound) as caught:
        names(tmp_path, str(tmp_path / word))
    assert caught.value.hint


def test_no_words_are_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        names(tmp_path)


def test_a_device_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="neither"):
        names(tmp_path, "/dev/null")


@pytest.mark.parametrize(
    ("file", "table"),
    [
        ("people.csv", "people"),
        ("Sales 2024.CSV.gz", "sales_2024"),
        ("a.b.ndjson.zst", "a_b"),
        ("2024.csv", "t_2024"),
        ("....csv", "stdin"),
        ("Größe.parquet", "grösse"),
        ("no_suffix", "no_suffix"),
        ("csv", "csv"),
        ("x" * 300 + ".csv", "x" * 200),
    ],
)
def test_a_table_is_named_after_its_file(file: str, table: str) -> None:
    assert table_name(file) == table


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"PAR1\x15", "x.csv", "parquet"),
        (b"ARROW1\0\0", "x", "arrow-file"),
        (b"\xff\xff\xff\xff\x10\0\0\0", "x", "arrow-stream"),
        (b'{"a": 1}', "x.txt", "json?"),
        (b' [\n {"a": 1}]', "x", "json?"),
        (b"\xef\xbb\xbf[1, 2]", "x", "json?"),
        (b"[draft] title,b\n", "x", "delimited"),
        (b"[note],b\n", "x.csv", "delimited"),
        (b"oops", "x.json", "json?"),
        (b"a,b\n", "x.parquet", "delimited"),
        (b"", "x", "delimited"),
    ],
)
def test_content_decides_the_format_before_the_name_does(head: bytes, name: str, kind: str) -> None:
    assert format_of(head, file_name=name) == kind


def zstd(data: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(data)
    return bytes(out.getvalue())


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(CSV, mtime=0),
        zstd(CSV),
        gzip.compress(CSV[:8], mtime=0) + gzip.compress(CSV[8:], mtime=0),
    ],
)
def test_compressed_sources_are_found_by_content(tmp_path: Path, packed: bytes) -> None:
    done = load(tmp_path, packed, name="people")
    assert rows(done) == [(1, "anna"), (2, "zoe")]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["part-0.parquet", "people"]


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(CSV * 99, mtime=0)[:-9], zstd(CSV * 99)[:-9], gzip.compress(CSV, mtime=0)[:12] + b"xx"],
)
def test_damaged_compression_is_refused(tmp_path: Path, packed: bytes) -> None:
    with pytest.raises(Invalid, match="damaged"):
        inspect(tmp_path, packed, name="people.csv.gz")


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(gzip.compress(b"0" * (4 << 20)))
    with pytest.raises(Refused, match="expands"):
        expanded(bomb, tmp_path / "out", free_bytes=1 << 20)
    assert (tmp_path / "out").stat().st_size <= 1 << 20


def test_standard_input_that_is_closed_says_so(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="closed"):
        find(["-"], stdin=None, spool=tmp_path / "spooled")
