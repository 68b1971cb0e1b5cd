"""Pure parts of the HTTP door: paths of Iceberg's protocol, documents, pages, shapes, routes, bounds."""

import asyncio
import json
import re
from collections.abc import Mapping

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from lakehouse.base.errors import Conflict, Invalid, NotFound
from lakehouse.edge import iceberg
from lakehouse.edge.http import answers, pages, strict
from lakehouse.edge.http.learn import answers as learn
from lakehouse.edge.http.learn.pathway import answers as memory
from lakehouse.edge.http.routing import Told, add
from lakehouse.edge.http.search import answers as search
from lakehouse.edge.http.strict import JSON_BYTES, StrictRequest, taking

Json = dict[str, object]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/iceberg/v1/config", ("config",)),
        ("/iceberg/v1/namespaces", ("namespaces",)),
        ("/iceberg/v1/lake/namespaces", ("namespaces",)),
        ("/iceberg/v1/namespaces/namespaces", ("namespaces", "namespaces")),
        ("/iceberg/v1/lake/namespaces/a/tables/b", ("namespaces", "a", "tables", "b")),
        ("/iceberg/v1/namespaces/a%1Fb/tables/c%2Fd", ("namespaces", "a\x1fb", "tables", "c/d")),
        ("/iceberg/v1//namespaces//a", ("namespaces", "a")),
        ("/iceberg/v1/lake/nothing", ("lake", "nothing")),
        ("/iceberg/v1/", ()),
        ("/elsewhere/namespaces", ()),
    ],
)
def test_a_path_is_its_decoded_parts_after_a_prefix(path: str, found: tuple[str, ...]) -> None:
    assert iceberg.parts(path) == found


@pytest.mark.parametrize("path", ["/iceberg", "/iceberg/v2/config", "/v1/sql", "/x/iceberg/v1/config"])
def test_other_paths_do_not_belong_to_the_protocol(path: str) -> None:
    assert not iceberg.is_below(path)
    assert iceberg.is_below("/iceberg/v1/config")


def test_a_body_of_the_protocol_is_an_object_or_empty() -> None:
    assert iceberg.body(b"") == {}
    assert iceberg.body(b'{"a": [1]}') == {"a": [1]}
    for wrong in (b"[]", b"7", b"null", b"{", b"\xff", b'{"a": NaN}'):
        with pytest.raises(Invalid, match="not a JSON object") as caught:
            iceberg.body(wrong)
        assert "Iceberg REST" in caught.value.hint


def test_an_error_of_the_protocol_has_its_message_its_hint_its_kind_and_the_status() -> None:
    found = iceberg.error_body(NotFound("no table a", hint="see b"), 404)
    assert found == {"error": {"message": "no table a. see b", "type": "NotFoundException", "code": 404}}
    assert iceberg.error_body(Conflict("late"), 409)["error"] == {
        "message": "late. ", "type": "ConflictException", "code": 409,
    }  # fmt: skip


def documented() -> Json:
    """The document of one route with everything that a page shows."""
    app = FastAPI(title="Lake & co", version="1.2")

    async def measure(request: Request) -> Response:
        """Measure <it>.

        First part.

        Second & last.
        """
        return Response(str(request.url))

    add(app, "POST", "/v1/it", measure, told=Told(tag="its", answers={201: (learn.History, "Done.")}))
    add(app, "GET", "/hidden", measure, told=Told(tag="its", is_listed=False, operation="hidden"))
    raw = Told(tag="raw", summary="Raw", operation="raw", body={"text/csv": {"schema": {"type": "string"}}})
    add(app, "PUT", "/v1/raw/{name}", measure, told=raw)
    return app.openapi()


def part(document: Mapping[str, object], *names: str) -> Json:
    for name in names:
        inner = document[name]
        assert isinstance(inner, dict)
        document = inner
    return dict(document)


def test_a_route_is_told_by_its_docstring_and_every_route_may_answer_with_a_problem() -> None:
    found = part(documented(), "paths", "/v1/it", "post")
    assert (found["summary"], found["operationId"], found["tags"]) == ("Measure <it>", "measure", ["its"])
    assert found["description"] == "First part.\n\nSecond & last."
    assert set(part(found, "responses")) == {"201", "4XX", "5XX"}
    for status in ("4XX", "5XX"):
        assert set(part(found, "responses", status, "content")) == {"application/problem+json"}


def test_what_is_said_of_a_route_goes_before_its_docstring_and_a_hidden_one_is_not_listed() -> None:
    document = documented()
    found = part(document, "paths", "/v1/raw/{name}", "put")
    assert (found["summary"], found["operationId"]) == ("Raw", "raw")
    assert part(found, "requestBody")["required"] is True
    assert set(part(found, "requestBody", "content")) == {"text/csv"}
    assert "/hidden" not in part(document, "paths")


def test_a_page_shows_routes_by_tag_and_escapes_what_they_say() -> None:
    page = pages.page(documented())
    assert page.startswith("<!doctype html>")
    assert "<h1>Lake &amp; co 1.2</h1>" in page
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["its", "raw", "Objects"]
    assert "Measure &lt;it&gt;" in page
    assert "<p>First part.</p><p>Second &amp; last.</p>" in page
    assert '<a href="#History">History</a>' in page
    assert '<h3 id="History">' in page
    assert "/hidden" not in page


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["<script>", "a", "array", "object", "'\""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["paths", "/<x>", "get", "tags", "$ref", "anyOf", "type", "items", "enum", "info",
        "properties", "components", "schemas", "parameters", "responses", "content", "schema", "<b>"]),
        inner, max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(["info", "paths", "components"]), json_values))
def test_a_page_of_any_document_holds_no_script_and_nothing_from_elsewhere(document: Json) -> None:
    page = pages.page(document)
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?!#|/openapi\.json)", page)


def test_the_policy_of_a_page_allows_its_own_style_and_nothing_else() -> None:
    assert f"<style>{pages.STYLE}</style>" in pages.page({})
    assert pages.POLICY.startswith(f"default-src 'none'; style-src 'sha256-{pages.DIGEST}';")
    assert "unsafe" not in pages.POLICY


@pytest.mark.parametrize(
    ("shape", "document"),
    [
        (search.DroppedIndex, {"index": "a", "dropped": True}),
        (search.EmbedStats, {"hits": 1, "misses": 1, "hit_rate": 0.5, "size": 2}),
        (learn.Wrong, {"kind": "Invalid", "detail": "a", "hint": "b"}),
        (memory.Bug, {"flag": "a", "pattern_key": "b", "example": "c", "occurrences": 1}),
        (memory.Gate, {"name": "audit", "passed": True, "reason": ""}),
    ],
)
def test_an_answer_has_exactly_its_members(shape: type[BaseModel], document: Json) -> None:
    assert shape.model_validate(document).model_dump() == document
    with pytest.raises(ValidationError):
        shape.model_validate(document | {"more": 1})
    for name in document:
        with pytest.raises(ValidationError):
            shape.model_validate({n: v for n, v in document.items() if n != name})


@pytest.mark.parametrize("wrong", [7, "", "7a", "0x7", " 7", "--7", None])
def test_a_snapshot_id_in_an_answer_is_digits_as_text(wrong: object) -> None:
    answers.Changed.model_validate({"table": "a", "rows": 0, "snapshot_id": "-9223372036854775808"})
    answers.Changed.model_validate({"table": "a", "rows": 0, "snapshot_id": None})
    with pytest.raises(ValidationError):
        answers.Result.model_validate({"columns": [], "rows": [], "row_count": 0, "truncated": False,
            "elapsed_ms": 0, "query_id": "q", "snapshots": {"a": wrong}})  # fmt: skip


def asked(*pieces: bytes, most: int, length: str | None = None) -> object:
    """What a route that takes so many bytes reads from a body that comes in these pieces."""
    given = [
        {"type": "http.request", "body": p, "more_body": n < len(pieces)} for n, p in enumerate(pieces, 1)
    ]
    messages = iter(given)

    async def receive() -> dict[str, object]:
        return next(messages)

    headers = [] if length is None else [(b"content-length", length.encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}

    async def read() -> object:
        return await StrictRequest(scope, strict._bounded(receive, most)).json()

    return asyncio.run(read())


def test_a_body_of_just_the_limit_is_read_and_one_byte_more_is_not_however_it_comes() -> None:
    whole = b'{"a": 12}'
    for pieces in ((whole,), (whole[:3], whole[3:]), tuple(whole[n : n + 1] for n in range(len(whole)))):
        assert asked(*pieces, most=len(whole)) == {"a": 12}
        with pytest.raises(HTTPException) as caught:
            asked(*pieces, most=len(whole) - 1)
        assert caught.value.status_code == 413


@pytest.mark.parametrize(
    "body", [b"", b"NaN", b'{"a": Infinity}', b'"\\ud800"', b"{'a': 1}", b"\xff", b"[1,]"]
)
def test_what_is_not_json_by_the_book_is_refused(body: bytes) -> None:
    with pytest.raises(json.JSONDecodeError):
        asked(body, most=100)


def test_kinds_of_routes_keep_limits_of_their_own() -> None:
    small, large = taking(10), taking(1000)
    assert (small.most_bytes, large.most_bytes, strict.StrictRoute.most_bytes) == (10, 1000, JSON_BYTES)
