"""Where a condition or a column does not fit, the error says which table and what, and no value of a row."""

import pytest

from lakehouse.base.errors import Invalid, LakehouseError
from lakehouse.lake.facade import Lakehouse

SECRET = "not to be told"


@pytest.fixture
def two(lake: Lakehouse) -> Lakehouse:
    """Two indexes, over people and over skills, which have no city."""
    lake.upsert("skills", [{"code": SECRET, "skill": "Forklift, OSHA-10"}, {"code": "b"}], key="code")
    lake.index.build("resumes", table="people", text="resume", id="id")
    lake.index.build("skills", table="skills", text="skill", id="code")
    return lake


def test_an_unknown_column_is_said_with_the_table_that_lacks_it(two: Lakehouse) -> None:
    for _ in range(3):  # columns are held from the second condition on
        with pytest.raises(LakehouseError) as caught:
            two.search("forklift", where="city = 'Oslo'")
        error = caught.value
        assert error.message.startswith(
            'the condition does not fit skills: Referenced column "city" not found'
        )
        assert "line" not in error.message
        assert error.hint == "lakehouse show skills lists its columns"


def test_a_condition_that_does_not_parse_has_no_place_in_a_statement_of_ours(two: Lakehouse) -> None:
    with pytest.raises(Invalid, match="does not fit people: syntax error") as caught:
        two.search("forklift", corpora=["resumes"], where="city = = 'Oslo'")
    assert "line" not in caught.value.message


@pytest.mark.parametrize("where", ["code", "code::INT > 3", "code::DATE > now()", "error(code)"])
def test_a_condition_that_fails_on_a_row_does_not_tell_its_values(two: Lakehouse, where: str) -> None:
    for _ in range(3):
        with pytest.raises(Invalid, match="the condition does not fit skills") as caught:
            two.search("forklift", corpora=["skills"], where=where)
        causes: list[BaseException | None] = [caught.value, caught.value.__cause__]
        assert not [cause for cause in causes if SECRET in str(cause)]


def test_a_column_that_holds_no_vectors_is_named_without_its_values(two: Lakehouse) -> None:
    with pytest.raises(Invalid, match=r"Could not convert a value .*to FLOAT") as caught:
        two.index.define("odd", table="skills", vector="code", id="skill")
    assert SECRET not in str(caught.value)
