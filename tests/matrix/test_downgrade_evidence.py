"""The wealth of the bets, worked out by hand; and what the gate says of it."""

import math

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.matrix.downgrade import (
    BETS,
    GATED,
    MODES,
    NOTHING,
    DowngradeParams,
    Evidence,
    Gate,
    Mode,
    Request,
    Tier,
    decide,
    learn,
    tier,
)

DIFFERENCES = st.lists(st.floats(-1, 1), max_size=30)
STRONG, WEAK = "vendor/large", "vendor/small:free"


def gate(of: Tier, evidence: Evidence, proof: float = 20.0) -> Gate:
    return Gate(params=DowngradeParams(proof=proof), evidence={(of, "composed"): evidence})


def test_no_pairs_are_no_evidence_at_all() -> None:
    assert learn([]) == NOTHING
    assert (NOTHING.pairs, NOTHING.total, NOTHING.help, NOTHING.harm) == (0, 0, 1, 1)


def test_the_wealth_after_two_pairs_is_the_mean_over_the_bets() -> None:
    known = learn([0.5, -0.25])
    assert known.help == pytest.approx(sum((1 + b * 0.5) * (1 - b * 0.25) for b in BETS) / len(BETS))
    assert known.harm == pytest.approx(sum((1 - b * 0.5) * (1 + b * 0.25) for b in BETS) / len(BETS))
    assert known.total == 0.25
    assert known.pairs == 2


def test_one_full_win_and_one_full_loss_by_hand() -> None:
    assert learn([1.0]).help == pytest.approx(1.31)
    assert learn([1.0]).harm == pytest.approx(0.69)
    assert learn([1.0, 1.0]).help == pytest.approx((1.1025 + 1.21 + 1.44 + 1.96 + 3.24) / 5)
    assert learn([-1.0, -1.0]).harm == pytest.approx(1.7905)


def test_pairs_without_a_difference_change_nothing_but_their_count() -> None:
    known = learn([0.0] * 200)
    assert (known.help, known.harm, known.most_help, known.most_harm, known.pairs) == (1, 1, 1, 1, 200)


def test_evidence_is_a_value_that_learning_does_not_change() -> None:
    before = learn([0.3])
    kept = (before.pairs, before.helps, before.most_help)
    assert before.after(0.9) != before
    assert (before.pairs, before.helps, before.most_help) == kept


@given(differences=DIFFERENCES)
@trials(max_examples=50, deadline=None)
def test_the_order_of_pairs_is_of_no_matter_to_what_they_show_in_the_end(differences: list[float]) -> None:
    one, other = learn(differences), learn(reversed(differences))
    assert one.help == pytest.approx(other.help)
    assert one.harm == pytest.approx(other.harm)
    assert one.total == pytest.approx(other.total, abs=1e-9)


@given(differences=DIFFERENCES, last=st.floats(-1, 1))
@trials(max_examples=50, deadline=None)
def test_the_highest_wealth_never_sinks_and_never_lies_below_the_wealth(
    differences: list[float], last: float
) -> None:
    before = learn(differences)
    now = before.after(last)
    assert now.most_help == max(before.most_help, now.help) >= 1
    assert now.most_harm == max(before.most_harm, now.harm) >= 1
    assert now.pairs == before.pairs + 1 == len(differences) + 1


@given(differences=DIFFERENCES, size=st.floats(0, 1))
@trials(max_examples=50, deadline=None)
def test_what_a_fair_coin_adds_and_takes_is_worth_nothing_on_average(
    differences: list[float], size: float
) -> None:
    known = learn(differences)
    assert (known.after(size).help + known.after(-size).help) / 2 == pytest.approx(known.help)
    assert (known.after(size).harm + known.after(-size).harm) / 2 == pytest.approx(known.harm)


@given(differences=DIFFERENCES, low=st.floats(-1, 1), high=st.floats(-1, 1))
@trials(max_examples=50, deadline=None)
def test_a_larger_difference_never_shows_less_help(differences: list[float], low: float, high: float) -> None:
    low, high = sorted((low, high))
    known = learn(differences)
    assert known.after(low).help <= known.after(high).help * (1 + 1e-12)
    assert known.after(low).harm * (1 + 1e-12) >= known.after(high).harm


def test_evidence_beyond_all_numbers_stays_a_number() -> None:
    ever, never = learn([1.0] * 3000), learn([-1.0] * 3000)
    assert math.isfinite(ever.help)
    assert ever.help > 1e300
    assert 0 <= never.help < 1e-60
    assert never.harm == pytest.approx(ever.help)


@pytest.mark.parametrize("difference", [-1.0000001, 1.0000001, math.inf, -math.inf, math.nan])
def test_a_difference_beyond_one_says_how_to_scale_it(difference: float) -> None:
    with pytest.raises(Invalid) as caught:
        learn([0.1, difference])
    assert "0 to 1" in caught.value.hint


@pytest.mark.parametrize("proof", [1.0, 0.0, -20.0, math.nan])
def test_a_proof_that_proves_nothing_is_refused(proof: float) -> None:
    with pytest.raises(Invalid) as caught:
        DowngradeParams(proof=proof)
    assert "proof = 20" in caught.value.hint


@pytest.mark.parametrize("model", ["", " ", "\t\n"])
def test_a_model_without_a_name_is_told_what_a_name_looks_like(model: str) -> None:
    with pytest.raises(Invalid) as caught:
        decide(Request(model=model, force_mode="composed"), Gate())
    assert '"model"' in caught.value.hint


def test_wealth_that_just_reaches_the_proof_is_enough_and_any_less_is_not() -> None:
    enough, less = Evidence(most_help=20.0, most_harm=20.0), Evidence(most_help=19.99, most_harm=19.99)
    assert decide(Request(model=STRONG), gate("strong", enough)).mode == "composed"
    assert decide(Request(model=STRONG), gate("strong", less)).mode == "isolation"
    assert decide(Request(model=WEAK), gate("weak", enough)).mode == "isolation"
    assert decide(Request(model=WEAK), gate("weak", less)).mode == "composed"


def test_a_stricter_proof_needs_more_pairs() -> None:
    known = learn([0.5] * 12)
    assert 5 < known.most_help < 500
    assert decide(Request(model=STRONG), gate("strong", known, proof=5)).mode == "composed"
    assert decide(Request(model=STRONG), gate("strong", known, proof=500)).mode == "isolation"


def test_a_decision_tells_the_peak_it_went_by_and_the_wealth_of_today() -> None:
    known = learn([0.5] * 30 + [-0.5] * 30)
    decision = decide(Request(model=STRONG), gate("strong", known))
    assert decision.e_value == known.help < known.most_help
    assert f"e-value {known.most_help:.3g} of 20 after 60 audited pairs" in decision.reason
    assert decision.pairs == 60


def test_each_tier_goes_by_its_own_claim() -> None:
    known = Evidence(pairs=9, most_help=100.0, most_harm=1.0)
    strong = decide(Request(model=STRONG), gate("strong", known))
    weak = decide(Request(model=WEAK), gate("weak", known))
    assert (strong.mode, weak.mode) == ("composed", "composed")
    assert "more context helps strong models" in strong.reason
    assert "nothing shows yet that context harms" in weak.reason


def test_harm_to_weak_models_is_no_reason_to_give_strong_ones_more() -> None:
    harmful = learn([-1.0] * 40)
    assert decide(Request(model=STRONG), gate("strong", harmful)).mode == "isolation"
    assert decide(Request(model=WEAK), gate("weak", harmful)).downgraded_from == "composed"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("model", [STRONG, WEAK])
def test_a_forced_mode_wins_over_all_evidence_and_full_context(model: str, mode: Mode) -> None:
    known = Evidence(pairs=99, most_help=1e9, most_harm=1e9)
    both = Gate(evidence={("strong", "composed"): known, ("weak", "composed"): known})
    decision = decide(Request(model=model, mode="composed", force_mode=mode, full_context=True), both)
    assert (decision.mode, decision.downgraded_from, decision.reason) == (mode, None, "the mode was forced")
    assert (decision.pairs, decision.e_value) == (0, 1.0)


@given(
    mode=st.sampled_from(MODES), force=st.sampled_from([None, *MODES]), full=st.booleans(),
    model=st.sampled_from([STRONG, WEAK]), differences=DIFFERENCES,
)  # fmt: skip
@trials(max_examples=60, deadline=None)
def test_only_surplus_context_is_taken_back_and_only_to_isolation(
    *, mode: Mode, force: Mode | None, full: bool, model: str, differences: list[float]
) -> None:
    request = Request(model=model, mode=mode, force_mode=force, full_context=full)
    decision = decide(request, gate(tier(model), learn(differences)))
    assert decision.model == model
    if decision.downgraded_from is None:
        assert decision.mode == (force or mode)
    else:
        assert (decision.mode, decision.downgraded_from) == ("isolation", mode)
        assert mode in GATED
        assert not force
        assert not full


def test_names_on_the_list_of_weak_models_match_whatever_case_and_blanks() -> None:
    assert tier(" Vendor/Large ", ["VENDOR/large  "]) == "weak"
    assert tier("vendor/large-2", ["vendor/large"]) == "strong"
    assert tier("Vendor/X:FREE") == "weak"
    assert tier("free/vendor") == "strong"


def test_a_weak_model_of_the_settings_goes_by_the_evidence_of_weak_ones() -> None:
    params = DowngradeParams(weak_models=(STRONG,))
    harmful = {("weak", "composed"): learn([-0.8] * 40)}
    assert decide(Request(model=STRONG), Gate(params=params)).mode == "composed"
    known: dict[tuple[Tier, Mode], Evidence] = {("weak", "composed"): harmful["weak", "composed"]}
    assert decide(Request(model=STRONG), Gate(params=params, evidence=known)).mode == "isolation"
