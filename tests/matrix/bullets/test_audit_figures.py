"""The audit's figures, worked out by hand, and the bounds they rest on."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.matrix.bullets import worth
from lakehouse.matrix.bullets.audit import MEASURED, Audit, Share, accuracy, audit
from lakehouse.matrix.bullets.bullet import STATUSES, Bullet, DocRef, Votes
from lakehouse.matrix.bullets.fold import Judged, Outcome
from lakehouse.matrix.bullets.params import BulletParams
from lakehouse.matrix.bullets.stale import find
from tests.matrix.bullets.desk import bullet

PARAMS = BulletParams()
OUTCOMES: tuple[Outcome, ...] = ("add", "link", "reject", "quarantine")
FAMILIES = {
    "duplicates": ("duplicate", "retired"),
    "loops": ("loop",),
    "leaks": ("secret", "personal"),
    "without_evidence": ("unproven", "no_evidence"),
    "orders": ("order", "hidden"),
}
RULES = [rule for rules in FAMILIES.values() for rule in rules]
COUNTS = st.integers(0, 40)


def audited(*bullets: Bullet, judged: tuple[Judged, ...] = (), stale: set[str] | None = None) -> Audit:
    return audit(bullets, judged, since_ms=0, stale=stale, params=PARAMS)


@pytest.mark.parametrize(
    ("count", "of", "rate"), [(0, 0, 0.0), (0, 3, 0.0), (1, 3, 0.3333), (2, 3, 0.6667), (3, 3, 1.0)]
)
def test_a_share_of_nothing_is_nothing_and_is_told_with_four_decimals(
    count: int, of: int, rate: float
) -> None:
    assert Share(count=count, of=of).told() == {"count": count, "of": of, "rate": rate}


@pytest.mark.parametrize("rule", [*RULES, "similar", "blank", "too_long", ""])
def test_every_rule_belongs_to_the_family_that_names_it_and_to_no_other(rule: str) -> None:
    found = audited(judged=(Judged(1, "reject", rule), Judged(1, "add", "")))
    told = {name: getattr(found, name) for name in FAMILIES}
    assert told == {name: Share(count=int(rule in rules), of=2) for name, rules in FAMILIES.items()}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(OUTCOMES), st.sampled_from([*RULES, ""])), max_size=12))
def test_outcomes_add_up_to_the_candidates(told: list[tuple[Outcome, str]]) -> None:
    found = audited(judged=tuple(Judged(1, outcome, rule) for outcome, rule in told))
    assert found.candidates == len(told)
    assert sum(share.count for share in found.outcomes.values()) == len(told)
    assert list(found.outcomes) == list(OUTCOMES)
    assert sum(getattr(found, name).count for name in FAMILIES) == sum(rule != "" for _, rule in told)


def test_the_window_begins_with_its_first_millisecond() -> None:
    judged = tuple(Judged(at, "add", "") for at in (9, 10, 11))
    assert audit([], judged, since_ms=10, stale=None, params=PARAMS).candidates == 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(STATUSES), max_size=10))
def test_statuses_add_up_to_the_entries_and_shares_are_of_those_in_use(statuses: list[str]) -> None:
    found = audited(*(bullet(f"e{n}", status=status) for n, status in enumerate(statuses)))
    used = statuses.count("active") + statuses.count("shadow")
    assert (found.entries, tuple(found.statuses)) == (len(statuses), STATUSES)
    assert sum(found.statuses.values()) == len(statuses)
    assert found.never_used == found.unshown == Share(count=used, of=used)
    assert found.retired == Share(count=statuses.count("retired"), of=len(statuses))


def test_as_many_votes_against_as_for_are_no_harm() -> None:
    tied, worse = bullet("t", helpful=2, harmful=2), bullet("w", helpful=2, harmful=3)
    assert audited(tied, worse).harmful == Share(count=1, of=2)
    assert audited(tied, worse).surely_harmful == Share(count=0, of=2)


def test_stale_entries_out_of_use_do_not_count_and_nobody_looked_is_not_none_stale() -> None:
    entries = (bullet("a"), bullet("b", status="retired"), bullet("c", status="quarantined"))
    assert audited(*entries, stale={"a", "b", "c", "gone"}).stale == Share(count=1, of=1)
    assert audited(*entries, stale=set()).stale == Share(count=0, of=1)
    assert audited(*entries).stale is None


def test_an_audit_is_told_as_plain_json_with_every_figure() -> None:
    found = audit(
        [bullet("a")], [Judged(5, "reject", "loop")], since_ms=0, stale={"a"}, params=PARAMS, unread=(3, 4)
    )
    told = json.loads(json.dumps(found.told()))
    assert told["since"] == "1970-01-01T00:00:00.000Z"
    assert (told["damaged_lines"], told["unknown_events"]) == (3, 4)
    assert told["loops"] == told["outcomes"]["reject"] == told["stale"] == {"count": 1, "of": 1, "rate": 1.0}
    assert told["measured"] == MEASURED
    shares = {name for name in Audit.__dataclass_fields__ if isinstance(getattr(found, name), Share)}
    assert shares <= set(told)


def test_accuracy_takes_any_kinds_in_order_of_their_names() -> None:
    found = accuracy((kind, kind != "near") for kind in ("verbatim", "near", "clean", "near", "verbatim"))
    assert list(found.caught) == ["near", "verbatim"]
    assert [share.rate for share in found.caught.values()] == [0.0, 1.0]
    assert found.clean == Share(count=1, of=1)
    assert accuracy([("near", True)]).clean == Share(count=0, of=0)


@pytest.mark.parametrize("votes", [0, 1, 2, 3, 10, 500])
def test_bounds_of_votes_that_agree_have_a_closed_form(votes: int) -> None:
    bound = 0.1 ** (1 / (votes + 1))  # the tenth percentile of Beta(n + 1, 1)
    assert worth.lower(Votes(helpful=votes), PARAMS) == pytest.approx(bound, abs=1e-6)
    assert worth.upper(Votes(harmful=votes), PARAMS) == pytest.approx(1 - bound, abs=1e-6)


def test_three_votes_against_and_none_for_are_sure_at_nine_in_ten_and_two_are_not() -> None:
    assert worth.harms(Votes(harmful=3), PARAMS)
    assert not worth.harms(Votes(harmful=2), PARAMS)
    assert not worth.harms(Votes(harmful=3), BulletParams(sure=0.95))


@settings(max_examples=50, deadline=None)
@given(COUNTS, COUNTS)
def test_one_more_vote_moves_both_bounds_its_way(helpful: int, harmful: int) -> None:
    now, better, worse = (
        Votes(helpful=helpful + more, harmful=harmful + less) for more, less in ((0, 0), (1, 0), (0, 1))
    )
    for bound in (worth.lower, worth.upper):
        assert 0 <= bound(worse, PARAMS) < bound(now, PARAMS) < bound(better, PARAMS) <= 1
    assert worth.lower(now, PARAMS) < worth.upper(now, PARAMS)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=5, max_size=30), COUNTS)
def test_differences_have_bounds_on_the_scale_and_votes_beside_them_say_nothing(
    found: list[float], votes: int
) -> None:
    told = Votes(pairs=len(found), total=sum(found), squares=sum(one * one for one in found))
    praised = Votes(helpful=votes, pairs=told.pairs, total=told.total, squares=told.squares)
    assert 0 <= worth.lower(told, PARAMS) <= worth.upper(told, PARAMS) <= 1
    assert worth.lower(praised, PARAMS) == worth.lower(told, PARAMS)
    turned = Votes(pairs=told.pairs, total=-told.total, squares=told.squares)
    assert worth.lower(turned, PARAMS) == pytest.approx(1 - worth.upper(told, PARAMS))


def test_five_runs_without_a_difference_by_hand() -> None:
    # Seven with the two of doubt: mean 0, variance 2/7, so the mean's error is sqrt(2)/7 = 0.2020.
    calm = Votes(pairs=5)
    assert worth.lower(calm, PARAMS) == pytest.approx((1 - 1.281552 * 0.202031) / 2, abs=1e-5)
    assert worth.lower(Votes(pairs=4), PARAMS) == pytest.approx(0.1, abs=1e-6)
    assert worth.lower(Votes(pairs=4), BulletParams(pairs=4)) > 0.3


def test_five_runs_that_helped_by_half_by_hand() -> None:
    # Mean 2.5/7 = 0.357143, variance 3.25/7 - 0.127551 = 0.336735, the mean's error 0.219330.
    helped = Votes(pairs=5, total=2.5, squares=1.25)
    assert worth.lower(helped, PARAMS) == pytest.approx((1.357143 - 1.281552 * 0.219330) / 2, abs=1e-5)
    assert worth.upper(helped, PARAMS) == pytest.approx((1.357143 + 1.281552 * 0.219330) / 2, abs=1e-5)


def resting(name: str, *refs: tuple[str, str, str]) -> Bullet:
    return bullet(name, doc_refs=tuple(DocRef(table=t, row=r, digest=d) for t, r, d in refs))


@pytest.mark.parametrize(
    ("held", "now", "is_stale"),
    [("d", "d", False), ("d", "e", True), ("", "e", False), ("d", "", False), ("d", None, True),
     ("", None, True)],
)  # fmt: skip
def test_an_entry_is_stale_where_a_row_went_or_is_known_to_differ(
    held: str, now: str | None, is_stale: bool
) -> None:
    rows = {} if now is None else {"7": now}
    found = find([resting("a", ("jobs", "7", held))], lambda table, keys: rows)
    assert found == ({"a"} if is_stale else set())


def test_one_changed_row_of_many_makes_an_entry_stale_and_leaves_the_others() -> None:
    tables = {"jobs": {"1": "d", "2": "x"}, "people": None}
    entries = [
        resting("a", ("jobs", "1", "d"), ("jobs", "2", "d")),
        resting("b", ("jobs", "1", "d"), ("people", "9", "d")),
        resting("c"),
    ]
    assert find(entries, lambda table, keys: tables[table]) == {"a"}


def test_each_table_is_asked_once_for_all_its_rows() -> None:
    asked: list[tuple[str, list[str]]] = []

    def digests(table: str, keys: object) -> dict[str, str]:
        assert isinstance(keys, set)
        asked.append((table, sorted(keys)))
        return dict.fromkeys(keys, "d")

    refs = [("jobs", "1", "d"), ("people", "1", "d"), ("jobs", "2", "d"), ("jobs", "1", "d")]
    assert find([resting(f"e{n}", ref) for n, ref in enumerate(refs)], digests) == set()
    assert sorted(asked) == [("jobs", ["1", "2"]), ("people", ["1"])]
    assert find([resting("none")], digests) == set()
    assert (len(asked), find([], None)) == (2, None)
