import json
from pathlib import Path

import pytest

from lakehouse.base.errors import Invalid, NotFound
from lakehouse.matrix.lift.ground.data import read


def folder(path: Path, **files: str) -> Path:
    given = {
        "docs": '{"id": 1, "title": "Wing", "text": "lift"}\n\n{"id": "2", "text": "drag"}\n{"id": "3"}\n',
        "queries": '{"id": "q", "text": "what lifts"}\n{"id": "unjudged", "text": "what"}\n',
        "qrels": "query-id\tcorpus-id\tscore\nq\t1\t2\nq\t2\t0\nq\tnowhere\t1\n",
        **files,
    }
    path.mkdir()
    (path / "docs.jsonl").write_text(given["docs"])
    (path / "queries.jsonl").write_text(given["queries"])
    (path / "qrels.tsv").write_text(given["qrels"])
    if "feedback" in given:
        (path / "feedback.jsonl").write_text(given["feedback"])
    return path


def test_a_folder_becomes_texts_needs_and_grades(tmp_path: Path) -> None:
    found = read(folder(tmp_path / "wings"))
    assert (found.name, dict(found.texts)) == ("wings", {"1": "Wing lift", "2": "drag"})
    assert dict(found.needs) == {"q": "what lifts"}
    assert found.grades == {"q": {"1": 2.0}}
    assert found.past == ()


def test_a_question_that_nobody_judged_is_left_out(tmp_path: Path) -> None:
    assert "unjudged" not in read(folder(tmp_path / "a")).needs


def test_a_grade_may_be_missing_and_is_one_then(tmp_path: Path) -> None:
    assert read(folder(tmp_path / "a", qrels="q\t2\n")).grades == {"q": {"2": 1.0}}


def test_past_searches_keep_the_answers_that_are_there(tmp_path: Path) -> None:
    past = json.dumps({"text": "flap", "relevant": ["2", "gone"]}) + "\n" + json.dumps({"text": "slat"})
    found = read(folder(tmp_path / "a", feedback=past))
    assert [(one.text, one.right) for one in found.past] == [("flap", ("2",)), ("slat", ())]


def test_any_change_of_the_data_changes_its_hash(tmp_path: Path) -> None:
    one = read(folder(tmp_path / "a"))
    assert one.digest == read(folder(tmp_path / "b")).digest
    assert one.digest != read(folder(tmp_path / "c", qrels="q\t1\t3\n")).digest
    assert one.digest != read(folder(tmp_path / "d", feedback='{"text": "x", "relevant": ["1"]}')).digest


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (folder(tmp_path / "a") / "qrels.tsv").unlink()
    with pytest.raises(NotFound, match=r"qrels\.tsv"):
        read(tmp_path / "a")


@pytest.mark.parametrize("docs", ["not json", "[1]"])
def test_a_line_that_is_no_object_is_refused(tmp_path: Path, docs: str) -> None:
    with pytest.raises(Invalid, match=r"docs\.jsonl"):
        read(folder(tmp_path / "a", docs=docs))


def test_a_folder_without_a_judged_question_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="judged"):
        read(folder(tmp_path / "a", qrels="other\t1\t1\n"))
