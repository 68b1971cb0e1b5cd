"""Uploads: streamed to disk, ingested like any file, refused with a reason when they are broken."""

import gzip
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from lakehouse.base.errors import Invalid
from lakehouse.edge.http import answers
from lakehouse.edge.http.files.loads import types_in
from lakehouse.edge.http.files.upload import plain_name
from lakehouse.settings import ServerParams, Settings
from tests.edge.http.serving import Served, problem, serving

MARK = "x-mark"
KIND = {"Content-Type": f"multipart/form-data; boundary={MARK}"}


def part(head: str, body: bytes = b"id\n1\n") -> bytes:
    return f"--{MARK}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + body + b"\r\n"


FILE = part('name="file"; filename="p.csv"')
END = f"--{MARK}--\r\n".encode()


def resident_bytes() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


def leftovers(served: Served) -> list[Path]:
    return [p for p in (served.lake.root / "cache").rglob("scratch-*") if any(p.iterdir())]


def test_a_file_becomes_a_table_and_the_report_proves_it(served: Served) -> None:
    answer = served.upload(b"id,zip\n1,01234\n2,56789\nx,y,z\n", name="places.csv")
    report = answer.json()
    assert answer.status_code == 201
    answers.Report.model_validate(report)
    assert (report["table"], report["status"], report["source"]) == ("places", "created", "places.csv")
    assert report["proof"] == "3 read = 2 in the table + 1 rejected"
    assert served.sql("SELECT zip FROM places ORDER BY id").json()["rows"] == [["01234"], ["56789"]]


def test_the_history_names_the_file_as_its_owner_did(served: Served) -> None:
    served.upload(b"id\n1\n", name="/home/me/named.csv", table="named")
    assert served.lake.history("named")[0].note == "named.csv"


def test_a_bucket_that_is_not_there_is_told_with_those_that_are(served: Served) -> None:
    files = {"file": ("p.csv", b"id\n1\n")}
    refused = served.client.post("/v1/ingest/file", files=files, headers={"X-Lakehouse-Bucket": "attic"})
    assert "primary" in str(problem(refused, status=404, kind="NotFound")["hint"])
    named = served.client.post(
        "/v1/ingest/file", files=files, data={"table": "kept"}, headers={"X-Lakehouse-Bucket": "primary"}
    )
    assert named.status_code == 201


def test_the_same_bytes_again_are_skipped(served: Served) -> None:
    served.table("twice", "id\n1\n")
    again = served.upload(b"id\n1\n", table="twice")
    assert (again.status_code, again.json()["status"]) == (200, "skipped")


def test_key_mode_and_types_are_heeded(served: Served) -> None:
    first = served.upload(b"id,pay\n1,2.50\n2,3\n", table="pays", types="pay=DECIMAL(9,2)")
    assert [c["type"] for c in first.json()["columns"]] == ["BIGINT", "DECIMAL(9,2)"]
    second = served.upload(b"id,pay\n2,4\n3,5\n", table="pays", key="id", types="pay=DECIMAL(9,2)")
    assert second.json()["status"] == "upserted"
    assert served.sql("SELECT count(*) FROM pays").json()["rows"] == [[3]]
    third = served.upload(b"id,pay\n9,9\n", table="pays", mode="replace")
    assert third.json()["status"] == "replaced"
    assert served.sql("SELECT count(*) FROM pays").json()["rows"] == [[1]]


def test_a_dry_run_writes_nothing(served: Served) -> None:
    answer = served.upload(b"id\n1\n", table="dry", dry_run="true")
    assert answer.status_code == 200
    assert "nothing was written" in answer.json()["reason"]
    problem(served.client.get("/v1/catalog/datasets/dry"), status=404, kind="NotFound")


def test_a_compressed_file_is_read(served: Served) -> None:
    answer = served.upload(gzip.compress(b"id\n1\n2\n"), name="packed.csv.gz")
    assert (answer.json()["table"], answer.json()["rows"]) == ("packed", 2)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bin.csv", bytes(range(256)) * 40),
        ("empty.csv", b""),
        ("broken.parquet", b"PAR1nothing"),
        ("x.json", b"[{"),
    ],
)
def test_a_file_that_cannot_be_read_is_422_with_the_reason(served: Served, name: str, data: bytes) -> None:
    answer = served.upload(data, name=name, table="unreadable")
    report = answer.json()
    assert answer.status_code == 422
    answers.Report.model_validate(report)
    assert report["status"] == "quarantined"
    assert report["reason"]
    assert served.lake.root.as_posix() not in answer.text


@pytest.mark.parametrize(
    "fields",
    [
        {"mode": "sideways"},
        {"mode": "upsert"},
        {"key": "nope"},
        {"types": "id"},
        {"types": "id=NOTATYPE"},
        {"types": "=INTEGER"},
        {"dry_run": "perhaps"},
        {"colour": "blue"},
        {"table": "a.b.c.d"},
        {"table": "system.errors"},
        {"table": "x" * 70_000},
    ],
    ids=str,
)
def test_a_foolish_field_is_400_and_nothing_is_written(served: Served, fields: dict[str, str]) -> None:
    before = len(served.lake.tables())
    problem(served.upload(b"id\n1\n", name="fool.csv", **fields), status=400, kind="Invalid")
    assert len(served.lake.tables()) == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage without any mark",
        FILE,
        FILE[:40],
        END,
        part('name="table"') + END,
        part('name="file"; filename=""') + END,
        part('name="file"; filename="../.."') + END,
        FILE + FILE + END,
        part('name="other"; filename="p.csv"') + END,
        f"--{MARK}\r\nX: ".encode() + b"y" * 100_000,
        f"--{MARK}\r\n".encode() + b"\x00\xff" * 50,
        b"".join(part(f'name="f{i}"', b"1") for i in range(40)) + END,
    ],
)
def test_a_broken_multipart_body_is_400_and_leaves_nothing(served: Served, body: bytes) -> None:
    answer = served.client.post("/v1/ingest/file", content=body, headers=KIND)
    problem(answer, status=400, kind="Invalid")
    assert leftovers(served) == []


@pytest.mark.parametrize("kind", ["", "text/csv", "multipart/form-data", "multipart/form-data; boundary="])
def test_a_body_that_is_not_multipart_is_400(served: Served, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    problem(
        served.client.post("/v1/ingest/file", content=b"id\n1\n", headers=headers), status=400, kind="Invalid"
    )


def test_an_upload_that_breaks_off_leaves_nothing(served: Served) -> None:
    def body() -> Iterator[bytes]:
        yield FILE[:-10]
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        served.client.post("/v1/ingest/file", content=body(), headers=KIND)
    assert served.client.get("/health").status_code == 200
    assert leftovers(served) == []


def test_an_upload_beyond_the_setting_is_413(tmp_path: Path) -> None:
    settings = Settings(server=ServerParams(upload_bytes=1 << 20))
    with serving(tmp_path / "lake", settings=settings) as served:
        problem(served.upload(b"x" * (3 << 20)), status=413, kind="Invalid")
        chunks = (FILE, *(b"x" * (1 << 20) for _ in range(3)))
        answer = served.client.post("/v1/ingest/file", content=iter(chunks), headers=KIND)
        problem(answer, status=413, kind="Invalid")


def test_a_large_file_is_streamed_not_held(served: Served, tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    row = "".join(f"{'v' * 20}{i}," for i in range(50))
    with large.open("w") as file:
        file.write("id," + ",".join(f"c{i}" for i in range(51)) + "\n")
        file.writelines(f"{n},{row}\n" for n in range(28_000))
    assert large.stat().st_size > 30 << 20
    before = resident_bytes()
    with large.open("rb") as file:
        answer = served.client.post("/v1/ingest/file", files={"file": ("large.csv", file)})
    assert answer.json()["rows"] == 28_000
    assert resident_bytes() - before < 24 << 20


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("people.csv", "people.csv"),
        ("C:\\data\\people.csv", "people.csv"),
        ("../../etc/passwd", "passwd"),
        ("a\x00b\n.csv", "ab.csv"),
        (".hidden.csv", "hidden.csv"),
        ("ü" * 300 + ".csv", "ü" * 88 + ".csv"),
    ],
)
def test_a_clients_name_for_a_file_becomes_a_plain_one(given: str, name: str) -> None:
    assert plain_name(given) == name


@pytest.mark.parametrize("given", ["", "/", "..", "\x00", " ", "a/"])
def test_a_file_without_a_name_is_invalid(given: str) -> None:
    with pytest.raises(Invalid):
        plain_name(given)


def test_types_may_hold_commas_of_their_own() -> None:
    assert types_in("a=DECIMAL(9,2), b = DATE,") == {"a": "DECIMAL(9,2)", "b": "DATE"}


def test_uploads_are_counted(served: Served) -> None:
    served.table("counted", "id\n1\n2\n")
    text = httpx.get(f"{served.url}/metrics").text
    assert 'lakehouse_ingest_rows_total{outcome="stored"}' in text


def test_an_upload_that_stops_arriving_is_given_up_and_its_connection_closed(tmp_path: Path) -> None:
    settings = Settings(server=ServerParams(upload_stall_s=0.3))
    begun = (
        "POST /v1/ingest/file HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="file"; filename="slow.csv"\r\n\r\nid\n'
    )
    with serving(tmp_path / "lake", settings=settings) as slow:
        address = ("127.0.0.1", int(slow.url.rsplit(":", 1)[1]))
        with socket.create_connection(address, timeout=20) as client:
            client.sendall(begun.encode())
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
        assert b"content-type: application/problem+json" in head.lower()
        assert "upload_stall_s" in orjson.loads(body)["hint"]
        assert not list((tmp_path / "lake").rglob("slow.csv"))
        assert slow.upload(b"id\n1\n").status_code == 201
