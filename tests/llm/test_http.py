"""A call has an end, a server that is down is left alone, and no error tells a secret."""

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid, LakehouseError, NotFound, Refused, Unavailable
from lakehouse.llm import wire
from lakehouse.llm.http import Breaker, Endpoint, Provider, Server, Timing, wait_s
from tests.llm import provider as served
from tests.llm.conftest import Waits
from tests.llm.provider import Canned

KIND = Provider(name="ollama", down_hint="ollama serve", model_hint="ollama pull {model}")
KEY, TEXT = "sk-very-secret", "the private question"
BODY = {"model": "chatter", "input": [TEXT]}
Opened = Callable[..., Endpoint]


@pytest.fixture
def opened(provider: served.Provider, waits: Waits) -> Iterator[Opened]:
    """Makes endpoints at the test's server."""
    made: list[Endpoint] = []

    def make(**params: object) -> Endpoint:
        server = Server(**{"url": provider.url, "key": KEY, **params})  # type: ignore[arg-type]
        headers = {"authorization": f"Bearer {KEY}"}
        made.append(Endpoint(server, KIND, headers=headers, timing=waits.timing))
        return made[-1]

    yield make
    for endpoint in made:
        endpoint.close()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 529])
def test_what_may_pass_is_tried_again(
    provider: served.Provider, opened: Opened, waits: Waits, status: int
) -> None:
    provider.fail(Canned(status=status), Canned(status=status), Canned(body={"ok": 1}))
    assert opened().post("/x", BODY) == {"ok": 1}
    assert waits.waited == [0.5, 1.0]
    assert provider.bodies("/x") == [BODY] * 3


def test_a_connection_that_breaks_off_is_tried_again(provider: served.Provider, opened: Opened) -> None:
    provider.fail(Canned(drops=True), Canned(drops=True, body=b'{"half":'), Canned(body={"ok": 1}))
    assert opened().post("/x", BODY) == {"ok": 1}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_will_not_pass_is_asked_once(provider: served.Provider, opened: Opened, status: int) -> None:
    provider.fail(Canned(status=status))
    with pytest.raises(LakehouseError) as caught:
        opened().post("/x", BODY)
    assert len(provider.seen) == 1
    assert not caught.value.retry
    assert caught.value.hint


def test_attempts_end(provider: served.Provider, opened: Opened) -> None:
    provider.fail(*[Canned(status=500)] * 9)
    with pytest.raises(Unavailable) as caught:
        opened(attempts=4).post("/x", BODY)
    assert len(provider.seen) == 4
    assert (caught.value.context["status"], caught.value.retry) == (500, True)


def test_a_server_that_is_not_there_is_unavailable_with_the_command_that_starts_it(waits: Waits) -> None:
    endpoint = Endpoint(Server(url="http://127.0.0.1:9"), KIND, headers={}, timing=waits.timing)
    with pytest.raises(Unavailable) as caught:
        endpoint.get("/x")
    assert caught.value.hint == "ollama serve"
    assert "127.0.0.1:9" in str(caught.value)
    assert len(waits.waited) == 2
    endpoint.close()


def test_retry_after_is_kept_to(provider: served.Provider, opened: Opened, waits: Waits) -> None:
    provider.fail(Canned(status=429, headers={"retry-after": "7"}), Canned(body={}))
    opened().post("/x", BODY)
    assert waits.waited == [7.0]


def test_a_retry_after_beyond_the_limit_is_not_waited_for(
    provider: served.Provider, opened: Opened, waits: Waits
) -> None:
    provider.fail(Canned(status=429, headers={"retry-after": "3600"}))
    with pytest.raises(Unavailable, match="asks to wait 3600 s"):
        opened().post("/x", BODY)
    assert waits.waited == []


def test_no_wait_goes_beyond_the_deadline(provider: served.Provider, opened: Opened, waits: Waits) -> None:
    provider.fail(*[Canned(status=503, headers={"retry-after": "4"})] * 9)
    with pytest.raises(Unavailable):
        opened(timeout_s=10, attempts=9, failures=99).post("/x", BODY)
    assert waits.waited == [4.0, 4.0]


@pytest.mark.parametrize("canned", [Canned(hangs=True), Canned(drips=True)])
def test_a_slow_answer_ends_at_the_deadline(
    provider: served.Provider, opened: Opened, canned: Canned
) -> None:
    provider.fail(canned)
    started = time.monotonic()
    with pytest.raises(Unavailable):
        opened(timeout_s=0.3).post("/x", BODY)
    assert time.monotonic() - started < 2
    assert len(provider.seen) == 1


def test_a_slow_stream_ends_at_the_deadline(provider: served.Provider, opened: Opened) -> None:
    provider.fail(Canned(drips=True))
    started = time.monotonic()
    with opened(timeout_s=0.3).lines("/x", BODY) as lines, pytest.raises(Unavailable):
        list(lines)
    assert time.monotonic() - started < 2


def test_a_stream_is_tried_again_before_it_begins_and_not_after(
    provider: served.Provider, opened: Opened
) -> None:
    provider.fail(Canned(status=503), Canned(drops=True, body=b"one\ntwo\n"))
    got = []
    with opened().lines("/x", BODY) as lines, pytest.raises(Unavailable, match="broke off"):
        got.extend(lines)
    assert got == [b"one", b"two"]
    assert len(provider.seen) == 2


@pytest.mark.parametrize("garbage", [b"", b"<html>hello</html>", b'{"half":', b"\xff\xfe", b"[" * 100_000])
def test_an_answer_that_is_no_json_is_unavailable_and_not_asked_again(
    provider: served.Provider, opened: Opened, garbage: bytes
) -> None:
    provider.fail(Canned(body=garbage))
    with pytest.raises(Unavailable):
        opened().post("/x", BODY)
    assert len(provider.seen) == 1


def test_an_answer_that_is_not_packed_as_it_says_is_unavailable(
    provider: served.Provider, opened: Opened
) -> None:
    provider.fail(*[Canned(body=b"not gzip", headers={"content-encoding": "gzip"})] * 3)
    with pytest.raises(Unavailable):
        opened().post("/x", BODY)


def test_a_redirect_is_not_followed_so_the_key_stays(provider: served.Provider, opened: Opened) -> None:
    provider.fail(Canned(status=307, headers={"location": f"{provider.url}/elsewhere"}))
    with pytest.raises(NotFound) as caught:
        opened().post("/x", BODY)
    assert "url" in caught.value.hint
    assert len(provider.seen) == 1


@pytest.mark.parametrize(
    ("canned", "kind", "hint"),
    [
        (Canned(status=401), Refused, "LAKEHOUSE_SECRET_OLLAMA_KEY"),
        (Canned(status=429, body={"error": {"code": "insufficient_quota"}}), Refused, "KEY"),
        (Canned(status=404, body={"error": "model 'chatter' not found"}), NotFound, "ollama pull chatter"),
        (Canned(status=404, body={"message": "The model `x` does not exist."}), NotFound, "ollama pull"),
        (Canned(status=404, body=b"404 page not found"), NotFound, "check the url"),
        (Canned(status=400, body={"error": {"message": "prompt is too long: 9 > 8"}}), Invalid, "shorter"),
        (Canned(status=400, body={"error": {"code": "context_length_exceeded"}}), Invalid, "shorter"),
        (Canned(status=413), Invalid, "shorter"),
        (Canned(status=422), Invalid, "check the model"),
    ],
)
def test_each_refusal_has_its_kind_and_its_hint(
    provider: served.Provider, opened: Opened, canned: Canned, kind: type[LakehouseError], hint: str
) -> None:
    provider.fail(canned)
    with pytest.raises(kind) as caught:
        opened().post("/x", BODY)
    assert hint in caught.value.hint


def test_a_refusal_that_breaks_off_is_still_a_refusal(provider: served.Provider, opened: Opened) -> None:
    provider.fail(Canned(status=401, drops=True, body=b'{"error":'))
    with pytest.raises(Refused):
        opened().post("/x", BODY)


def test_an_answer_without_end_is_unavailable(
    provider: served.Provider, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lakehouse.llm.http.MAX_BYTES", 1000)
    provider.fail(Canned(body=b"1" * 1001))
    with pytest.raises(Unavailable, match="too much"):
        opened(attempts=1).post("/x", BODY)


@pytest.mark.parametrize("status", [400, 401, 404, 413, 429, 500])
def test_neither_key_nor_text_nor_prose_of_the_server_stands_in_errors_and_logs(
    provider: served.Provider, opened: Opened, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    prose = f"wrong key {KEY} for {TEXT}"
    provider.fail(*[Canned(status=status, body={"error": {"message": prose, "type": prose}})] * 3)
    endpoint = opened()
    with pytest.raises(LakehouseError) as caught:
        endpoint.post("/x", BODY)
    error = caught.value
    told = f"{error!r} {error.hint} {error.context} {error.__cause__!r} {endpoint!r} {caplog.text}"
    assert provider.seen[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in told
    assert TEXT not in told


def test_a_server_does_not_show_its_key() -> None:
    assert KEY not in repr(Server(url="http://localhost", key=KEY))


@pytest.mark.parametrize(
    "params",
    [
        {"url": ""},
        {"url": "localhost:11434"},
        {"url": "ftp://localhost"},
        {"url": "http://"},
        {"url": "http://localhost:99999"},
        {"url": "http://[::1"},
        {"url": "http://me:secret@localhost"},
        {"url": "http://localhost?key=secret"},
        {"key": "secret\n"},
        {"key": "secret two"},
        {"key": "secrét"},
    ],
)
def test_an_address_or_key_that_cannot_be_right_is_refused_before_any_call(
    opened: Opened, params: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as caught:
        opened(**params)
    assert "secr" not in f"{caught.value} {caught.value.context}"


def test_a_server_that_keeps_failing_is_left_alone_then_tried_once(
    provider: served.Provider, opened: Opened, waits: Waits
) -> None:
    endpoint = opened(attempts=1, failures=3, pause_s=10)
    provider.fail(*[Canned(status=500)] * 4, Canned(body={"ok": 1}))
    for _ in range(3):
        with pytest.raises(Unavailable, match="answered 500"):
            endpoint.post("/x", BODY)
    with pytest.raises(Unavailable, match="3 times in a row"):
        endpoint.post("/x", BODY)
    assert len(provider.seen) == 3
    waits.wait(10)
    with pytest.raises(Unavailable, match="answered 500"):
        endpoint.post("/x", BODY)
    with pytest.raises(Unavailable, match="in a row"):
        endpoint.post("/x", BODY)
    waits.wait(10)
    assert endpoint.post("/x", BODY) == {"ok": 1}
    provider.fail(Canned(status=500), Canned(body={"ok": 2}))
    with pytest.raises(Unavailable, match="answered 500"):
        endpoint.post("/x", BODY)
    assert endpoint.post("/x", BODY) == {"ok": 2}


def test_retries_end_when_they_open_the_breaker(provider: served.Provider, opened: Opened) -> None:
    provider.fail(*[Canned(status=500)] * 9)
    with pytest.raises(Unavailable, match="answered 500"):
        opened(attempts=9, failures=2).post("/x", BODY)
    assert len(provider.seen) == 2


def test_refusals_do_not_open_the_breaker(provider: served.Provider, opened: Opened) -> None:
    endpoint = opened(failures=2)
    provider.fail(*[Canned(status=400)] * 5, Canned(body={"ok": 1}))
    for _ in range(5):
        with pytest.raises(Invalid):
            endpoint.post("/x", BODY)
    assert endpoint.post("/x", BODY) == {"ok": 1}


def test_one_trial_at_a_time_goes_through_an_open_breaker() -> None:
    breaker = Breaker(1, 10)
    breaker.note(failed=True, now_s=0)
    assert breaker.blocked_s(4) == 6
    assert breaker.blocked_s(10) == 0
    assert breaker.blocked_s(11) == 9  # the trial has not reported yet
    assert breaker.blocked_s(20) == 0  # and never did
    breaker.note(failed=False, now_s=21)
    assert breaker.blocked_s(21) == 0


def test_an_endpoint_that_was_closed_opens_again(provider: served.Provider, opened: Opened) -> None:
    provider.fail(Canned(body={"n": 1}), Canned(body={"n": 2}))
    endpoint = opened()
    assert endpoint.post("/x", BODY) == {"n": 1}
    endpoint.close()
    assert endpoint.post("/x", BODY) == {"n": 2}


def test_a_proxy_of_the_environment_is_not_asked_for_a_server_on_this_machine(
    provider: served.Provider, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    provider.fail(Canned(body={"ok": 1}))
    assert opened().get("/x") == {"ok": 1}


def test_importing_the_adapters_does_not_import_httpx() -> None:
    names = "http, ollama, openai, anthropic, scripted"
    code = f"import sys; from lakehouse.llm import {names}; print('httpx' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


@given(st.integers(1, 12), st.floats(0, 1))
def test_a_wait_is_at_least_half_and_never_above_the_limit(attempt: int, chance: float) -> None:
    server = Server(url="http://x", attempts=20)
    waited = wait_s(attempt, server, after_s=None, chance=chance)
    full = min(0.5 * 2 ** (attempt - 1), 20)
    assert waited is not None
    assert full / 2 <= waited <= full


def test_time_and_chance_are_the_machines_unless_handed_in() -> None:
    timing = Timing()
    assert timing.now_s() <= timing.now_s()
    assert 0 <= timing.chance() < 1


@given(st.lists(st.binary(max_size=20)), st.integers(1, 7))
def test_lines_do_not_depend_on_how_the_network_cuts_them(parts: list[bytes], size: int) -> None:
    whole = b"\n".join(parts)
    chunks = [whole[i : i + size] for i in range(0, len(whole), size)]
    expected = [line.rstrip(b"\r") for line in whole.split(b"\n") if line.strip()]
    assert list(wire.lines(chunks)) == expected


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
        (
            {"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"},
            30.0,
        ),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:29:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 -0000", "date": "Wed, 21 Oct 2026 07:29:00 GMT"}, None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert wire.retry_after_s(headers) == seconds


@pytest.mark.parametrize(
    "rows",
    [
        None,
        {},
        [],
        [[1.0]],
        [[1.0], [2.0], [3.0]],
        [[1.0], [1.0, 2.0]],
        [[], []],
        [["x"], ["y"]],
        [[1.0], None],
        [[float("nan")], [1.0]],
        [[float("inf")], [1.0]],
        [[0.0, 0.0], [1.0, 0.0]],
        ["!!", "!!"],
        ["AAA=", "AAA="],
        [[10**400], [1.0]],
        1.5,
    ],
)
def test_what_is_no_vector_is_unavailable(rows: object) -> None:
    with pytest.raises(Unavailable) as caught:
        wire.unit_vectors(rows, 2, provider="openai")
    assert caught.value.hint


def test_vectors_are_brought_to_unit_length() -> None:
    vectors = wire.unit_vectors([[3.0, 4.0], [1e200, 0.0], [0.0, -1e-200]], 3, provider="x")
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, [[0.6, 0.8], [1.0, 0.0], [0.0, -1.0]])


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("four", 1), ("fives", 2), ("東京", 2)])
def test_tokens_are_a_quarter_of_the_bytes_rounded_up(text: str, tokens: int) -> None:
    assert wire.estimate_tokens(text) == tokens


@pytest.mark.parametrize("path", [("a", "b", 1), ("a", 0), (0,), ("b",), ("a", "c", 5)])
def test_what_is_not_there_is_none_and_empty(path: tuple[str | int, ...]) -> None:
    value = {"a": {"b": 1, "c": [1]}}
    assert wire.dig(value, *path) is None
    assert (wire.text_at(value, *path), wire.number_at(value, *path)) == ("", 0)
