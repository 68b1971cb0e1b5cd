"""[pure] The tables that say what happened: placements, time sheets, calls, mails."""

from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.staffing.columns import (
    batch,
    candidate_mails,
    dates,
    dollars,
    join,
    look_up,
    names,
    pick,
    timestamps,
)
from lakehouse.staffing.dice import Bools, Dice, Floats, Ints
from lakehouse.staffing.letters import (
    CALL_NOTES,
    EARLY_REASONS,
    EARLY_WEIGHTS,
    FULL_REASONS,
    FULL_WEIGHTS,
    OUTCOMES,
    TO_CANDIDATES,
    TO_CLIENTS,
)
from lakehouse.staffing.people import OFFICE_DOMAIN, RECRUITERS
from lakehouse.staffing.registry import NEVER, client_contacts, client_mails
from lakehouse.staffing.schema import CALLS, EMAILS, PLACEMENTS, TIMESHEETS
from lakehouse.staffing.trades import TRADES
from lakehouse.staffing.workforce import trade_of
from lakehouse.staffing.world import NEXT_MONDAY, World

WEEKS_OF_CONTACT: Final = 26
MEAN_RELIABILITY: Final = 0.733
ANSWERED, VOICEMAIL, NO_ANSWER, CALLBACK, WRONG = range(len(OUTCOMES))


def placements(world: World) -> pa.RecordBatch:
    """All rows of the table `placements`."""
    them = world.placements
    dice = world.dice("placement outcomes", np.arange(len(them.order)))
    reliability = world.people.reliability[them.candidate]
    reason = np.where(
        them.early,
        dice.weighted("why early", EARLY_WEIGHTS),
        len(EARLY_REASONS) + dice.weighted("why ended", FULL_WEIGHTS),
    )
    liking = 3.6 + 1.6 * (reliability - MEAN_RELIABILITY) + 0.95 * dice.bell("liking")
    return batch(
        PLACEMENTS,
        [
            pa.array(dice.rows + 1),
            pa.array(them.candidate + 1),
            pa.array(world.orders.client[them.order] + 1),
            pa.array(them.order + 1),
            dates(them.start),
            dates(planned_ends(world)),
            dates(them.start + 7 * them.weeks - 3, absent=them.ongoing),
            pick(EARLY_REASONS + FULL_REASONS, reason, absent=them.ongoing),
            dollars(world.people.pay_cents[them.candidate]),
            dollars(world.orders.bill_cents[them.order]),
            pa.array(
                np.clip((liking + 0.5).astype(np.int64), 1, 5),
                mask=them.ongoing | dice.chance("unrated", 0.2),
            ),
        ],
    )


def planned_ends(world: World) -> Ints:
    """The agreed last day of every placement."""
    them = world.placements
    dice = world.dice("placement outcomes", np.arange(len(them.order)))
    cut = np.where(them.early, 1 + dice.pick("cut", 10), 0)
    left = np.where(them.ongoing, 2 + dice.pick("left", 12), 0)
    ends: Ints = them.start + 7 * (them.weeks + cut + left) - 3
    return ends


def engagements(world: World) -> tuple[Ints, Ints]:
    """For each candidate: agreed end of a placement that lasts (0 if none), first day of the first ever."""
    them, size = world.placements, len(world.people.trade)
    busy_until, first_start = np.zeros(size, dtype=np.int64), np.full(size, NEVER)
    busy_until[them.candidate[them.ongoing]] = planned_ends(world)[them.ongoing]
    np.minimum.at(first_start, them.candidate, them.start)
    return busy_until, first_start


def timesheets(world: World, rows: Ints) -> pa.RecordBatch:
    """Some rows of the table `timesheets`. Pay and bill are counted in whole cents."""
    them, dice = world.placements, world.dice("timesheets", rows)
    placement = np.searchsorted(world.sheet_ends, rows, side="right")
    week = rows - (world.sheet_ends - them.weeks)[placement]
    reliability = world.people.reliability[them.candidate[placement]]
    missed = dice.chance("missed", 0.01 + 0.25 * (1 - reliability))
    quarters = np.where(dice.chance("short week", 0.2), 96 + 4 * dice.pick("short", 15), 160)
    quarters = np.where(missed, quarters - 32, quarters)
    extra = np.where((quarters == 160) & dice.chance("overtime", 0.3), 1 + dice.pick("extra", 40), 0)
    paid_eighths = quarters * 2 + extra * 3
    pay = world.people.pay_cents[them.candidate[placement]]
    bill = world.orders.bill_cents[them.order[placement]]
    end = them.start[placement] + 7 * week + 6
    return batch(
        TIMESHEETS,
        [
            pa.array(rows + 1),
            pa.array(placement + 1),
            dates(end),
            pa.array(quarters / 4),
            pa.array(extra / 4),
            pa.array(missed),
            dollars((paid_eighths * pay + 4) // 8),
            dollars((paid_eighths * bill + 4) // 8),
            pa.array((end < NEXT_MONDAY - 7) | dice.chance("approved", 0.5)),
        ],
    )


def contact_times(dice: Dice) -> Ints:
    """Sorted moments within office hours of the last half year, in seconds since 1970."""
    day = (
        NEXT_MONDAY
        - 7 * (1 + dice.pick("week", WEEKS_OF_CONTACT))
        + dice.weighted("day", (9, 10, 10, 10, 9, 1))
    )
    return np.sort(day * 86_400 + 8 * 3600 + dice.pick("second", 10 * 3600))


def calls(world: World, rows: Ints, times: Ints) -> pa.RecordBatch:
    """Some rows of the table `calls`; `times` are those of all calls."""
    dice, candidate = world.dice("calls", rows), world.calls[rows]
    inbound = dice.chance("inbound", 0.1)
    outcome = _outcomes(dice, world.people.reliability[candidate], inbound=inbound.astype(np.int64))
    talk = dice.unit("talk")
    seconds = np.select(
        [outcome == ANSWERED, outcome == VOICEMAIL, outcome == NO_ANSWER],
        [30 + (talk * talk * 900).astype(np.int64), 15 + dice.pick("message", 30), 0],
        8 + dice.pick("brief", 30),
    )
    notes = [note for group in CALL_NOTES for note in group]
    return batch(
        CALLS,
        [
            pa.array(rows + 1),
            pa.array(candidate + 1),
            pick(RECRUITERS, dice.pick("recruiter", len(RECRUITERS))),
            timestamps(times[rows]),
            pick(("outbound", "inbound"), inbound.astype(np.int64)),
            pick(OUTCOMES, outcome),
            pa.array(seconds),
            pick(notes, outcome * len(CALL_NOTES[0]) + dice.pick("note", len(CALL_NOTES[0]))),
        ],
    )


def _outcomes(dice: Dice, reliability: Floats, *, inbound: Ints) -> Ints:
    reached = (inbound > 0) | dice.chance("answered", 0.25 + 0.55 * reliability)
    return np.where(reached, ANSWERED, VOICEMAIL + dice.weighted("not reached", (52, 33, 10, 5)))


LETTERS: Final = TO_CANDIDATES + TO_CLIENTS
INBOUND: Final = np.array([letter.direction == "inbound" for letter in LETTERS])


@cache
def _letters() -> tuple[pa.Array, pa.Array]:
    # Subjects and bodies for every trade, at letter * trades + trade.
    pairs = [(letter, trade.title) for letter in LETTERS for trade in TRADES]
    return (
        pa.array([letter.subject.format(role=title) for letter, title in pairs]),
        pa.array([letter.body.format(role=title.lower()) for letter, title in pairs]),
    )


def emails(world: World, rows: Ints, times: Ints) -> pa.RecordBatch:
    """Some rows of the table `emails`; `times` are those of all mails."""
    dice = world.dice("emails", rows)
    with_client = dice.chance("client", 0.3)
    person = world.dice("candidates", dice.pick("candidate", len(world.people.trade)))
    client = dice.pick("which client", len(world.clients.city))
    letter = _which_letter(dice, with_client)
    inbound = INBOUND[letter]
    code = letter * len(TRADES) + np.where(with_client, dice.pick("trade", len(TRADES)), trade_of(person))
    subjects, bodies = _letters()
    our_name, ours = _recruiters(dice)
    their_name = pc.if_else(with_client, client_contacts(world, client), names(person)[0])
    theirs = pc.if_else(with_client, client_mails(world, client), candidate_mails(person))
    reader, writer = _sides(inbound, our_name, their_name)
    to_address, from_address = _sides(inbound, ours, theirs)
    return batch(
        EMAILS,
        [
            pa.array(rows + 1),
            pa.array(person.rows + 1, mask=with_client),
            pa.array(client + 1, mask=~with_client),
            timestamps(times[rows]),
            pick(("outbound", "inbound"), inbound.astype(np.int64)),
            from_address,
            to_address,
            look_up(subjects, code),
            join("Hi ", reader, ", ", look_up(bodies, code), " ", writer),
        ],
    )


def _which_letter(dice: Dice, with_client: Bools) -> Ints:
    to_client = len(TO_CANDIDATES) + dice.pick("client letter", len(TO_CLIENTS))
    return np.where(with_client, to_client, dice.pick("letter", len(TO_CANDIDATES)))


def _recruiters(dice: Dice) -> tuple[pa.Array, pa.Array]:
    """Given names and addresses of those of us who write or are written to."""
    code = dice.pick("recruiter", len(RECRUITERS))
    addresses = [f"{name.lower().replace(' ', '.')}@{OFFICE_DOMAIN}" for name in RECRUITERS]
    return pick([name.split()[0] for name in RECRUITERS], code), pick(addresses, code)


def _sides(inbound: Bools, ours: pa.Array, theirs: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The reader's and the writer's."""
    return pc.if_else(inbound, ours, theirs), pc.if_else(inbound, theirs, ours)
