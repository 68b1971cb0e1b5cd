"""Secrets and personal data inside sentences are found; what only talks of them is not."""

import random
import string

import pytest

from lakehouse.matrix.bullets.hygiene import leaks
from tests.matrix.bullets.pairs import PAIRS, clean

CHANCE = "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=40))

SECRETS = (
    "use AKIAIOSFODNN7EXAMPLE for uploads",
    "-----BEGIN RSA PRIVATE KEY----- MIIE",
    "push with ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "post to slack by xoxb-123456789012-abcdefghij",
    "header Authorization: Bearer abcdefghijklmnop1234",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh signs in",
    "connect to postgres://admin:hunter22@db.example/x",
    "key sk-proj-abcdefghijklmnopqrstuvwx works",
    "the password is hunter2",
    "Password: swordfish",
    "pwd=letmein!",
    'the client secret is "opensesame"',
    "api key for the portal: 8f14e45fceea167a5a36dedd4bea2543",
    "the token 8f14e45fceea167a5a36dedd4bea2543 expires soon",
    "pass\u200bword: tr0ub4dor",
    f"copy {CHANCE} into the form",
)
HARMLESS = (
    "The password is required before noon",
    "Ask for the API key: required for uploads",
    "token: expired",
    "Never send a password by mail",
    "password: ****",
    "api_key=${API_KEY}",
    "secret: <redacted>",
    "the file 8f14e45fceea167a5a36dedd4bea2543 was seen",
    "see entry 01HF7YAT00ZT8KRQ2CY9R6W0RN",
    "run 550e8400-e29b-41d4-a716-446655440000 failed",
    "docs are at https://example.org/a/b?c=d",
    "the class PathwayMemoryTest2Something is slow",
    "certificates such as ISO27001CertificationRequired",
)
PERSONAL = (
    "write to anna.smith@example.org first",
    "call (312) 555-0142 for the gate",
    "ring +49 30 901820 at night",
    "her number is 536-90-4399 on file",
    "card 4111 1111 1111 1111 pays",
    "pay to DE89 3704 0044 0532 0130 00 on Friday",
    "he was born on 12/03/1980 in town",
)
IMPERSONAL = (
    "the shift is from 8-12 on 2026-11-21",
    "order 4111 1111 1111 1112 is late",
    "part 123-45-678 and part 900-00-0000",
    "write to the desk @ the gate",
    "version 3.11.4 of 1700000000000",
    "the plant was born of need in 1980",
)


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_found_and_never_quoted(text: str) -> None:
    kind = leaks.secret(text)
    assert kind
    assert not {word for word in text.split() if len(word) > 8 and any(map(str.isdigit, word))} & set(
        kind.split()
    )


@pytest.mark.parametrize("text", HARMLESS)
def test_what_talks_of_secrets_or_names_things_is_none(text: str) -> None:
    assert leaks.secret(text) is None


@pytest.mark.parametrize("text", PERSONAL)
def test_personal_data_in_a_sentence_is_found(text: str) -> None:
    assert leaks.personal(text)


@pytest.mark.parametrize("text", IMPERSONAL)
def test_numbers_of_other_things_are_not_personal(text: str) -> None:
    assert leaks.personal(text) is None


def test_no_lesson_of_the_planted_ones_holds_a_secret_or_personal_data() -> None:
    texts = [*(text for pair in PAIRS for text in pair), *clean()]
    assert [text for text in texts if leaks.secret(text) or leaks.personal(text)] == []


def test_most_keys_drawn_by_chance_are_found_by_their_looks() -> None:
    dice = random.Random(1)
    keys = ["".join(dice.choices(string.ascii_letters + string.digits, k=32)) for _ in range(500)]
    assert sum(leaks.secret(f"take {key} today") is not None for key in keys) >= 485
