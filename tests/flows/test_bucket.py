"""A lake whose tables and journals are in a bucket: the same promises, and a catalog that can be lost."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from lakehouse.base.errors import LakehouseError, Unavailable
from lakehouse.lake.facade import Lakehouse
from lakehouse.store.remote import RemoteParams
from tests.flows.conftest import open_in


@pytest.fixture
def settings(s3: RemoteParams) -> str:
    url = f"{s3.url}-{uuid4().hex[:8]}"
    return f'[storage]\nurl = "{url}"\nendpoint = "{s3.endpoint}"\n'


@pytest.fixture
def root(tmp_path: Path, s3: RemoteParams) -> Path:
    folder = tmp_path / "lake"
    folder.mkdir()
    secrets = folder / "secrets.toml"
    secrets.write_text(f's3_key_id = "{s3.access_key}"\ns3_secret = "{s3.secret_key}"\n')
    secrets.chmod(0o600)
    return folder


@pytest.fixture
def remote(root: Path, settings: str) -> Iterator[Lakehouse]:
    with open_in(root, settings) as lake:
        yield lake


def test_a_lake_in_a_bucket_does_what_one_in_a_folder_does(
    remote: Lakehouse, root: Path, settings: str, tmp_path: Path
) -> None:
    source = tmp_path / "people.csv"
    source.write_text("id,name\n" + "".join(f"{n},Name {n}\n" for n in range(50)) + "bad\n")
    report = remote.ingest(source)
    assert (report.status, report.rows, report.rejected) == ("created", 50, 1)
    assert remote.ingest(source).status == "skipped"
    assert remote.sql("SELECT count(*), max(name) FROM people").rows() == [(50, "Name 9")]
    assert remote.upsert("people", [{"id": 1, "name": "One"}, {"id": 99, "name": "New"}], key="id").rows == 2
    assert remote.delete("people", where="id >= 40 AND id < 50").rows == 10
    assert remote.sql("SELECT count(*) FROM people").rows() == [(41,)]
    versions = remote.history("people")
    assert [v.rows for v in versions] == [41, 51, 50]
    first = versions[-1].snapshot_id
    assert remote.sql("SELECT name FROM people WHERE id = 1", at=first).rows() == [("Name 1",)]
    remote.rollback("people", to=first)
    assert remote.sql("SELECT count(*) FROM people WHERE id >= 40").rows() == [(10,)]
    remote.rollback("people", to=versions[0].snapshot_id)
    remote.pin("people")
    before = remote.sql("SELECT * FROM people ORDER BY id").rows()
    assert remote.sql("SELECT reason <> '' FROM system.rejected").rows() == [(True,)]
    assert not [p for p in root.rglob("*.parquet") if "cache" not in p.parts], "rows are in the bucket only"
    remote.close()
    for left in root.glob("catalog.sqlite*"):
        left.unlink()
    with open_in(root, settings) as again:
        assert again.tables() == ()
        assert again.rebuild().restored == ("people",)
        assert again.sql("SELECT * FROM people ORDER BY id").rows() == before
        assert len(again.history("people")) == 5
        assert again.sql("SELECT status FROM system.ingests ORDER BY id").rows() == [
            ("created",),
            ("skipped",),
        ]


def test_a_bucket_that_does_not_answer_is_said_so_without_the_secret(
    tmp_path: Path, root: Path, s3: RemoteParams
) -> None:
    settings = '[storage]\nurl = "s3://bucket/none"\nendpoint = "http://127.0.0.1:9"\n'
    source = tmp_path / "p.csv"
    source.write_text("id\n1\n")
    with open_in(root, settings) as lake:
        with pytest.raises(LakehouseError) as failed:
            lake.ingest(source)
        assert isinstance(failed.value, Unavailable)
        assert failed.value.hint
        assert s3.secret_key not in f"{failed.value} {failed.value.hint} {failed.value.context} {lake!r}"
