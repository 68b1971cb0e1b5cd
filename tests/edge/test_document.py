"""Answers as JSON documents."""

import json
from dataclasses import dataclass

import pytest

from lakehouse.edge.document import document, ids

LONG = 2**62 + 1
"""A double makes 4611686018427387904 of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Something with a snapshot id in it."""

    snapshot_id: int | None
    rows: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """Something that holds such things."""

    versions: tuple[Version, ...]
    snapshots: dict[str, int | None]


def test_snapshot_ids_are_text_at_any_depth_and_nothing_else_is() -> None:
    value = {"found": [Versions(versions=(Version(snapshot_id=LONG),), snapshots={"a": LONG, "b": None})]}
    (found,) = document(value)["found"]  # type: ignore[index]  # it is an object
    assert found == {
        "versions": [{"snapshot_id": str(LONG), "rows": 3}],
        "snapshots": {"a": str(LONG), "b": None},
    }


@pytest.mark.parametrize(
    "value", [{"snapshot_id": None}, {"snapshot_id": "7"}, {"snapshots": 3}, [1, "a"], None]
)
def test_what_is_no_snapshot_id_stays_as_it_was(value: object) -> None:
    assert document(value) == value


def test_an_id_is_the_same_after_a_reader_whose_numbers_are_doubles() -> None:
    read = json.loads(json.dumps(document(Version(snapshot_id=LONG))), parse_int=float)
    assert int(read["snapshot_id"]) == LONG
    assert ids({"people": LONG, "none": None}) == {"people": str(LONG), "none": None}
