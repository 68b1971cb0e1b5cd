"""Conditions over held columns: the same rows as a filter finds, and nothing that a filter would refuse."""

import pyarrow as pa
import pytest

from lakehouse.base.errors import Invalid, Refused
from lakehouse.query.engine import Bound, Limits
from lakehouse.query.exchange import HELD, Views
from lakehouse.query.relation import SLOT, Held, ParquetFiles, define
from lakehouse.query.session import Session

COLUMNS = ("id", "name", "city", "salary", "born")
TABLE = '"lake"."people"'


def asked(session: Session, condition: str, *, key: str = "id", at: int | None = None) -> list[str] | None:
    """The keys of the rows that are left, sorted; None where slots cannot say."""
    found = session.slots(TABLE, condition, key=key, columns=COLUMNS, at=at)
    if found is None:
        return None
    keys = session.sql(f"SELECT CAST({key} AS VARCHAR) AS k FROM people ORDER BY k", at=at).rows()
    return sorted(str(keys[slot][0]) for slot in found.to_arrow()[SLOT].to_pylist())


@pytest.mark.parametrize("key", ["id", "name", "born", "salary"])
@pytest.mark.parametrize(
    "condition",
    [
        "id < 9",
        "city = 'Oslo' AND id > 50",
        "CITY = 'Oslo' OR salary >= 900",
        "born BETWEEN DATE '2020-01-05' AND DATE '2020-02-01'",
        "name LIKE '%7'",
        "id > 1000",
        "NULL OR id = 3",
        "id = 1 -- the first",
    ],
)
def test_slots_name_the_rows_that_a_filter_leaves(session: Session, condition: str, key: str) -> None:
    wanted = session.sql(f"SELECT CAST({key} AS VARCHAR) FROM people WHERE ({condition}\n)").rows()
    assert asked(session, condition, key=key) == sorted(str(row[0]) for row in wanted)


def test_slots_are_of_the_version_that_is_asked(session: Session) -> None:
    assert asked(session, "id > 48", at=1) == ["49", "50"]
    assert len(asked(session, "id > 48", at=2) or ()) == 52


@pytest.mark.parametrize(
    "condition",
    ["true", "people.id = 1", "people IS NOT NULL", "#1 = 1", "COLUMNS(*) IS NOT NULL", "nobody = 1"],
)
def test_a_condition_on_more_than_plain_columns_is_left_to_the_filter(
    session: Session, condition: str
) -> None:
    assert asked(session, condition) is None


def test_columns_that_may_not_be_held_are_left_to_the_filter(session: Session) -> None:
    assert session.slots(TABLE, "city = 'Oslo'", key="id", columns=("id",)) is None


@pytest.mark.parametrize(
    "condition",
    [
        "id IN (SELECT id FROM people)",
        "id = 1 ORDER BY id",
        "id = 1 GROUP BY id",
        "id = 1 LIMIT 1",
        "id = $1",
        "id = 1; DROP TABLE people",
        "id = 1 UNION SELECT 7",
        "getenv('HOME') = 'x'",
        "read_text('/etc/passwd') = 'x'",
    ],
)
def test_more_than_a_condition_is_refused(session: Session, condition: str) -> None:
    with pytest.raises(Refused):
        asked(session, condition)


@pytest.mark.parametrize("condition", ["", "id =", "id = 1) OR (1 = 1"])
def test_what_is_no_condition_is_invalid(session: Session, condition: str) -> None:
    with pytest.raises(Invalid):
        asked(session, condition)


def test_a_condition_that_fails_spoils_nothing(session: Session) -> None:
    with pytest.raises(Invalid):
        asked(session, "CAST(city AS INTEGER) = id")
    assert asked(session, "city = 'Rome' AND id < 6") == ["1", "4"]


def held(*columns: str) -> Held:
    return Held(ParquetFiles(("/t.parquet",), ()), "id", columns)


def defined_and_forgotten(views: Views, relation: Held) -> tuple[list[str], list[str]]:
    header, _ = views.request(Bound(tree="{}", relations=(relation,)), Limits())
    return list(header["define"]), list(header["forget"])  # type: ignore[call-overload]


def test_columns_are_held_once_and_those_used_longest_ago_are_let_go() -> None:
    views = Views(64)
    for n in range(HELD + 1):
        defined, forgotten = defined_and_forgotten(views, held(f"c{n}"))
        assert f'"c{n}"' in defined[0]
        assert not forgotten
    assert defined_and_forgotten(views, held("c1")) == ([], [])
    _, forgotten = defined_and_forgotten(views, held("new"))
    assert [s.split()[1] for s in forgotten] == ["VIEW", "TABLE"]
    defined, _ = defined_and_forgotten(views, held("c0"))
    assert defined, "the first had to go"


def test_after_a_failure_what_was_held_is_let_go_before_anything_else() -> None:
    views = Views(64)
    defined_and_forgotten(views, held("a"))
    views.doubt(Bound(tree="{}", relations=(held("a"),)))
    defined, forgotten = defined_and_forgotten(views, held("b"))
    assert len(defined) == len(forgotten) == 2


def test_what_is_held_has_the_places_of_its_keys_and_not_of_its_rows() -> None:
    made = define(held("a b"), "v")
    assert 'ORDER BY CAST("id" AS VARCHAR)' in made.setup[0]
    assert '"a b"' in made.setup[0]
    assert not made.needs_iceberg


def test_the_slots_come_as_integers(session: Session) -> None:
    found = session.slots(TABLE, "id = 7", key="id", columns=COLUMNS)
    assert found is not None
    assert found.to_arrow().schema.field(SLOT).type == pa.int32()
    assert found.snapshots == {"lake.people": 2}
