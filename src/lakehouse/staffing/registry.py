"""[pure] The tables that say who is there and what is wanted: candidates, clients, job orders."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.staffing import resume
from lakehouse.staffing.columns import (
    batch,
    candidate_mails,
    certificate_lists,
    dates,
    digits,
    dollars,
    join,
    look_up,
    mail_names,
    names,
    phones,
    pick,
    places,
    skill_lists,
    titles,
)
from lakehouse.staffing.dice import Dice, Ints
from lakehouse.staffing.letters import ORDER_TEXTS
from lakehouse.staffing.people import CITIES, STREETS
from lakehouse.staffing.schema import CANDIDATES, CLIENTS, JOB_ORDERS
from lakehouse.staffing.trades import TRADES
from lakehouse.staffing.words import COMPANY_HEADS, COMPANY_TAILS, SHIFTS, SOURCE_WEIGHTS, SOURCES, VERTICALS
from lakehouse.staffing.workforce import People
from lakehouse.staffing.world import NEXT_MONDAY, World

TODAY: Final = NEXT_MONDAY - 1
NEVER: Final = np.int64(2**40)
"""A day after all others."""
RECENT_DAYS: Final = 183
"""Calls and mails lie in so many days; everybody registered before."""

NOW, FROM_DATE, NOT_LOOKING, ON_ASSIGNMENT = range(4)
AVAILABILITY: Final = ("now", "from date", "not looking", "on assignment")
STATUSES: Final = ("active", "inactive", "blocked")
NAME_PATTERNS: Final = len(COMPANY_HEADS) * 8 * len(COMPANY_TAILS)


def candidates(people: People, *, busy_until: Ints, first_start: Ints) -> pa.RecordBatch:
    """Rows of the table `candidates`.

    Args:
        people: whom to render.
        busy_until: for each, the agreed last day of a placement that lasts; 0 if there is none.
        first_start: for each, the first day of the first placement; `NEVER` if there is none.
    """
    dice = people.dice
    availability = np.where(busy_until > 0, ON_ASSIGNMENT, dice.weighted("availability", (46, 20, 34)))
    free_on = np.where(busy_until > 0, busy_until + 1, TODAY + 2 + dice.pick("free", 60))
    registered = np.minimum(TODAY - RECENT_DAYS - dice.pick("registered", 1500), first_start - 7)
    return batch(
        CANDIDATES,
        [
            pa.array(dice.rows + 1),
            *names(dice),
            candidate_mails(dice),
            phones(dice, people.city),
            join(digits(1 + dice.pick("house", 9800)), " ", pick(STREETS, dice.pick("street", len(STREETS)))),
            *places(dice, people.city),
            titles(people.trade),
            skill_lists(people.trade, people.skills),
            certificate_lists(people.trade, people.certificates),
            pa.array(people.years),
            pick(SHIFTS, people.shift),
            pick(AVAILABILITY, availability),
            dates(free_on, absent=(availability == NOW) | (availability == NOT_LOOKING)),
            dollars(people.pay_cents),
            pick(STATUSES, people.status),
            pick(SOURCES, dice.weighted("source", SOURCE_WEIGHTS)),
            dates(registered),
            resume.write(people),
        ],
    )


def clients(world: World) -> pa.RecordBatch:
    """All rows of the table `clients`."""
    them = world.clients
    dice = world.dice("clients", np.arange(len(them.city)))
    opened = np.full(len(them.city), TODAY)
    np.minimum.at(opened, world.orders.client, order_facts(world).opened)
    first, last = names(dice)
    head, noun, tail = _company(dice, them.vertical)
    return batch(
        CLIENTS,
        [
            pa.array(dice.rows + 1),
            join(head, " ", noun, " ", tail),
            pick([v.name for v in VERTICALS], them.vertical),
            *places(dice, them.city),
            join(first, " ", last),
            client_mails(world, dice.rows),
            phones(dice, them.city),
            dollars(them.markup),
            pick_number((15, 30, 45, 60), dice.weighted("payment", (15, 50, 20, 15))),
            dates(opened - 30 - dice.pick("since", 2500)),
        ],
    )


def pick_number(numbers: tuple[int, ...], codes: Ints) -> pa.Array:
    """`numbers` at `codes`."""
    return look_up(pa.array(numbers), codes)


def client_mails(world: World, rows: Ints) -> pa.Array:
    """Addresses of the people who order, for the clients with these row numbers."""
    dice = world.dice("clients", rows)
    head, noun, _ = _company(dice, world.clients.vertical[rows])
    return join(mail_names(dice), "@", pc.ascii_lower(join(head, noun)), ".example.com")


def client_contacts(world: World, rows: Ints) -> pa.Array:
    """Given names of the people who order."""
    return names(world.dice("clients", rows))[0]


def _company(dice: Dice, vertical: Ints) -> tuple[pa.Array, pa.Array, pa.Array]:
    # 37 has no common divisor with the number of patterns, so names repeat as late as they can.
    code = dice.rows * 37 % NAME_PATTERNS
    head, rest = code % len(COMPANY_HEADS), code // len(COMPANY_HEADS)
    nouns = [noun for v in VERTICALS for noun in v.nouns]
    return pick(COMPANY_HEADS, head), pick(nouns, vertical * 8 + rest % 8), pick(COMPANY_TAILS, rest // 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """What the placements say about each order."""

    placed: Ints
    opened: Ints
    """Day the order came in, before the first placement on it."""
    common: Ints
    """Certificates that everybody placed on it holds, as bits."""


def order_facts(world: World) -> OrderFacts:
    """What the placements say about each order; an order without any came in lately."""
    size = len(world.orders.client)
    dice = world.dice("job_orders", np.arange(size))
    filled = world.placements
    placed = np.bincount(filled.order, minlength=size)
    first = np.full(size, NEVER)
    np.minimum.at(first, filled.order, filled.start)
    common = np.full(size, 63)
    np.bitwise_and.at(common, filled.order, world.people.certificates[filled.candidate])
    recent = TODAY - dice.pick("age", 60)
    return OrderFacts(
        placed=placed,
        opened=np.where(placed > 0, first - 3 - dice.pick("lead", 18), recent),
        common=common,
    )


def job_orders(world: World) -> pa.RecordBatch:
    """All rows of the table `job_orders`."""
    orders, facts = world.orders, order_facts(world)
    dice = world.dice("job_orders", np.arange(len(orders.client)))
    city = world.clients.city[orders.client]
    extra = np.where(dice.chance("extra", 0.15), 1 + dice.pick("missing", 3), 0)
    headcount = np.where(facts.placed > 0, facts.placed + extra, 1 + dice.pick("heads", 8))
    waiting = np.where(dice.chance("cancelled", 0.25), 2, 0)
    status = np.where(facts.placed == 0, waiting, np.where(extra > 0, 0, 1))
    # Nobody was sent without what the order asks for; only an order that waits may ask for anything.
    wish = (1 << dice.pick("wish", 6)) | (1 << dice.pick("other wish", 6))
    return batch(
        JOB_ORDERS,
        [
            pa.array(dice.rows + 1),
            pa.array(orders.client + 1),
            titles(orders.trade),
            *places(dice, city),
            pick(SHIFTS, orders.shift),
            pa.array(headcount),
            certificate_lists(orders.trade, np.where(facts.placed > 0, wish & facts.common, wish)),
            dollars(orders.bill_cents),
            dates(facts.opened),
            pick(("open", "filled", "cancelled"), status),
            _descriptions(dice, orders.trade, world.clients.vertical[orders.client], city),
        ],
    )


def _descriptions(dice: Dice, trade: Ints, vertical: Ints, city: Ints) -> pa.Array:
    variant = dice.pick("text", len(ORDER_TEXTS))
    texts = [
        half
        for text in ORDER_TEXTS
        for v in VERTICALS
        for t in TRADES
        for half in text.format(role=t.title, site=v.site, city="|").split("|")
    ]
    code = ((variant * len(VERTICALS) + vertical) * len(TRADES) + trade) * 2
    return join(pick(texts, code), pick([c.name for c in CITIES], city), pick(texts, code + 1))


def idle(size: int) -> tuple[Ints, Ints]:
    """`busy_until` and `first_start` of people who were never placed."""
    return np.zeros(size, dtype=np.int64), np.full(size, NEVER)
