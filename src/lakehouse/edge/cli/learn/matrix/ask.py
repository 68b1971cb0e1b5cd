"""[acts] `lakehouse matrix search`: many corpora asked as one, what was understood, and what was dropped."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Annotated, Final

import typer
from rich.text import Text

from lakehouse.base.errors import Invalid
from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import fit, words
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.learn.feedback import prefix
from lakehouse.edge.cli.opening import opened
from lakehouse.edge.cli.search.find import arrow, below, places
from lakehouse.matrix.found import MatrixFound, Share

DEADLINE_S: Final = 60.0
"""A command loads its model anew each time, which a server has behind it."""

DROPPED: Final = 10
"""Candidates that --explain lists."""

WIDTH: Final = 4
"""Of the rank and the blanks behind it."""

Corpora = Annotated[
    str | None, typer.Option("--corpus", "-c", metavar="N,…", help="Corpora to ask; else all.")
]


def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="As one would ask a person; not and without count.")],
    *,
    corpus: Corpora = None,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="Hits.")] = 8,
    per_corpus_k: Annotated[int, typer.Option(min=1, max=1000, help="Of one corpus, of several.")] = 6,
    where: Annotated[str, typer.Option(metavar="SQL", help="A condition, for every corpus.")] = "",
    role: Annotated[str, typer.Option(help="Only rows of this role.")] = "",
    filter: Annotated[  # noqa: A002 - the word on the command line
        list[str] | None, typer.Option(metavar="C=V", help="Only such rows; the same C again: either.")
    ] = None,
    exclude: Annotated[str | None, typer.Option(metavar="ID,…", help="Rows not to find.")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Go on without a corpus that fails.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Also rows that are unlikely to be right.")] = False,
    no_playbook: Annotated[
        bool, typer.Option("--no-playbook", help="Let no earlier outcome move rows.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say what was dropped, and why.")] = False,
) -> None:
    """Ask many corpora at once; what the question says of their columns becomes a condition in SQL."""
    call = calls.of(context)
    wanted = filters(filter)
    with opened(call) as lake:
        found = lake.matrix.search(
            query, corpora=words.names(corpus), k=k, per_corpus_k=per_corpus_k, where=where, role=role,
            metadata_filter=wanted, exclude_ids=words.names(exclude), partial=partial, strict=not every,
            use_playbook=not no_playbook, deadline_s=DEADLINE_S,
        )  # fmt: skip
    if call.json:
        call.emit(asdict(found))
        return
    present(call, found, query, explain=explain)
    _notes(call, found)
    call.say(f"{fit.count(len(found.hits), 'hit')} in {found.elapsed_ms:.0f} ms")
    if found.hits:
        first = found.hits[0].hit
        row = shlex.quote(fit.clean(first.id))
        told = f"feedback {found.search_id} {row} --outcome accepted --corpus {first.corpus}"
        call.say(Text.assemble(("next  ", "dim"), f"{prefix(call)} {told}"))


def filters(given: Sequence[str] | None) -> dict[str, object]:
    """Column -> value, or the values of a column that was given again; a number is a number, true a flag."""
    found: dict[str, list[object]] = {}
    for one in given or ():
        name, sign, value = one.partition("=")
        if not sign or not name.strip():
            raise Invalid(f"{one[:60]!r} is not COLUMN=VALUE", hint="--filter city=Chicago")
        found.setdefault(name.strip(), []).append(_value(value.strip()))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _value(text: str) -> object:
    """A flag as one; all else as text, which a column of numbers reads as a number."""
    try:
        given = json.loads(text)
    except ValueError:
        return text
    return given if isinstance(given, bool) else text


def present(
    call: Call, found: MatrixFound, question: str, *, explain: bool = False, indent: str = ""
) -> None:
    """The hits with what was understood, or kindly that there are none."""
    for share in found.corpora:
        _understood(call, share, indent=indent)
    before = places([one.hit for one in found.hits])
    for one in found.hits:
        hit = one.hit
        p = "  P  -  " if one.p is None else f"  P {one.p:.2f}"
        head = Text.assemble(
            f"{indent}{hit.rank:>2}", (p, "cyan"), "  ", (fit.clean(hit.id), "bold"),
            (f"  {fit.clean(hit.corpus)}", "dim"), arrow(hit, before[hit.rank]),
        )  # fmt: skip
        call.out.print(head, soft_wrap=True)
        why = hit.why if explain else hit.why.partition(": ")[2]
        below(call, replace(hit, why=why), question, indent=indent + " " * WIDTH)
    if not found.is_answered:
        _silent(call, found, indent=indent)
    for dropped in found.dropped[:DROPPED] if explain else ():
        line = f"dropped {dropped.corpus}/{dropped.id}: {dropped.why}"
        _line(call, Text(fit.clean(line), "dim"), indent)
    for missing in found.missing:
        _line(call, Text(fit.clean(f"missing {missing.corpus}: {missing.why}"), "yellow"), indent)


def _understood(call: Call, share: Share, *, indent: str) -> None:
    if share.conditions:
        read = " · ".join(map(said, share.conditions))
        line = Text.assemble((f"{share.corpus}  ", "dim"), (fit.clean(read), "cyan"))
        for part in line.wrap(call.out, max(20, call.out.width - len(indent))):
            part.rstrip()
            call.out.print(Text.assemble(indent, part), soft_wrap=True)


def said(condition: str) -> str:
    """A condition as one says it: `not shift night` for `shift not is night`."""
    column, sign, rest = condition.partition(" not is ")
    return f"not {column} {rest}" if sign else condition


def _silent(call: Call, found: MatrixFound, *, indent: str) -> None:
    """Nothing is shown: why, and what to do about it."""
    is_read = any(share.conditions for share in found.corpora)
    rows = sum(share.candidates for share in found.corpora)
    if rows:
        first = "Not in the data: rows were found, but none is likely enough to be what you mean."
        then = "--all shows them; other words may say it better."
    elif is_read:
        first = "Not in the data: no row meets all of these conditions."
        then = "Ask for less, or leave one out."
    else:
        first, then = "Not in the data: nothing was found.", "Try other words, or another corpus."
    for line in (Text(first), Text(then, "dim")):
        _line(call, line, indent)


def _notes(call: Call, found: MatrixFound) -> None:
    for note in dict.fromkeys(note for share in found.corpora for note in share.notes):
        call.say(Text.assemble(("! ", "yellow"), fit.clean(note)))


def _line(call: Call, line: Text, indent: str) -> None:
    for part in line.wrap(call.out, max(20, call.out.width - len(indent))):
        part.rstrip()
        call.out.print(Text.assemble(indent, part), soft_wrap=True)
