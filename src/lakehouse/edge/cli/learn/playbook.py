"""[acts] The commands under `lakehouse playbook`, in the order in which people need them."""

from typing import Annotated, Final

import typer

from lakehouse.edge.cli.lazy import Entry

HERE: Final = "lakehouse.edge.cli.learn."
LOOK, TELL, UNDO, TEXT = "Look", "Tell", "Undo", "In words"

Reason = Annotated[str, typer.Option(help="Why; it is kept.")]

ENTRIES: Final = (
    Entry(name="stats", where=HERE + "look:stats", help="What was learned so far.", panel=LOOK),
    Entry(name="history", where=HERE + "look:history", help="Its versions, newest first.", panel=LOOK),
    Entry(name="why", where=HERE + "look:why", help="What would move for a question.", panel=LOOK),
    Entry(
        name="record", where=HERE + "record:record", help="Tell of a success without a search.", panel=TELL
    ),
    Entry(name="distrust", where=HERE + "steer:distrust", help="Let a source count for nothing.", panel=UNDO),
    Entry(name="trust", where=HERE + "steer:trust", help="Let audits judge a source again.", panel=UNDO),
    Entry(name="retire", where=HERE + "steer:retire", help="Let nothing move a row.", panel=UNDO),
    Entry(name="restore", where=HERE + "steer:restore", help="Let a row be moved again.", panel=UNDO),
    Entry(name="rollback", where=HERE + "steer:rollback", help="Go back to a version.", panel=UNDO),
    Entry(
        name="entries",
        where=HERE + "entries.look:entries",
        help="List what was learned in words.",
        panel=TEXT,
    ),
    Entry(
        name="entry",
        where=HERE + "entries.look:entry",
        help="One entry in full, with its versions.",
        panel=TEXT,
    ),
    Entry(name="add", where=HERE + "entries.write:add", help="Hand in a lesson.", panel=TEXT),
    Entry(name="edit", where=HERE + "entries.write:edit", help="Change an entry.", panel=TEXT),
    Entry(
        name="merge",
        where=HERE + "entries.write:merge",
        help="Let one entry say what several say.",
        panel=TEXT,
    ),
    Entry(name="drop", where=HERE + "entries.write:drop", help="Take an entry out of use.", panel=TEXT),
    Entry(name="vote", where=HERE + "entries.write:vote", help="Say whether an entry helped.", panel=TEXT),
    Entry(
        name="choose",
        where=HERE + "entries.look:choose",
        help="The entries that a prompt should get.",
        panel=TEXT,
    ),
    Entry(name="audit", where=HERE + "entries.look:audit", help="How healthy the entries are.", panel=TEXT),
)
