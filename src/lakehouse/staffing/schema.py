"""[pure] The seven tables of a staffing company: columns, types, meaning, personal data, keys, references."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Literal

from lakehouse.base.errors import Invalid

Type = Literal["long", "double", "string", "boolean", "date", "timestamp"]
Pii = Literal["", "name", "email", "phone", "address", "salary"]
TableName = Literal["candidates", "clients", "job_orders", "placements", "timesheets", "calls", "emails"]

INFLATED_ROWS: Final = 2_469_278
"""Rows of the inflated reference data set; `INFLATED_SCALE` gives exactly as many."""

MIN_SCALE: Final = 0.01
"""Below this a table has too few rows to hold what the others refer to."""

LIST_SEPARATOR: Final = "; "
"""Between the entries of `skills` and of the certificate columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column."""

    name: str
    type: Type
    doc: str
    pii: Pii = ""
    nullable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table."""

    name: TableName
    rows: int
    """At scale 1."""
    doc: str
    key: str
    columns: tuple[Column, ...]
    references: tuple[tuple[str, TableName], ...] = ()
    """(column, table whose key it holds)."""

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(c.name for c in self.columns)

    def column(self, name: str) -> Column:
        """The column called `name`, which must exist."""
        return next(c for c in self.columns if c.name == name)


def _column(name: str, type_: Type, doc: str, *, pii: Pii = "", nullable: bool = False) -> Column:
    return Column(name=name, type=type_, doc=doc, pii=pii, nullable=nullable)


PLACE: Final = (
    _column("city", "string", "City."),
    _column("state", "string", "Two-letter state code."),
    _column("zip", "string", "ZIP code as text: those of the north-east begin with 0."),
)

CANDIDATES: Final = Table(
    name="candidates",
    rows=15_000,
    doc="People who look for work through us, with their resume.",
    key="candidate_id",
    columns=(
        _column("candidate_id", "long", "Number of the person, from 1."),
        _column("first_name", "string", "Given name.", pii="name"),
        _column("last_name", "string", "Family name.", pii="name"),
        _column("email", "string", "Address for mail.", pii="email"),
        _column("phone", "string", "Mobile phone, in the notation the person used.", pii="phone"),
        _column("address", "string", "Street and number.", pii="address"),
        *PLACE,
        _column("role", "string", "The trade in which the person is placed."),
        _column("skills", "string", "Skills, separated by '; '."),
        _column(
            "certificates", "string", "Valid certificates, separated by '; '; empty if none.", nullable=True
        ),
        _column("years_experience", "long", "Full years in the trade."),
        _column("shift", "string", "Preferred shift: day, evening, night or any."),
        _column("availability", "string", "'now', 'from date', 'on assignment' or 'not looking'."),
        _column(
            "available_from", "date", "First free day, for 'from date' and 'on assignment'.", nullable=True
        ),
        _column("pay_rate", "double", "Pay the person gets, US dollars per hour.", pii="salary"),
        _column("status", "string", "'active', 'inactive' or 'blocked'."),
        _column("source", "string", "How the person found us."),
        _column("registered_on", "date", "Day of registration."),
        _column("resume", "string", "Resume in the person's own words, 60 to 120 words."),
    ),
)

CLIENTS: Final = Table(
    name="clients",
    rows=500,
    doc="Companies that order people from us.",
    key="client_id",
    columns=(
        _column("client_id", "long", "Number of the client, from 1."),
        _column("name", "string", "Company name."),
        _column("vertical", "string", "manufacturing, logistics, construction, healthcare, food or energy."),
        *PLACE,
        _column("contact_name", "string", "Person who orders.", pii="name"),
        _column("contact_email", "string", "Their mail address.", pii="email"),
        _column("contact_phone", "string", "Their phone.", pii="phone"),
        _column("markup", "double", "Agreed factor from the base rate of a role to the bill rate."),
        _column("payment_days", "long", "Days until an invoice is due."),
        _column("since", "date", "First day as a client."),
    ),
)

JOB_ORDERS: Final = Table(
    name="job_orders",
    rows=3_000,
    doc="What clients ordered: so many people of a role, in a place, on a shift.",
    key="order_id",
    columns=(
        _column("order_id", "long", "Number of the order, from 1."),
        _column("client_id", "long", "The client who ordered."),
        _column("role", "string", "The trade asked for."),
        *PLACE,
        _column("shift", "string", "day, evening, night or any."),
        _column("headcount", "long", "People asked for."),
        _column(
            "required_certificates", "string", "Must-haves, separated by '; '; empty if none.", nullable=True
        ),
        _column("bill_rate", "double", "What the client pays us, US dollars per hour."),
        _column("opened_on", "date", "Day the order came in."),
        _column("status", "string", "'open', 'filled' or 'cancelled'."),
        _column("description", "string", "The order in words."),
    ),
    references=(("client_id", "clients"),),
)

PLACEMENTS: Final = Table(
    name="placements",
    rows=8_000,
    doc="Who worked where, for how long, and how it went.",
    key="placement_id",
    columns=(
        _column("placement_id", "long", "Number of the placement, from 1."),
        _column("candidate_id", "long", "Who was placed."),
        _column("client_id", "long", "Where."),
        _column("order_id", "long", "The order this fills."),
        _column("started_on", "date", "First day of work, a Monday."),
        _column("planned_end_on", "date", "Last day as agreed."),
        _column("ended_on", "date", "Last day of work; empty while it lasts.", nullable=True),
        _column("end_reason", "string", "Why it ended; empty while it lasts.", nullable=True),
        _column("pay_rate", "double", "What the person gets, US dollars per hour.", pii="salary"),
        _column("bill_rate", "double", "What the client pays, US dollars per hour."),
        _column("rating", "long", "The client's rating, 1 to 5; empty if none was given.", nullable=True),
    ),
    references=(("candidate_id", "candidates"), ("client_id", "clients"), ("order_id", "job_orders")),
)

TIMESHEETS: Final = Table(
    name="timesheets",
    rows=120_000,
    doc="Hours, pay and bill of each week of each placement.",
    key="timesheet_id",
    columns=(
        _column("timesheet_id", "long", "Number of the sheet, from 1."),
        _column("placement_id", "long", "The placement worked on."),
        _column("week_ending", "date", "Sunday that ends the week."),
        _column("hours", "double", "Hours worked at the normal rate."),
        _column("overtime_hours", "double", "Hours beyond 40, paid and billed at 1.5 times the rate."),
        _column("no_show", "boolean", "The person missed a shift of the week without notice."),
        _column("pay_total", "double", "Paid to the person for the week, US dollars.", pii="salary"),
        _column("bill_total", "double", "Billed to the client for the week, US dollars."),
        _column("approved", "boolean", "The client has signed the sheet."),
    ),
    references=(("placement_id", "placements"),),
)

CALLS: Final = Table(
    name="calls",
    rows=80_000,
    doc="Phone calls between recruiters and candidates.",
    key="call_id",
    columns=(
        _column("call_id", "long", "Number of the call, from 1, by time."),
        _column("candidate_id", "long", "Who was called or called us."),
        _column("recruiter", "string", "Our side."),
        _column("started_at", "timestamp", "Local time of the office."),
        _column("direction", "string", "'outbound' or 'inbound'."),
        _column("outcome", "string", "answered, voicemail, no answer, callback asked or wrong number."),
        _column("duration_s", "long", "Length in seconds; 0 when nobody answered."),
        _column("note", "string", "What the recruiter typed.", nullable=True),
    ),
    references=(("candidate_id", "candidates"),),
)

EMAILS: Final = Table(
    name="emails",
    rows=60_000,
    doc="Mail between recruiters and candidates or clients.",
    key="email_id",
    columns=(
        _column("email_id", "long", "Number of the mail, from 1, by time."),
        _column("candidate_id", "long", "The candidate it is with; empty for a client.", nullable=True),
        _column("client_id", "long", "The client it is with; empty for a candidate.", nullable=True),
        _column("sent_at", "timestamp", "Local time of the office."),
        _column("direction", "string", "'outbound' or 'inbound'."),
        _column("from_address", "string", "Who wrote.", pii="email"),
        _column("to_address", "string", "To whom.", pii="email"),
        _column("subject", "string", "Subject line."),
        _column("body", "string", "Text.", pii="name"),
    ),
    references=(("candidate_id", "candidates"), ("client_id", "clients")),
)

TABLES: Final = (CANDIDATES, CLIENTS, JOB_ORDERS, PLACEMENTS, TIMESHEETS, CALLS, EMAILS)
"""In an order in which every reference points backward."""

BY_NAME: Final[Mapping[TableName, Table]] = {table.name: table for table in TABLES}
ROWS: Final = sum(table.rows for table in TABLES)
INFLATED_SCALE: Final = INFLATED_ROWS / ROWS


def counts(scale: float) -> Mapping[TableName, int]:
    """Rows of each table at `scale`; together always the nearest whole number to 286,500 times `scale`.

    Raises:
        Invalid: `scale` is below 0.01.
    """
    if not scale >= MIN_SCALE:
        raise Invalid(f"scale {scale} is too small", hint=f"use a scale of at least {MIN_SCALE}")
    edges = [round(edge * scale) for edge in accumulate((t.rows for t in TABLES), initial=0)]
    return {t.name: high - low for t, low, high in zip(TABLES, edges, edges[1:], strict=False)}
