"""[acts] The doctor: looks a lake over, says what it finds and what to do, mends what is safe to mend."""

import datetime as dt
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from lakehouse.assembly import open_lake
from lakehouse.base.duck import EXTENSIONS, extension_path
from lakehouse.base.errors import LakehouseError
from lakehouse.base.jail import missing
from lakehouse.lake import Lakehouse
from lakehouse.settings import load
from lakehouse.store.durable import fsync_path

FREE_BYTES: Final = 1 << 30
"""Below this much free disk a person should know."""

SLOW_FSYNC_MS: Final = 100.0
"""A commit waits for about three of these."""

SEGMENTS: Final = 200
"""Journal segments of one stream beyond which reading it gets slow."""

FUTURE: Final = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    name: str
    status: Literal["ok", "warn", "bad"]
    detail: str
    hint: str = ""
    """What to do about it; empty where all is well."""


def examine(root: Path, *, fix: bool = False) -> tuple[Finding, ...]:
    """Look the lake at `root` over; with `fix`, mend what cannot lose anything.

    Never raises for what it is there to find: a part that cannot be examined is a finding.
    """
    findings = [finding for look in (_machine, _jail, _disk, _secrets) for finding in _tried(look, root, fix)]
    return (*findings, *_tried(_lake, root, fix))


Look = Callable[[Path, bool], Iterator[Finding]]


def _tried(look: Look, root: Path, fix: bool) -> list[Finding]:
    try:
        return list(look(root, fix))
    except LakehouseError as error:
        return [Finding(name=look.__name__.strip("_"), status="bad", detail=error.message, hint=error.hint)]


def _machine(_root: Path, _fix: bool) -> Iterator[Finding]:
    for name in EXTENSIONS:
        extension_path(name)
    yield Finding(name="extensions", status="ok", detail=f"DuckDB's {', '.join(EXTENSIONS)} are installed")


def _jail(_root: Path, _fix: bool) -> Iterator[Finding]:
    lacking = missing()
    if lacking:
        hint = (
            "run on a Linux kernel 6.7 or newer; until then do not open this lake to people you do not trust"
        )
        yield Finding(name="jail", status="warn", detail="; ".join(lacking), hint=hint)
    else:
        yield Finding(name="jail", status="ok", detail="queries and file readers are shut in by the kernel")


def _disk(root: Path, _fix: bool) -> Iterator[Finding]:
    free = shutil.disk_usage(root).free
    status: Literal["ok", "warn"] = "ok" if free >= FREE_BYTES else "warn"
    hint = "" if free >= FREE_BYTES else "free some space before writing"
    yield Finding(name="disk", status=status, detail=f"{free / 1e9:.1f} GB free", hint=hint)
    probe = root / f".doctor-{os.getpid()}"
    try:
        probe.write_bytes(b"probe")
        started = time.perf_counter()
        fsync_path(probe)
        took_ms = (time.perf_counter() - started) * 1000
    except OSError as error:
        hint = "check the folder's permissions and mount options"
        yield Finding(name="writing", status="bad", detail=f"cannot write here: {error.strerror}", hint=hint)
        return
    finally:
        probe.unlink(missing_ok=True)
    slow = took_ms > SLOW_FSYNC_MS
    hint = (
        'a faster disk, or [durability] mode = "process" if power loss may cost the last write'
        if slow
        else ""
    )
    yield Finding(name="fsync", status="warn" if slow else "ok", detail=f"{took_ms:.1f} ms", hint=hint)


def _secrets(root: Path, fix: bool) -> Iterator[Finding]:
    load(root)
    yield Finding(name="settings", status="ok", detail="every key is known")
    file = root / "secrets.toml"
    if file.exists() and file.stat().st_mode & 0o077:
        if fix:
            file.chmod(0o600)
        status: Literal["ok", "bad"] = "ok" if fix else "bad"
        hint = "" if fix else "lakehouse doctor --fix"
        yield Finding(name="secrets", status=status, detail="secrets.toml could be read by others", hint=hint)


def _lake(root: Path, fix: bool) -> Iterator[Finding]:
    with open_lake(root) as lake:
        yield Finding(name="catalog", status="ok", detail=f"{len(lake.tables())} tables")
        if fix:
            yield from _mended(lake)
        yield from _tables(lake)
        yield from _journal(lake)


def _mended(lake: Lakehouse) -> Iterator[Finding]:
    done = lake.rebuild()
    if done.restored:
        detail = f"put back into the catalog: {', '.join(done.restored)}"
        yield Finding(name="rebuild", status="ok", detail=detail)
    lake.running.tidy()


def _tables(lake: Lakehouse) -> Iterator[Finding]:
    sound = 0
    for info in lake.tables():
        name = f"{info.namespace}.{info.table}"
        found = lake.resync(name)
        if found.missing or found.changed:
            detail = (
                f"{name}: {len(found.missing)} files are missing, {len(found.changed)} are not as written"
            )
            hint = f"lakehouse history {name}, then roll back to a snapshot that does not need them"
            yield Finding(name="tables", status="bad", detail=detail, hint=hint)
        else:
            sound += 1
        if dt.datetime.fromisoformat(info.updated_at) > dt.datetime.now(dt.UTC) + FUTURE:
            hint = "set the clock; order does not depend on it, times in the history do"
            yield Finding(name="clock", status="warn", detail=f"{name} was written in the future", hint=hint)
    yield Finding(name="tables", status="ok", detail=f"{sound} have all their files")


def _journal(lake: Lakehouse) -> Iterator[Finding]:
    stats = lake.running.journal()
    torn = sum(s.torn for s in stats)
    segments = max((s.segments for s in stats), default=0)
    crowded = segments > SEGMENTS
    detail = f"{sum(s.segments for s in stats)} segments, {torn} torn tails repaired"
    hint = "lakehouse doctor --fix folds them" if crowded else ""
    yield Finding(name="journal", status="warn" if crowded or torn else "ok", detail=detail, hint=hint)
