"""A playbook's text over a store of its own, and entries for tests."""

from lakehouse.base.clock import Clock, FixedClock
from lakehouse.matrix.bullets.bullet import Bullet, Votes
from lakehouse.matrix.bullets.bullets import Bullets
from lakehouse.matrix.bullets.draft import Draft
from lakehouse.matrix.bullets.outside import NOTHING, Outside
from lakehouse.matrix.bullets.params import DEFAULTS, BulletParams
from lakehouse.store.journal import Journal
from lakehouse.store.memory import MemoryStore
from lakehouse.store.objects import ObjectStore
from lakehouse.store.turns import MemoryTurns, Turns

CALL = "Call candidates for early shifts the evening before, not in the morning"
BUS = "Night shifts fill faster when the bus timetable is sent along with the offer"
CARD = "Ask for a photo of the safety card before booking anyone on a building site"


def desk(
    store: ObjectStore | None = None,
    *,
    turns: Turns | None = None,
    clock: Clock | None = None,
    outside: Outside = NOTHING,
    params: BulletParams = DEFAULTS,
) -> Bullets:
    """Entries over a store, in memory where none is named."""
    clock = clock or FixedClock()
    journal = Journal(store or MemoryStore(), clock=clock)
    return Bullets(journal, turns=turns or MemoryTurns(), clock=clock, outside=outside, params=params)


def put(
    at: Bullets, content: str = CALL, *, source: str = "", evidence: str = "s1", **fields: object
) -> Bullet:
    """A new entry, which hygiene let in."""
    written = at.add(Draft(content=content, evidence=[evidence], **fields), source=source)
    assert written.verdict.outcome == "add", written.verdict
    assert written.entry
    return written.entry


def bullet(name: str, content: str = CALL, **fields: object) -> Bullet:
    """An entry as a value."""
    helpful, harmful = int(str(fields.pop("helpful", 0))), int(str(fields.pop("harmful", 0)))
    votes = fields.pop("votes", Votes(helpful=helpful, harmful=harmful))
    return Bullet(entry_id=name, section="general", content=content, votes=votes, **fields)  # type: ignore[arg-type]  # of tests
