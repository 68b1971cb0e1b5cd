"""What a builder would declare of the demo's candidates, and the words that its columns hold."""

from typing import Final

from lakehouse.matrix.conditions.facet import Facet, Vocabulary, vocabulary
from lakehouse.matrix.conditions.lexicon import Lexicon
from lakehouse.staffing.people import CITIES, STATES
from lakehouse.staffing.trades import TRADES

STATE_NAMES: Final = (
    ("Illinois", "IL"), ("Indiana", "IN"), ("Ohio", "OH"), ("Michigan", "MI"), ("Wisconsin", "WI"),
    ("Minnesota", "MN"), ("Missouri", "MO"), ("Kentucky", "KY"), ("Tennessee", "TN"), ("Georgia", "GA"),
    ("Texas", "TX"), ("Arizona", "AZ"), ("California", "CA"), ("Nevada", "NV"), ("Washington", "WA"),
    ("Oregon", "OR"), ("Colorado", "CO"), ("Utah", "UT"), ("Pennsylvania", "PA"), ("New Jersey", "NJ"),
    ("New York", "NY"), ("Massachusetts", "MA"), ("Connecticut", "CT"), ("North Carolina", "NC"),
    ("South Carolina", "SC"), ("Florida", "FL"), ("Alabama", "AL"),
)  # fmt: skip
"""The table has codes only: its card tells the names."""

DECLARED: Final = vocabulary(
    (
        Facet(
            column="role", kind="text", is_key=True, aliases=("trade", "job", "occupation"),
            synonyms=(
                ("forklift driver", "Forklift Operator"), ("maintenance technician", "Maintenance"),
                ("production worker", "Production"),
            ),
        ),
        Facet(
            column="city",
            kind="text",
            is_place=True,
            is_key=True,
            aliases=("town",),
            within="state",
            parents=tuple((c.name, c.state) for c in CITIES),
        ),
        Facet(column="state", kind="text", is_place=True, synonyms=STATE_NAMES),
        Facet(column="shift", kind="text", aliases=("shifts",)),
        Facet(column="availability", kind="text", aliases=("available", "free")),
        Facet(column="status", kind="text"),
        Facet(column="skills", kind="entries", separator=";", aliases=("skill", "skilled")),
        Facet(
            column="certificates", kind="entries", separator=";",
            aliases=("certified", "certification", "cert", "card", "license", "licence", "ticket"),
        ),
        Facet(
            column="years_experience", kind="number", aliases=("experience",), units=("years", "yrs", "yr"),
            bare=">=",
        ),
        Facet(
            column="pay_rate", kind="number", aliases=("pay", "rate", "wage", "earning", "making"),
            units=("$", "dollars", "usd"),
        ),
        Facet(column="available_from", kind="date", aliases=("available", "free")),
        Facet(column="registered_on", kind="date", aliases=("registered",)),
    ),
    rows=("candidate", "worker"),
    key="candidate_id",
)  # fmt: skip

HELD: Final = {
    "role": tuple(t.title for t in TRADES),
    "city": tuple(sorted({c.name for c in CITIES})),
    "state": STATES,
    "shift": ("any", "day", "evening", "night"),
    "availability": ("from date", "not looking", "now", "on assignment"),
    "status": ("active", "blocked", "inactive"),
    "skills": tuple(sorted({word for t in TRADES for word, _ in t.skills})),
    "certificates": tuple(sorted({name for t in TRADES for name, _ in t.certificates})),
}
"""What SQL reads from the columns; a test proves that it does."""


def filled() -> Vocabulary:
    """The declaration with the values of the columns."""
    from dataclasses import replace

    facets = tuple(replace(f, values=HELD.get(f.column, ())) for f in DECLARED.facets)
    return vocabulary(facets, rows=DECLARED.rows, key=DECLARED.key)


LEXICON: Final = Lexicon(filled())

PRODUCTS: Final = Lexicon(
    vocabulary(
        (
            Facet(
                column="brand",
                kind="text",
                values=("Bosch", "Makita", "Black & Decker", "3M", "Orange", "Ace"),
                aliases=("make", "made", "maker"),
            ),
            Facet(
                column="category",
                kind="text",
                is_key=True,
                values=("Drill", "Laptop", "Angle Grinder", "Tape", "Safety Glasses", "Lamp"),
            ),
            Facet(
                column="colour",
                kind="text",
                aliases=("color",),
                values=("red", "black", "orange", "yellow", "blue", "dark blue"),
            ),
            Facet(
                column="materials",
                kind="entries",
                separator=",",
                aliases=("made",),
                values=("steel", "rubber", "carbon fiber", "oak"),
                synonyms=(("carbon fibre", "carbon fiber"),),
            ),
            Facet(column="is_cordless", kind="flag"),
            Facet(column="has_warranty", kind="flag"),
            Facet(column="price", kind="number", units=("$", "dollars"), aliases=("cost", "costing")),
            Facet(column="weight_kg", kind="number", units=("kg",), aliases=("weight", "lighter", "heavier")),
            Facet(column="rating", kind="number", aliases=("rated", "stars")),
            Facet(column="released", kind="date"),
            Facet(
                column="warehouse", kind="text", is_place=True, values=("Rome", "Oslo", "New York", "Reading")
            ),
        ),
        rows=("product", "item"),
    )
)
"""Of a table that is not about people at all."""

FILMS: Final = Lexicon(
    vocabulary(
        (
            Facet(
                column="genre",
                kind="text",
                is_key=True,
                values=("Thriller", "Comedy", "Horror", "Drama", "Science Fiction"),
            ),
            Facet(column="language", kind="text", values=("French", "German", "English")),
            Facet(
                column="cast",
                kind="list",
                aliases=("starring", "actor"),
                values=("Gérard Depardieu", "Bill Murray", "Dan Aykroyd"),
            ),
            Facet(column="minutes", kind="number", units=("minutes", "min")),
            Facet(column="released", kind="date", aliases=("made",)),
            Facet(column="is_black_and_white", kind="flag"),
            Facet(column="is_silent", kind="flag"),
        ),
        rows=("film", "movie"),
    )
)
"""Declared once, never tuned."""
