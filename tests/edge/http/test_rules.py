"""Who may knock: binds, Host, Origin, Sec-Fetch-Site and tokens, as plain values."""

import pytest

from lakehouse.base.errors import Refused
from lakehouse.edge.http import rules
from lakehouse.edge.http.rules import judge, policy

LOOPBACK = policy("127.0.0.1", None)
GUARDED = policy("127.0.0.1", "s3cret")
PUBLIC = policy("0.0.0.0", "s3cret")


def verdict(asked: rules.Policy, method: str = "GET", path: str = "/v1/sql", **headers: str) -> int:
    """The status of a refusal; 200 when the request is let in."""
    given = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    denied = judge(asked, method=method, path=path, headers=given)
    return denied.status if denied else 200


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_token(host: str) -> None:
    assert policy(host, None).hosts


OPEN = ["", "0.0.0.0", "::", "*", "192.168.1.7", "10.0.0.1", "fe80::1", "example.com", "::ffff:1.2.3.4", "0"]


@pytest.mark.parametrize("host", OPEN)
def test_any_other_address_is_refused_without_a_token(host: str) -> None:
    with pytest.raises(Refused) as refused:
        policy(host, None)
    assert "LAKEHOUSE_SECRET_SERVER_TOKEN" in refused.value.hint


@pytest.mark.parametrize("host", OPEN)
def test_any_other_address_asks_everyone_for_the_token(host: str) -> None:
    asked = policy(host, "s3cret")
    assert verdict(asked, host="anything:80") == 401
    assert verdict(asked, host="anything:80", authorization="Bearer s3cret") == 200


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:3110", "127.0.0.1", "127.0.0.1:1", "[::1]:3110", "[::1]", "LOCALHOST:80"]
)
def test_loopback_names_are_let_in(host: str) -> None:
    assert verdict(LOOPBACK, host=host) == 200


@pytest.mark.parametrize(
    "host",
    [
        *("", "evil.example", "evil.example:3110", "localhost.evil.example", "127.0.0.1.evil.example"),
        *(
            "evil.example#localhost",
            "localhost@evil.example",
            "127.0.0.1:3110:1",
            "localhost:",
            "::1",
            "[::1",
        ),
        *("0.0.0.0:3110", "192.168.1.7", "localhost:999999", "xn--lcalhost-7gg", "localhost evil.example"),
    ],
)
def test_any_other_host_header_is_refused_on_loopback(host: str) -> None:
    assert verdict(LOOPBACK, host=host) == 403
    assert verdict(LOOPBACK, path="/health", host=host) == 403


def test_a_missing_host_header_is_refused_on_loopback() -> None:
    assert verdict(LOOPBACK) == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "BREW"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:3000"},
        {"origin": "http://127.0.0.1:3110"},
        {"origin": "file://"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site", "origin": "http://localhost:3110"},
    ],
    ids=str,
)
def test_a_change_from_another_site_is_refused(method: str, headers: dict[str, str]) -> None:
    assert verdict(LOOPBACK, method, host="localhost:3110", **headers) == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://localhost:3110"},
        {"sec_fetch_site": "same-origin", "origin": "http://localhost:3110"},
        {"sec_fetch_site": "none"},
    ],
    ids=str,
)
def test_a_change_from_a_program_or_our_own_page_is_let_in(headers: dict[str, str]) -> None:
    assert verdict(LOOPBACK, "POST", host="localhost:3110", **headers) == 200


def test_reading_from_another_site_is_let_in_since_nobody_there_can_see_the_answer() -> None:
    assert verdict(LOOPBACK, "GET", host="localhost:3110", origin="http://evil.example") == 200


@pytest.mark.parametrize(
    "authorization",
    ["", "s3cret", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3crets", "Basic s3cret", "Bearer S3CRET"],
)
def test_a_wrong_token_is_401(authorization: str) -> None:
    assert verdict(GUARDED, host="localhost", authorization=authorization) == 401
    assert verdict(GUARDED, host="localhost") == 401


def test_the_token_opens_every_route_and_health_needs_none() -> None:
    assert verdict(GUARDED, host="localhost", authorization="Bearer s3cret") == 200
    assert verdict(GUARDED, host="localhost", authorization="bearer s3cret") == 200
    assert verdict(GUARDED, path="/health", host="localhost") == 200
    assert verdict(PUBLIC, path="/health", host="any.example") == 200
    assert verdict(PUBLIC, path="/metrics", host="any.example") == 401


def test_a_token_does_not_make_another_site_welcome() -> None:
    headers = {"authorization": "Bearer s3cret", "origin": "http://evil.example"}
    assert verdict(PUBLIC, "POST", host="lake.example", **headers) == 403
