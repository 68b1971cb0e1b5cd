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
from lakehouse.index.generation import PREFIX
from lakehouse.index.index import Index
from lakehouse.lake.facade import Lakehouse
from lakehouse.llm.minilm import weights
from lakehouse.settings import load
from lakehouse.store.durable import fsync_path

FREE_BYTES: Final = 1 << 30
"""Below this much free disk a person should know."""

SLOW_FSYNC_MS: Final = 100.0
"""A commit waits for about three of these."""

SEGMENTS: Final = 200
"""Journal segments of one stream beyond which reading it gets slow."""

DAMAGED: Final = "move catalog.sqlite aside; lakehouse doctor --fix then makes it anew from the tables' files"

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
    looks = (
        (_machine, _jail, _disk, _settings, _secrets, _lake) if root.is_dir() else (_machine, _jail, _folder)
    )
    return tuple(finding for look in looks for finding in _tried(look, root, fix))


Look = Callable[[Path, bool], Iterator[Finding]]


def _tried(look: Look, root: Path, fix: bool) -> list[Finding]:
    name, findings = look.__name__.strip("_"), list[Finding]()
    try:
        for finding in look(root, fix):
            findings.append(finding)
    except LakehouseError as error:
        hint = DAMAGED if error.hint == "lakehouse doctor" else error.hint
        findings.append(Finding(name=name, status="bad", detail=error.message, hint=hint))
    except OSError as error:
        hint = f"check that {root} is a folder of yours"
        findings.append(Finding(name=name, status="bad", detail=str(error.strerror), hint=hint))
    return findings


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


def _folder(root: Path, _fix: bool) -> Iterator[Finding]:
    detail = f"there is no folder {root}"
    yield Finding(name="folder", status="bad", detail=detail, hint=f"lakehouse init {root}")


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


def _settings(root: Path, _fix: bool) -> Iterator[Finding]:
    load(root)
    yield Finding(name="settings", status="ok", detail="every key is known")


def _secrets(root: Path, fix: bool) -> Iterator[Finding]:
    file = root / "secrets.toml"
    if file.exists() and file.stat().st_mode & 0o077:
        if fix:
            file.chmod(0o600)
        status: Literal["ok", "bad"] = "ok" if fix else "bad"
        hint = "" if fix else "lakehouse doctor --fix"
        yield Finding(name="secrets", status=status, detail="secrets.toml could be read by others", hint=hint)


def _lake(root: Path, fix: bool) -> Iterator[Finding]:
    with open_lake(root) as lake:
        yield Finding(name="catalog", status="ok", detail=f"tables: {len(lake.tables())}")
        yield from _catalog(lake, fix)
        if fix:
            lake.running.tidy()
        yield from _tables(lake)
        yield from _journal(lake)
        yield _embedding(lake)
        yield from _indexes(lake, fix)


def _catalog(lake: Lakehouse, fix: bool) -> Iterator[Finding]:
    found = lake.rebuild(dry_run=not fix)
    names = ", ".join(found.restored)
    if found.restored and fix:
        yield Finding(name="rebuild", status="ok", detail=f"put back into the catalog: {names}")
    elif found.restored:
        detail = f"not in the catalog, though their files are there: {names}"
        yield Finding(name="rebuild", status="bad", detail=detail, hint="lakehouse doctor --fix")
    for folder in found.damaged:
        hint = "bring its metadata folder back from a backup"
        detail = f"{folder}: none of its metadata can be read"
        yield Finding(name="rebuild", status="bad", detail=detail, hint=hint)


def _tables(lake: Lakehouse) -> Iterator[Finding]:
    sound = 0
    for info in lake.tables():
        name = f"{info.namespace}.{info.table}"
        found = lake.resync(name)
        if found.missing or found.changed:
            detail = f"{name}: files missing: {len(found.missing)}, not as written: {len(found.changed)}"
            hint = f"lakehouse history {name}, then roll back to a snapshot that does not need them"
            yield Finding(name="tables", status="bad", detail=detail, hint=hint)
        else:
            sound += 1
        if dt.datetime.fromisoformat(info.updated_at) > dt.datetime.now(dt.UTC) + FUTURE:
            hint = "set the clock; order does not depend on it, times in the history do"
            yield Finding(name="clock", status="warn", detail=f"{name} was written in the future", hint=hint)
    yield Finding(name="tables", status="ok", detail=f"with all their files: {sound}")


def _journal(lake: Lakehouse) -> Iterator[Finding]:
    stats = lake.running.journal()
    torn = sum(s.torn for s in stats)
    segments = max((s.segments for s in stats), default=0)
    crowded = segments > SEGMENTS
    detail = f"segments: {sum(s.segments for s in stats)}, torn tails repaired: {torn}"
    hint = "lakehouse doctor --fix folds them" if crowded else ""
    yield Finding(name="journal", status="warn" if crowded or torn else "ok", detail=detail, hint=hint)


def _embedding(lake: Lakehouse) -> Finding:
    """The model that makes vectors: there, as released, and giving the vectors it must."""
    provider = lake.settings.embedding.provider
    if provider == "none":
        return Finding(name="embedding", status="ok", detail="none is set up: search works by words only")
    try:
        if provider == "minilm":
            for name in weights.SHA256:
                weights.read(name)
        done = lake.embed(["Is anybody there?"])
    except LakehouseError as error:
        detail = f"search works by words only: {error.message}"
        return Finding(name="embedding", status="warn", detail=detail, hint=error.hint)
    detail = f"{done.model.name} answers with {done.vectors.shape[1]} dimensions"
    return Finding(name="embedding", status="ok", detail=detail)


def _indexes(lake: Lakehouse, fix: bool) -> Iterator[Finding]:
    sound = 0
    for name in lake.index.names():
        try:
            found = list(_index(lake, lake.index.get(name), fix))
        except LakehouseError as error:
            found = [
                Finding(name="indexes", status="bad", detail=f"{name}: {error.message}", hint=error.hint)
            ]
        yield from found
        sound += not any(finding.status != "ok" for finding in found)
    if lake.index.names():
        yield Finding(name="indexes", status="ok", detail=f"whole and up to date: {sound}")


def _index(lake: Lakehouse, index: Index, fix: bool) -> Iterator[Finding]:
    """One index: its generations first, since looking at the rest would build a missing one."""
    serving = index.table.pointer().current
    number = serving.generation if serving else None
    damaged = _damaged(index)
    lost = number is not None and (number in damaged or number not in index.generations.numbers())
    if fix:
        for each in damaged:
            shutil.rmtree(index.folder / f"{PREFIX}{each:04d}", ignore_errors=True)
        if lost:
            index.build(lambda _: None, by="repair")
    for each, why in damaged.items():
        detail = f"{index.name}: generation {each}: {why}"
        yield _mended("indexes", detail, "removed") if fix else _sick("indexes", detail)
    if lost and fix:
        yield _mended("indexes", f"{index.name}: the serving generation was lost", "built anew")
    elif lost and not damaged:
        detail = f"{index.name}: generation {number} serves but is not here; the next search builds it anew"
        yield Finding(name="indexes", status="warn", detail=detail, hint="lakehouse doctor --fix")
    if fix or not lost:
        yield from _quality(lake, index.name)


def _sick(name: str, detail: str) -> Finding:
    return Finding(name=name, status="bad", detail=detail, hint="lakehouse doctor --fix")


def _mended(name: str, detail: str, how: str) -> Finding:
    return Finding(name=name, status="ok", detail=f"{detail}; {how}")


def _damaged(index: Index) -> dict[int, str]:
    """Generations whose files are not those that were sealed, each with the reason."""
    found = {}
    for number in index.generations.numbers():
        try:
            index.generations.load(number).ann.close()
        except LakehouseError as error:
            found[number] = error.message
    return found


def _quality(lake: Lakehouse, name: str) -> Iterator[Finding]:
    info, floor = lake.index.show(name), lake.index.get(name).definition().min_recall
    if info.recall is not None and info.recall < floor:
        detail = f"{name}: finds {info.recall:.3f} of the exact answer, {floor} is wanted"
        yield Finding(name="indexes", status="warn", detail=detail, hint=f"lakehouse index tune {name}")
    if info.waiting and (info.vector or lake.settings.embedding.provider != "none"):
        detail = f"{name}: {info.waiting:,} of {info.rows:,} rows are found by words only so far"
        yield Finding(name="indexes", status="warn", detail=detail, hint=f"lakehouse index refresh {name}")
