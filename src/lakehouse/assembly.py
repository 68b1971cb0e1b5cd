"""[acts] The one place where concrete classes are chosen: settings and a folder become a lake."""

import math
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from lakehouse.base.bucket import Bucket
from lakehouse.base.child import Child
from lakehouse.base.clock import Clock, SystemClock
from lakehouse.base.errors import Invalid, LakehouseError
from lakehouse.base.jail import Jail
from lakehouse.index.index import Machine
from lakehouse.index.near.hnsw import Hnsw
from lakehouse.index.near.lance import Lance
from lakehouse.ingest.run import Ingestor
from lakehouse.lake.asking import Asking
from lakehouse.lake.corpora import Corpora
from lakehouse.lake.entries import outside
from lakehouse.lake.facade import Lakehouse
from lakehouse.lake.indexes import Indexes
from lakehouse.lake.jobs import Jobs
from lakehouse.lake.keeper import Keeper
from lakehouse.lake.learning import Learning
from lakehouse.lake.matrix import LakeMatrix
from lakehouse.lake.models import Models
from lakehouse.lake.parts import Parts
from lakehouse.lake.tables import LakeTables
from lakehouse.llm import anthropic, ollama, openai
from lakehouse.llm.chat import Chat
from lakehouse.llm.chat_params import ChatParams
from lakehouse.llm.embedding import Embedder
from lakehouse.llm.http import Server
from lakehouse.llm.minilm.embedder import MiniLM
from lakehouse.llm.params import EmbeddingParams
from lakehouse.matrix.bullets.bullets import Bullets
from lakehouse.matrix.playbook.playbook import Playbook
from lakehouse.memory.pathway import PathwayMemory
from lakehouse.query.cache import HotCache, builder
from lakehouse.query.duck import DuckEngine
from lakehouse.query.session import Session
from lakehouse.secrets import Secrets, of_lake
from lakehouse.settings import FILE, Settings, StorageParams, load
from lakehouse.store.durable import Durable, disk_error, make_folder
from lakehouse.store.journal import Journal
from lakehouse.store.local import LocalStore
from lakehouse.store.objects import ObjectStore
from lakehouse.store.remote import RemoteParams, RemoteStore
from lakehouse.store.scratch import Scratch
from lakehouse.store.turns import FileTurns
from lakehouse.table.catalog import WAREHOUSE, Catalog
from lakehouse.table.fileio import StoreIO
from lakehouse.table.names import DEFAULT_NAMESPACE, TableName
from lakehouse.table.pointers import Pointers
from lakehouse.table.rest.door import Door
from lakehouse.table.scan import Scans
from lakehouse.table.upkeep.background import Background
from lakehouse.table.upkeep.maintain import Maintainer, Upkeep
from lakehouse.table.writer import Writer

MARKS = (FILE, "catalog.sqlite", WAREHOUSE, "journal")
"""One of these in a folder makes it a lake."""


def open_lake(
    root: Path,
    *,
    settings: Settings | None = None,
    clock: Clock | None = None,
    models: Models | None = None,
) -> Lakehouse:
    """The lake at `root`, created when absent.

    Args:
        models: instead of those that the settings name; the lake closes them.

    Raises:
        Invalid: the folder is not empty and not a lake, or its settings are wrong.
        Unavailable: the disk or the catalog's database refused.
    """
    folder = root.absolute()
    _prepare(folder)
    chosen = settings or load(folder)
    _make(folder, chosen)
    time = clock or SystemClock()
    secrets = of_lake(folder)
    remote = _remote(chosen.storage, secrets)
    stores = _Stores(*_objects(folder, chosen, time, remote), remote)
    return _Assembling(folder, chosen, time, stores).lake(models)


def _objects(
    root: Path, settings: Settings, clock: Clock, remote: RemoteParams | None
) -> tuple[ObjectStore, ObjectStore]:
    """The store of tables, and that of events, which are durable by themselves."""
    if remote:
        bucket = RemoteStore(remote)
        return bucket, bucket
    return (
        LocalStore(root, durability="process", clock=clock),
        LocalStore(root, durability=settings.durability.mode, clock=clock),
    )


@dataclass(frozen=True, slots=True)
class _Stores:
    """Where objects are kept."""

    objects: ObjectStore
    durable: ObjectStore
    remote: RemoteParams | None


class _Assembling:
    """The parts of one lake: each is made once, when the first other part asks for it."""

    def __init__(self, root: Path, settings: Settings, clock: Clock, stores: "_Stores") -> None:
        self.root, self.settings, self.clock, self.stores = root, settings, clock, stores
        self.bucket = _bucket(stores.remote) if stores.remote else None
        self.folder_of_caches = root / "cache"
        self.scratch = _scratch(self.folder_of_caches)
        self.staging = self.scratch.path

    def lake(self, models: Models | None) -> Lakehouse:
        if models is not None:
            self.models = models
        self.catalog.subscribe(self.upkeep.notice)
        self.catalog.subscribe(self.keeper.notice)
        return Lakehouse(
            Parts(
                root=self.root,
                settings=self.settings,
                clock=self.clock,
                journal=self.journal,
                catalog=self.catalog,
                tables=self.tables,
                writer=self.writer,
                door=self.door,
                ingestor=self._ingestor(),
                engine=self.engine,
                session=self.session,
                cache=self.cache,
                maintainer=self.maintainer,
                upkeep=self.upkeep,
                models=self.models,
                indexes=self.indexes,
                learning=self.learning,
                matrix=self._matrix(),
                asking=self._asking(),
                pathway=self.pathway,
                keeper=self.keeper,
                staging=self.staging,
                release=self._release,
            )
        )

    @cached_property
    def io(self) -> StoreIO:
        return StoreIO(self.stores.objects)

    @cached_property
    def journal(self) -> Journal:
        return Journal(self.stores.durable, clock=self.clock, params=self.settings.journal)

    @cached_property
    def catalog(self) -> Catalog:
        url = self.settings.storage.catalog or f"sqlite:///{self.root / 'catalog.sqlite'}"
        pointers = Pointers(url, durable=self.settings.durability.mode == "full")
        pointers.create_namespace(DEFAULT_NAMESPACE)
        return Catalog(pointers=pointers, io=self.io, clock=self.clock, sync=self._sync())

    @cached_property
    def door(self) -> Door:
        return Door(self.catalog)

    @cached_property
    def writer(self) -> Writer:
        return Writer(
            self.catalog,
            clock=self.clock,
            door=self.door,
            start=partial(self._start_writer, self.door),
            condition_s=self.settings.limits.timeout_s,
        )

    @cached_property
    def tables(self) -> LakeTables:
        return LakeTables(self.catalog, Scans(self.io), self.journal)

    @cached_property
    def engine(self) -> DuckEngine:
        folders = tuple(self.root / part for part in (WAREHOUSE, "journal", "cache/hot"))
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        temp, params = self.staging / "query", self.settings.workers
        return DuckEngine(folders=folders, temp=temp, params=params, bucket=self.bucket)

    @cached_property
    def cache(self) -> HotCache:
        params = self.settings.cache
        build = builder(
            temp=self.staging,
            memory_bytes=params.memory_bytes,
            threads=self.settings.workers.threads,
            bucket=self.bucket,
        )
        return HotCache(self._hot_folder(), build=build, limit_bytes=params.limit_bytes)

    @cached_property
    def session(self) -> Session:
        return Session(
            self.engine, self.tables, hot=self.cache, limits=self.settings.limits, clock=self.clock
        )

    @cached_property
    def maintainer(self) -> Maintainer:
        return Maintainer(
            self.catalog, self.writer, clock=self.clock, staging=self.staging, params=self.settings.upkeep
        )

    @cached_property
    def upkeep(self) -> Background:
        journal = self.journal
        return Background(self.maintainer, done=partial(_noted, journal), failed=partial(_failed, journal))

    @cached_property
    def models(self) -> Models:
        secrets, embedding, chat = of_lake(self.root), self.settings.embedding, self.settings.chat
        return Models(
            embedder=lambda: _embedder(embedding, self.folder_of_caches / "models", secrets),
            chat=lambda: _chat(chat, secrets),
            entries=embedding.cache_entries,
        )

    @cached_property
    def indexes(self) -> Indexes:
        jobs = Jobs(self.journal, self.clock)
        return Indexes(self._machine(), jobs=jobs, journal=self.journal, clock=self.clock)

    @cached_property
    def keeper(self) -> Keeper:
        return Keeper(self.indexes, clock=self.clock, params=self.settings.index)

    @cached_property
    def corpora(self) -> Corpora:
        return Corpora(self.indexes, journal=self.journal, clock=self.clock)

    @cached_property
    def past(self) -> Playbook:
        return Playbook(self.journal, clock=self.clock, params=self.settings.playbook)

    @cached_property
    def learning(self) -> Learning:
        return Learning(
            self.past,
            indexes=self.indexes,
            corpora=self.corpora,
            embedder=self.models.embedder,
            entries=self._entries,
            journal=self.journal,
            clock=self.clock,
        )

    def _entries(self) -> Bullets:
        turns = FileTurns(self.folder_of_caches / "playbook.turn", is_everyone=self.bucket is None)
        known = outside(
            self.models.embedder(), playbook=self.past, pathway=self.pathway, indexes=self.indexes
        )
        return Bullets(
            self.journal, turns=turns, clock=self.clock, outside=known, params=self.settings.bullets
        )

    def _matrix(self) -> LakeMatrix:
        return LakeMatrix(
            self.indexes,
            corpora=self.corpora,
            learning=self.learning,
            sql=self.session,
            embedder=self.models.embedder,
            journal=self.journal,
            clock=self.clock,
            downgrade=self.settings.downgrade,
        )

    def _asking(self) -> Asking:
        return Asking(
            self.indexes,
            embedder=self.models.embedder,
            chat=self.models.chat,
            learning=self.learning,
            journal=self.journal,
            clock=self.clock,
        )

    @cached_property
    def pathway(self) -> PathwayMemory:
        turns = FileTurns(self.folder_of_caches / "pathway.turn", is_everyone=self.bucket is None)
        return PathwayMemory(self.journal, turns=turns, clock=self.clock, params=self.settings.pathway)

    def _sync(self) -> Callable[[Iterable[str]], None]:
        if self.bucket or self.settings.durability.mode == "process":
            return _nothing  # a bucket's answer is its promise
        return Durable(self.root)

    def _hot_folder(self) -> Path:
        return self.folder_of_caches / "hot" / self.staging.name

    def _release(self) -> None:
        shutil.rmtree(self._hot_folder(), ignore_errors=True)
        self.scratch.close()

    def _machine(self) -> Machine:
        return Machine(
            catalog=self.catalog,
            writer=self.writer,
            sql=self.session,
            clock=self.clock,
            folder=self.root / "indexes",
            staging=self.staging,
            backends={"hnsw": Hnsw(), "lance": Lance()},
            embedder=self.models.embedder,
            threads=self.settings.index.threads,
        )

    def _start_writer(self, door: Door) -> Child:
        params = self.settings.writer
        jail = Jail(
            read=(self.root / WAREHOUSE, self.staging),
            write=(self.root / WAREHOUSE, self.staging),
            memory_bytes=params.memory_bytes + (2 << 30),
            network=self.bucket is not None,
            ports=(door.port,),
        )
        setup: dict[str, object] = {
            "url": door.url,
            "token": door.token,
            "threads": params.threads,
            "memory_bytes": params.memory_bytes,
            "temp": str(self.staging),
            "bucket": self.bucket.to_json() if self.bucket else None,
        }
        return Child("lakehouse.table.statements:serve", jail, setup=setup, without=("numpy", "pandas"))

    def _ingestor(self) -> Ingestor:
        return Ingestor(
            catalog=self.catalog,
            writer=self.writer,
            journal=self.journal,
            clock=self.clock,
            params=self.settings.ingest,
            staging=self.staging,
            quarantine=self.root / "quarantine",
        )


def _prepare(root: Path) -> None:
    try:
        inside = {p.name for p in root.iterdir()} if root.exists() else set()
    except OSError as error:
        raise disk_error(error, "open the lake") from error
    if inside - {".partial"} and not inside & set(MARKS):
        hint = "choose an empty folder with --root, or one that holds a lake"
        raise Invalid(f"{root} holds other things than a lake", hint=hint)


def _make(root: Path, settings: Settings) -> None:
    try:
        make_folder(root, sync=settings.durability.mode == "full")
    except OSError as error:
        raise disk_error(error, "open the lake") from error


def _scratch(cache: Path) -> Scratch:
    """This process's own folder in the cache; what killed processes left there is removed."""
    try:
        mine = Scratch(cache / "staging")
        mine.sweep(before_ms=math.inf)
        living = {folder.name for folder in mine.path.parent.iterdir()}
        for copies in (cache / "hot").glob("*"):
            if copies.name not in living:
                shutil.rmtree(copies, ignore_errors=True)
    except OSError as error:
        raise disk_error(error, "open the lake") from error
    return mine


def _remote(storage: StorageParams, secrets: Secrets) -> RemoteParams | None:
    if not storage.url:
        return None
    key, secret = secrets.get("s3_key_id"), secrets.get("s3_secret")
    return RemoteParams(
        url=storage.url,
        endpoint=storage.endpoint,
        region=storage.region,
        access_key=key.reveal() if key else "",
        secret_key=secret.reveal() if secret else "",
    )


def _embedder(params: EmbeddingParams, cache: Path, secrets: Secrets) -> Embedder | None:
    match params.provider:
        case "minilm":
            model = MiniLM(
                cache,
                precision=params.precision,
                threads=params.threads,
                batch_tokens=params.batch_tokens,
            )
            return model if model.is_installed() else None
        case "ollama":
            server = _server(params.url or ollama.URL, "ollama_key", secrets)
            return ollama.embedder(server, params.model or ollama.EMBEDDING_MODEL)
        case "openai":
            server = _server(params.url or openai.URL, "openai_key", secrets)
            return openai.embedder(server, params.model or openai.EMBEDDING_MODEL)
        case "none":
            return None


def _chat(params: ChatParams, secrets: Secrets) -> Chat | None:
    if params.provider == "none":
        return None
    made, url, model = CHATS[params.provider]
    server = _server(params.url or url, f"{params.provider}_key", secrets, timeout_s=params.timeout_s)
    return made(server, params.model or model)


CHATS: Final[Mapping[str, tuple[Callable[[Server, str], Chat], str, str]]] = {
    "ollama": (ollama.OllamaChat, ollama.URL, ollama.CHAT_MODEL),
    "openai": (openai.OpenAIChat, openai.URL, openai.CHAT_MODEL),
    "anthropic": (anthropic.AnthropicChat, anthropic.URL, anthropic.CHAT_MODEL),
}
"""Provider -> what speaks to it, where it usually listens, its usual model."""


def _server(url: str, key: str, secrets: Secrets, *, timeout_s: float = 60.0) -> Server:
    secret = secrets.get(key)
    return Server(url=url, key=secret.reveal() if secret else "", timeout_s=timeout_s)


def _bucket(remote: RemoteParams) -> Bucket:
    """The same bucket in DuckDB's words."""
    options = {"KEY_ID": remote.access_key, "SECRET": remote.secret_key, "REGION": remote.region}
    if remote.endpoint:
        scheme, _, address = remote.endpoint.partition("://")
        options |= {"ENDPOINT": address, "URL_STYLE": "path", "USE_SSL": str(scheme == "https").lower()}
    return Bucket(root=remote.url.rstrip("/") + "/", options={k: v for k, v in options.items() if v})


def _nothing(_: Iterable[str]) -> None:
    """Nothing to make durable."""


def _noted(journal: Journal, done: Upkeep) -> None:
    journal.post(
        "maintenance",
        {
            "table_name": done.table,
            "action": "compact",
            "reason": done.reason,
            "files_before": done.files_before,
            "files_after": done.files_after,
            "rows": done.rows,
            "expired": done.expired,
            "removed": done.removed,
        },
    )


def _failed(journal: Journal, name: TableName, error: LakehouseError) -> None:
    journal.post("errors", {"kind": error.kind, "where": f"upkeep of {name}", "message": error.message})
