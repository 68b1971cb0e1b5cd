"""[pure] /docs: the OpenAPI document as one page of HTML; no script, nothing from elsewhere."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}h2{margin-top:2.5rem;border-bottom:1px solid #ccc}code,pre{font-family:ui-monospace,"
    "monospace;font-size:.9em}summary{cursor:pointer;padding:.3rem 0}summary:focus-visible{outline:2px solid "
    "#06c}b{display:inline-block;min-width:4.5em}table{border-collapse:collapse}td,th{padding:.2rem .8rem "
    ".2rem 0;text-align:left;vertical-align:top}@media(prefers-color-scheme:dark){body{color:#eee;"
    "background:#16181c}}"
)
DIGEST: Final = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{DIGEST}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The Content-Security-Policy of the page: its own style, and nothing else."""

Object = Mapping[str, object]


def page(document: Object) -> str:
    """The page for an OpenAPI document."""
    info = _object(document.get("info"))
    title = f"{escape(str(info.get('title')))} {escape(str(info.get('version')))}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        f"<h1>{title}</h1><p>{escape(str(info.get('description', '')))}</p>"
        f'<p>The same for programs: <a href="/openapi.json">/openapi.json</a></p>'
        f"{''.join(_groups(document))}{_models(document)}</body></html>"
    )


def _groups(document: Object) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for path, methods in _object(document.get("paths")).items():
        for method, found in _object(methods).items():
            operation = _object(found)
            tags = operation.get("tags")
            tag = str(tags[0]) if isinstance(tags, list) and tags else "other"
            groups.setdefault(tag, []).append(_operation(path, method, operation))
    for tag, operations in groups.items():
        yield f"<h2>{escape(tag)}</h2>{''.join(operations)}"


def _operation(path: str, method: str, operation: Object) -> str:
    given = [
        f"<tr><td><code>{escape(str(p.get('name')))}</code><td>{escape(str(p.get('in')))}"
        f"<td>{escape(str(p.get('description', '')))}"
        for p in map(_object, _list(operation.get("parameters")))
    ]
    table = f"<table><tr><th>parameter<th>in<th>meaning{''.join(given)}</table>" if given else ""
    told = "".join(
        f"<p>{escape(part)}</p>" for part in str(operation.get("description", "")).split("\n\n") if part
    )
    return (
        f"<details><summary><b>{method.upper()}</b><code>{escape(path)}</code> · "
        f"{escape(str(operation.get('summary', '')))}</summary>{told}{table}{_contents(operation)}</details>"
    )


def _contents(operation: Object) -> str:
    asked = [("body", _object(operation.get("requestBody")))]
    answered = [(status, _object(of)) for status, of in _object(operation.get("responses")).items()]
    rows = [
        f"<tr><td>{escape(what)}<td><code>{escape(media)}</code><td>{_schema(_object(of).get('schema'))}"
        for what, holder in (*asked, *answered)
        for media, of in _object(holder.get("content")).items()
    ]
    return f"<table><tr><th>what<th>type<th>members{''.join(rows)}</table>" if rows else ""


def _models(document: Object) -> str:
    schemas = _object(_object(document.get("components")).get("schemas"))
    found = [
        f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{escape(str(_object(of).get("description", "")))}</p>'
        f"<table>{_members(_object(of))}</table>"
        for name, of in schemas.items()
    ]
    return f"<h2>Objects</h2>{''.join(found)}"


def _members(schema: Object) -> str:
    return "".join(
        f"<tr><td><code>{escape(name)}</code><td>{_schema(of)}"
        f"<td>{escape(str(_object(of).get('description', '')))}"
        for name, of in _object(schema.get("properties")).items()
    )


def _schema(given: object) -> str:
    """A type in a few words, linked where it has a name."""
    schema = _object(given)
    if "$ref" in schema:
        name = escape(str(schema["$ref"]).rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_schema(option) for option in _list(schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {_schema(schema.get('items')) or 'anything'}"
    if "enum" in schema:
        return " · ".join(f"<code>{escape(str(value))}</code>" for value in _list(schema["enum"]))
    if schema.get("type") == "object" and "properties" in schema:
        return f"<table>{_members(schema)}</table>"
    return escape(str(schema.get("type", "")))


def _object(given: object) -> Object:
    return given if isinstance(given, Mapping) else {}


def _list(given: object) -> list[object]:
    return given if isinstance(given, list) else []
