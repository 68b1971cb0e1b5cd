"""What comes from outside is bound: compressed bytes, piped bytes, odd names, answers of the child."""

import gzip
import io
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Corrupt, Invalid, LakehouseError, NotFound, Refused
from lakehouse.ingest import wire
from lakehouse.ingest.expand import compression_of, expanded
from lakehouse.ingest.naming import MAX_NAME, SUFFIXES, format_of, table_name
from lakehouse.ingest.report import IngestReport
from lakehouse.ingest.source import find
from tests.ingest.test_source import zstd

PACK = {"gzip": gzip.compress, "zstd": zstd}


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize(
    ("size", "ratio", "most", "free", "passes"),
    [
        (1000, 200, 10_000, 1000, True),
        (1001, 1, 10_000, 1000, False),
        (5_000_000, 1_000_000, 10_000_000, 1000, True),
        (5_000_000, 1_000_000, 1_000_000, 1000, False),
        (5_000_000, 1, 10_000_000, 5_000_000, True),
    ],
)
def test_a_file_may_grow_freely_up_to_a_size_then_by_a_ratio_then_no_more(
    tmp_path: Path, kind: str, size: int, ratio: int, most: int, free: int, passes: bool
) -> None:
    packed = tmp_path / "packed"
    packed.write_bytes(PACK[kind](b"0" * size))
    limits = {"max_ratio": ratio, "max_bytes": most, "free_bytes": free}
    if passes:
        assert expanded(packed, tmp_path / "out", **limits).stat().st_size == size
        return
    with pytest.raises(Refused, match="expands to more than") as refused:
        expanded(packed, tmp_path / "out", **limits)
    assert "expand it yourself" in refused.value.hint
    assert (tmp_path / "out").stat().st_size <= most


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize("keep", [5, 12, 30, -1])
def test_compressed_bytes_that_break_off_are_refused_wherever_they_do(
    tmp_path: Path, kind: str, keep: int
) -> None:
    packed = tmp_path / "packed"
    packed.write_bytes(PACK[kind](os.urandom(2000))[:keep])
    with pytest.raises(Invalid, match=f"the {kind} data is damaged or cut off") as refused:
        expanded(packed, tmp_path / "out")
    assert refused.value.hint == "compress the file again"


def test_a_disk_that_refuses_is_not_the_files_fault(tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(b"a,b\n"))
    with pytest.raises(FileNotFoundError):
        expanded(packed, tmp_path / "no such folder" / "out")


def test_a_plain_file_is_used_in_place_and_a_packed_one_is_unpacked_once(tmp_path: Path) -> None:
    plain, twice = tmp_path / "plain", tmp_path / "twice"
    plain.write_bytes(b"a,b\n")
    twice.write_bytes(gzip.compress(zstd(b"a,b\n")))
    assert expanded(plain, tmp_path / "out") == plain
    once = expanded(twice, tmp_path / "out")
    assert compression_of(once.read_bytes()) == "zstd"


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"\x1f\x8b\x08", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"\x1f", "none"), (b"", "none")],
)
def test_compression_is_told_by_the_first_bytes(head: bytes, kind: str) -> None:
    assert compression_of(head) == kind


def sources(folder: Path, *words: str, piped: bytes = b"") -> list[str]:
    return [s.label for s in find(words, stdin=io.BytesIO(piped), spool=folder / "spool")]


def test_links_out_of_a_folder_are_not_followed_but_a_named_one_is(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    for folder in (outside, inside):
        folder.mkdir()
        (folder / "a.csv").write_bytes(b"a\n")
    (inside / "link").symlink_to(outside)
    (inside / "gone.csv").symlink_to(tmp_path / "nowhere")
    assert sources(tmp_path, str(inside)) == [str(inside / "a.csv")]
    assert sources(tmp_path, str(inside / "link")) == [str(inside / "link" / "a.csv")]


def test_what_is_piped_in_is_read_once_however_often_it_is_named(tmp_path: Path) -> None:
    assert sources(tmp_path, "-", "-", piped=b"a\n1\n") == ["-"]
    assert (tmp_path / "spool").read_bytes() == b"a\n1\n"


@pytest.mark.parametrize(
    ("word", "kind", "message"),
    [
        ("nope.csv", NotFound, "there is no file"),
        ("no*.csv", NotFound, "nothing matches"),
        ("hollow", NotFound, "holds no files"),
        ("pipe", Invalid, "neither a file nor a folder"),
    ],
)
def test_a_word_that_names_no_file_says_which_and_what_to_do(
    tmp_path: Path, word: str, kind: type[LakehouseError], message: str
) -> None:
    (tmp_path / "hollow").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(kind, match=message) as refused:
        sources(tmp_path, str(tmp_path / word))
    assert word in refused.value.message
    assert refused.value.hint


def test_a_name_too_long_for_the_system_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(LakehouseError) as refused:
        sources(tmp_path, str(tmp_path / ("x" * 300)))
    assert refused.value.hint


@given(st.text(max_size=300))
def test_every_file_name_gives_a_table_name(name: str) -> None:
    table = table_name(name)
    assert 0 < len(table) <= MAX_NAME + 2
    assert not table[0].isdigit()
    assert table_name(table + ".csv") in (table, table[:MAX_NAME])


@given(st.binary(max_size=60), st.sampled_from(["", *(f"x.{s}" for s in sorted(SUFFIXES))]))
def test_any_first_bytes_have_a_format(head: bytes, name: str) -> None:
    kinds = {"delimited", "json?", "parquet", "arrow-file", "arrow-stream"}
    assert format_of(head, file_name=name) in kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One member of each kind that travels."""

    word: str
    number: int = 0
    share: float = 0.0
    sure: bool = False
    mode: Literal["a", "b"] = "a"
    listed: tuple[int, ...] = ()
    within: "Parcel | None" = None


@given(
    st.builds(
        Parcel, word=st.text(), number=st.integers(), share=st.floats(allow_nan=False), sure=st.booleans(),
        mode=st.sampled_from(["a", "b"]), listed=st.lists(st.integers()).map(tuple),
        within=st.none() | st.builds(Parcel, word=st.text()),
    )
)  # fmt: skip
def test_a_value_survives_the_wire(value: Parcel) -> None:
    assert wire.decode(Parcel, wire.encode(value)) == value
    assert wire.decode(Parcel, {**wire.encode(value), "unknown": 1}) == value


@pytest.mark.parametrize(
    "change",
    [
        {"word": 1},
        {"number": "1"},
        {"number": True},
        {"number": 1.0},
        {"share": "0.5"},
        {"share": True},
        {"sure": 1},
        {"mode": "c"},
        {"mode": []},
        {"listed": "12"},
        {"listed": [1, "2"]},
        {"listed": {"0": 1}},
        {"within": 5},
        {"within": {"number": 1}},
        {"word": None},
    ],
)
def test_a_member_of_another_type_is_not_understood(change: dict[str, object]) -> None:
    with pytest.raises(Corrupt, match="not understood") as refused:
        wire.decode(Parcel, {**asdict(Parcel(word="x")), **change})
    assert refused.value.hint


@pytest.mark.parametrize("members", [None, [], "word", 1, {}])
def test_an_answer_that_is_no_such_value_is_not_understood(members: object) -> None:
    with pytest.raises(Corrupt):
        wire.decode(Parcel, members)


def test_a_class_itself_does_not_travel() -> None:
    with pytest.raises(TypeError, match="dataclasses"):
        wire.encode(Parcel)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(-1, 1))
def test_a_proof_holds_exactly_when_the_figures_add_up(rows: int, rejected: int, off: int) -> None:
    base = IngestReport(source="s", table="t", status="created", rows=rows, rejected=rejected)
    report = replace(base, rows_read=max(0, rows + rejected + off))
    adds_up = report.rows_read == rows + rejected
    assert report.is_complete is adds_up
    assert ("≠" in report.proof) is not adds_up
    assert report.to_json()["proof"] == report.proof


def test_arrow_is_not_taken_for_compressed() -> None:
    table = pa.table({"a": [1]})
    out = pa.BufferOutputStream()
    with pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)
    assert compression_of(bytes(out.getvalue())) == "none"
