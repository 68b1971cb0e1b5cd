"""What every object store must do. A new store inherits this and adds one `store` fixture."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lakehouse.base.errors import Invalid, NotFound
from lakehouse.store.objects import ObjectStore

BAD_KEYS = (
    "", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/../b", "./a", "a/./b", "a\0b", "a\nb", "\x7f",
    "a/\x85", "x" * 256, "a/" + "é" * 128, "/".join(["ab"] * 400), "\ud800", ".partial/a", ".partial",
)  # fmt: skip

ODD_KEYS = (
    "a b", "ä/ö.csv", "100%", "%2e%2e", "a+b=c&d", "#x", "a?b", "~", "a\\b", "..a", "a..", "-", "'q\"",
    "日本/語", "a*b", "a[1]", "{a}", "x" * 255,
)  # fmt: skip


class ObjectStoreSuite:
    """Behaviour that does not depend on where the bytes are."""

    def test_what_is_put_can_be_read(self, store: ObjectStore) -> None:
        store.put("a/b/c.bin", b"\0one\xff")
        assert store.get("a/b/c.bin") == b"\0one\xff"

    def test_a_put_replaces_the_whole_object(self, store: ObjectStore) -> None:
        store.put("a/b", b"a long first version")
        store.put("a/b", b"two")
        assert store.get("a/b") == b"two"
        assert [o.size for o in store.list("a/")] == [3]

    def test_a_second_put_if_absent_changes_nothing(self, store: ObjectStore) -> None:
        assert store.put_if_absent("a/b", b"one")
        assert not store.put_if_absent("a/b", b"two")
        assert store.get("a/b") == b"one"

    def test_an_empty_object_is_an_object(self, store: ObjectStore) -> None:
        store.put("empty", b"")
        assert store.get("empty") == b""
        info = store.head("empty")
        assert info is not None
        assert info.size == 0

    def test_a_large_object_comes_back_whole(self, store: ObjectStore) -> None:
        data = bytes(range(256)) * 4096 * 12
        store.put("large", data)
        assert store.get("large") == data
        assert store.get("large", 5_000_000, 3) == data[5_000_000:5_000_003]

    @pytest.mark.parametrize(
        ("start", "length", "expected"),
        [(0, None, b"0123456789"), (4, None, b"456789"), (4, 3, b"456"), (8, 99, b"89"), (0, 0, b""),
         (10, None, b""), (10, 5, b""), (99, 1, b""), (99, None, b"")],
    )  # fmt: skip
    def test_a_range_is_cut_like_a_slice(
        self, store: ObjectStore, start: int, length: int | None, expected: bytes
    ) -> None:
        store.put("digits", b"0123456789")
        assert store.get("digits", start, length) == expected

    def test_a_negative_range_is_invalid(self, store: ObjectStore) -> None:
        store.put("digits", b"0123456789")
        for start, length in [(-1, None), (0, -1)]:
            with pytest.raises(Invalid):
                store.get("digits", start, length)

    def test_an_object_that_is_not_there_is_not_found(self, store: ObjectStore) -> None:
        store.put("a/b", b"one")
        for key in ["a", "a/c", "b", "a/b/c"]:
            assert store.head(key) is None
            for start, length in [(0, None), (3, 4), (3, None), (0, 0)]:
                with pytest.raises(NotFound):
                    store.get(key, start, length)

    def test_a_head_tells_size_and_age(self, store: ObjectStore) -> None:
        store.put("a", b"12345")
        info = store.head("a")
        assert info is not None
        assert (info.key, info.size) == ("a", 5)
        assert info.modified_ms > 1_600_000_000_000
        assert [(o.key, o.size) for o in store.list("")] == [("a", 5)]

    def test_a_delete_happens_once_and_may_be_repeated(self, store: ObjectStore) -> None:
        store.put("a/b", b"one")
        assert store.delete("a/b")
        assert not store.delete("a/b")
        assert not store.delete("never/was")
        assert store.head("a/b") is None
        assert store.put_if_absent("a/b", b"two")

    def test_a_list_is_complete_and_in_order(self, store: ObjectStore) -> None:
        keys = ["a-b", "a.b", "a/b", "a/b.c", "a/c/d", "a0", "aé", "b/a", "b/a-", "b/a0/x", "z"]
        for key in reversed(keys):
            store.put(key, key.encode())
        assert [o.key for o in store.list("")] == sorted(keys)
        assert sorted(keys) == [o.key for o in store.list("")]

    @pytest.mark.parametrize(
        ("prefix", "expected"),
        [("a", ["a.b", "a/b", "a/bc/d", "ab"]), ("a/", ["a/b", "a/bc/d"]), ("a/b", ["a/b", "a/bc/d"]),
         ("a/b/", []), ("a/bc/", ["a/bc/d"]), ("c", []), ("a/bc/d", ["a/bc/d"]), ("a/bc/d/", []),
         ("..", []), ("../", []), ("/", []), ("a//", []), (".partial/", [])],
    )  # fmt: skip
    def test_a_prefix_is_text_not_a_folder(
        self, store: ObjectStore, prefix: str, expected: list[str]
    ) -> None:
        for key in ["a.b", "a/b", "a/bc/d", "ab", "b"]:
            store.put(key, b"")
        assert [o.key for o in store.list(prefix)] == expected

    def test_a_list_beyond_one_page_is_complete(self, store: ObjectStore) -> None:
        keys = [f"many/{i % 7}/{i:04}" for i in range(1100)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda key: store.put(key, b"x"), keys))
        assert [o.key for o in store.list("many/")] == sorted(keys)

    @pytest.mark.parametrize("key", BAD_KEYS, ids=lambda key: ascii(key)[:20])
    def test_a_key_that_could_mean_another_place_is_invalid(self, store: ObjectStore, key: str) -> None:
        with pytest.raises(Invalid):
            store.put(key, b"")
        with pytest.raises(Invalid):
            store.put_if_absent(key, b"")
        with pytest.raises(Invalid):
            store.get(key)
        with pytest.raises(Invalid):
            store.head(key)
        with pytest.raises(Invalid):
            store.delete(key)
        with pytest.raises(Invalid):
            store.url(key)
        assert not list(store.list(""))

    @pytest.mark.parametrize("key", ODD_KEYS, ids=lambda key: ascii(key)[:20])
    def test_an_odd_key_is_kept_as_it_is(self, store: ObjectStore, key: str) -> None:
        store.put(f"odd/{key}", key.encode())
        assert store.get(f"odd/{key}") == key.encode()
        assert [o.key for o in store.list("odd/")] == [f"odd/{key}"]
        assert store.delete(f"odd/{key}")


class RacingObjectStoreSuite(ObjectStoreSuite):
    """What a store adds that decides races itself.

    Buckets behind a server need not: many ignore If-None-Match, and some replace objects in place.
    """

    def test_of_many_racing_writers_one_creates_the_object(self, store: ObjectStore) -> None:
        with ThreadPoolExecutor(8) as pool:
            for turn in range(20):
                won = list(
                    pool.map(lambda i, turn=turn: store.put_if_absent(f"r/{turn}", b"%d" % i), range(8))
                )
                assert sum(won) == 1
                assert store.get(f"r/{turn}") == b"%d" % won.index(True)

    def test_a_reader_never_sees_half_an_object(self, store: ObjectStore) -> None:
        versions = [bytes([65 + i]) * (1000 + 100_000 * (i % 2)) for i in range(10)]
        store.put("hot", versions[0])
        with ThreadPoolExecutor(4) as pool:
            writers = [pool.submit(store.put, "hot", version) for version in versions]
            readers = [pool.submit(store.get, "hot") for _ in range(30)]
            assert {r.result() for r in readers} <= set(versions)
            assert all(w.result() is None for w in writers)
