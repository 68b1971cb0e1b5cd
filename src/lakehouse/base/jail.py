"""[acts] The jail: what a child process that touches untrusted SQL or files may still do.

Theory of operation. DuckDB has no privilege boundary, and neither have the parsers of uploaded files, so
the kernel draws it: Landlock leaves only the named paths, a seccomp filter removes sockets and exec,
resource limits bound memory, CPU and files. Every layer is independent; what this kernel cannot do is
returned by name, never skipped in silence. Landlock and seccomp bind the calling thread and those it
starts later, and libraries start threads as they are imported: `confine` comes before the imports. What
imports map into memory is theirs to keep, so `limit` comes after.
"""

import ctypes
import errno
import os
import platform
import resource
import site
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_libc: Final = ctypes.CDLL(None, use_errno=True)

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 38, 22
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446  # the same on every architecture
OPEN_PATH: Final = getattr(os, "O_PATH", 0) | os.O_CLOEXEC

READ_FILE, READ_DIR = 1 << 2, 1 << 3
FILE_RIGHTS: Final = 1 << 1 | READ_FILE | 1 << 14  # write, read, truncate: a rule on a file names no more
WRITE: Final = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 13 | 1 << 14
"""Write, remove folder and file, make folder and file, move, truncate; never make devices, never run."""

CONNECT_TCP: Final = 1 << 1

RIGHTS_BY_ABI: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many of the file rights, counted from bit 0, each version of Landlock knows; later ones know 16."""

SECCOMP: Final = {"x86_64": (0xC000003E, 41, 59, 322), "aarch64": (0xC00000B7, 198, 221, 281)}
"""Machine -> audit number, and the numbers of socket, execve, execveat; io_uring_setup is 425 on all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jail:
    """What a child may reach and use up."""

    read: tuple[Path, ...]
    """Files and folders it may read, besides interpreter and system libraries; absent ones are skipped."""

    write: tuple[Path, ...]
    """Folders it may also write in; they must exist."""

    memory_bytes: int
    """Address space on top of what the process holds when it is limited."""

    cpu_s: int | None = None
    """Seconds of CPU until the kernel kills it; None where a wall clock is enough (long-lived workers)."""

    network: bool = False
    """May it open sockets? Only for lakes in remote object storage."""

    ports: tuple[int, ...] = ()
    """TCP ports of IPv4 that it may connect to without the network: a door of its own parent."""

    open_files: int = 1024

    def to_json(self) -> dict[str, object]:
        """The same as plain JSON, for the child's first frame."""
        return {
            "read": [str(p) for p in self.read],
            "write": [str(p) for p in self.write],
            "memory_bytes": self.memory_bytes,
            "cpu_s": self.cpu_s,
            "network": self.network,
            "ports": list(self.ports),
            "open_files": self.open_files,
        }


def from_json(fields: Mapping[str, object]) -> Jail:
    """The inverse of `Jail.to_json`."""
    read, write, cpu_s, ports = fields["read"], fields["write"], fields["cpu_s"], fields["ports"]
    if not isinstance(read, list) or not isinstance(write, list) or not isinstance(ports, list):
        raise TypeError("a jail's paths and ports are lists")
    return Jail(
        read=tuple(map(Path, read)),
        write=tuple(map(Path, write)),
        memory_bytes=int(str(fields["memory_bytes"])),
        cpu_s=None if cpu_s is None else int(str(cpu_s)),
        network=bool(fields["network"]),
        ports=tuple(map(int, ports)),
        open_files=int(str(fields["open_files"])),
    )


def confine(jail: Jail) -> tuple[str, ...]:
    """Shut this process in for good, and return what could not be applied here, in words.

    Call it on the only thread. Cost: below 1 ms.
    """
    undone: tuple[str, ...] = ()
    if platform.system() != "Linux":
        return (*undone, "landlock: only Linux has it", "seccomp: only Linux has it")
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        undone = (*undone, "jail: other threads were running before it closed")
    if _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        undone = (*undone, f"no_new_privs: {_last_error()}")
    undone += _landlock(jail)
    return undone if jail.network else undone + _forbid_sockets(tcp=bool(jail.ports))


def missing() -> tuple[str, ...]:
    """What `confine` could not apply on this machine, found without confining; empty when all holds."""
    if platform.system() != "Linux":
        return ("landlock: only Linux has it", "seccomp: only Linux has it")
    no_seccomp = "" if platform.machine() in SECCOMP else f"seccomp: not known for {platform.machine()}"
    return tuple(filter(None, (_landlock_missing(_landlock_version()), no_seccomp)))


def limit(jail: Jail) -> tuple[str, ...]:
    """Bound this process's memory, CPU and files, and return what could not be, in words."""
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": jail.open_files,
        "RLIMIT_AS": _mapped_bytes() + jail.memory_bytes,
    }
    if jail.cpu_s is not None:
        wanted["RLIMIT_CPU"] = jail.cpu_s
    return tuple(filter(None, (_limit_one(name, value) for name, value in wanted.items())))


def _limit_one(name: str, value: int) -> str:
    kind = getattr(resource, name)
    hard = resource.getrlimit(kind)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(kind, (bound, bound))
    except (OSError, ValueError) as error:
        return f"{name}: {error}"
    return ""


def _mapped_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 1 << 30
    return pages * resource.getpagesize()


def _landlock_version() -> int:
    return int(_libc.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1)))


def _landlock_missing(version: int) -> str:
    if version < 1:
        return "landlock: the kernel has none, files outside the lake are guarded by DuckDB's settings only"
    return "" if version >= 4 else f"landlock: version {version} knows no network rules"


def _landlock(jail: Jail) -> tuple[str, ...]:
    version = _landlock_version()
    lacking = _landlock_missing(version)
    if version < 1:
        return (lacking,)
    handled = (1 << RIGHTS_BY_ABI.get(version, 16)) - 1
    net = 3 if version >= 4 and not jail.network else 0
    fields = struct.pack("=QQQ", handled, net, 3 if version >= 6 else 0)[: 24 if version >= 6 else 16]
    attributes = fields if version >= 4 else fields[:8]
    ruleset = _libc.syscall(LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    if ruleset < 0:
        return (f"landlock: {_last_error()}",)
    try:
        for path in (*_system_paths(), *jail.read):
            _allow(ruleset, path, handled & (READ_FILE | READ_DIR))
        for path in (*jail.write, Path("/dev/null")):
            _allow(ruleset, path, handled & (READ_FILE | READ_DIR | WRITE))
        for port in jail.ports if net else ():
            rule = struct.pack("=QQ", CONNECT_TCP, port)
            _libc.syscall(LANDLOCK_ADD, ctypes.c_int(ruleset), ctypes.c_int(2), rule, ctypes.c_uint32(0))
        closed = _libc.syscall(LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0)) == 0
    finally:
        os.close(ruleset)
    refused = "" if closed else f"landlock: {_last_error()}"
    return tuple(filter(None, ("" if jail.network else lacking, refused)))


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        fd = os.open(path, OPEN_PATH)
    except OSError:
        return  # what is not there needs no permission
    try:
        rule = struct.pack("=Qi", rights if path.is_dir() else rights & FILE_RIGHTS, fd)
        _libc.syscall(LANDLOCK_ADD, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint32(0))
    finally:
        os.close(fd)


def _system_paths() -> tuple[Path, ...]:
    """The interpreter, its packages, the folder this package is in (anywhere), and shared libraries."""
    ours = Path(__file__).resolve().parents[2]
    python = {sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages()}
    # DuckDB aborts the process when a cgroup file exists that it may not read.
    system = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/proc/self", "/proc/meminfo", "/sys/fs/cgroup")
    devices = ("/dev/null", "/dev/zero", "/dev/urandom")
    return (ours, *map(Path, sorted(python)), *map(Path, system + devices))


def _forbid_sockets(*, tcp: bool) -> tuple[str, ...]:
    """A filter that answers EACCES to sockets (Landlock knows TCP only), io_uring and exec.

    Args:
        tcp: let sockets for TCP over IPv4 be; Landlock says where they may connect to.
    """
    known = SECCOMP.get(platform.machine())
    if known is None:
        return (f"seccomp: not known for {platform.machine()}",)
    program = _program(*known, tcp=tcp)
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
    filtered = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    if _libc.prctl(PR_SET_SECCOMP, 2, filtered, 0, 0):
        return (f"seccomp: {_last_error()}",)
    return ()


def _program(machine: int, socket: int, *execs: int, tcp: bool) -> list[tuple[int, int, int, int]]:
    """The filter's instructions: code, jump if true, jump if false, value.

    Other machines' calls and x32 calls are denied, then each forbidden call; all else is allowed.
    """
    load, equal, at_least, mask, answer = 0x20, 0x15, 0x35, 0x54, 0x06
    forbidden = (*execs, 425) if tcp else (socket, *execs, 425)
    steps = [
        (load, "next", "next", 4),
        (equal, "next", "deny", machine),
        (load, "next", "next", 0),
        (at_least, "deny", "next", 0x40000000),
        *((equal, "deny", "next", call) for call in forbidden),
    ]
    if tcp:
        steps += [
            (equal, "next", "allow", socket),
            (load, "next", "next", 16),  # the call's first argument: AF_INET is 2
            (equal, "next", "deny", 2),
            (load, "next", "next", 24),  # its second, below flags: SOCK_STREAM is 1
            (mask, "next", "next", 0xF),
            (equal, "next", "deny", 1),
        ]
    last = len(steps)
    to: dict[str, Callable[[int], int]] = {
        "next": lambda _: 0,
        "allow": lambda n: last - n - 1,
        "deny": lambda n: last - n,
    }
    listed = [(code, to[yes](n), to[no](n), value) for n, (code, yes, no, value) in enumerate(steps)]
    return [*listed, (answer, 0, 0, 0x7FFF0000), (answer, 0, 0, 0x00050000 | errno.EACCES)]


def _last_error() -> str:
    return os.strerror(ctypes.get_errno())
