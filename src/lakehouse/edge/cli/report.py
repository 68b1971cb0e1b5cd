"""[acts] The report of an ingest as people read it."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lakehouse.edge.cli import fit
from lakehouse.lake.facade import ColumnReport, IngestReport

SIGNS: Final = {"quarantined": ("✗", "bold red"), "skipped": ("·", "dim")}
DONE: Final = ("✓", "bold green")
WOULD: Final = {
    "created": "create",
    "appended": "append to",
    "replaced": "replace",
    "upserted": "upsert into",
}
MOST_COLUMNS: Final = 40
"""More are summed up in one line."""


def block(one: IngestReport, *, dry_run: bool = False) -> RenderableType:
    """One source: what became of it, the proof, its columns, the differences."""
    parts: list[RenderableType] = [_first_line(one, dry_run=dry_run)]
    if one.reason and not dry_run:
        parts.append(_below(Text(fit.clean(one.reason))))
    if one.hint:
        parts.append(_below(Text.assemble(("fix  ", "dim"), fit.clean(one.hint))))
    if one.rows_read:
        parts.append(_below(Text(one.proof, "" if not one.rejected else "yellow")))
    if one.changes:
        parts.append(_below(Text("\n".join(map(fit.clean, one.changes)), "cyan")))
    if one.columns and one.status != "skipped":
        parts.append(_below(_columns(one.columns)))
    return Group(*parts)


def _first_line(one: IngestReport, *, dry_run: bool) -> Text:
    sign, style = SIGNS.get(one.status, DONE)
    if dry_run and one.status in WOULD:
        said = f"would {WOULD[one.status]} {one.table}"
    elif one.status == "quarantined":
        said = "set aside"
    else:
        said = f"{one.status} {one.table}"
    took = f"  {one.elapsed_ms / 1000:.2f} s" if one.elapsed_ms else ""
    line = Text.assemble((f"{sign} ", style), (fit.clean(said), "bold"))
    return line.append(f"  ← {fit.clean(one.source)}{took}", "dim")


def line(one: IngestReport) -> Text:
    """One source on one line."""
    said = _first_line(one, dry_run=False)
    text = f"  {one.rows:>11,} rows" if one.rows or one.status == "created" else ""
    if one.rejected:
        text += f", {one.rejected:,} rejected"
    return (
        said
        if not text
        else Text.assemble((f"{SIGNS.get(one.status, DONE)[0]} ", DONE[1]), f"{one.table:<14}", text)
    )


def _columns(columns: Sequence[ColumnReport]) -> RenderableType:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=32)
    table.add_column(style="cyan", no_wrap=True, overflow="ellipsis", max_width=28)
    table.add_column(style="bold magenta", no_wrap=True)
    table.add_column(style="dim")
    is_personal = any(column.pii for column in columns)
    for column in columns[:MOST_COLUMNS]:
        why = (Text(column.pii), Text(fit.clean(column.evidence))) if is_personal else ()
        table.add_row(Text(fit.clean(column.name)), Text(column.type), *why)
    hidden = len(columns) - MOST_COLUMNS
    return Group(table, Text(f"… and {hidden} more columns", "dim")) if hidden > 0 else table


def _below(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, 2), expand=False)


def closing(done: Sequence[IngestReport], *, dry_run: bool) -> Text:
    """The sum over all sources, and what one would type next."""
    text = Text()
    if len(done) > 1:
        said = ", ".join(f"{count} {status}" for status, count in Counter(one.status for one in done).items())
        text.append(f"\n{len(done)} files: {said} · {sum(one.rows for one in done):,} rows\n", "bold")
    if dry_run:
        return text.append("dry run: nothing was written")
    tables = dict.fromkeys(one.table for one in done if one.status != "quarantined")
    for table in list(tables)[:1]:
        text.append("\nnext  ", "dim").append(f'lakehouse sql "SELECT * FROM {_typed(table)} LIMIT 5"')
        text.append(f"\n      lakehouse show {_typed(table)}")
    if any(one.rejected for one in done):
        text.append('\n      lakehouse sql "SELECT source, line, reason, raw FROM system.rejected"')
    return text


def interrupted(done: Sequence[IngestReport]) -> Text:
    """What a Ctrl-C left."""
    kept = [one for one in done if one.status != "quarantined"]
    rows = sum(one.rows for one in kept)
    text = Text.assemble(("✗ ", "bold red"), ("interrupted", "bold"))
    text.append(
        f"\n  kept: {fit.count(len(kept), 'file')}, {fit.count(rows, 'row')}; of the one in progress, nothing"
    )
    return text.append("\n  fix  run it again: what is in already is skipped", "dim")


def _typed(table: str) -> str:
    # A name as it must be written between the double quotes of a shell.
    return fit.clean(table).replace('"', '\\"')
