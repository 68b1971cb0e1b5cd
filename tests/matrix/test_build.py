"""Corpora out of tables, folders and queries: searchable, equal to their source, never over others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.base.errors import Conflict, Invalid, NotFound
from lakehouse.lake.facade import Lakehouse
from lakehouse.matrix.build import Built, Failed, Job, from_folder, from_sql, from_table, side_by_side
from lakehouse.matrix.corpus import card
from tests.lake.conftest import PEOPLE, open_with


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lakehouse]:
    with open_with(tmp_path / "lake") as lake:
        lake.upsert("people", PEOPLE, key="id")
        yield lake


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    (folder / "deep").mkdir(parents=True)
    (folder / "pay.md").write_text(
        "# Pay\nOvertime is paid with half as much again.\n## Night\nA fifth more.\n"
    )
    (folder / "deep" / "safety.txt").write_text("Forklift drivers carry an OSHA-10 card.")
    (folder / ".hidden.md").write_text("# Secret\nnot read")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / "binary.md").write_bytes(b"a\0b")
    return folder


def test_a_table_becomes_a_corpus(lake: Lakehouse) -> None:
    built = from_table(lake, card("resumes"), table="people", text="resume", key="id")
    assert (built.rows, built.waiting, built.table) == (5, 0, "people")
    assert lake.search("welder", corpora=["resumes"], k=1).hits[0].id == "4"


def test_a_folder_becomes_a_corpus_of_its_sections(lake: Lakehouse, notes: Path) -> None:
    built = from_folder(lake, card("rules"), notes)
    assert (built.rows, built.table) == (3, "rules_sections")
    assert built.skipped == ("binary.md: no text",)
    hit = lake.search("overtime pay", corpora=["rules"], k=1).hits[0]
    row = lake.sql(f"SELECT path, heading FROM rules_sections WHERE id = '{hit.id}'").rows()[0]
    assert row == ("pay.md", "Pay")
    assert not lake.search("secret", corpora=["rules"], k=5).hits[0].text.startswith("not read")


def test_a_folder_that_changed_is_followed_and_the_rest_keeps_its_ids(lake: Lakehouse, notes: Path) -> None:
    from_folder(lake, card("rules"), notes)
    before = dict(lake.sql("SELECT heading || path, id FROM rules_sections").rows())
    (notes / "deep" / "safety.txt").unlink()
    (notes / "pay.md").write_text(
        "# Pay\nOvertime is not paid.\n## Night\nA fifth more.\n## Day\nNothing more.\n"
    )
    assert from_folder(lake, card("rules"), notes).rows == 3
    after = dict(lake.sql("SELECT heading || path, id FROM rules_sections").rows())
    assert set(after) - set(before) == {"Pay > Daypay.md"}
    assert set(before) - set(after) == {"deep/safety.txt"}
    assert all(before[name] == after[name] for name in set(before) & set(after))


def test_building_the_same_folder_again_writes_nothing(lake: Lakehouse, notes: Path) -> None:
    from_folder(lake, card("rules"), notes)
    version = lake.show("rules_sections").info.snapshot_id
    from_folder(lake, card("rules"), notes)
    assert lake.show("rules_sections").info.snapshot_id == version


def test_a_link_out_of_the_folder_is_not_followed(lake: Lakehouse, notes: Path, tmp_path: Path) -> None:
    (tmp_path / "private.md").write_text("# Private\nsalaries")
    (notes / "link.md").symlink_to(tmp_path / "private.md")
    from_folder(lake, card("rules"), notes)
    assert lake.sql("SELECT count(*) FROM rules_sections WHERE text LIKE '%salaries%'").rows() == [(0,)]


def test_the_rows_of_a_query_become_a_corpus_and_are_followed(lake: Lakehouse) -> None:
    query = "SELECT id, resume || ' lives in ' || city AS said FROM people WHERE city <> 'Bonn'"
    built = from_sql(lake, card("movers"), query, key="id", text="said")
    assert (built.rows, built.table) == (4, "movers_rows")
    assert lake.search("welder in Rome", corpora=["movers"], k=1).hits[0].id == "4"
    lake.delete("people", where="id = 4")
    assert from_sql(lake, card("movers"), query, key="id", text="said").rows == 3


def test_a_table_of_others_is_never_written_to(lake: Lakehouse, notes: Path) -> None:
    with pytest.raises(Conflict):
        from_folder(lake, card("rules"), notes, table="people")
    with pytest.raises(Conflict):
        from_sql(lake, card("few"), "SELECT id, resume FROM people", key="id", text="resume", table="people")
    assert lake.sql("SELECT count(*) FROM people").rows() == [(5,)]


def test_two_corpora_do_not_share_a_table(lake: Lakehouse, notes: Path) -> None:
    from_folder(lake, card("rules"), notes)
    with pytest.raises(Conflict):
        from_folder(lake, card("laws"), notes, table="rules_sections")


def test_what_gives_no_rows_is_refused(lake: Lakehouse, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound):
        from_folder(lake, card("rules"), tmp_path / "missing")
    with pytest.raises(Invalid):
        from_folder(lake, card("rules"), tmp_path / "empty")
    with pytest.raises(Invalid):
        from_sql(lake, card("few"), "SELECT id, resume FROM people WHERE id > 9", key="id", text="resume")
    with pytest.raises(Invalid, match="no column"):
        from_sql(lake, card("few"), "SELECT id, resume FROM people", key="number", text="resume")


def test_builds_side_by_side_are_all_reported_and_one_failure_stops_no_other(
    lake: Lakehouse, notes: Path
) -> None:
    done = side_by_side(
        [
            Job(
                corpus=card("a"),
                build=lambda: from_table(lake, card("a"), table="people", text="resume", key="id"),
            ),
            Job(corpus=card("b"), build=lambda: from_table(lake, card("b"), table="nobody", text="resume")),
            Job(corpus=card("c"), build=lambda: from_folder(lake, card("c"), notes)),
            Job(
                corpus=card("d"),
                build=lambda: from_sql(
                    lake, card("d"), "SELECT id, resume FROM people", key="id", text="resume"
                ),
            ),
        ]
    )
    assert [type(one) for one in done] == [Built, Failed, Built, Built]
    assert isinstance(done[1], Failed)
    assert done[1].corpus == "b"
    assert isinstance(done[1].error, NotFound)
    assert lake.index.names() == ("a", "c", "d")
    assert side_by_side([]) == ()
