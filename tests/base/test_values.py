"""The small values that everything stands on: errors, buckets, clocks, identifiers."""

import datetime as dt
import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base import bucket, errors
from lakehouse.base.bucket import Bucket
from lakehouse.base.clock import FixedClock, SystemClock, iso
from lakehouse.base.errors import (
    Conflict,
    Corrupt,
    Invalid,
    LakehouseError,
    NotFound,
    Refused,
    Unavailable,
    problem,
)
from lakehouse.base.ids import CROCKFORD, sha256, ulid

KINDS: dict[type[LakehouseError], tuple[int, bool]] = {
    Invalid: (400, False),
    NotFound: (404, False),
    Conflict: (409, True),
    Refused: (403, False),
    Unavailable: (503, True),
    Corrupt: (500, False),
}
MEMBERS = {"type", "title", "status", "detail", "kind", "hint", "error_id", "retry"}

plain = st.text(st.characters(codec="utf-8"), max_size=20)


class Nowhere(NotFound):
    """A kind of its own, somewhere below the six."""


@pytest.mark.parametrize(("kind", "expected"), KINDS.items())
def test_each_kind_has_its_status_its_title_and_says_whether_to_try_again(
    kind: type[LakehouseError], expected: tuple[int, bool]
) -> None:
    error = kind("what", hint="do this", table="people")
    assert (error.status, error.retry) == expected
    assert (str(error), error.message, error.hint) == ("what", "what", "do this")
    assert error.kind == kind.__name__
    assert error.context == {"table": "people"}
    assert errors.TITLES[error.kind]


def test_the_six_kinds_are_all_there_are() -> None:
    assert {k.__name__ for k in LakehouseError.__subclasses__()} == set(errors.TITLES)
    assert set(KINDS) == set(LakehouseError.__subclasses__())


def test_a_special_case_is_shown_as_the_kind_it_belongs_to() -> None:
    assert Nowhere("gone").kind == "NotFound"
    assert Nowhere("gone").status == 404


@pytest.mark.parametrize("kind", KINDS)
def test_the_problem_document_holds_what_a_client_needs_and_no_context(kind: type[LakehouseError]) -> None:
    body = problem(kind("what", hint="how", secret="hunter2"), error_id="E1")
    assert set(body) == MEMBERS
    assert body["type"] == f"urn:lakehouse:error:{kind.__name__.lower()}"
    assert (body["detail"], body["hint"], body["error_id"]) == ("what", "how", "E1")
    assert "hunter2" not in str(body)


def test_a_bucket_shows_where_it_is_and_never_what_opens_it() -> None:
    kept = Bucket(root="s3://bucket/lake/", options={"KEY_ID": "k", "SECRET": "hunter2"})
    assert "s3://bucket/lake/" in repr(kept)
    assert "hunter2" not in f"{kept} {kept!r}"


@given(plain, st.dictionaries(plain, plain, max_size=4))
def test_a_bucket_goes_to_a_child_and_back(root: str, options: dict[str, str]) -> None:
    kept = Bucket(root=root, options=options)
    assert bucket.from_json(kept.to_json()) == kept


@pytest.mark.parametrize("nothing", [None, "s3://bucket", 7, [], ["root"]])
def test_what_is_no_bucket_is_none(nothing: object) -> None:
    assert bucket.from_json(nothing) is None


def test_options_that_are_none_open_nothing() -> None:
    assert bucket.from_json({"root": "s3://b/", "options": None}) == Bucket(root="s3://b/", options={})


def test_a_fixed_clock_moves_only_when_told_to() -> None:
    clock = FixedClock(1_000)
    assert clock.now_ms() == clock.now_ms() == 1_000
    clock.advance(500)
    clock.advance(-1_000)
    assert clock.now_ms() == 500


def test_the_system_clock_tells_the_time_of_day_in_utc() -> None:
    before = dt.datetime.now(dt.UTC).timestamp() * 1000
    told = SystemClock().now_ms()
    assert int(before) <= told <= dt.datetime.now(dt.UTC).timestamp() * 1000


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_793_534_400_000, "2026-11-01T12:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_007, "2000-02-29T00:00:00.007Z"),
    ],
)
def test_a_moment_is_written_in_utc_with_milliseconds(ms: int, text: str) -> None:
    assert iso(ms) == text


@given(st.integers(0, 4_000_000_000_000))
def test_moments_sort_as_their_texts_do_and_read_back(ms: int) -> None:
    assert iso(ms) < iso(ms + 1)
    assert round(dt.datetime.fromisoformat(iso(ms)).timestamp() * 1000) == ms


def test_an_identifier_is_26_letters_of_crockfords_alphabet() -> None:
    made = ulid(FixedClock().now_ms())
    assert len(made) == 26
    assert set(made) <= set(CROCKFORD)


def test_identifiers_sort_as_they_were_made_even_when_the_clock_goes_back() -> None:
    now = SystemClock().now_ms() + 10_000
    made = [ulid(now + step) for step in (0, 0, 5, 3, -10_000, 6)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_identifiers_of_many_threads_are_all_different_and_rise_in_each() -> None:
    def make(_: int) -> list[str]:
        return [ulid(1_700_000_000_000) for _ in range(300)]

    with ThreadPoolExecutor(8) as pool:
        series = list(pool.map(make, range(8)))
    assert all(one == sorted(one) for one in series)
    assert len({made for one in series for made in one}) == 2_400


@given(st.lists(st.binary(max_size=50), max_size=6))
def test_a_hash_is_of_the_bytes_not_of_how_they_were_cut(chunks: list[bytes]) -> None:
    assert sha256(chunks) == hashlib.sha256(b"".join(chunks)).hexdigest()
