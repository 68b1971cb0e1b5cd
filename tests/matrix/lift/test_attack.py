from collections.abc import Sequence
from dataclasses import replace

import pytest

from lakehouse.matrix.lift.arm import Asked
from lakehouse.matrix.lift.attack import BEYOND, EVENTS, NEEDS, NOWHERE, attack, place, victims
from lakehouse.matrix.lift.ground.split import split
from lakehouse.matrix.lift.rivals import Cache, Nothing
from lakehouse.matrix.playbook.events import Outcome
from tests.matrix.lift.scene import tiny

PARTED = split(tiny(), seed=1)
VICTIM = victims(tiny(), PARTED)[0]


class Noting(Nothing):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[tuple[str, ...], tuple[Outcome, ...]]] = []

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        del search_id, asked
        self.told.append((tuple(shown), tuple(outcomes)))


def test_frequent_needs_are_attacked_with_a_wrong_document_from_far_down_the_list() -> None:
    found = victims(tiny(), PARTED)
    assert 0 < len(found) <= NEEDS
    places = [PARTED.learned.index(need) for need, _, _ in found]
    assert places == sorted(places)
    for need, target, rank in found:
        orders = [a.order for q, a in zip(tiny().questions, tiny().asked, strict=True) if q.need == need]
        assert target not in tiny().grades[need]
        assert min(place(order, target) for order in orders) == rank > BEYOND


@pytest.mark.parametrize("kind", ["focused", "sybil"])
def test_an_arm_without_memory_shows_the_target_where_the_base_has_it(kind: str) -> None:
    found = attack(tiny(), VICTIM, Nothing(), kind=kind, seed=1)
    assert found.base == found.worst == found.end


def test_a_cache_without_trust_falls_for_it() -> None:
    found = attack(tiny(), VICTIM, Cache(), kind="focused", seed=1)
    assert found.worst <= 3 < found.base


def test_attackers_are_a_tenth_of_the_sources_and_accept_the_target_alone() -> None:
    noting = Noting()
    attack(tiny(), VICTIM, noting, kind="focused", seed=1)
    attacks = [(s, o) for s, o in noting.told if any(x.kind == "accepted" for x in o)]
    assert len(noting.told) == EVENTS
    assert 0.05 * EVENTS < len(attacks) < 0.16 * EVENTS
    assert {x.source for _, o in attacks for x in o if not x.is_audit} == {"s00", "s01"}
    assert all(VICTIM[1] in shown for shown, _ in attacks)
    assert {x.key for _, o in attacks for x in o if not x.is_audit} == {VICTIM[1]}


def test_a_sybil_never_uses_a_name_twice() -> None:
    noting = Noting()
    attack(tiny(), VICTIM, noting, kind="sybil", seed=1)
    names = [x.source for _, o in noting.told for x in o if x.kind == "accepted"]
    assert len(set(names)) == len(names) > 5


def test_auditors_see_through_attacked_lists_as_well() -> None:
    noting = Noting()
    for seed in range(6):
        attack(tiny(), VICTIM, noting, kind="focused", seed=seed)
    audited = [
        o for _, o in noting.told if any(x.kind == "accepted" for x in o) and any(x.is_audit for x in o)
    ]
    assert audited
    assert all(x.value == 0.0 for o in audited for x in o if x.is_audit and x.key == VICTIM[1])


def test_a_need_whose_candidates_are_all_right_is_no_victim_and_few_needs_make_few_attacks() -> None:
    need = VICTIM[0]
    everything = {**tiny().grades, need: dict.fromkeys(tiny().documents, 1.0)}
    found = victims(replace(tiny(), grades=everything), replace(PARTED, learned=(need, *PARTED.learned[-2:])))
    assert need not in {victim for victim, _, _ in found}
    assert len(found) <= 2


def test_a_document_that_is_not_in_a_list_is_nowhere() -> None:
    assert (place(["a", "b"], "b"), place(["a"], "b")) == (2, NOWHERE)
