"""[acts] The Iceberg REST catalog protocol as one function: a request in, an answer out.

Both doors that speak it, the private loopback one for our own writer and the public `/iceberg/v1`, call
`answer`; neither knows the protocol. Source: Iceberg REST Catalog Open API specification, version 1.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson
from pydantic import TypeAdapter, ValidationError
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER, SortOrder
from pyiceberg.table.update import (
    AddSnapshotUpdate,
    AssertCreate,
    SetPropertiesUpdate,
    TableRequirement,
    TableUpdate,
)

from lakehouse.base.errors import Conflict, Invalid, LakehouseError, NotFound
from lakehouse.table.catalog import NAME_PROPERTY, Catalog, Change
from lakehouse.table.files.marking import mark_commit
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName, folded

SEPARATOR: Final = "\x1f"
"""Between the levels of a namespace in a path."""

Body = Mapping[str, object]
UPDATES: Final = TypeAdapter(tuple[TableUpdate, ...])
REQUIREMENTS: Final = TypeAdapter(tuple[TableRequirement, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One protocol request, its path already split and percent-decoded after `/v1`."""

    method: str
    path: tuple[str, ...]
    body: Body = field(default_factory=dict)
    summary: Mapping[str, str] = field(default_factory=dict)
    """Kept with every snapshot that this request commits; ours to say, never the client's."""

    is_ours: bool = False
    """Does it come from our own writer? Then the files it commits may be changed before anyone reads them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status and JSON body; None sends none."""

    status: int
    body: Mapping[str, object] | None = None


def answer(catalog: Catalog, request: Request) -> Answer:
    """Carry out one request; errors become the protocol's error body, never an exception of ours."""
    try:
        return _route(catalog, request)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        return _error(400, "BadRequestException", f"the body does not fit the protocol at {where}")
    except (KeyError, TypeError, AttributeError):
        return _error(400, "BadRequestException", "the body lacks a member that the protocol requires")
    except NotFound as error:
        kind = "NoSuchNamespaceException" if len(request.path) < 4 else "NoSuchTableException"
        return _error(404, kind, f"{error.message}. {error.hint}")
    except Conflict as error:
        taken = request.method == "POST" and request.path[-1:] in {
            ("tables",),
            ("namespaces",),
            ("register",),
            ("rename",),
        }
        return _error(409, "AlreadyExistsException" if taken else "CommitFailedException", error.message)
    except LakehouseError as error:
        return _error(error.status, f"{error.kind}Exception", f"{error.message}. {error.hint}")


def _error(status: int, kind: str, message: str) -> Answer:
    return Answer(status=status, body={"error": {"message": message, "type": kind, "code": status}})


def _route(catalog: Catalog, request: Request) -> Answer:
    named = {1, 3} if request.path[:1] == ("namespaces",) else set()
    shape = ("*" if n in named else part for n, part in enumerate(request.path))
    handler = ROUTES.get((request.method, *shape))
    if handler is None:
        raise NotFound(
            "no such route", hint="see the Iceberg REST specification", path="/".join(request.path)
        )
    return handler(catalog, request)


def _namespace(request: Request) -> str:
    return folded(request.path[1].replace(SEPARATOR, "."))


def _table(request: Request) -> TableName:
    return TableName(_namespace(request), folded(request.path[3]))


def _identifier(given: Mapping[str, object]) -> TableName:
    return TableName(folded(_dotted(given["namespace"])), folded(str(given["name"])))


def _dotted(levels: object) -> str:
    if not isinstance(levels, list):
        raise Invalid("a namespace is a list of names", hint='write "namespace": ["sales"]')
    return ".".join(map(str, levels))


def _texts(given: object) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise Invalid("properties are an object of texts", hint='write "properties": {"owner": "me"}')
    return {str(k): str(v) for k, v in given.items()}


def _object(given: object) -> Mapping[str, object]:
    if not isinstance(given, Mapping):
        raise Invalid("an object is missing from the body", hint="see the Iceberg REST specification")
    return given


def _loaded(head: Head) -> Answer:
    return Answer(
        status=200, body={"metadata-location": head.location, "metadata": _plain(head.metadata), "config": {}}
    )


def _plain(metadata: TableMetadata) -> object:
    return orjson.Fragment(metadata.model_dump_json(by_alias=True, exclude_none=True))


def _config(_catalog: Catalog, _request: Request) -> Answer:
    endpoints = [
        f"{method} /v1/{'/'.join(_template(path))}" for method, *path in ROUTES if path != ["config"]
    ]
    return Answer(status=200, body={"defaults": {}, "overrides": {}, "endpoints": endpoints})


def _template(path: Sequence[str]) -> list[str]:
    names = iter(("{namespace}", "{table}"))
    prefix = [] if path[0] == "config" else ["{prefix}"]
    return prefix + [next(names) if part == "*" else part for part in path]


def _list_namespaces(catalog: Catalog, _request: Request) -> Answer:
    return Answer(status=200, body={"namespaces": [n.split(".") for n in catalog.pointers.namespaces()]})


def _create_namespace(catalog: Catalog, request: Request) -> Answer:
    name = _dotted(request.body["namespace"])
    properties = _texts(request.body.get("properties") or {})
    if not catalog.pointers.create_namespace(name, properties):
        raise Conflict("the namespace exists already", hint="use it, or choose another name")
    return Answer(status=200, body={"namespace": name.split("."), "properties": properties})


def _load_namespace(catalog: Catalog, request: Request) -> Answer:
    name = _namespace(request)
    properties = catalog.pointers.namespace_properties(name)
    return Answer(status=200, body={"namespace": name.split("."), "properties": properties})


def _has_namespace(catalog: Catalog, request: Request) -> Answer:
    catalog.pointers.require_namespace(_namespace(request))
    return Answer(status=204)


def _drop_namespace(catalog: Catalog, request: Request) -> Answer:
    catalog.pointers.drop_namespace(_namespace(request))
    return Answer(status=204)


def _namespace_properties(catalog: Catalog, request: Request) -> Answer:
    name = _namespace(request)
    before = catalog.pointers.namespace_properties(name)
    wanted = request.body.get("removals") or []
    removals = [str(k) for k in wanted] if isinstance(wanted, list) else []
    updates = _texts(request.body.get("updates") or {})
    catalog.pointers.update_namespace(name, remove=removals, set_to=updates)
    removed, missing = [k for k in removals if k in before], [k for k in removals if k not in before]
    return Answer(status=200, body={"removed": removed, "updated": list(updates), "missing": missing})


def _list_tables(catalog: Catalog, request: Request) -> Answer:
    name = _namespace(request)
    catalog.pointers.require_namespace(name)
    found = [{"namespace": name.split("."), "name": t.table} for t in catalog.names() if t.namespace == name]
    return Answer(status=200, body={"identifiers": found})


def _create_table(catalog: Catalog, request: Request) -> Answer:
    body = request.body
    name = TableName(_namespace(request), folded(str(body["name"]))).checked()
    if name in catalog.names():
        raise Conflict(f"a table named {name} exists already", hint="choose another name, or write to it")
    spec, order = body.get("partition-spec"), body.get("write-order")
    metadata = catalog.stage_create(
        name,
        Schema.model_validate(body["schema"]),
        spec=PartitionSpec.model_validate(spec) if spec else UNPARTITIONED_PARTITION_SPEC,
        order=SortOrder.model_validate(order) if order else UNSORTED_SORT_ORDER,
        properties=_texts(body.get("properties") or {}),
        location=str(body["location"]) if body.get("location") else None,
    )
    if not body.get("stage-create"):
        return _loaded(catalog.create(name, metadata))
    catalog.prepare_folder(metadata.location)
    return Answer(status=200, body={"metadata": _plain(metadata), "config": {}})


def _load_table(catalog: Catalog, request: Request) -> Answer:
    return _loaded(catalog.head(_table(request)))


def _has_table(catalog: Catalog, request: Request) -> Answer:
    catalog.pointers.location(_table(request))
    return Answer(status=204)


def _drop_table(catalog: Catalog, request: Request) -> Answer:
    catalog.drop(_table(request))
    return Answer(status=204)


def _commit_table(catalog: Catalog, request: Request) -> Answer:
    head = catalog.commit((_change(catalog, _table(request), request.body, request),))[0]
    return Answer(status=200, body={"metadata-location": head.location, "metadata": _plain(head.metadata)})


def _commit_many(catalog: Catalog, request: Request) -> Answer:
    given = request.body["table-changes"]
    changes = map(_object, given if isinstance(given, list) else [])
    named = [(_identifier(_object(item["identifier"])), item) for item in changes]
    catalog.commit([_change(catalog, name, item, request) for name, item in named])
    return Answer(status=204)


def _change(catalog: Catalog, name: TableName, body: Body, request: Request) -> Change:
    requirements = REQUIREMENTS.validate_python(body.get("requirements") or ())
    updates = UPDATES.validate_python(body.get("updates") or ())
    create = any(isinstance(r, AssertCreate) for r in requirements)
    if create:
        updates = (*updates, SetPropertiesUpdate(updates={NAME_PROPERTY: str(name)}))
    elif request.is_ours:
        snapshots = [u.snapshot for u in updates if isinstance(u, AddSnapshotUpdate)]
        mark_commit(catalog.io, catalog.head(name).metadata, snapshots)
    return Change(
        name=name.checked(),
        requirements=requirements,
        updates=updates,
        create=create,
        summary=request.summary,
    )


def _register(catalog: Catalog, request: Request) -> Answer:
    name = TableName(_namespace(request), folded(str(request.body["name"]))).checked()
    location = request.body["metadata-location"]
    if not isinstance(location, str):
        raise Invalid(
            "metadata-location must be text", hint="give the path of a metadata file below the lake"
        )
    return _loaded(catalog.register(name, location))


def _rename(catalog: Catalog, request: Request) -> Answer:
    source, target = _object(request.body["source"]), _object(request.body["destination"])
    catalog.rename(_identifier(source), _identifier(target).checked())
    return Answer(status=204)


def _metrics(catalog: Catalog, request: Request) -> Answer:
    catalog.pointers.location(_table(request))
    return Answer(status=204)


ROUTES: Final[dict[tuple[str, ...], Callable[[Catalog, Request], Answer]]] = {
    ("GET", "config"): _config,
    ("GET", "namespaces"): _list_namespaces,
    ("POST", "namespaces"): _create_namespace,
    ("GET", "namespaces", "*"): _load_namespace,
    ("HEAD", "namespaces", "*"): _has_namespace,
    ("DELETE", "namespaces", "*"): _drop_namespace,
    ("POST", "namespaces", "*", "properties"): _namespace_properties,
    ("GET", "namespaces", "*", "tables"): _list_tables,
    ("POST", "namespaces", "*", "tables"): _create_table,
    ("POST", "namespaces", "*", "register"): _register,
    ("GET", "namespaces", "*", "tables", "*"): _load_table,
    ("HEAD", "namespaces", "*", "tables", "*"): _has_table,
    ("POST", "namespaces", "*", "tables", "*"): _commit_table,
    ("DELETE", "namespaces", "*", "tables", "*"): _drop_table,
    ("POST", "namespaces", "*", "tables", "*", "metrics"): _metrics,
    ("POST", "tables", "rename"): _rename,
    ("POST", "transactions", "commit"): _commit_many,
}
"""Method and path shape, `*` for a name, to what carries it out."""
