"""The jail, tried from inside a real child by the kernel's own answers."""

import errno
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.base.child import Child
from lakehouse.base.jail import Jail, from_json, missing

ENTRY = "tests.base.entries:attempts"

needs_kernel = pytest.mark.skipif(bool(missing()), reason="; ".join(missing()))


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    for name in ("open", "temp", "closed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    return tmp_path


def jail(lake: Path, **changes: object) -> Jail:
    fields = {"read": (lake / "open",), "write": (lake / "temp",), "memory_bytes": 200 << 20, **changes}
    return Jail(**fields)  # type: ignore[arg-type]


@pytest.fixture
def child(lake: Path) -> Iterator[Child]:
    with Child(ENTRY, jail(lake)) as child:
        yield child


@needs_kernel
def test_every_layer_holds_on_this_kernel(child: Child) -> None:
    child.wait_ready()
    assert child.unapplied == ()


@needs_kernel
def test_it_reads_what_it_may_and_nothing_else(child: Child, lake: Path) -> None:
    def read(path: str | Path) -> object:
        return dict(child.ask({"do": "read", "with": str(path)}, timeout_s=5).header)

    assert read(lake / "open" / "file") == {"got": "open", "end": True}
    assert read(lake / "temp" / "file") == {"got": "temp", "end": True}
    for path in (
        lake / "closed" / "file",
        "/etc/passwd",
        "/proc/1/environ",
        lake / "open" / ".." / "closed" / "file",
    ):
        assert read(path) == {"errno": errno.EACCES, "end": True}
    assert child.ask({"do": "list", "with": str(lake)}, timeout_s=5).header["errno"] == errno.EACCES


@needs_kernel
def test_a_link_inside_an_open_folder_opens_nothing_outside(child: Child, lake: Path) -> None:
    (lake / "open" / "link").symlink_to(lake / "closed" / "file")
    assert (
        child.ask({"do": "read", "with": str(lake / "open" / "link")}, timeout_s=5).header["errno"]
        == errno.EACCES
    )


@needs_kernel
def test_it_writes_in_its_temp_folder_only(child: Child, lake: Path) -> None:
    assert child.ask({"do": "write", "with": str(lake / "temp" / "new")}, timeout_s=5).header["got"] == 1
    for path in (lake / "open" / "file", lake / "open" / "new", lake / "closed" / "new"):
        assert child.ask({"do": "write", "with": str(path)}, timeout_s=5).header["errno"] == errno.EACCES
    assert (lake / "open" / "file").read_text() == "open"


@needs_kernel
@pytest.mark.parametrize("kind", ["connect", "datagram"])
def test_no_socket_can_be_opened(child: Child, kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        assert child.ask({"do": kind, "with": port}, timeout_s=5).header["errno"] == errno.EACCES


def test_a_jail_with_network_can_connect(lake: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Child(ENTRY, jail(lake, network=True)) as child:
        port = str(server.getsockname()[1])
        assert child.ask({"do": "connect", "with": port}, timeout_s=5).header["got"] is None


@needs_kernel
def test_a_jail_with_one_port_reaches_that_port_and_nothing_else(lake: Path) -> None:
    def listen() -> socket.socket:
        return socket.create_server(("127.0.0.1", 0))

    with listen() as door, listen() as other:
        port, closed = door.getsockname()[1], other.getsockname()[1]
        with Child(ENTRY, jail(lake, ports=(port,))) as child:
            tried = {
                do: child.ask({"do": do, "with": str(at)}, timeout_s=5).header
                for do, at in (("connect", closed), ("datagram", port), ("exec", "/bin/true"))
            }
            assert {do: header.get("errno") for do, header in tried.items()} == dict.fromkeys(
                tried, errno.EACCES
            )
            assert child.ask({"do": "connect", "with": str(port)}, timeout_s=5).header["got"] is None
            assert child.unapplied == ()


@needs_kernel
def test_it_cannot_start_programs(child: Child) -> None:
    assert child.ask({"do": "exec", "with": "/bin/true"}, timeout_s=5).header["errno"] == errno.EACCES
    assert child.ask({"do": "exec", "with": sys.executable}, timeout_s=5).header["errno"] == errno.EACCES


def test_the_environment_holds_nothing_of_the_parents(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = child.ask({"do": "environment"}, timeout_s=5).header["got"]
    assert isinstance(seen, dict)
    known = {"PATH", "HOME", "TMPDIR", "LANG", "TZ", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX"}
    assert set(seen) <= known | {"LC_CTYPE"}


def test_memory_up_to_the_limit_is_given(child: Child) -> None:
    assert child.ask({"do": "hog", "with": "50"}, timeout_s=5).header["got"] == 50 << 20


def test_a_jail_survives_its_trip_through_json(lake: Path) -> None:
    there = jail(lake, cpu_s=7, network=True, open_files=99, ports=(80, 443))
    assert from_json(there.to_json()) == there


def test_a_jail_that_is_not_one_is_a_bug_in_our_code() -> None:
    with pytest.raises(TypeError):
        from_json({"read": "a", "write": [], "cpu_s": None, "ports": []})
