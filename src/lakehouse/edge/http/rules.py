"""[pure] Who may knock: where the server may listen, and which requests it lets in.

Theory of operation. On loopback every program of the machine may ask, and so may every web page that its
browser shows: a page can send requests to 127.0.0.1, under a name of its own (DNS rebinding) or openly
(cross-site). So on loopback the Host header must name loopback, and a request that may change something
must not come from another site. Off loopback there is no way in without a token.
Source: Fetch Metadata Request Headers, section 2; Go's http.CrossOriginProtection for the order of checks.
"""

import hmac
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lakehouse.base.errors import Refused

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
PUBLIC: Final = frozenset({"/health"})
"""Paths that need no token; they still pass the Host check."""

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
HOST: Final = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>\d{1,5}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What this server asks of a request."""

    hosts: frozenset[str] | None = LOOPBACK
    """Names that the Host header may give; None where any may, since a token is asked for."""

    token: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """A request that is not let in."""

    status: int
    reason: str
    hint: str


def policy(host: str, token: str | None) -> Policy:
    """What a server that listens on `host` asks of requests.

    Raises:
        Refused: it is not loopback, and there is no token.
    """
    secret = token.encode() if token else None
    if is_loopback(host):
        return Policy(hosts=LOOPBACK | {_bracketed(host)}, token=secret)
    if secret is None:
        raise Refused(
            f"{host[:80] or 'every address'} is not loopback, and no token is set",
            hint="set LAKEHOUSE_SECRET_SERVER_TOKEN, or use --host 127.0.0.1",
        )
    return Policy(hosts=None, token=secret)


def is_loopback(host: str) -> bool:
    """Can only programs of this machine reach a server that listens on `host`?"""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name: what it resolves to is not ours to say


def judge(asked: Policy, *, method: str, path: str, headers: Mapping[bytes, bytes]) -> Denied | None:
    """Why a request is not let in; None when it is.

    Args:
        headers: names in lower case; of a header given twice, the last.
    """
    host = headers.get(b"host", b"").decode("latin-1").lower()
    if asked.hosts is not None and not _is_named(host, asked.hosts):
        return Denied(status=403, reason="the Host header names another server", hint="use http://127.0.0.1")
    if method not in SAFE and not _is_own_site(host, headers):
        return Denied(status=403, reason="the request comes from another site", hint="send it from a program")
    if asked.token is None or path in PUBLIC or _has_token(headers, asked.token):
        return None
    return Denied(status=401, reason="a token is needed", hint="send Authorization: Bearer <server_token>")


def _is_named(host: str, allowed: frozenset[str]) -> bool:
    found = HOST.fullmatch(host)
    return bool(found) and found["name"] in allowed if found else False


def _is_own_site(host: str, headers: Mapping[bytes, bytes]) -> bool:
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
    if site is not None and site not in {b"same-origin", b"none"}:
        return False
    return origin is None or origin.decode("latin-1").lower() in {f"http://{host}", f"https://{host}"}


def _has_token(headers: Mapping[bytes, bytes], token: bytes) -> bool:
    kind, _, given = headers.get(b"authorization", b"").partition(b" ")
    return hmac.compare_digest(given.strip(), token) and kind.lower() == b"bearer"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
