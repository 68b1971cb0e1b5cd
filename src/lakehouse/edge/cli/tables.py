"""[acts] `tables`, `show`, `history`, `describe`: what there is, and what is known about it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import fit, grid, words
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.grid import Head
from lakehouse.edge.cli.opening import opened
from lakehouse.lake.facade import ColumnCard, Dataset, Version

Table = Annotated[str, typer.Argument(help="people, or sales.people.")]
SHOWN_VERSIONS = 5


def tables(context: typer.Context) -> None:
    """List the tables: rows, size, last change."""
    call = calls.of(context)
    with opened(call) as lake:
        infos = lake.tables()
    if call.json:
        call.emit([asdict(info) for info in infos])
        return
    if not infos:
        call.say("no tables yet: lakehouse ingest FILE makes one; after a loss, lakehouse rebuild finds them")
        return
    heads = (
        Head("table"),
        *(Head(n, is_number=True) for n in ("rows", "columns", "size", "files")),
        Head("changed"),
    )
    lines = [
        (
            _name(info.namespace, info.table),
            f"{info.rows:,}",
            info.columns,
            fit.size(info.bytes),
            info.files,
            fit.moment(info.updated_at),
        )
        for info in infos
    ]
    grid.rows(call.out, heads, lines)
    rows, stored = sum(info.rows for info in infos), sum(info.bytes for info in infos)
    call.say(f"{fit.count(len(infos), 'table')}, {fit.count(rows, 'row')}, {fit.size(stored)}")


def show(
    context: typer.Context,
    table: Table,
    *,
    at: Annotated[str | None, typer.Option(help="A snapshot id, a time or a tag.")] = None,
) -> None:
    """One table in full: its card, its columns with personal data, its last versions."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.show(table, at=at)
    present(call, found)


def present(call: Call, found: Dataset) -> None:
    """Show one table as JSON or on the screen."""
    if call.json:
        call.emit(document(found))
        return
    info, card = found.info, found.card
    title = Text(_name(info.namespace, info.table), "bold")
    call.out.print(title.append(f"  {fit.clean(card.description)}" if card.description else "", "not bold"))
    facts = {
        "rows": f"{info.rows:,} in {fit.count(info.files, 'file')}, {fit.size(info.bytes)}",
        "snapshot": f"{info.snapshot_id}  {fit.moment(info.updated_at)}" if info.snapshot_id else "none yet",
        "key": ", ".join(card.key),
        "owner": card.owner,
        "sensitivity": card.sensitivity,
        "freshness": card.freshness,
        "tags": ", ".join(card.tags),
        "lineage": ", ".join(f"{k} {v}" for k, v in card.lineage.items()),
    }
    for name, value in facts.items():
        if value:
            call.out.print(Text.assemble((f"  {name:<12}", "dim"), fit.clean(value)))
    call.out.print()
    lines = []
    for column in found.columns:
        about = card.columns.get(str(column.field_id))
        pii, doc = (about.pii, about.doc or column.doc) if about else ("", column.doc)
        lines.append((column.name, Text(column.type, "cyan"), Text(pii, "bold magenta"), doc))
    grid.rows(call.out, (Head("column"), Head("type"), Head("personal"), Head("meaning")), lines)
    call.out.print()
    versions(call, found.history[:SHOWN_VERSIONS])
    hidden = len(found.history) - SHOWN_VERSIONS
    if hidden > 0:
        call.say(f"… and {hidden} more: lakehouse history {_name(info.namespace, info.table)}")


def history(context: typer.Context, table: Table) -> None:
    """Every kept version of a table, newest first; ● is the one that is read now."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.history(table)
    if call.json:
        call.emit([asdict(version) for version in found])
    else:
        versions(call, found)


def versions(call: Call, found: Sequence[Version], *, indent: str = "") -> None:
    """Show versions as a table."""
    numbers = ("rows", "added", "removed")
    heads = (
        Head(""),
        Head("snapshot", is_whole=True),
        Head("at", is_whole=True),
        Head("what"),
        *(Head(n, is_number=True) for n in numbers),
        Head("note"),
    )
    lines = [
        (
            Text("●" if v.is_current else " ", "green"),
            str(v.snapshot_id),
            fit.moment(v.at),
            v.operation,
            f"{v.rows:,}",
            f"+{v.added:,}" if v.added else "",
            f"-{v.removed:,}" if v.removed else "",
            note(v),
        )
        for v in found
    ]
    grid.rows(call.out, heads, lines, indent=indent)


def note(version: Version) -> Text:
    """Its tags, and what it was for: a source by its name without folders."""
    text = Text(" ".join(version.tags), "bold cyan")
    name = fit.clean(version.note.rsplit("/", 1)[-1])
    return Text(" ").join([text, Text(name)]) if text.plain else Text(name)


def describe(
    context: typer.Context,
    table: Table,
    *,
    text: Annotated[str | None, typer.Option("--description", "-d", help="What the table is.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for it.")] = None,
    sensitivity: Annotated[
        str | None, typer.Option(help="public, internal, confidential or restricted.")
    ] = None,
    freshness: Annotated[str | None, typer.Option(help="How old it may get: daily, 24h.")] = None,
    tags: Annotated[str | None, typer.Option(metavar="TAG,…", help="In place of the present ones.")] = None,
    column: Annotated[
        list[str] | None, typer.Option(metavar="C=TEXT", help="What a column means; may be repeated.")
    ] = None,
) -> None:
    """Write on a table's card; it is kept with the table and has a history like it."""
    call = calls.of(context)
    named = {"description": text, "owner": owner, "sensitivity": sensitivity, "freshness": freshness}
    given: dict[str, object] = {name: value for name, value in named.items() if value is not None}
    if tags is not None:
        given["tags"] = list(words.names(tags))
    columns = {name: ColumnCard(doc=doc) for name, doc in words.docs(column).items()}
    if not given and not columns:
        raise typer.BadParameter("say what to write: --description, --owner, --column …")
    with opened(call) as lake:
        if columns:
            lake.document(table, columns)
        if given:
            lake.describe(table, given)
        found = lake.show(table)
    present(call, found)


def document(found: Dataset) -> dict[str, object]:
    """One table as JSON."""
    cards = found.card.columns
    columns = [
        {
            "name": c.name,
            "type": c.type,
            **(asdict(cards[str(c.field_id)]) if str(c.field_id) in cards else {}),
        }
        for c in found.columns
    ]
    card = {name: value for name, value in asdict(found.card).items() if name != "columns"}
    return {
        **asdict(found.info),
        **card,
        "columns": columns,
        "history": [asdict(version) for version in found.history],
    }


def _name(namespace: str, table: str) -> str:
    return fit.clean(table if namespace == "lake" else f"{namespace}.{table}")
