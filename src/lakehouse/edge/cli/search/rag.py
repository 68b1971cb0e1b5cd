"""[acts] `lakehouse rag`: an answer whose every sentence names the passage that supports it, or is listed."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.padding import Padding
from rich.text import Text

from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import fit, words
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.opening import opened
from lakehouse.edge.cli.search import find
from lakehouse.edge.cli.search.find import Corpora
from lakehouse.lake.facade import Cited


def rag(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="What you would ask a colleague.")],
    *,
    corpus: Corpora = None,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="Passages to read.")] = 8,
    where: Annotated[str, typer.Option(metavar="SQL", help="A condition on the table's columns.")] = "",
    model: Annotated[str | None, typer.Option(help="Refuse any other chat model than this.")] = None,
) -> None:
    """An answer made of passages, with the place of each; sentences that none supports are listed.

    By the chat model that is set up, else by the best sentences of the passages themselves.
    """
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.rag(question, corpora=words.names(corpus), k=k, where=where, model=model)
    if call.json:
        call.emit(document(found))
        return
    present(call, found)
    find.notes(call, found.found)
    call.say(Text(fit.clean(found.answer.reason), "dim"))


def document(cited: Cited) -> dict[str, object]:
    """An answer as JSON."""
    given = asdict(cited.answer)
    found = cited.found
    return {
        "answer": given.pop("text"),
        **given,
        "entries": cited.entries,
        "search_id": found.search_id,
        "corpora": found.corpora,
        "snapshots": found.snapshots,
        "notes": found.notes,
    }


def present(call: Call, cited: Cited) -> None:
    """The answer, the places it rests on, and what nothing supports."""
    answer = cited.answer
    lines = "\n".join(fit.clean(line) for line in answer.text.splitlines())
    call.out.print(lines, soft_wrap=not call.out.is_terminal)
    if answer.citations:
        call.out.print()
    for citation in answer.citations:
        said = Text.assemble((f"[{citation.n}] ", "cyan"), (find.place(citation.source), "dim"))
        call.out.print(said, soft_wrap=True)
        call.out.print(Padding(Text(fit.clean(citation.text), "italic"), (0, 0, 0, 4), expand=False))
    if answer.unsupported:
        call.out.print(Text("\nno passage supports", "bold yellow"))
        for sentence in answer.unsupported:
            call.out.print(Padding(Text(fit.clean(sentence)), (0, 0, 0, 4), expand=False))
    for entry_id in cited.entries:
        call.say(f"with playbook entry {entry_id}; say whether it helped:")
        call.onward(f"playbook vote {entry_id} --call {cited.found.search_id} --helpful")
