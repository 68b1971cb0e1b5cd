"""Any sequence of calls leaves every store as it would leave a dict."""

import tempfile
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from lakehouse.base.errors import NotFound
from lakehouse.store.local import LocalStore
from lakehouse.store.memory import MemoryStore
from lakehouse.store.objects import ObjectStore
from lakehouse.store.remote import RemoteParams, RemoteStore

KEYS = st.sampled_from(["a/b", "a/b-", "a/c/d", "a.b", "z", "é/é", "a/b.c/d"])
PREFIXES = st.sampled_from(["", "a", "a/", "a/b", "a/c/", "z", "é", "q"])
DATA = st.binary(max_size=40)


class AgainstADict(RuleBasedStateMachine):
    """A store and a dict are told the same; they must answer the same."""

    store: ObjectStore

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[str, bytes] = {}

    @rule(key=KEYS, data=DATA)
    def put(self, key: str, data: bytes) -> None:
        self.store.put(key, data)
        self.model[key] = data

    @rule(key=KEYS, data=DATA)
    def put_if_absent(self, key: str, data: bytes) -> None:
        assert self.store.put_if_absent(key, data) == (key not in self.model)
        self.model.setdefault(key, data)

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        assert self.store.delete(key) == (self.model.pop(key, None) is not None)

    @rule(key=KEYS, start=st.integers(0, 50), length=st.none() | st.integers(0, 50))
    def get(self, key: str, start: int, length: int | None) -> None:
        if key in self.model:
            end = None if length is None else start + length
            assert self.store.get(key, start, length) == self.model[key][start:end]
        else:
            with pytest.raises(NotFound):
                self.store.get(key, start, length)

    @rule(key=KEYS)
    def head(self, key: str) -> None:
        info = self.store.head(key)
        assert (info.size if info else None) == (len(self.model[key]) if key in self.model else None)

    @rule(prefix=PREFIXES)
    def list_a_part(self, prefix: str) -> None:
        expected = [(key, len(self.model[key])) for key in sorted(self.model) if key.startswith(prefix)]
        assert [(o.key, o.size) for o in self.store.list(prefix)] == expected


class MemoryAgainstADict(AgainstADict):
    """In memory."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()


class LocalAgainstADict(AgainstADict):
    """On disk, also when the store is opened anew between calls."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = LocalStore(Path(self.folder.name))

    @rule()
    def open_again(self) -> None:
        self.store = LocalStore(Path(self.folder.name), durability="process")

    @invariant()
    def no_leftovers(self) -> None:
        assert not [path for path in Path(self.folder.name, ".partial").rglob("*") if path.is_file()]

    def teardown(self) -> None:
        del self.store
        self.folder.cleanup()


def run(machine: type[AgainstADict], *, examples: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=30, deadline=None, suppress_health_check=checks
        ),
    )


def test_memory_behaves_like_a_dict() -> None:
    run(MemoryAgainstADict, examples=40)


def test_a_local_folder_behaves_like_a_dict() -> None:
    run(LocalAgainstADict, examples=40)


def test_a_bucket_behaves_like_a_dict(s3: RemoteParams) -> None:
    class RemoteAgainstADict(AgainstADict):
        def __init__(self) -> None:
            super().__init__()
            self.store = RemoteStore(
                RemoteParams(
                    url=f"s3://bucket/{uuid4().hex}",
                    endpoint=s3.endpoint,
                    access_key=s3.access_key,
                    secret_key=s3.secret_key,
                )
            )

    run(RemoteAgainstADict, examples=8)
