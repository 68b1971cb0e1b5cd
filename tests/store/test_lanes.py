"""Callers share one write, one failure, and nothing is written twice."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from lakehouse.base.errors import Corrupt, LakehouseError, Unavailable
from lakehouse.store.lanes import Lane


class Disk:
    """A place to write that can be held up, and can fail."""

    def __init__(self) -> None:
        self.files: list[list[bytes]] = []
        self.open = threading.Event()
        self.open.set()
        self.error: BaseException | None = None

    def write(self, lines: Sequence[bytes]) -> None:
        assert self.open.wait(20)
        if self.error:
            raise self.error
        self.files.append(list(lines))


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def lane(disk: Disk) -> Lane:
    return Lane(stamp=lambda body: b"<" + body, write=disk.write)


def wait_until_queued(lane: Lane, records: int) -> None:
    while lane.waiting < records:
        threading.Event().wait(0.001)


def test_records_are_stamped_and_written_in_order(lane: Lane, disk: Disk) -> None:
    lane.append([b"a", b"b"])
    lane.append([b"c"])
    assert disk.files == [[b"<a", b"<b"], [b"<c"]]


def test_callers_that_come_while_the_disk_is_busy_share_the_next_file(lane: Lane, disk: Disk) -> None:
    disk.open.clear()
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(lane.append, [b"first"])
        while not first.running() or lane.waiting:  # until it holds the disk
            threading.Event().wait(0.001)
        rest = [pool.submit(lane.append, [b"%d" % n]) for n in range(8)]
        wait_until_queued(lane, 8)
        disk.open.set()
        for call in [first, *rest]:
            call.result()
    assert disk.files[0] == [b"<first"]
    assert sorted(disk.files[1]) == sorted(b"<%d" % n for n in range(8))
    assert len(disk.files) == 2


def test_posted_records_wait_for_a_flush_or_travel_with_the_next_append(lane: Lane, disk: Disk) -> None:
    assert lane.post([b"p"]) == 1
    assert disk.files == []
    lane.append([b"a"])
    assert disk.files == [[b"<p", b"<a"]]
    assert lane.post([b"q"]) == 1
    lane.flush()
    lane.flush()
    assert disk.files[1:] == [[b"<q"]]


def test_a_failure_is_told_to_everyone_who_waited_and_posted_records_are_kept(lane: Lane, disk: Disk) -> None:
    disk.error = Corrupt("the disk lies", hint="replace it", key="k")
    lane.post([b"p"])
    with pytest.raises(Corrupt) as failed:
        lane.append([b"a"])
    assert (failed.value.hint, failed.value.context) == ("replace it", {"key": "k"})
    with pytest.raises(Corrupt):
        lane.flush()
    disk.error = None
    lane.append([b"b"])
    assert disk.files == [[b"<p", b"<b"]]


def test_a_writer_that_breaks_leaves_nobody_waiting(lane: Lane, disk: Disk) -> None:
    disk.open.clear()
    disk.error = KeyboardInterrupt()
    failures: list[BaseException] = []

    def append() -> None:
        try:
            lane.append([b"x"])
        except (KeyboardInterrupt, LakehouseError) as error:
            failures.append(error)

    threads = [threading.Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    disk.open.set()
    for thread in threads:
        thread.join(20)
    assert len(failures) == 4
    assert all(isinstance(error, KeyboardInterrupt | Unavailable) for error in failures)
    assert lane.waiting == 0
