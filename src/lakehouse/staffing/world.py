"""[pure] What happened in the staffing company, as numbers: who ordered, who worked where, who was called.

Order of drawing: people, clients, orders, then placements (an order of the same trade, in the same town or
near it), laid end to end backward from today so that nobody works in two places at once. Outcomes lean on
the hidden reliability of the person: placements that end early, missed shifts, ratings, calls answered.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lakehouse.staffing.dice import Bools, Dice, Ints, spread
from lakehouse.staffing.people import CITIES, STATES
from lakehouse.staffing.schema import counts
from lakehouse.staffing.words import SHIFT_WEIGHTS, VERTICALS
from lakehouse.staffing.workforce import BASE_CENTS, People, draw

NEXT_MONDAY: Final = 20_759
"""2026-11-02, in days since 1970: the day after the last week that has time sheets."""

CITY_STATE: Final = np.array([STATES.index(city.state) for city in CITIES])
STATE_FIRST: Final = np.searchsorted(CITY_STATE, np.arange(len(STATES)), side="left")
STATE_END: Final = np.searchsorted(CITY_STATE, np.arange(len(STATES)), side="right")
DEMAND_EDGES: Final = np.cumsum([v.demand for v in VERTICALS], axis=1)
LOSS_EVERY: Final = 33
"""One client of so many has a contract that does not cover its cost."""
ENOUGH: Final = 3
"""People on the bench of a town before we look further away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """The clients."""

    vertical: Ints
    city: Ints
    markup: Ints
    """Bill rate over base rate, in hundredths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The job orders, as ordered."""

    client: Ints
    trade: Ints
    shift: Ints
    bill_cents: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Placements:
    """The placements, by first day."""

    candidate: Ints
    order: Ints
    start: Ints
    """A Monday, in days since 1970."""
    weeks: Ints
    """Weeks worked: one time sheet for each."""
    early: Bools
    """Ended before the agreed day."""
    ongoing: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything the tables are rendered from, without any text."""

    seed: int
    people: People
    clients: Clients
    orders: Orders
    placements: Placements
    sheet_ends: Ints
    """Time sheets of the first n placements together."""
    calls: Ints
    """The candidate of each call, in order of time."""
    emails: int
    """How many."""

    def dice(self, table: str, rows: Ints) -> Dice:
        """Dice for some rows of a table."""
        return Dice(seed=self.seed, table=table, rows=rows)


def build(*, scale: float, seed: int) -> World:
    """The company at `scale`.

    Raises:
        Invalid: `scale` is below 0.01.
    """
    rows = counts(scale)
    people = draw(np.arange(rows["candidates"]), seed=seed)
    clients = _clients(Dice(seed=seed, table="clients", rows=np.arange(rows["clients"])))
    orders = _orders(Dice(seed=seed, table="job_orders", rows=np.arange(rows["job_orders"])), clients)
    dice = Dice(seed=seed, table="placements", rows=np.arange(rows["placements"]))
    placements = _placements(dice, people, clients, orders, sheets=rows["timesheets"])
    return World(
        seed=seed,
        people=people,
        clients=clients,
        orders=orders,
        placements=placements,
        sheet_ends=np.cumsum(placements.weeks),
        calls=_calls(people, placements, total=rows["calls"]),
        emails=rows["emails"],
    )


def _clients(dice: Dice) -> Clients:
    vertical = dice.weighted("vertical", [v.share for v in VERTICALS])
    usual = np.array([v.markup for v in VERTICALS])[vertical] + dice.pick("markup", 5) - 2
    losing = dice.rows % LOSS_EVERY == LOSS_EVERY // 2
    return Clients(
        vertical=vertical,
        city=dice.weighted("city", [c.weight for c in CITIES]),
        markup=np.where(losing, usual * 78 // 100, usual),
    )


def _orders(dice: Dice, clients: Clients) -> Orders:
    size = Dice(seed=dice.seed, table="clients", rows=np.arange(len(clients.city))).pick("size", 20) + 4
    client = dice.weighted("client", (size * size).tolist())
    edges = DEMAND_EDGES[clients.vertical[client]]
    trade = (dice.pick("trade", edges[:, -1])[:, None] >= edges).sum(axis=1)
    return Orders(
        client=client,
        trade=trade,
        shift=dice.weighted("shift", SHIFT_WEIGHTS),
        bill_cents=BASE_CENTS[trade] * clients.markup[client] // 100,
    )


def _placements(dice: Dice, people: People, clients: Clients, orders: Orders, *, sheets: int) -> Placements:
    filled = np.flatnonzero(
        Dice(seed=dice.seed, table="job_orders", rows=np.arange(len(orders.client))).chance("filled", 0.85)
    )
    order = filled[dice.pick("order", len(filled))]
    market = orders.trade * len(CITIES) + clients.city[orders.client]
    candidate = _choose(dice, people, market[order])
    order, candidate = order[np.argsort(candidate, kind="stable")], np.sort(candidate)
    early = dice.chance("early", 0.04 + 0.6 * (1 - people.reliability[candidate]))
    planned = 4 + dice.pick("planned", 23)
    worked = np.where(early, planned * (25 + dice.pick("worked", 50)) // 100, planned)
    weeks = 1 + spread(sheets - len(order), worked)
    last = np.append(candidate[1:] != candidate[:-1], True)
    ongoing = last & ~early & dice.chance("ongoing", 0.3)
    pause = np.where(last, 1 + dice.pick("pause", 40), dice.pick("gap", 6))
    start = NEXT_MONDAY - 7 * _weeks_back(weeks + np.where(ongoing, 0, pause), last)
    by_time = np.argsort(start, kind="stable")
    return Placements(
        candidate=candidate[by_time],
        order=_in_turn(order, market, start)[by_time],
        start=start[by_time],
        weeks=weeks[by_time],
        early=early[by_time],
        ongoing=ongoing[by_time],
    )


def _choose(dice: Dice, people: People, market: Ints) -> Ints:
    """A candidate for each market (trade and town): from there, else the state, else the trade, else any."""
    bench = np.flatnonzero(people.bench) if people.bench.any() else np.arange(len(people.bench))
    home = people.trade[bench] * len(CITIES) + people.city[bench]
    bench, home = bench[np.argsort(home, kind="stable")], np.sort(home)
    trade, city = market // len(CITIES) * len(CITIES), market % len(CITIES)
    state = CITY_STATE[city]
    edges = (
        (market, market + 1),
        (trade + STATE_FIRST[state], trade + STATE_END[state]),
        (trade, trade + len(CITIES)),
    )
    low, high = np.zeros(len(market), dtype=np.int64), np.full(len(market), len(bench))
    for first, end in reversed(edges):
        near, far = np.searchsorted(home, first), np.searchsorted(home, end)
        low, high = np.where(far - near >= ENOUGH, (near, far), (low, high))
    chosen: Ints = bench[low + dice.pick("candidate", high - low)]
    return chosen


def _weeks_back(lengths: Ints, last: Bools) -> Ints:
    """How many weeks before today each stretch begins, when those of one person lie end to end."""
    totals = np.cumsum(lengths)
    group: Ints = np.cumsum(last) - last
    back: Ints = totals[last][group] - totals + lengths
    return back


def _in_turn(order: Ints, market: Ints, start: Ints) -> Ints:
    """The orders, dealt out anew within each market so that one is filled before the next begins."""
    dealt = np.empty_like(order)
    dealt[np.lexsort((start, market[order]))] = order[np.lexsort((order, market[order]))]
    return dealt


def _calls(people: People, placements: Placements, *, total: int) -> Ints:
    """Who is called: those who work for us most, the others now and then, a few in vain again and again."""
    placed = np.bincount(placements.candidate, minlength=len(people.trade)) > 0
    cold = people.dice.chance("cold lead", 0.035)
    seldom = people.dice.weighted("calls", (24, 26, 24, 16, 10))
    often = 5 + people.dice.pick("cold calls", 8)
    calls = np.where(placed, 0, np.where(cold, often, seldom))
    weights = placed * (4 + people.dice.pick("warm calls", 12))
    calls += spread(total - int(calls.sum()), weights)
    listed = np.repeat(np.arange(len(calls)), calls)
    return listed[
        np.argsort(
            Dice(seed=people.dice.seed, table="calls", rows=np.arange(total)).bits("order"), kind="stable"
        )
    ]
