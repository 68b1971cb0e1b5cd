"""A lake's life: opened, shared, closed, lost in part and put together again."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import lakehouse
from lakehouse.base.errors import Invalid, LakehouseError, NotFound, Refused, Unavailable
from lakehouse.ingest.plan import Request
from lakehouse.lake.facade import Lakehouse
from lakehouse.store.scratch import Scratch
from tests.flows.conftest import open_in

Write = Callable[[str, str | bytes], Path]


def test_a_lake_is_made_where_nothing_is_and_found_again(tmp_path: Path, write: Write) -> None:
    with lakehouse.open(tmp_path / "a" / "b" / "lake") as lake:
        assert lake.tables() == ()
        assert lake.settings.durability.mode == "full"
        lake.ingest(write("p.csv", "id\n1\n"))
        assert str(lake.root) in repr(lake)
    with lakehouse.open(str(tmp_path / "a" / "b" / "lake")) as again:
        assert again.sql("SELECT * FROM p").rows() == [(1,)]
        assert len(again.history("p")) == 1


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("mine")
    with pytest.raises(Invalid, match="other things") as refused:
        lakehouse.open(tmp_path)
    assert "--root" in refused.value.hint
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.doc"]


def test_a_file_in_the_lakes_place_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("a file")
    with pytest.raises(Invalid) as refused:
        lakehouse.open(tmp_path / "lake")
    assert refused.value.hint


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("lakehouse.toml", "[limit]", Invalid),
        ("lakehouse.toml", '[storage]\nurl = "ftp://x"', Invalid),
        ("lakehouse.toml", '[storage]\ncatalog = "nonsense"', Invalid),
        ("secrets.toml", 'key = "k"', Refused),
        ("catalog.sqlite", "this is no database, not at all" * 100, LakehouseError),
    ],
)
def test_what_is_wrong_with_a_lake_is_said_when_it_is_opened(
    tmp_path: Path, name: str, content: str, kind: type[LakehouseError]
) -> None:
    (tmp_path / "lakehouse.toml").write_text("")
    (tmp_path / name).write_text(content)
    (tmp_path / name).chmod(0o644)
    with pytest.raises(kind) as refused:
        lakehouse.open(tmp_path)
    assert refused.value.hint


def test_a_closed_lake_says_so_and_closing_twice_is_no_error(tmp_path: Path) -> None:
    lake = open_in(tmp_path / "lake")
    lake.upsert("t", [{"id": 1}], key="id")
    lake.pin("t")
    lake.close()
    lake.close()
    for act in (lake.tables, lambda: lake.sql("SELECT 1"), lambda: lake.upsert("t", [{"id": 1}], key="id")):
        with pytest.raises(Unavailable, match="closed") as refused:
            act()
        assert refused.value.hint
    for scratch in ("cache/staging", "cache/hot"):
        assert list((lake.root / scratch).iterdir()) == []


def test_closing_in_the_middle_of_work_ends_it_and_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    lake = open_in(tmp_path / "lake")
    done: list[int] = []
    failed: list[Exception] = []
    some = threading.Event()

    def work() -> None:
        try:
            for n in range(1000):
                lake.upsert("t", [{"id": n}], key="id")
                done.append(n)
                if n == 3:
                    some.set()
        except LakehouseError as error:
            failed.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    assert some.wait(60)
    lake.close()
    worker.join(60)
    assert not worker.is_alive()
    assert len(failed) == 1
    with open_in(tmp_path / "lake") as again:
        found = {n for (n,) in again.sql("SELECT id FROM t").rows()}
        assert set(done) <= found <= set(done) | {len(done)}


def test_leftovers_of_dead_processes_go_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    with open_in(tmp_path / "lake") as first:
        first.upsert("t", [{"id": 1}], key="id")
        first.pin("t")
        staging, hot = first.root / "cache" / "staging", first.root / "cache" / "hot"
        for dead in (staging / "1-dead" / "ingest-x", hot / "1-dead"):
            dead.mkdir(parents=True)
            (dead / "big").write_bytes(b"x" * 1000)
        alive = {p.name for p in staging.iterdir()} - {"1-dead"}
        with open_in(first.root):
            names = {p.name for p in staging.iterdir()}
            assert alive < names
            assert "1-dead" not in names | {p.name for p in hot.iterdir()}
        assert first.sql("SELECT * FROM t").rows() == [(1,)]
        assert first.upsert("t", [{"id": 2}], key="id").rows == 1


def test_a_scratch_folder_ends_with_its_owner(tmp_path: Path) -> None:
    mine, other = Scratch(tmp_path), Scratch(tmp_path)
    (other.path / "file").write_text("x")
    assert mine.sweep(before_ms=float("inf")) == 0
    (tmp_path / "left").mkdir()
    (tmp_path / "left" / "file").write_text("x")
    (tmp_path / "stray").write_text("not ours")
    assert mine.sweep(before_ms=0) == 0
    assert mine.sweep(before_ms=float("inf")) == 1
    other.close()
    other.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([mine.path.name, "stray"])


def test_a_lost_catalog_is_rebuilt_from_the_files_alone(tmp_path: Path, write: Write) -> None:
    root = tmp_path / "lake"
    with open_in(root) as lake:
        lake.ingest(write("p.csv", "id,mail\n1,a@example.org\n2,b@example.org\n"), table="people", key="id")
        lake.upsert("people", [{"id": 2, "mail": None}], key="id")
        lake.describe("people", {"owner": "Ada", "tags": ["x"]})
        lake.upsert('"Other Place"."Odd name"', [{"id": 1}], key="id")
        lake.upsert("gone", [{"id": 1}], key="id")
        lake.drop("gone")
        before = {i.table: lake.show(f'"{i.namespace}"."{i.table}"') for i in lake.tables()}
        rows = lake.sql("SELECT * FROM people ORDER BY id").to_arrow()
    for left in root.glob("catalog.sqlite*"):
        left.unlink()
    with open_in(root) as lake:
        assert lake.tables() == ()
        with pytest.raises(NotFound):
            lake.sql("SELECT * FROM people")
        rebuilt = lake.rebuild()
        assert set(rebuilt.restored) == {"people", '"other place"."odd name"'}
        assert (rebuilt.kept, rebuilt.damaged, len(rebuilt.dropped)) == ((), (), 1)
        assert {i.table: lake.show(f'"{i.namespace}"."{i.table}"') for i in lake.tables()} == before
        assert lake.sql("SELECT * FROM people ORDER BY id").to_arrow().equals(rows)
        assert lake.ingest(tmp_path / "p.csv", table="people", mode="append").status == "skipped"
        assert set(lake.rebuild().kept) == set(rebuilt.restored)


WORK = """
import sys, lakehouse
root, who = sys.argv[1], int(sys.argv[2])
with lakehouse.open(root) as lake:
    for n in range(4):
        file = f"{root}/../{who}-{n}.csv"
        with open(file, "w") as out:
            out.write(f"who,n\\n{who},{n}\\n")
        lake.ingest(file, table="log")
        lake.upsert("latest", [{"who": who, "n": n}], key="who")
"""


def test_two_processes_write_to_one_lake_and_lose_nothing(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    open_in(root).close()
    workers = [
        subprocess.Popen([sys.executable, "-c", WORK, str(root), str(n)], stderr=subprocess.PIPE, text=True)
        for n in range(2)
    ]
    assert [worker.communicate(timeout=100)[1] for worker in workers] == ["", ""]
    with open_in(root) as lake:
        log = lake.sql("SELECT who, n FROM log ORDER BY ALL").rows()
        assert log == [(who, n) for who in range(2) for n in range(4)]
        assert lake.sql("SELECT * FROM latest ORDER BY who").rows() == [(0, 3), (1, 3)]
        assert lake.sql("SELECT count(*) FROM system.ingests").rows() == [(8,)]


def test_a_lake_open_twice_in_one_process_agrees_with_itself(own: Lakehouse) -> None:
    own.upsert("t", [{"id": 1}], key="id")
    own.pin("t")
    with open_in(own.root) as other:
        other.upsert("t", [{"id": 2}], key="id")
        assert own.sql("SELECT id FROM t ORDER BY id").rows() == [(1,), (2,)]
        own.drop("t")
        with pytest.raises(NotFound):
            other.sql("SELECT * FROM t")


def test_threads_share_one_lake(own: Lakehouse, write: Write) -> None:
    files = [write(f"in/{n}.csv", f"id\n{n}\n") for n in range(4)]
    failed: list[Exception] = []

    def work(n: int) -> None:
        try:
            list(own.ingest_many([str(files[n])], Request(table="t")))
            own.upsert("u", [{"id": n}], key="id")
        except LakehouseError as error:
            failed.append(error)

    own.upsert("u", [{"id": 99}], key="id")
    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert own.sql("SELECT id FROM t ORDER BY id").rows() == [(n,) for n in range(4)]
    assert own.sql("SELECT count(*) FROM u").rows() == [(5,)]
