"""Cards of corpora: kept, seen by other processes, and said where they cannot be read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.base.errors import Conflict, Corrupt, Invalid, LakehouseError, NotFound
from lakehouse.lake.facade import Lakehouse
from tests.lake.conftest import open_with

CARD = {"name": "norse", "index": "resumes", "filter": "city = 'Oslo'", "facets": ["city"], "keys": ["city"]}


@pytest.fixture
def built(lake: Lakehouse) -> Lakehouse:
    lake.index.build("resumes", table="people", text="resume", id="id")
    return lake


def names(lake: Lakehouse) -> list[str]:
    return [card.name for card in lake.matrix.corpora.ls()]


def test_an_index_is_a_corpus_until_a_card_without_a_filter_stands_for_it(built: Lakehouse) -> None:
    corpora = built.matrix.corpora
    assert names(built) == ["resumes"]
    corpora.add(CARD)
    assert names(built) == ["norse", "resumes"], "a part must not hide the rest"
    corpora.add({"name": "all_people", "index": "resumes"})
    assert names(built) == ["all_people", "norse"]
    corpora.remove("all_people")
    corpora.remove("norse")
    assert names(built) == ["resumes"]


def test_a_card_survives_a_restart_and_another_process_sees_it_at_once(
    built: Lakehouse, tmp_path: Path
) -> None:
    with open_with(tmp_path / "lake") as other:
        assert names(other) == ["resumes"]
        written = built.matrix.corpora.add(CARD)
        assert other.matrix.corpora.get("norse") == written
        other.matrix.corpora.remove("norse")
        assert not built.matrix.corpora.has_card("norse")
        other.matrix.corpora.add(CARD)
    with open_with(tmp_path / "lake") as again:
        assert again.matrix.corpora.get("norse") == written


def test_files_that_are_folded_bring_no_older_card_back(built: Lakehouse) -> None:
    corpora = built.matrix.corpora
    for weight in (1.0, 2.0, 3.0):
        corpora.add(CARD | {"weight": weight})
        if weight == 2.0:
            assert corpora.get("norse").weight == 2.0
            built.running.tidy()
            built._parts.journal.compact("corpora")
    corpora.remove("norse")
    built._parts.journal.compact("corpora")
    assert not corpora.has_card("norse")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"index": "nope"}, NotFound),
        ({"facets": ["nope"], "keys": []}, NotFound),
        ({"filter": "nope = 1"}, Invalid),
        ({"filter": "1 = 1) OR (1 = 1"}, Invalid),
        ({"keys": ["id"]}, Invalid),
        ({"name": "Not A Name"}, Invalid),
        ({"units": {"id": ["$"]}}, Invalid),
        ({"within": {"city": "state"}}, Invalid),
    ],
)
def test_a_card_that_cannot_work_is_refused_and_nothing_is_written(
    built: Lakehouse, change: dict[str, object], kind: type[LakehouseError]
) -> None:
    with pytest.raises(kind):
        built.matrix.corpora.add(CARD | change)
    assert names(built) == ["resumes"]


def test_a_card_takes_no_name_of_another_index(built: Lakehouse) -> None:
    built.index.build("cities", table="people", text="city", id="id")
    with pytest.raises(Conflict):
        built.matrix.corpora.add(CARD | {"name": "cities"})


def test_a_card_that_cannot_be_read_is_said_each_time_and_can_be_written_anew(built: Lakehouse) -> None:
    record = {"event_id": "7ZZZZZZZZZ0000000000000000", "op": "card", "name": "norse", "card": {"name": 7}}
    built._parts.journal.append("corpora", [record])  # type: ignore[list-item]  # wrong on purpose
    looks: tuple[Callable[[], object], ...] = (
        built.matrix.corpora.ls,
        lambda: built.matrix.corpora.get("norse"),
        built.matrix.corpora.ls,
    )
    for look in looks:
        with pytest.raises(Corrupt, match="norse"):
            look()
    assert built.matrix.corpora.get("resumes").name == "resumes"


def test_members_that_a_newer_version_added_are_left_aside(built: Lakehouse) -> None:
    card = CARD | {"colour": "red"}
    record = {"event_id": "0ZZZZZZZZZ0000000000000000", "op": "card", "name": "norse", "card": card}
    built._parts.journal.append("corpora", [record])  # type: ignore[list-item]  # JSON all the same
    assert built.matrix.corpora.get("norse").filter == "city = 'Oslo'"


@pytest.mark.parametrize("name", ["👷", "Not A Name", "", "x" * 100])
def test_nothing_is_called_so(built: Lakehouse, name: str) -> None:
    with pytest.raises(NotFound):
        built.matrix.corpora.get(name)
    with pytest.raises(NotFound):
        built.matrix.corpora.remove(name)
