"""[acts] PyIceberg's files, kept in our object store: metadata and manifests are small, whole objects."""

import io
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream
from pyiceberg.manifest import ManifestEntry, ManifestFile

from lakehouse.base.errors import Invalid, NotFound
from lakehouse.store.objects import ObjectStore

KEPT_ENTRIES: Final = 20_000
"""Manifest entries kept parsed, about 2 KB each; parsing a manifest anew takes a millisecond and more."""


class StoreIO(FileIO):
    """Reads and writes locations below one store's root; anything else is refused."""

    def __init__(self, store: ObjectStore) -> None:
        super().__init__()
        self.store = store
        self.root = store.url("root").removesuffix("root")
        self._lock = threading.Lock()
        self._parsed: OrderedDict[str, tuple[ManifestEntry, ...]] = OrderedDict()
        self._entries = 0

    def key(self, location: str) -> str:
        """The object key of an absolute location.

        Raises:
            Invalid: the location is outside this store.
        """
        plain = location.removeprefix("file://")
        if not plain.startswith(self.root):
            raise Invalid(
                "a file of this table lies outside the lake", hint=self._way_home(plain), location=location
            )
        return plain.removeprefix(self.root)

    def _way_home(self, outside: str) -> str:
        """What to do about a location that another folder's lake wrote: the files name each other in full."""
        was, found, _ = outside.partition("warehouse/")
        if "://" in outside or not found:
            return "lakehouse doctor"
        was, now = was.rstrip("/"), self.root.rstrip("/")
        return f"the lake was made in {was}: move it back, or ln -s {now} {was} and open it there"

    def new_input(self, location: str) -> InputFile:
        """A handle to read one object."""
        return _Input(location, self.store, self.key(location))

    def new_output(self, location: str) -> OutputFile:
        """A handle to write one object."""
        return _Output(location, self.store, self.key(location))

    def entries(self, manifest: ManifestFile) -> tuple[ManifestEntry, ...]:
        """All entries of a manifest, those of removed files too; parsed once: manifests never change."""
        with self._lock:
            if manifest.manifest_path in self._parsed:
                self._parsed.move_to_end(manifest.manifest_path)
                return self._parsed[manifest.manifest_path]
        found = tuple(manifest.fetch_manifest_entry(self, discard_deleted=False))
        with self._lock:
            if manifest.manifest_path not in self._parsed:
                self._parsed[manifest.manifest_path] = found
                self._entries += len(found)
            while self._entries > KEPT_ENTRIES:
                self._entries -= len(self._parsed.popitem(last=False)[1])
        return found

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Remove one object; removing what is not there is fine."""
        self.store.delete(self.key(location if isinstance(location, str) else location.location))


class _Input(InputFile):
    def __init__(self, location: str, store: ObjectStore, key: str) -> None:
        super().__init__(location)
        self.store, self.object_key = store, key

    def __len__(self) -> int:
        found = self.store.head(self.object_key)
        if found is None:
            raise FileNotFoundError(self.location)
        return found.size

    def exists(self) -> bool:
        return self.store.head(self.object_key) is not None

    def open(self, seekable: bool = True) -> InputStream:  # noqa: ARG002 - the signature is PyIceberg's
        try:
            return io.BytesIO(self.store.get(self.object_key))
        except NotFound as error:
            raise FileNotFoundError(self.location) from error


class _Output(OutputFile):
    def __init__(self, location: str, store: ObjectStore, key: str) -> None:
        super().__init__(location)
        self.store, self.object_key = store, key
        self.size = 0

    def __len__(self) -> int:
        return self.size

    def exists(self) -> bool:
        return self.store.head(self.object_key) is not None

    def to_input_file(self) -> InputFile:
        return _Input(self.location, self.store, self.object_key)

    def create(self, overwrite: bool = False) -> OutputStream:
        if not overwrite and self.exists():
            raise FileExistsError(self.location)
        return _Sink(self._store)

    def _store(self, data: bytes) -> None:
        self.size = len(data)
        self.store.put(self.object_key, data)


class _Sink(io.BytesIO):
    """Collects one object and stores it whole on close, so that no half object is ever seen."""

    def __init__(self, done: Callable[[bytes], None]) -> None:
        super().__init__()
        self.done = done

    def close(self) -> None:
        if not self.closed:
            data = self.getvalue()
            super().close()
            self.done(data)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is not None:
            super().close()  # what was being written when something broke must not be stored
        self.close()
