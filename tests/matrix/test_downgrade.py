"""Which context a model gets: by its name, by force, and by evidence that nobody can wait for to lie."""

import math
import random

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.matrix.downgrade import (
    NOTHING,
    DowngradeParams,
    Gate,
    Mode,
    Request,
    decide,
    learn,
    tier,
)

STRONG, WEAK = "vendor/large", "vendor/small:free"


@pytest.mark.parametrize(
    ("model", "is_weak"),
    [
        ("qwen/qwen3:free", True), ("openrouter:free/x", True), ("Tiny", True), ("free", False),
        ("x:freedom", False),
        ("vendor/large", False),
    ],
)  # fmt: skip
def test_weak_models_are_told_by_their_names_or_by_the_list(model: str, *, is_weak: bool) -> None:
    assert (tier(model, ("tiny",)) == "weak") is is_weak


def test_a_strong_model_is_asked_in_isolation_and_the_wish_is_recorded() -> None:
    decision = decide(Request(model=STRONG), Gate())
    assert (decision.mode, decision.downgraded_from, decision.tier) == ("isolation", "composed", "strong")
    assert "e-value 1 of 20 after 0" in decision.reason


def test_a_weak_model_keeps_its_context() -> None:
    decision = decide(Request(model=WEAK), Gate())
    assert (decision.mode, decision.downgraded_from, decision.tier) == ("composed", None, "weak")


def test_a_forced_mode_and_an_override_are_honoured() -> None:
    forced = decide(Request(model=STRONG, force_mode="composed"), Gate())
    assert (forced.mode, forced.downgraded_from) == ("composed", None)
    assert decide(Request(model=WEAK, force_mode="none"), Gate()).mode == "none"
    assert decide(Request(model=STRONG, full_context=True), Gate()).mode == "composed"


@pytest.mark.parametrize("mode", ["matrix", "playbook", "isolation", "none"])
def test_modes_without_a_surplus_stay(mode: Mode) -> None:
    decision = decide(Request(model=STRONG, mode=mode), Gate())
    assert (decision.mode, decision.downgraded_from) == (mode, None)


def test_evidence_turns_the_gate_both_ways_and_stays() -> None:
    helps = learn([0.5] * 30)
    harms = learn([-0.5] * 30)
    gate = Gate(evidence={("strong", "composed"): helps, ("weak", "composed"): harms})
    strong, weak = (decide(Request(model=model), gate) for model in (STRONG, WEAK))
    assert (strong.mode, strong.downgraded_from, strong.pairs) == ("composed", None, 30)
    assert (weak.mode, weak.downgraded_from) == ("isolation", "composed")
    assert strong.e_value >= 20
    later = learn([0.5] * 30 + [-0.5] * 30)
    assert later.help < 20 <= later.most_help
    assert decide(Request(model=STRONG), Gate(evidence={("strong", "composed"): later})).mode == "composed"


def test_evidence_of_one_tier_says_nothing_of_the_other() -> None:
    gate = Gate(evidence={("weak", "composed"): learn([0.9] * 50)})
    assert decide(Request(model=STRONG), gate).mode == "isolation"


def test_the_bets_are_fair_so_that_watching_forever_seldom_shows_what_is_not_there() -> None:
    dice = random.Random(11)
    runs = 1000
    alarms = sum(
        learn(dice.choice((-1.0, -0.3, 0.3, 1.0)) for _ in range(300)).most_help >= 20 for _ in range(runs)
    )
    assert alarms / runs <= 0.05
    assert learn([1.0]).help == pytest.approx(1 + sum((0.05, 0.1, 0.2, 0.4, 0.8)) / 5)


def test_a_true_difference_is_found_in_time() -> None:
    dice = random.Random(12)
    found = sum(
        learn(max(-1.0, min(1.0, dice.gauss(0.2, 0.4))) for _ in range(150)).most_help >= 20
        for _ in range(200)
    )
    assert found / 200 >= 0.9


def test_help_and_harm_mirror_each_other() -> None:
    one, other = learn([0.2, -0.1, 1.0]), learn([-0.2, 0.1, -1.0])
    assert one.help == pytest.approx(other.harm)
    assert one.total == pytest.approx(-other.total)
    assert NOTHING.help == NOTHING.harm == 1
    assert math.isfinite(learn([1.0] * 5000).help)


@pytest.mark.parametrize("difference", [1.01, -2.0, float("nan")])
def test_a_difference_out_of_range_is_refused(difference: float) -> None:
    with pytest.raises(Invalid, match="between -1 and 1"):
        NOTHING.after(difference)


def test_unknown_modes_and_nameless_models_are_refused() -> None:
    with pytest.raises(Invalid, match="no name"):
        decide(Request(model=" "), Gate())
    with pytest.raises(Invalid, match="no such mode"):
        decide(Request(model=STRONG, mode="everything"), Gate())  # type: ignore[arg-type]  # as a body may hold
    with pytest.raises(Invalid, match="above 1"):
        DowngradeParams(proof=1)
