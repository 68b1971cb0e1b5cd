"""[pure] Dataset cards: what people should know about a table, kept as its properties.

Because a card lives in the table's own metadata, it travels with the files, has a history, and is
restored with them by `rebuild`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from lakehouse.base.errors import Invalid

PREFIX: Final = "lakehouse.card."
COLUMN: Final = "lakehouse.column."
SENSITIVITIES: Final = ("public", "internal", "confidential", "restricted")
"""In rising order; a table with PII is at least `confidential`."""

TEXTS: Final = ("description", "owner", "sensitivity", "freshness")
"""`freshness` is how old the newest data may get, in words a person chose: 24h, daily."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnCard:
    """What is known about one column."""

    doc: str = ""
    pii: str = ""
    """Kind of personal data: email, phone, ssn; empty where there is none."""

    evidence: str = ""
    """Why it was taken for that: name, share of sampled values. Never a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is known about one table."""

    description: str = ""
    owner: str = ""
    sensitivity: str = "internal"
    freshness: str = ""
    tags: tuple[str, ...] = ()
    lineage: Mapping[str, str] = field(default_factory=dict)
    """Where the rows came from: source, format, ingest id; never a secret."""

    key: tuple[str, ...] = ()
    """Columns that identify a row, as given at the first upsert."""

    columns: Mapping[str, ColumnCard] = field(default_factory=dict)
    """By field id, as text: a renamed column keeps its card."""


def read(properties: Mapping[str, str]) -> Card:
    """The card in a table's properties; absent parts have their defaults."""
    texts = {name: properties[PREFIX + name] for name in TEXTS if PREFIX + name in properties}
    columns = {
        key.removeprefix(COLUMN): ColumnCard(**json.loads(value))
        for key, value in properties.items()
        if key.startswith(COLUMN)
    }
    return Card(
        **texts,
        tags=tuple(json.loads(properties.get(PREFIX + "tags", "[]"))),
        lineage=json.loads(properties.get(PREFIX + "lineage", "{}")),
        key=tuple(json.loads(properties.get(PREFIX + "key", "[]"))),
        columns=columns,
    )


def write(card: Card) -> dict[str, str]:
    """The properties that hold a card.

    Raises:
        Invalid: an unknown sensitivity.
    """
    if card.sensitivity not in SENSITIVITIES:
        raise Invalid(
            f"no sensitivity {card.sensitivity[:40]!r}", hint=f"use one of {', '.join(SENSITIVITIES)}"
        )
    texts = {PREFIX + name: getattr(card, name) for name in TEXTS if getattr(card, name)}
    lists = {"tags": sorted(set(card.tags)), "lineage": dict(card.lineage), "key": list(card.key)}
    columns = {
        COLUMN + field_id: json.dumps({"doc": c.doc, "pii": c.pii, "evidence": c.evidence})
        for field_id, c in card.columns.items()
    }
    return texts | {PREFIX + name: json.dumps(value) for name, value in lists.items() if value} | columns


def merged(card: Card, given: Mapping[str, object]) -> Card:
    """The card with the members of `given` changed, as a PATCH would.

    Raises:
        Invalid: an unknown member, or one of the wrong type.
    """
    values: dict[str, object] = {}
    for name, value in given.items():
        if name in TEXTS and isinstance(value, str):
            values[name] = value.strip()
        elif name == "tags" and isinstance(value, list) and all(isinstance(t, str) for t in value):
            values[name] = tuple(value)
        elif name == "lineage" and isinstance(value, dict):
            values[name] = {str(k): str(v) for k, v in value.items()}
        else:
            hint = "members: description, owner, sensitivity, freshness (text), tags (list), lineage (object)"
            raise Invalid(f"a card cannot take {str(name)[:40]!r} like that", hint=hint)
    current: dict[str, object] = {f: getattr(card, f) for f in Card.__dataclass_fields__}
    return Card(**(current | values))  # type: ignore[arg-type]  # each member was checked above


def documented(card: Card, given: Mapping[str, ColumnCard]) -> Card:
    """The card with what people say of its columns, by field id; what they leave empty stays as it was."""
    columns = dict(card.columns)
    for field_id, said in given.items():
        known = columns.get(field_id, ColumnCard())
        columns[field_id] = ColumnCard(
            doc=said.doc or known.doc, pii=said.pii or known.pii, evidence=said.evidence or known.evidence
        )
    return replace(card, columns=columns)
