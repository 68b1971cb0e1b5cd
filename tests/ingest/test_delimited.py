"""CSV and its relatives: every cell comes back, every row is accounted for."""

import csv
import gzip
import hashlib
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.ingest.loading import inspect, load, rejects, rows

SPECTRUM = Path(__file__).parents[3] / "shared" / "data" / "messy" / "spectrum"
HOSTILE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

cells = st.one_of(
    st.sampled_from(
        [
            "",
            "007",
            "1",
            "-1",
            "1.50",
            '"',
            '""',
            ",",
            ";",
            "\n",
            "\r\n",
            "\r",
            "a,b",
            'x"y',
            " ",
            "ü",
            "NULL",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
)
tables = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=12)
)


def written(table: list[list[str]], **how: str) -> bytes:
    text = io.StringIO(newline="")
    header = [f"name {n}" for n in range(len(table[0]))]
    csv.writer(text, quoting=csv.QUOTE_ALL, **how).writerows([header, *table])  # type: ignore[arg-type]
    return text.getvalue().encode()


def test_types_are_proposed_and_every_value_is_kept(tmp_path: Path) -> None:
    done = load(tmp_path, b"id,zip,pay,day,ok\n1,01234,10.50,2024-01-31,true\n2,99999,,2024-02-29,FALSE\n")
    assert done.types == ("BIGINT", "VARCHAR", "DOUBLE", "DATE", "BOOLEAN")
    assert (done.rows_read, done.rows_written, done.rejected) == (2, 2, 0)
    assert [r[1:3] for r in rows(done)] == [("01234", 10.5), ("99999", None)]


@HOSTILE
@given(tables, st.sampled_from(["\n", "\r\n"]), st.sampled_from([",", "\t", ";", "|"]))
def test_every_cell_of_a_hostile_table_comes_back(
    tmp_path: Path, table: list[list[str]], newline: str, delimiter: str
) -> None:
    done = load(
        tmp_path,
        written(table, lineterminator=newline, delimiter=delimiter),
        types={f"name {n}": "VARCHAR" for n in range(len(table[0]))},
    )
    assert [list(r) for r in rows(done)] == table
    assert done.rows_read == done.rows_written == len(table)
    assert done.rejected == 0


@HOSTILE
@given(
    st.binary(max_size=60),
    st.lists(st.sampled_from([b'"', b"\n", b",", b"1,2,3\n", b"\r", b'"x"', b"\xff"]), max_size=12),
)
@example(b"", [b'1,"', b"2,3\n", b"1,2,3\n"])
def test_rows_read_are_rows_written_and_rejected_whatever_the_damage(
    tmp_path: Path, noise: bytes, pieces: list[bytes]
) -> None:
    data = b"first,second,third\n1,2,3\nx,y,z\n" + noise.replace(b"\0", b"") + b"".join(pieces) + b"\n7,8,9\n"
    done = load(tmp_path, data)
    assert done.rows_read == done.rows_written + done.rejected
    assert len(rows(done)) == done.rows_written
    assert len(rejects(done)) == done.rejected


def test_a_ragged_row_is_rejected_with_its_line_and_text(tmp_path: Path) -> None:
    done = load(tmp_path, b'a,b,c\n1,2,3\n4,5\n"x\ny",5,6\n7,8,9,10\n11,12,13\n')
    assert rejects(done) == [
        (3, "it has 2 fields where 3 are expected", "4,5"),
        (6, "it has 4 fields where 3 are expected", "7,8,9,10"),
    ]
    assert [r[0] for r in rows(done)] == ["1", "x\ny", "11"]
    assert done.counted_by == "record splitter"


def test_an_unclosed_quote_costs_one_line(tmp_path: Path) -> None:
    done = load(tmp_path, b'a,b\n1,2\n"oops,3\n4,5\n6,7\n')
    assert rejects(done) == [(3, "a quote is opened and never closed", '"oops,3')]
    assert [r[0] for r in rows(done)] == [1, 4, 6]


def test_text_behind_a_closing_quote_is_rejected(tmp_path: Path) -> None:
    done = load(tmp_path, b'a,b\n1,2\n"x"y,3\n4,5\n')
    assert rejects(done) == [(3, "text follows a closing quote", '"x"y,3')]


def test_bytes_that_are_not_utf_8_reject_their_row_only(tmp_path: Path) -> None:
    done = load(tmp_path, "a,b\nä,1\nö,2\n".encode() + b"\xff,3\n" + "ü,4\n".encode())
    assert [r[:2] for r in rejects(done)] == [(4, "it is not valid UTF-8")]
    assert [r[0] for r in rows(done)] == ["ä", "ö", "ü"]


def test_a_latin_1_file_is_read_as_such(tmp_path: Path) -> None:
    done = load(tmp_path, "a,b\nMünchen,1\nKöln,2\n".encode("latin-1"))
    assert [r[0] for r in rows(done)] == ["München", "Köln"]


def test_latin_1_beyond_the_sample_is_still_found(tmp_path: Path) -> None:
    data = b"a,b\n" + b"plain,1\n" * 400_000 + "Köln,2\n".encode("latin-1") + b"plain,1\n" * 150_000
    done = load(tmp_path, data)
    assert (done.rows_read, done.rejected) == (550_001, 0)
    assert ("Köln", 2) in rows(done)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_of_unicode_are_read(tmp_path: Path, encoding: str) -> None:
    done = load(tmp_path, "name,n\nZoë,1\nanna,2\n".encode(encoding))
    assert rows(done) == [("Zoë", 1), ("anna", 2)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(tmp_path: Path, newline: str) -> None:
    done = load(tmp_path, newline.join(["a,b", "1,x", "2,y", ""]).encode())
    assert rows(done) == [(1, "x"), (2, "y")]


def test_mixed_line_ends_and_a_missing_last_one_are_read(tmp_path: Path) -> None:
    done = load(tmp_path, b"a,b\r\n1,x\n2,y\r\n3,z")
    assert rows(done) == [(1, "x"), (2, "y"), (3, "z")]


def test_blank_lines_are_not_rows_unless_there_is_one_column(tmp_path: Path) -> None:
    assert load(tmp_path, b"a,b\n\n1,2\n\n\n3,4\n\n").rows_read == 2
    assert rows(load(tmp_path, b"name\nanna\n\nzoe\n")) == [("anna",), (None,), ("zoe",)]


def test_commas_in_a_file_of_one_column_are_text(tmp_path: Path) -> None:
    done = load(tmp_path, b"note\nhello, world\nplain\nof course\nthe end\n")
    assert rows(done)[0] == ("hello, world",)


def test_a_quoted_empty_cell_is_text_and_a_bare_one_is_null(tmp_path: Path) -> None:
    assert rows(load(tmp_path, b'a,b\n"",x\n,y\n')) == [("", "x"), (None, "y")]


def test_titles_above_the_header_are_kept_as_rejects(tmp_path: Path) -> None:
    done = load(tmp_path, b"Report of March\n\nid,name\n1,anna\n2,zoe\n")
    assert rejects(done) == [(1, "it stands before the header", "Report of March")]
    assert rows(done) == [(1, "anna"), (2, "zoe")]


def test_a_value_that_the_sample_did_not_show_makes_the_column_wider(tmp_path: Path) -> None:
    body = b"1,5,2024-01-01\n" * 300_000
    odd = b"007,2.5,unknown\n"
    done = load(tmp_path, b"code,amount,day\n" + body + odd + b"1,5,2024-01-01\n" * 150_000)
    assert done.types == ("VARCHAR", "DOUBLE", "VARCHAR")
    assert done.widened == ("code", "amount", "day")
    assert ("007", 2.5, "unknown") in rows(done)


def test_an_asked_for_type_rejects_what_does_not_fit(tmp_path: Path) -> None:
    done = load(tmp_path, b"id,n\n1,007\n2,x\n3,\n4,1.5\n", types={"n": "BIGINT"})
    assert rows(done) == [(1, 7), (3, None)]
    assert rejects(done) == [(3, "n is not a BIGINT", "2,x"), (5, "n is not a BIGINT", "4,1.5")]


def test_a_tables_own_type_rejects_even_a_leading_zero(tmp_path: Path) -> None:
    done = load(tmp_path, b"id,n\n1,007\n2,8\n", types={"n": "BIGINT"}, on_misfit="reject")
    assert rows(done) == [(2, 8)]
    assert rejects(done) == [(2, "n is not a BIGINT", "1,007")]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("INTEGER", "12", 12),
        ("DOUBLE", "+1e3", 1000.0),
        ("BOOLEAN", "1", True),
        ("DECIMAL(10,2)", "1.5", 1.5),
        ("VARCHAR", "007", "007"),
    ],
)
def test_asked_for_types_take_what_can_be_cast(tmp_path: Path, kind: str, text: str, value: object) -> None:
    done = load(tmp_path, f"id,n\n1,{text}\n2,{text}\n".encode(), types={"n": kind})
    assert [str(r[1]) if kind.startswith("DEC") else r[1] for r in rows(done)] == [
        "1.50" if kind.startswith("DEC") else value
    ] * 2


def test_misfits_and_ragged_rows_are_rejected_together(tmp_path: Path) -> None:
    done = load(tmp_path, b"id,n\n1,1\n2\n3,x\n4,4\n", types={"n": "BIGINT"})
    assert sorted(r[0] for r in rejects(done)) == [3, 4]
    assert done.rows_read == 4


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    done = load(tmp_path, b"id,name\n")
    assert (done.rows_read, done.files, done.types) == (0, (), ("VARCHAR", "VARCHAR"))


def test_three_thousand_columns_are_read(tmp_path: Path) -> None:
    header = ",".join(f"c{n}" for n in range(3000))
    done = load(tmp_path, (header + "\n" + (",".join(["1"] * 3000) + "\n") * 20).encode())
    assert (done.rows_written, len(done.types), set(done.types)) == (20, 3000, {"BIGINT"})


def test_a_record_of_megabytes_is_kept_and_one_beyond_the_limit_is_rejected(tmp_path: Path) -> None:
    long, endless = b"x" * (3 << 20), b"y" * (17 << 20)
    done = load(tmp_path, b"id,text\n1,short\n2," + long + b"\n3," + endless + b"\n4,end\n")
    assert [len(str(r[1])) for r in rows(done)] == [5, 3 << 20, 3]
    assert [r[:2] for r in rejects(done)] == [(4, "it is longer than 16 MiB")]


def test_the_hash_is_that_of_the_bytes_on_disk(tmp_path: Path) -> None:
    for data in (b"a,b\n1,2\n", "a,b\n1,é\n".encode("utf-16"), gzip.compress(b"a,b\n1,2\n")):
        assert load(tmp_path, data).sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.skipif(not SPECTRUM.exists(), reason="the shared folder with csv-spectrum is not here")
def test_csv_spectrum_is_read_as_its_json_says(tmp_path: Path) -> None:
    # Of these two the JSON was not made of the CSV beside it: another number, other line ends.
    unlike = {"location_coordinates", "newlines_crlf"}
    cases = [c for c in sorted(SPECTRUM.rglob("*.csv")) if c.stem not in unlike]
    assert cases
    for case in cases:
        wanted = json.loads(next(SPECTRUM.rglob(f"{case.stem}.json")).read_text())
        found = inspect(tmp_path, case.read_bytes())
        done = load(tmp_path, case.read_bytes(), types={c.name: "VARCHAR" for c in found.columns})
        names = [c.name for c in found.columns]
        got = [{k: v or "" for k, v in zip(names, row, strict=True)} for row in rows(done)]
        assert got == wanted, case.name


def test_a_wide_table_keeps_types_field_ids_and_doubts(tmp_path: Path) -> None:
    header = ",".join(f"c{n}" for n in range(600))
    row = ",".join(["1", "x"] * 300)
    done = load(tmp_path, f"{header}\n{row}\n{row.replace('1,', '007,', 1)}\n".encode(), types={"c2": "DATE"})
    assert (done.types[0], done.types[1], done.types[4]) == ("VARCHAR", "VARCHAR", "BIGINT")
    assert (done.rows_written, done.rejected) == (0, 2)
    done = load(tmp_path, f"{header}\n{row}\n".encode())
    field = pq.read_schema(done.files[0].path).field("c599")
    assert field.metadata[b"PARQUET:field_id"] == b"600"


def test_a_doubt_far_down_a_wide_table_makes_the_column_wider(tmp_path: Path) -> None:
    row = ",".join(["1", "x"] * 300) + "\n"
    header = ",".join(f"c{n}" for n in range(600)) + "\n"
    done = load(tmp_path, (header + row * 4500 + row.replace("1", "007", 1) + row * 1500).encode())
    assert (done.rows_written, done.types[0], done.types[2]) == (6001, "VARCHAR", "BIGINT")
