"""[acts] `lakehouse search`: the rows that answer, each with the passage that does and where it stands."""

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Final

import typer
from rich.text import Text

from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import fit, words
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.opening import opened
from lakehouse.edge.cli.search import passage
from lakehouse.lake.facade import Found, Hit
from lakehouse.search.hits import Place

LINES: Final = 3
"""Of a passage on a screen; --json and a pipe get all of it."""

GAP: Final = 2
"""Between the rank and the rest."""

NARROWEST: Final = 20
"""Characters of a line of text; a narrower window has to scroll."""

LEARNED: Final = "playbook: "
"""Begins the part of a hit's reason that the past gave."""

Corpora = Annotated[
    str | None, typer.Option("--corpus", "-c", metavar="N,…", help="Indexes to search; else all.")
]


def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help='Words, "phrases", fuzzy~, -excluded; or a question.')],
    *,
    corpus: Corpora = None,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="Hits.")] = 10,
    where: Annotated[str, typer.Option(metavar="SQL", help="A condition on the table's columns.")] = "",
    exact: Annotated[bool, typer.Option("--exact", help="Compare with every vector.")] = False,
    exclude: Annotated[str | None, typer.Option(metavar="ID,…", help="Rows not to find.")] = None,
    no_playbook: Annotated[
        bool, typer.Option("--no-playbook", help="Let no earlier outcome move rows.")
    ] = False,
) -> None:
    """Find rows by words and by meaning; with --where, only rows for which SQL says so."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.search(
            query, corpora=words.names(corpus), k=k, where=where, exact=exact, exclude=words.names(exclude),
            playbook=not no_playbook,
        )  # fmt: skip
    if call.json:
        call.emit(asdict(found))
        return
    present(call, found, query)
    notes(call, found)
    moved = f", {found.learning.moved} moved by earlier outcomes" if found.learning.moved else ""
    call.say(f"{fit.count(len(found.hits), 'hit')} in {found.elapsed_ms:.0f} ms{moved}")
    if found.hits:
        call.onward(feedback_on(found, found.hits[0]))


def present(call: Call, found: Found, question: str, *, indent: str = "") -> None:
    """The hits as a list."""
    ranks = max((len(str(hit.rank)) for hit in found.hits), default=1)
    before = places(found.hits)
    for hit in found.hits:
        head = Text.assemble(
            f"{indent}{hit.rank:>{ranks}}  ", (f"{hit.score:.3f}", "cyan"), "  ", (fit.clean(hit.id), "bold"),
            (f"  {fit.clean(hit.corpus)}", "dim"), arrow(hit, before[hit.rank]),
        )  # fmt: skip
        call.out.print(head, soft_wrap=True)
        below(call, hit, question, indent=indent + " " * (ranks + GAP))


def places(hits: Sequence[Hit]) -> dict[int, int]:
    """Rank -> the place that the hit had among these ones before earlier outcomes moved it."""
    ordered = sorted(hits, key=lambda hit: (-hit.parts.base, hit.rank))
    return {hit.rank: place for place, hit in enumerate(ordered, 1)}


def arrow(hit: Hit, before: int) -> Text:
    """How far earlier outcomes moved a hit among those that are shown; empty where they did not."""
    boost, up = hit.parts.boost, before - hit.rank
    if not boost or (boost < 0 and up >= 0):
        return Text()
    if boost < 0:
        return Text(f"  ▼{-up} {boost:+.2f}", "yellow")
    if hit.parts.base == 0:
        return Text("  ▲ joined", "bold green")
    return Text(f"  ▲{max(up, 0) or ''} {boost:+.2f}", "bold green")


def feedback_on(found: Found, hit: Hit) -> str:
    """The command that says that a hit was taken."""
    is_alone = [one.id for one in found.hits].count(hit.id) == 1
    corpus = "" if is_alone else f" --corpus {shlex.quote(hit.corpus)}"
    doc = shlex.quote(fit.clean(hit.id))
    return f"feedback {found.search_id} {doc} --outcome accepted{corpus}"


def notes(call: Call, found: Found) -> None:
    """What a person should know of the search, on stderr."""
    for note in found.notes:
        call.say(Text.assemble(("! ", "yellow"), fit.clean(note)))


def place(source: Place) -> str:
    """Where a text stands: people 17, chunk 0, characters 0-412."""
    at = f", chunk {source.chunk}, characters {source.start:,}-{source.end:,}" if source.end else ""
    return fit.clean(f"{source.table} {source.row}{at}")


def below(call: Call, hit: Hit, question: str, *, indent: str) -> None:
    """The passage, the words of the question standing out, and where it is."""
    width = max(call.out.width - len(indent), NARROWEST)
    lines = _folded(call, hit.text, question, width) if hit.text else []
    found, sign, learned = hit.why.partition(LEARNED)
    said = [Text(f"{place(hit.source)} · {found.removesuffix('; ')}", "dim")]
    if sign and hit.parts.boost and hit.parts.boost > 0:
        said.append(Text(fit.clean(sign + learned), "green"))
    for line in said:
        line.truncate(width, overflow="ellipsis")
    for line in (*lines, *said):
        call.out.print(Text.assemble(indent, line), soft_wrap=True)


def _folded(call: Call, text: str, question: str, width: int) -> Sequence[Text]:
    """A passage on `LINES` lines at most."""
    room = width * LINES
    while True:
        shown = passage.shown(text, question, room=room)
        styled = Text(shown.text)
        for start, end in shown.marks:
            styled.stylize("bold yellow", start, end)
        lines = list(styled.wrap(call.out, width))
        if len(lines) <= LINES or room <= NARROWEST:
            for line in lines:
                line.rstrip()
            return lines[:LINES]
        room -= NARROWEST // 2  # lines break between words, so not every character finds its place
