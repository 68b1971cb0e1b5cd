"""What is handed in for an entry: read into plain forms, or refused with a hint and without its text."""

import pytest

from lakehouse.base.errors import Invalid, Refused
from lakehouse.matrix.bullets import draft
from lakehouse.matrix.bullets.draft import Draft

MAIL = "anna.smith@example.org"
GIVEN: tuple[dict[str, object], ...] = (
    {"content": ""}, {"scope": {}}, {"evidence": []}, {"doc_refs": ()}, {"section": "x"},
)  # fmt: skip


def test_a_draft_of_nothing_is_empty_and_one_with_an_empty_list_is_not() -> None:
    assert draft.read(Draft()).is_empty
    for fields in GIVEN:
        assert not draft.read(Draft(**fields)).is_empty


def test_a_draft_is_read_into_its_plain_forms() -> None:
    found = draft.read(Draft(content=" c ", scope={"b": " y  z ", "a": "x"}, evidence=("s1", "s1")))
    assert (found.content, found.evidence, found.section) == ("c", ("s1",), None)
    assert found.scope == (("a", "x"), ("b", "y z"))


@pytest.mark.parametrize("fields", [{"section": MAIL}, {"scope": {"who": MAIL}}, {"scope": {MAIL: "x"}}])
def test_what_stands_beside_the_content_holds_nothing_personal(fields: dict[str, object]) -> None:
    with pytest.raises(Refused) as found:
        draft.read(Draft(**fields))
    assert MAIL not in f"{found.value} {found.value.hint} {found.value.context}"
    assert found.value.hint


@pytest.mark.parametrize("fields", [{"content": 7}, {"section": " "}, {"scope": []}, {"evidence": "s1"}])
def test_a_field_of_another_kind_is_invalid_with_a_hint(fields: dict[str, object]) -> None:
    with pytest.raises(Invalid) as found:
        draft.read(Draft(**fields))
    assert found.value.hint
