"""[acts] `lakehouse demo`: the newcomer's first minute; every figure is measured in the run that shows it."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Final, cast

import typer
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import fit, grid, report, tables
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.care import Serve
from lakehouse.edge.cli.grid import Head
from lakehouse.edge.cli.learn.matrix import ask as ask_matrix
from lakehouse.edge.cli.opening import opened
from lakehouse.edge.cli.progress import watching
from lakehouse.edge.cli.search import find
from lakehouse.edge.cli.search.phases import phases
from lakehouse.lake.facade import Lakehouse, Result, is_number
from lakehouse.staffing import resumes, sample
from lakehouse.staffing.queries import QUERIES

SHOWN: Final = 5
"""Rows of an answer."""

FOUND: Final = 3
"""Hits of a search."""

LOOKED: Final = 50
"""Hits among which the accepted row is looked for."""

SOURCE: Final = "demo"
"""Who accepts in the demo; distrusted at its end, so that nothing of it stays."""

NO_MODEL: Final = "none by meaning: there is no embedding model (make setup installs one)"

INDENT: Final = "   "
WALK_INS: Final = """\
name,city,hours,rate
Ada Berg,Joliet,40,31.50
Bo Castro,Gary,38,29.00
Cy Dunn,Hammond,forty,30.25
Di Evans,Chicago,36
Ed Frank,Aurora,40,33.00
"""
"""Two of its five rows are bad: a word where hours are a number, and a missing field."""

BAD: Final = "demo_walk_ins"
REJECTED: Final = f"""\
SELECT line, reason, raw FROM system.rejected
WHERE ingest_id = (SELECT max(ingest_id) FROM system.ingests WHERE table_name = '{BAD}' AND rejected > 0)
ORDER BY line"""

PEOPLE: Final = "SELECT candidate_id, first_name, city FROM candidates ORDER BY candidate_id LIMIT 2"
COUNT: Final = "SELECT count(*), min_by(city, candidate_id) FROM candidates"

ONWARD: Final = (
    ('sql "SELECT role, count(*) FROM candidates GROUP BY role"', "ask anything"),
    ('search "welder for night shifts in Chicago" -k 5', "by words and by meaning"),
    ("index refresh resumes", "embed the rest of the resumes; stop it whenever you like"),
    ("ingest people.csv --key id", "a file of your own; with a key, known rows are replaced"),
    ("show candidates", "columns, personal data, history"),
    ("playbook history", "what searches learned, and how to undo it"),
    ("serve", "the same over HTTP, with its description at /docs"),
)


@dataclass(slots=True, kw_only=True)
class Story:
    """What has been told so far."""

    call: Call
    chapters: int = 0
    facts: dict[str, object] = field(default_factory=dict)
    """For scripts."""

    @contextmanager
    def chapter(self, title: str) -> Iterator[None]:
        """A numbered heading, what happens under it, and how long it took."""
        self.chapters += 1
        self.tell()
        self.tell(Text.assemble((f"{self.chapters}  ", "bold cyan"), (title, "bold")))
        started = time.perf_counter()
        yield
        took = time.perf_counter() - started
        self.facts[f"{title} (s)"] = round(took, 3)
        self.tell(Text(f"{INDENT}{took:.1f} s", "dim"))

    def tell(self, line: RenderableType = "") -> None:
        """One line of text, or several."""
        if not (self.call.json or self.call.quiet):
            self.call.out.print(line)

    def under(self, *parts: str | tuple[str, str] | Text) -> None:
        """One line under the heading."""
        self.tell(Padding(Text.assemble(*parts), (0, 0, 0, len(INDENT)), expand=False))

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """A line that says how long something took."""
        started = time.perf_counter()
        yield
        self.under(what, (f"  {(time.perf_counter() - started) * 1000:.0f} ms", "dim"))

    def table(self, result: Result, *, most: int = SHOWN) -> None:
        """The first rows of an answer, and how many there are."""
        if self.call.json or self.call.quiet:
            return
        heads = [Head(c.name, is_number=is_number(c)) for c in result.columns]
        shown = grid.rows(self.call.out, heads, result.rows()[:most], indent=INDENT)
        hidden = ((result.row_count - most, "row"), (len(heads) - shown, "column"))
        more = ", ".join(f"{fit.count(n, f'more {what}')}" for n, what in hidden if n > 0)
        self.under((f"{f'… {more} · ' if more else ''}{result.elapsed_ms:.0f} ms", "dim"))


def demo(
    context: typer.Context,
    *,
    scale: Annotated[float, typer.Option(help="1 is 286,500 rows.")] = 1.0,
    serve: Annotated[bool, typer.Option("--serve", help="Open the HTTP door at the end.")] = False,
) -> None:
    """A made-up staffing company: questions, searches, one that learns, a change and its undoing, bad input.

    Uses the lake at --root, made when it is not there; what it changes there it takes back.
    """
    call = calls.of(context)
    started = time.perf_counter()
    story = Story(call=call)
    story.tell(
        Text.assemble(("Lakehouse", "bold"), f"  in {call.root}: all of this runs now, on this machine")
    )
    with opened(call, create=True) as lake:
        load(story, lake, scale=scale)
        ask(story, lake)
        search(story, lake)
        learn(story, lake)
        change(story, lake)
        mistrust(story, lake)
    story.facts["seconds"] = round(time.perf_counter() - started, 1)
    if call.json:
        call.emit(story.facts)
    onward(story, serve=serve)
    if serve:
        cast(Serve, call.plugged("serve"))(call.root, None, None)


def load(story: Story, lake: Lakehouse, *, scale: float) -> None:
    """The company, made and taken in."""
    if sample.is_loaded(lake):
        with story.chapter("The company is here from last time"):
            infos = [info for info in lake.tables() if info.namespace == "lake"]
            story.under(f"{len(infos)} tables, {sum(info.rows for info in infos):,} rows")
        return
    folder = lake.running.scratch()
    try:
        with story.chapter("A staffing company that does not exist"):
            paths = sample.generated(lake, folder, scale=scale)
            size = fit.size(sum(path.stat().st_size for path in paths))
            story.under(f"{len(paths)} files, {size}; the same on every machine")
        with story.chapter("Files become tables"):
            _take_in(story, lake, paths)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _take_in(story: Story, lake: Lakehouse, paths: tuple[Path, ...]) -> None:
    done = []
    with watching(story.call) as watch:
        for one in sample.ingested(lake, paths, watch=watch):
            done.append(one)
            story.facts[one.table] = one.rows
            with watch.aside():
                story.under(report.line(one))
    read, kept, rejected = (sum(getattr(one, n) for one in done) for n in ("rows_read", "rows", "rejected"))
    story.under(f"{read:,} rows read = {kept:,} in tables + {rejected:,} rejected")
    personal = sum(bool(column.pii) for one in done for column in one.columns)
    story.under(f"{personal} columns were found to hold personal data, by their names and by what is in them")


def ask(story: Story, lake: Lakehouse) -> None:
    """The four queries of the trade."""
    with story.chapter("Four questions"):
        for query in QUERIES:
            result = lake.sql(query.sql, query.defaults)
            story.facts[query.name] = {"rows": result.row_count, "ms": round(result.elapsed_ms, 1)}
            story.under((query.question, "italic"))
            story.table(result)
            story.tell()


def search(story: Story, lake: Lakehouse) -> None:
    """Resumes by words at once, by meaning as far as they are embedded, and with a condition."""
    with story.chapter("Resumes are found by what they mean"):
        with phases(story.call, resumes.NAME) as watch:
            info = resumes.build(lake, watch=watch)
        story.facts[resumes.NAME] = {"by words": info.rows, "by meaning": info.embedded}
        by_meaning = f"{info.embedded:,} of them by meaning ({info.model})" if info.embedded else NO_MODEL
        story.under(f"{info.rows:,} resumes can be searched by words, {by_meaning}")
        if info.embedded and info.waiting:
            story.under((f"{info.waiting:,} wait: lakehouse index refresh {info.name} embeds them", "dim"))
        for asked in resumes.SEARCHES:
            story.tell()
            _search(story, lake, asked)
        story.tell()
        _matrix(story, lake)


def _search(story: Story, lake: Lakehouse, asked: resumes.Asked) -> None:
    found = lake.search(asked.query, corpora=(resumes.NAME,), k=FOUND, where=asked.where)
    story.facts[asked.query] = {"hits": [hit.id for hit in found.hits], "ms": round(found.elapsed_ms, 1)}
    where = f"\nwhere {asked.where}" if asked.where else ""
    story.under((f"“{asked.query}”", "italic"), (f"  {asked.about}", "dim"), (where, "cyan"))
    if not (story.call.json or story.call.quiet):
        find.present(story.call, found, asked.query, indent=INDENT)
    proved = ", each verified by SQL" if asked.where and all(h.sql_verified for h in found.hits) else ""
    story.under((f"{fit.count(len(found.hits), 'hit')}{proved} · {found.elapsed_ms:.0f} ms", "dim"))


def _matrix(story: Story, lake: Lakehouse) -> None:
    """A question whose conditions are read by the columns of the table, one of them a negation."""
    found = lake.matrix.search(resumes.QUESTION, corpora=(resumes.NAME,), k=FOUND)
    (share,) = found.corpora
    story.facts[resumes.QUESTION] = {
        "hits": [one.hit.id for one in found.hits],
        "conditions": list(share.conditions),
        "ms": round(found.elapsed_ms, 1),
    }
    story.under((f"“{resumes.QUESTION}”", "italic"), ("  what it says of columns becomes SQL", "dim"))
    if not (story.call.json or story.call.quiet):
        ask_matrix.present(story.call, found, resumes.QUESTION, indent=INDENT)
    story.under((f"{fit.count(len(found.hits), 'hit')} · {found.elapsed_ms:.0f} ms", "dim"))


def learn(story: Story, lake: Lakehouse) -> None:
    """One hit is accepted, and a question in other words listens; then the demo takes its word back."""
    with story.chapter("A search learns from what became of it"):
        asked, again = resumes.TOLD
        lake.playbook.control("trust", SOURCE, reason="the demo begins")
        found = lake.search(asked, corpora=(resumes.NAME,), k=FOUND, playbook=False)
        story.under((f"“{asked}”", "italic"), (f"  {fit.count(len(found.hits), 'hit')}", "dim"))
        if len(found.hits) > 1:
            chosen = found.hits[-1]
            told = lake.feedback(found.search_id, chosen.id, outcome="accepted", source=SOURCE)
            story.under(f"number {chosen.rank}, {chosen.id}, is accepted: its word counts {told.trust:.2f}")
            _listen(story, lake, again, chosen.id)
        lake.playbook.control("distrust", SOURCE, reason="the demo takes its word back")


def _listen(story: Story, lake: Lakehouse, question: str, doc: str) -> None:
    """Where the accepted row stands for a question like that one, without the playbook and with it."""
    places = []
    for playbook in (False, True):
        found = lake.search(question, corpora=(resumes.NAME,), k=LOOKED, playbook=playbook)
        places.append(next((hit.rank for hit in found.hits if hit.id == doc), LOOKED + 1))
    before, after = places
    story.facts["learned"] = {"question": question, "row": doc, "before": before, "after": after}
    story.tell()
    story.under((f"“{question}”", "italic"), ("  in other words, with what was learned", "dim"))
    if not (story.call.json or story.call.quiet):
        find.present(story.call, replace(found, hits=found.hits[:FOUND]), question, indent=INDENT)
    rose = f"{doc} rose from {_place(before)} to {_place(after)}"
    story.under((rose, "green") if after < before else f"{doc} did not rise: it was, and is, {_place(after)}")


def _place(rank: int) -> str:
    return f"number {rank}" if rank <= LOOKED else f"below number {LOOKED}"


def change(story: Story, lake: Lakehouse) -> None:
    """Two changes, seen in the history, asked about at an earlier moment, and taken back."""
    with story.chapter("A change, and the way back"):
        before = lake.history("candidates")[0].snapshot_id
        (first, name, city), (second, *_) = lake.sql(PEOPLE).rows()
        moved = [{"candidate_id": first, "city": "Springfield"}]
        with story.timed(f"{name}, number {first}, moves from {city} to Springfield"):
            lake.upsert("candidates", moved, key="candidate_id")
        with story.timed(f"number {second} is deleted"):
            lake.delete("candidates", where=f"candidate_id = {second}")
        story.tell()
        if not (story.call.json or story.call.quiet):
            tables.versions(story.call, lake.history("candidates")[:3], indent=INDENT)
        story.tell()
        _compare(story, lake, "now", at=None)
        _compare(story, lake, "as it was", at=before)
        with story.timed("rollback"):
            lake.rollback("candidates", to=before)
        _compare(story, lake, "after it", at=None)


def _compare(story: Story, lake: Lakehouse, when: str, *, at: int | None) -> None:
    rows, city = lake.sql(COUNT, at=at).rows()[0]
    story.facts[f"candidates {when}"] = rows
    story.under((f"{when:<10}", "dim"), f"{rows:,} candidates, the first lives in {city}")


def mistrust(story: Story, lake: Lakehouse) -> None:
    """A file with bad rows, and the same file once more."""
    folder = lake.running.scratch()
    with story.chapter("Bad rows are kept, the same file is not taken twice"):
        path = folder / f"{BAD}.csv"
        path.write_text(WALK_INS)
        if BAD in {info.table for info in lake.tables()} and sample.TAG in lake.show(BAD).card.tags:
            lake.drop(BAD)  # an earlier demo's: else these very bytes would be skipped
        one = lake.ingest(path, types={"hours": "BIGINT"})
        lake.describe(BAD, {"tags": [sample.TAG]})
        story.facts[BAD] = {"read": one.rows_read, "rows": one.rows, "rejected": one.rejected}
        story.under(f"{path.name}  {one.proof}")
        story.table(lake.sql(REJECTED))
        again = lake.ingest(path, types={"hours": "BIGINT"})
        story.under(f"{path.name} again  {again.status}: {again.reason}")
    shutil.rmtree(folder, ignore_errors=True)


def onward(story: Story, *, serve: bool) -> None:
    """What one would type next."""
    option = "" if story.call.root == Path("lake") else f" --root {story.call.root}"
    story.tell()
    story.tell(Text(f"How to go on (all this took {story.facts['seconds']} s)", "bold"))
    for command, what in ONWARD[: -1 if serve else None]:
        story.under((f"lakehouse{option} {command}", "cyan"))
        story.under((f"    {what}", "dim"))
