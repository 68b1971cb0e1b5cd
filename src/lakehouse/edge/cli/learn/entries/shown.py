"""[acts] Entries of the playbook on the screen."""

from collections.abc import Sequence

from rich.text import Text

from lakehouse.edge.cli import fit, grid
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.grid import Head
from lakehouse.matrix.bullets.bullet import Bullet


def entries(call: Call, found: Sequence[Bullet]) -> None:
    """A line for each."""
    heads = (
        Head("id", is_whole=True), Head("status"), Head("+", is_number=True), Head("-", is_number=True),
        Head("section"), Head("text"),
    )  # fmt: skip
    grid.rows(
        call.out,
        heads,
        [(b.entry_id, b.status, b.helpful, b.harmful, b.section, fit.clean(b.content)) for b in found],
    )


def one(call: Call, entry: Bullet) -> None:
    """An entry in full."""
    call.out.print(fit.clean(entry.content))
    why = f" ({entry.rule})" if entry.rule else ""
    facts = {
        "id": entry.entry_id,
        "status": f"{entry.status}{why}, version {entry.version}",
        "section": entry.section,
        "scope": ", ".join(f"{facet}={value}" for facet, value in entry.scope) or "everywhere",
        "evidence": ", ".join(entry.evidence) or "none",
        "rows": ", ".join(f"{ref.table}/{ref.row}" for ref in entry.doc_refs),
        "votes": f"{entry.helpful} helpful, {entry.harmful} harmful; used {entry.uses:,}×",
        "source": entry.source,
        "merged": entry.merged_into,
        "reason": entry.reason,
    }
    for name, value in facts.items():
        if value:
            call.out.print(Text.assemble((f"  {name:<10}", "dim"), fit.clean(value)), soft_wrap=True)


def said(call: Call, entry: Bullet, what: str) -> None:
    """One line about what was done, or the entry as JSON."""
    if call.json:
        call.emit(entry.told())
    elif not call.quiet:
        line = f"{entry.entry_id} {what}"
        call.out.print(Text.assemble(("✓ ", "bold green"), fit.clean(line)), soft_wrap=True)
        if entry.status == "quarantined":
            waits(call, entry.rule, entry.reason)


def waits(call: Call, rule: str, reason: str) -> None:
    """Why an entry is in quarantine."""
    call.say(Text.assemble(("! ", "yellow"), fit.clean(f"in quarantine ({rule}): {reason}")))
