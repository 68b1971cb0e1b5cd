"""A real S3 server for tests: rclone, from its package, serving a folder of this session."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.base.errors import LakehouseError
from lakehouse.store.remote import RemoteParams, RemoteStore

ACCESS, SECRET = "test-access-key", "test-secret-key"


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteParams]:
    """Parameters of an empty bucket on a server that ends with the session."""
    folder = tmp_path_factory.mktemp("s3")
    (folder / "bucket").mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    rclone = Path(sys.executable).with_name("rclone")
    command = [str(rclone), "serve", "s3", str(folder), "--addr", address]
    command += ["--auth-key", f"{ACCESS},{SECRET}", "--config", str(folder.parent / "none")]
    command += ["--log-file", str(folder.parent / "rclone.log")]
    params = RemoteParams(
        url="s3://bucket/lake", endpoint=f"http://{address}", access_key=ACCESS, secret_key=SECRET
    )
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as server:
        try:
            _wait_until_it_answers(params)
            yield params
        finally:
            server.terminate()


def _wait_until_it_answers(params: RemoteParams) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            RemoteStore(params).put("ready", b"")
        except LakehouseError:
            if time.monotonic() > deadline:
                raise
        else:
            return
