"""[acts] `lakehouse index build` and `refresh`: words at once, meaning as fast as the model is."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Literal, TypeVar

import typer
from rich.text import Text

from lakehouse.base.errors import LakehouseError
from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import failure, fit, words
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.opening import opened
from lakehouse.edge.cli.search.index import Name
from lakehouse.edge.cli.search.look import document, model_of, quality
from lakehouse.edge.cli.search.phases import Phases, phases
from lakehouse.lake.facade import IndexInfo, Lakehouse, Refreshed

Refresh = Literal["on-append", "scheduled", "manual"]
Done = TypeVar("Done")


def build(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="a-z, 0-9 and _: resumes.")],
    *,
    table: Annotated[str, typer.Option("--table", "-t", help="Where the rows are.")],
    text: Annotated[
        str | None, typer.Option(metavar="C,…", help="Columns, or a template: '{role}: {resume}'.")
    ] = None,
    id: Annotated[  # noqa: A002 - the word on the command line
        str | None, typer.Option(metavar="C", help="Else the table's key, else one with unique values.")
    ] = None,
    vector: Annotated[str, typer.Option(metavar="C", help="A column of ready vectors; no model.")] = "",
    model: Annotated[str | None, typer.Option(help="Refuse any other model than this.")] = None,
    config: Annotated[str | None, typer.Option(metavar="JSON", help='{"m": 32, "ef_search": 128}')] = None,
    chunk_tokens: Annotated[int | None, typer.Option(help="Longest passage; else 200.")] = None,
    refresh: Annotated[Refresh | None, typer.Option(help="Under serve; else on-append.")] = None,
    min_recall: Annotated[float | None, typer.Option(help="To be promoted; else 0.95.")] = None,
) -> None:
    """Make a table searchable by words and by meaning; the same again brings it up to date.

    Words answer as soon as they are in, while the model still embeds. Without a model search works by words.
    """
    call = calls.of(context)
    given = {"chunk_tokens": chunk_tokens, "refresh": refresh, "min_recall": min_recall, "model": model}
    more = {what: value for what, value in given.items() if value is not None}
    settings = words.document(config, "--config")

    def work(lake: Lakehouse, watch: Phases) -> IndexInfo:
        asked = {"table": table, "text": texts(text), "id": id, "vector": vector, "config": settings}
        return lake.index.build(name, **asked, watch=watch, **more)  # type: ignore[arg-type]  # each its own

    with opened(call) as lake:
        info = _worked(call, lake, name, work)
        lacks = _lacks_model(lake, info)
    if call.json:
        call.emit(document(info))
        return
    if not call.quiet:
        call.out.print(summary(info))
    if lacks:
        call.say(lacks)
    call.say(Text.assemble(("next  ", "dim"), f'lakehouse search "…" --corpus {info.name}'))


def refresh(context: typer.Context, name: Name) -> None:
    """Embed what is new or edited and let go what is gone; what was done before a stop is not done again."""
    call = calls.of(context)
    with opened(call) as lake:
        done = _worked(call, lake, name, lambda lake, watch: lake.index.refresh(name, watch=watch))
    if call.json:
        call.emit({"name": name, **asdict(done)})
    elif not call.quiet:
        call.out.print(Text.assemble(("✓ ", "bold green"), (f"{fit.clean(name)}  ", "bold"), said(done)))


def texts(text: str | None) -> tuple[str, ...]:
    """Columns between commas, or one template, which has braces and keeps its commas."""
    if text and "{" in text:
        return (text,)
    return words.names(text)


def summary(info: IndexInfo) -> Text:
    """An index that was built, in two lines."""
    by_words = f"{info.rows:,} rows of {info.table} by words" if info.text else info.table
    by_meaning = f", {info.embedded:,} by meaning" if info.embedded else ""
    lines = Text.assemble(("✓ ", "bold green"), (f"{info.name}  ", "bold"), fit.clean(by_words + by_meaning))
    for about, line in (("", model_of(info)), ("generation ", quality(info))):
        if line:
            lines.append(f"\n  {about}{fit.clean(line)}", "dim")
    return lines


def said(done: Refreshed) -> str:
    """What a refresh did."""
    parts = [
        f"{count:,} {what}"
        for count, what in (
            (done.words, "rows taken up by words"),
            (done.embedded, "passages embedded"),
            (done.removed, "rows let go"),
            (done.refused, "rows without a vector that fits"),
            (done.keyless, "rows without an id"),
            (done.blank, "rows without text"),
        )
        if count
    ]
    return ", ".join(parts) or "nothing to do"


def _worked(call: Call, lake: Lakehouse, name: str, work: Callable[[Lakehouse, Phases], Done]) -> Done:
    """Do it with its progress on the screen; an interrupt says what was kept."""
    try:
        with phases(call, name) as watch:
            return work(lake, watch)
    except KeyboardInterrupt:
        call.err.print(interrupted(name, _kept(lake, name, watch)))
        raise typer.Exit(failure.INTERRUPTED) from None


def _kept(lake: Lakehouse, name: str, watch: Phases) -> str:
    """What an interrupt left of the work; looked up, since a bar runs ahead of what is stored."""
    if watch.last is None or watch.last.phase == "words":
        return "nothing yet; the table is as it was"
    try:
        info = lake.index.show(name)
    except LakehouseError:
        return "what was stored"
    return f"words of {info.rows:,} rows, the meaning of {info.embedded:,} of them"


def interrupted(name: str, kept: str) -> Text:
    """What a Ctrl-C left, and how to go on."""
    text = Text.assemble(("✗ ", "bold red"), ("interrupted", "bold"), f"\n  kept: {kept}")
    return text.append("\n  fix  ", "dim").append(f"lakehouse index refresh {fit.clean(name)}")


def _lacks_model(lake: Lakehouse, info: IndexInfo) -> Text | None:
    """What to say where nothing can be embedded; None where all is well."""
    if info.vector or info.model or not info.rows:
        return None
    way = "set [embedding] provider in lakehouse.toml"
    if lake.settings.embedding.provider != "none":
        way = f"make setup installs one; or {way}"
    return Text.assemble(
        ("! ", "yellow"), "there is no embedding model: search works by words only",
        ("\n  fix  ", "dim"), f"{way}; then lakehouse index refresh {info.name}",
    )  # fmt: skip
