"""[acts] Rows as a table on the screen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from lakehouse.edge.cli import fit
from lakehouse.lake.facade import Result, is_number, text


@dataclass(frozen=True, slots=True)
class Head:
    """One column's title."""

    name: str
    is_number: bool = False
    is_whole: bool = False
    """Shown in full or not at all."""


def rows(
    console: Console, heads: Sequence[Head], cells: Iterable[Sequence[object]], *, indent: str = ""
) -> int:
    """Print a table and return how many columns had room.

    Not with rich's own table: that takes seconds for a thousand rows, and pads lines in files.
    """
    titles = [Text(fit.clean(head.name), "bold") for head in heads]
    lines = [titles, *([_cell(value) for value in line] for line in cells)]
    natural = [max(line[n].cell_len for line in lines) for n in range(len(heads))]
    whole = [n for n, head in enumerate(heads) if head.is_whole or head.is_number]
    widths = fit.widths(natural, room=console.width - len(indent), whole=whole)
    page = Text()
    for line in lines:
        row = Text(indent)
        for cell, head, width in zip(line, heads, widths, strict=False):
            cell.truncate(width, overflow="ellipsis")
            cell.align("right" if head.is_number else "left", width)
            row.append_text(cell).append(" " * fit.GAP)
        row.rstrip()
        page.append_text(row).append("\n")
    console.print(page, end="", soft_wrap=True)
    return len(widths)


def result(console: Console, given: Result) -> int:
    """Print the rows of a query and return how many columns had room."""
    heads = [Head(column.name, is_number=is_number(column)) for column in given.columns]
    return rows(console, heads, given.rows())


def _cell(value: object) -> Text:
    match value:
        case None:
            return Text("NULL", "dim")
        case Text():
            return value
        case bool():
            return Text(str(value).lower())
        case bytes() | list() | dict() | tuple():
            return Text(fit.clean(text(value)))
        case float():
            return Text(repr(value))
        case _:
            return Text(fit.clean(str(value)))
