"""A bucket on a real S3 server does what every store does."""

import dataclasses
import socket
from pathlib import Path
from uuid import uuid4

import pytest

from lakehouse.base.duck import connect
from lakehouse.base.errors import Invalid, Refused, Unavailable
from lakehouse.store.remote import RemoteParams, RemoteStore
from tests.suites.object_store import ObjectStoreSuite


class TestRemoteStore(ObjectStoreSuite):
    """The suite, over HTTP."""

    @pytest.fixture
    def store(self, s3: RemoteParams) -> RemoteStore:
        return RemoteStore(dataclasses.replace(s3, url=f"s3://bucket/{uuid4().hex}"))


def test_a_whole_bucket_is_a_store_too(s3: RemoteParams) -> None:
    below, folder = RemoteStore(dataclasses.replace(s3, url="s3://bucket")), uuid4().hex
    RemoteStore(dataclasses.replace(s3, url=f"s3://bucket/{folder}/")).put("a", b"1")
    assert [o.key for o in below.list(folder)] == [f"{folder}/a"]
    assert below.url("a/b") == "s3://bucket/a/b"


def test_stores_in_folders_with_like_names_do_not_mix(s3: RemoteParams) -> None:
    folder = uuid4().hex
    one = RemoteStore(dataclasses.replace(s3, url=f"s3://bucket/{folder}/a"))
    two = RemoteStore(dataclasses.replace(s3, url=f"s3://bucket/{folder}/ab"))
    one.put("x", b"1")
    two.put("y", b"2")
    assert [o.key for o in one.list("")] == ["x"]
    assert one.url("x") == f"s3://bucket/{folder}/a/x"


def test_an_engine_reads_an_object_by_its_address(s3: RemoteParams, tmp_path: Path) -> None:
    store = RemoteStore(s3)
    store.put("people.csv", b"name,age\nAda,36\n")
    with connect(threads=1, memory_bytes=200_000_000, temp=tmp_path, extensions=("httpfs",)) as con:
        con.execute(
            f"CREATE SECRET (TYPE s3, KEY_ID '{s3.access_key}', SECRET '{s3.secret_key}', URL_STYLE 'path',"
            f" USE_SSL false, ENDPOINT '{s3.endpoint.removeprefix('http://')}')"
        )
        assert con.execute("SELECT * FROM read_csv(?)", [store.url("people.csv")]).fetchall() == [("Ada", 36)]


def test_a_wrong_key_is_refused_and_stays_secret(s3: RemoteParams) -> None:
    store = RemoteStore(dataclasses.replace(s3, secret_key="wrong-secret-key"))
    for call in (lambda: store.put("a", b""), lambda: store.put_if_absent("a", b""), lambda: store.get("a")):
        with pytest.raises((Refused, Unavailable)) as refused:
            call()
        assert "wrong-secret-key" not in repr(refused.value) + refused.value.hint


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    params = RemoteParams(
        url="s3://bucket", endpoint=f"http://127.0.0.1:{port}", access_key="k" * 8, secret_key="s" * 8,
        retries=0, timeout_s=2.0,
    )  # fmt: skip
    store = RemoteStore(params)
    calls = (
        lambda: store.get("a"),
        lambda: store.head("a"),
        lambda: store.delete("a"),
        lambda: list(store.list("")),
    )
    for call in calls:
        with pytest.raises(Unavailable) as failed:
            call()
        assert failed.value.retry
        assert "endpoint" in failed.value.hint


def test_secrets_never_appear_in_what_is_printed() -> None:
    params = RemoteParams(
        url="s3://bucket", access_key="AKIA-canary", secret_key="canary-secret", session_token="canary-token"
    )
    assert "canary" not in f"{params} {params!r} {RemoteStore(params)!r}"


@pytest.mark.parametrize(
    "url", ["", "bucket", "/a/b", "s3://", "http://host/bucket", "file:///tmp", "s3:bucket"]
)
def test_an_address_that_is_no_bucket_is_invalid(url: str) -> None:
    with pytest.raises(Invalid):
        RemoteStore(RemoteParams(url=url))


def test_a_folder_that_is_no_key_is_invalid() -> None:
    with pytest.raises(Invalid):
        RemoteStore(RemoteParams(url="s3://bucket/a/../b"))


@pytest.mark.parametrize("url", ["gs://bucket/lake", "s3://bucket/lake"])
def test_other_clouds_are_addressed_alike(url: str) -> None:
    assert RemoteStore(RemoteParams(url=url)).url("a/b") == f"{url}/a/b"
