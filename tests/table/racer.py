"""One of several processes that append to one table: `racer.py FOLDER create|show|N`."""

import sys
import uuid
from pathlib import Path

from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.typedef import Record

from lakehouse.base.clock import SystemClock
from lakehouse.store.local import LocalStore
from lakehouse.table import names
from lakehouse.table.catalog import Catalog
from lakehouse.table.fileio import StoreIO
from lakehouse.table.heads import Head
from lakehouse.table.pointers import Pointers
from lakehouse.table.schema import Column, new_schema
from lakehouse.table.snapshot import Edit, NextSnapshot, publish


def main(root: Path, what: str) -> None:
    pointers = Pointers(f"sqlite:///{root}/catalog.sqlite", durable=False)
    store = LocalStore(root, durability="process")
    catalog = Catalog(pointers=pointers, io=StoreIO(store), clock=SystemClock(), sync=lambda _: None)
    name = names.parse("people")
    if what == "create":
        pointers.create_namespace("lake")
        catalog.create(name, catalog.stage_create(name, new_schema([Column(name="id", type="BIGINT")])))
    elif what == "show":
        snapshot = catalog.head(name).metadata.current_snapshot()
        manifests = snapshot.manifests(catalog.io) if snapshot else []
        print(*(e.data_file.file_path for m in manifests for e in catalog.io.entries(m)))
    else:
        for _ in range(int(what)):
            print(append(catalog, catalog.head(name)))
    pointers.close()


def append(catalog: Catalog, head: Head) -> str:
    file = DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=f"{head.metadata.location}/data/{uuid.uuid4()}.parquet",
        file_format=FileFormat.PARQUET,
        partition=Record(),
        record_count=1,
        file_size_in_bytes=1,
        spec_id=0,
    )

    def plan(now: Head) -> NextSnapshot:
        current = now.metadata.current_snapshot()
        kept = tuple(current.manifests(catalog.io)) if current else ()
        return NextSnapshot(operation="append", data=Edit(added=(file,)), kept=kept)

    publish(catalog, head.name, plan, now_ms=1)
    return file.file_path


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
