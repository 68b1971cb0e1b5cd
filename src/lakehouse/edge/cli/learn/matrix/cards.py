"""[acts] `lakehouse matrix corpora`, `add`, `remove`, `build`, `suggest`: what can be asked, and how."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lakehouse.base.errors import Invalid
from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import fit, grid, words
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.grid import Head
from lakehouse.edge.cli.learn.feedback import prefix
from lakehouse.edge.cli.opening import opened
from lakehouse.lake.facade import Lakehouse
from lakehouse.matrix.build import Built

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the corpus: a-z, 0-9 and _.")]
Facets = Annotated[str | None, typer.Option("--facet", metavar="C,…", help="Columns questions may name.")]
Keys = Annotated[
    str | None, typer.Option("--key", metavar="C,…", help="Facets in which the past must agree.")
]
Purpose = Annotated[str | None, typer.Option(help="What it is for, in a sentence.")]


def corpora(context: typer.Context) -> None:
    """List the corpora: every index, and what its card says of how to ask it."""
    call = calls.of(context)
    with opened(call) as lake:
        cards = lake.matrix.corpora.ls()
    if call.json:
        call.emit([asdict(card) for card in cards])
        return
    if not cards:
        call.say("no corpora yet: lakehouse index build NAME --table T --text C,… makes one")
        return
    heads = (
        Head("corpus", is_whole=True),
        Head("index"),
        Head("weight", is_number=True),
        *(Head(name) for name in ("facets", "purpose", "filter")),
    )
    lines = [
        (card.name, card.index, f"{card.weight:g}", ", ".join(card.facets), card.purpose, card.filter)
        for card in cards
    ]
    grid.rows(call.out, heads, lines)


def add(
    context: typer.Context,
    name: Name,
    *,
    index: Annotated[str | None, typer.Option(help="That it searches; else the one of its name.")] = None,
    purpose: Purpose = None,
    weight: Annotated[float | None, typer.Option(help="2: each row twice as likely right.")] = None,
    floor: Annotated[float | None, typer.Option(help="Probability below which rows are dropped.")] = None,
    filter: Annotated[  # noqa: A002 - the word on the command line
        str | None, typer.Option(metavar="SQL", help="A condition its rows always meet.")
    ] = None,
    facet: Facets = None,
    key: Keys = None,
    card: Annotated[
        str | None, typer.Option(metavar="JSON", help="The whole card, or @FILE; options go before it.")
    ] = None,
) -> None:
    """Give an index a card, or write it anew; several corpora may look at one index."""
    call = calls.of(context)
    facets, keys = _columns(facet), _columns(key)
    given = {
        "index": index, "purpose": purpose, "weight": weight, "floor": floor, "filter": filter,
        "facets": facets, "keys": keys,
    }  # fmt: skip
    members = _card(card) | {"name": name} | {n: value for n, value in given.items() if value is not None}
    with opened(call) as lake:
        made = lake.matrix.corpora.add(members)
    if call.json:
        call.emit(asdict(made))
        return
    _done(call, f"{made.name} asks {made.index}")
    if not made.facets:
        call.say(Text.assemble(("next  ", "dim"), f"{prefix(call)} matrix suggest {made.name}"))


def remove(context: typer.Context, name: Name) -> None:
    """Forget a card; its index stays, and is a corpus as it is."""
    call = calls.of(context)
    with opened(call) as lake:
        lake.matrix.corpora.remove(name)
    if call.json:
        call.emit({"corpus": name, "removed": True})
    else:
        _done(call, f"the card {name} is forgotten")


def build(
    context: typer.Context,
    name: Name,
    *,
    table: Annotated[str | None, typer.Option("--table", "-t", help="Over a table as it is.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Markdown and text files below it.")] = None,
    sql: Annotated[str | None, typer.Option(metavar="QUERY", help="The rows of a query.")] = None,
    text: Annotated[str | None, typer.Option(metavar="C,…", help="Columns, or a template.")] = None,
    id: Annotated[  # noqa: A002 - the word on the command line
        str | None, typer.Option(metavar="C", help="Identifies a row; --sql needs it.")
    ] = None,
    purpose: Purpose = None,
    facet: Facets = None,
    key: Keys = None,
) -> None:
    """Make a corpus of a table, of a folder, or of the rows of a query; the same again brings it up."""
    call = calls.of(context)
    if sum(one is not None for one in (table, folder, sql)) != 1:
        raise typer.BadParameter("say --table, --folder or --sql", param_hint="--table")
    if (folder is None and not text) or (sql is not None and id is None):
        raise typer.BadParameter("say which columns are read, and --id with --sql", param_hint="--text")
    card: dict[str, object] = {
        "name": name, "purpose": purpose or "", "facets": _columns(facet) or (), "keys": _columns(key) or (),
    }  # fmt: skip
    read = text if text and "{" in text else words.names(text)
    with opened(call) as lake:
        built = _built(lake, card, table=table, folder=folder, sql=sql, text=read, key=id)
    if call.json:
        call.emit(asdict(built))
        return
    _done(call, f"{name}  {built.rows:,} rows of {built.table}, {built.waiting:,} wait for their meaning")
    for skipped in built.skipped:
        call.say(Text.assemble(("! ", "yellow"), fit.clean(skipped)))


def suggest(context: typer.Context, name: Name) -> None:
    """Columns that questions could name, as far as one can tell from their values; not personal data."""
    call = calls.of(context)
    with opened(call) as lake:
        facets = lake.matrix.suggest(name)
        index = lake.matrix.corpora.index_of(name)
    if call.json:
        call.emit([asdict(facet) for facet in facets])
        return
    if not facets:
        call.say("no column has values that a question could name")
        return
    grid.rows(
        call.out,
        (Head("column"), Head("kind"), Head("separator")),
        [(one.column, one.kind, one.separator) for one in facets],
    )
    listed = ",".join(one.column for one in facets)
    call.say(
        Text.assemble(("next  ", "dim"), f"{prefix(call)} matrix add {name} --index {index} --facet {listed}")
    )


def _built(
    lake: Lakehouse,
    card: Mapping[str, object],
    *,
    table: str | None,
    folder: Path | None,
    sql: str | None,
    text: str | tuple[str, ...],
    key: str | None,
) -> Built:
    if table is not None:
        return lake.matrix.build_table(card, table=table, text=text, id=key)
    if folder is not None:
        return lake.matrix.build_folder(card, folder)
    return lake.matrix.build_sql(card, str(sql), id=str(key), text=text)


def _columns(given: str | None) -> tuple[str, ...] | None:
    return None if given is None else words.names(given)


def _card(given: str | None) -> dict[str, object]:
    if given and given.startswith("@"):
        try:
            given = Path(given[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(f"cannot read {given[1:]}", hint="check the path; the text is UTF-8") from error
    try:
        made = json.loads(given or "{}")
    except (ValueError, RecursionError) as error:
        raise Invalid("the card is not JSON", hint='--card \'{"facets": ["city"]}\'') from error
    if not isinstance(made, dict):
        raise Invalid("the card is not a JSON object", hint='--card \'{"facets": ["city"]}\'')
    return made


def _done(call: Call, what: str) -> None:
    if not call.quiet:
        call.out.print(Text.assemble(("✓ ", "bold green"), fit.clean(what)), soft_wrap=True)
