"""[pure] The table that a person reads: each figure beside its peer and its target."""

from collections.abc import Mapping, Sequence
from typing import Final

from lakehouse.bench.outcome import Failure, Outcome, Result, Skipped
from lakehouse.bench.targets import SCALE, Unit

TITLES: Final = ("what", "ours", "peer", "ratio", "target", "met", "samples")
WORDS: Final = {True: "yes", False: "NO", None: "?"}


def table(results: Sequence[Result], machine: Mapping[str, object]) -> str:
    """Medians, one line each, with the notes and the machine below."""
    rows = [TITLES, *(_row(r) for r in results if isinstance(r, Outcome))]
    widths = [max(len(row[n]) for row in rows) for n in range(len(TITLES))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    lines += [f"{r.measure} could not be measured: {r.reason}" for r in results if isinstance(r, Failure)]
    lines += [f"{r.measure} was left out: {r.reason}" for r in results if isinstance(r, Skipped)]
    notes = {f"{r.measure}: {r.note}": None for r in results if isinstance(r, Outcome) and r.note}
    peers = {r.peer_name: None for r in results if isinstance(r, Outcome) and r.peer_name}
    lines += ["", *notes, "", f"peers: {'; '.join(peers)}" if peers else ""]
    lines += [f"machine: {', '.join(f'{name} {fact}' for name, fact in machine.items())}"]
    return "\n".join(line.rstrip() for line in lines)


def _row(outcome: Outcome) -> tuple[str, ...]:
    unit, peer, ratio = outcome.target.unit, outcome.peer_median, outcome.ratio
    return (
        outcome.what,
        amount(outcome.median, unit),
        outcome.absent if peer is None else amount(peer, unit),
        "" if ratio is None else f"{ratio:.2f}x",
        str(outcome.target),
        WORDS[outcome.is_met],
        str(len(outcome.ours)),
    )


def amount(value: float, unit: Unit) -> str:
    """A figure with three digits that matter and its unit."""
    scaled = value / SCALE[unit]
    if not unit:
        return f"{scaled:.4f}"  # 0.9996 is not 1
    digits = 0 if scaled >= 100 else 1 if scaled >= 10 else 2 if scaled >= 0.1 else 4
    return f"{scaled:,.{digits}f} {unit}" if not unit.startswith("/") else f"{scaled:,.{digits}f}{unit}"
