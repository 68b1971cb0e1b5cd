"""[pure] The seven tables of a staffing company: columns, types, meaning, personal data, keys, references."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Literal, cast

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
    columns: tuple[Column, ...]

    @property
    def key(self) -> str:
        """The column that tells rows apart: the first."""
        return self.columns[0].name

    @property
    def references(self) -> tuple[tuple[str, TableName], ...]:
        """(column, table whose key it holds): a column called as the key of another table refers to it."""
        return tuple((name, t.name) for name in self.names[1:] for t in TABLES if t.key == name)

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(c.name for c in self.columns)

    def column(self, name: str) -> Column:
        """The column called `name`, which must exist."""
        return next(c for c in self.columns if c.name == name)


PLACE: Final = """\
city string: City.
state string: Two-letter state code.
zip string: ZIP code as text: those of the north-east begin with 0."""

TEXT: Final = f"""\
candidates 15000: People who look for work through us, with their resume.
candidate_id long: Number of the person, from 1.
first_name string name: Given name.
last_name string name: Family name.
email string email: Address for mail.
phone string phone: Mobile phone, in the notation the person used.
address string address: Street and number.
{PLACE}
role string: The trade in which the person is placed.
skills string: Skills, separated by '; '.
certificates string?: Valid certificates, separated by '; '; empty if none.
years_experience long: Full years in the trade.
shift string: Preferred shift: day, evening, night or any.
availability string: 'now', 'from date', 'on assignment' or 'not looking'.
available_from date?: First free day, for 'from date' and 'on assignment'.
pay_rate double salary: Pay the person gets, US dollars per hour.
status string: 'active', 'inactive' or 'blocked'.
source string: How the person found us.
registered_on date: Day of registration.
resume string: Resume in the person's own words, 60 to 120 words.

clients 500: Companies that order people from us.
client_id long: Number of the client, from 1.
name string: Company name.
vertical string: manufacturing, logistics, construction, healthcare, food or energy.
{PLACE}
contact_name string name: Person who orders.
contact_email string email: Their mail address.
contact_phone string phone: Their phone.
markup double: Agreed factor from the base rate of a role to the bill rate.
payment_days long: Days until an invoice is due.
since date: First day as a client.

job_orders 3000: What clients ordered: so many people of a role, in a place, on a shift.
order_id long: Number of the order, from 1.
client_id long: The client who ordered.
role string: The trade asked for.
{PLACE}
shift string: day, evening, night or any.
headcount long: People asked for.
required_certificates string?: Must-haves, separated by '; '; empty if none.
bill_rate double: What the client pays us, US dollars per hour.
opened_on date: Day the order came in.
status string: 'open', 'filled' or 'cancelled'.
description string: The order in words.

placements 8000: Who worked where, for how long, and how it went.
placement_id long: Number of the placement, from 1.
candidate_id long: Who was placed.
client_id long: Where.
order_id long: The order this fills.
started_on date: First day of work, a Monday.
planned_end_on date: Last day as agreed.
ended_on date?: Last day of work; empty while it lasts.
end_reason string?: Why it ended; empty while it lasts.
pay_rate double salary: What the person gets, US dollars per hour.
bill_rate double: What the client pays, US dollars per hour.
rating long?: The client's rating, 1 to 5; empty if none was given.

timesheets 120000: Hours, pay and bill of each week of each placement.
timesheet_id long: Number of the sheet, from 1.
placement_id long: The placement worked on.
week_ending date: Sunday that ends the week.
hours double: Hours worked at the normal rate.
overtime_hours double: Hours beyond 40, paid and billed at 1.5 times the rate.
no_show boolean: The person missed a shift of the week without notice.
pay_total double salary: Paid to the person for the week, US dollars.
bill_total double: Billed to the client for the week, US dollars.
approved boolean: The client has signed the sheet.

calls 80000: Phone calls between recruiters and candidates.
call_id long: Number of the call, from 1, by time.
candidate_id long: Who was called or called us.
recruiter string: Our side.
started_at timestamp: Local time of the office.
direction string: 'outbound' or 'inbound'.
outcome string: answered, voicemail, no answer, callback asked or wrong number.
duration_s long: Length in seconds; 0 when nobody answered.
note string?: What the recruiter typed.

emails 60000: Mail between recruiters and candidates or clients.
email_id long: Number of the mail, from 1, by time.
candidate_id long?: The candidate it is with; empty for a client.
client_id long?: The client it is with; empty for a candidate.
sent_at timestamp: Local time of the office.
direction string: 'outbound' or 'inbound'.
from_address string email: Who wrote.
to_address string email: To whom.
subject string: Subject line.
body string name: Text."""
"""A line for each table, with its rows at scale 1, then one for each column: its type, with a ? if it may be
absent, and the kind of personal data in it, if any."""


def _column(line: str) -> Column:
    head, doc = line.split(": ", 1)
    name, type_, *pii = head.split()
    plain = cast(Type, type_.removesuffix("?"))
    return Column(name=name, type=plain, doc=doc, pii=cast(Pii, "".join(pii)), nullable=type_.endswith("?"))


def _table(text: str) -> Table:
    head, *columns = text.splitlines()
    about, doc = head.split(": ", 1)
    name, rows = about.split()
    return Table(name=cast(TableName, name), rows=int(rows), doc=doc, columns=tuple(map(_column, columns)))


TABLES: Final = tuple(map(_table, TEXT.split("\n\n")))
"""In an order in which every reference points backward."""

CANDIDATES, CLIENTS, JOB_ORDERS, PLACEMENTS, TIMESHEETS, CALLS, EMAILS = TABLES
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
