"""A card is kept as properties, comes back as it was, and takes only what a card has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.table.card import SENSITIVITIES, Card, ColumnCard, merged, read, write

texts = st.text(max_size=20)
cards = st.builds(
    Card,
    description=texts,
    owner=texts,
    sensitivity=st.sampled_from(SENSITIVITIES),
    freshness=texts,
    tags=st.lists(texts, unique=True).map(lambda t: tuple(sorted(t))),
    lineage=st.dictionaries(texts, texts, max_size=3),
    key=st.lists(texts, unique=True).map(tuple),
    columns=st.dictionaries(
        st.integers(1, 99).map(str), st.builds(ColumnCard, doc=texts, pii=texts, evidence=texts)
    ),
)


@given(cards)
def test_a_card_survives_being_kept_as_properties(card: Card) -> None:
    assert read(write(card)) == card


def test_a_table_without_a_card_has_the_empty_one() -> None:
    assert read({"write.format.default": "parquet"}) == Card()


def test_an_unknown_sensitivity_is_refused() -> None:
    with pytest.raises(Invalid, match="secretive"):
        write(Card(sensitivity="secretive"))


def test_a_patch_changes_what_it_names_and_keeps_the_rest() -> None:
    card = Card(owner="ann", columns={"1": ColumnCard(pii="email")}, key=("id",))
    given_ = {"description": " Who works here ", "tags": ["hr"], "lineage": {"source": "crm.csv"}}
    after = merged(card, given_)
    assert (after.description, after.tags, after.lineage["source"]) == ("Who works here", ("hr",), "crm.csv")
    assert (after.owner, after.columns, after.key) == (card.owner, card.columns, card.key)


@pytest.mark.parametrize(
    "given_",
    [{"colour": "red"}, {"tags": "hr"}, {"tags": [1]}, {"owner": None}, {"lineage": []}, {"columns": {}}],
)
def test_a_patch_of_what_a_card_has_not_is_refused(given_: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        merged(Card(), given_)
