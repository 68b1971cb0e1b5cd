"""[acts] The commands under `lakehouse matrix`, in the order in which people need them."""

from typing import Final

from lakehouse.edge.cli.lazy import Entry

HERE: Final = "lakehouse.edge.cli.learn.matrix."
ASK, CARDS, GATES = "Ask", "Corpora", "Gates"

ENTRIES: Final = (
    Entry(name="search", where=HERE + "ask:search", help="Ask many corpora at once.", panel=ASK),
    Entry(name="corpora", where=HERE + "cards:corpora", help="List what can be asked.", panel=CARDS),
    Entry(name="add", where=HERE + "cards:add", help="Give an index a card.", panel=CARDS),
    Entry(name="remove", where=HERE + "cards:remove", help="Forget a card; the index stays.", panel=CARDS),
    Entry(name="build", where=HERE + "cards:build", help="Make a corpus of rows or files.", panel=CARDS),
    Entry(
        name="suggest", where=HERE + "cards:suggest", help="Columns that questions could name.", panel=CARDS
    ),
    Entry(
        name="downgrade", where=HERE + "gates:downgrade", help="How much context for a model?", panel=GATES
    ),
    Entry(
        name="relevance", where=HERE + "gates:relevance", help="Is it about this file, or beside it?",
        panel=GATES,
    ),
)  # fmt: skip
