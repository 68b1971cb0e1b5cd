"""Health, metrics, errors, the hot cache, the document and the page made from it."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from lakehouse.edge.http import answers, pages
from lakehouse.edge.http.app import document, routes
from tests.edge.http.serving import Served, problem, serving

EXPECTED = """
POST /v1/feedback · POST /v1/matrix/search · GET /v1/matrix/corpora · PUT /v1/matrix/corpora/{name}
DELETE /v1/matrix/corpora/{name} · POST /v1/matrix/relevance · POST /v1/matrix/downgrade
POST /v1/matrix/playbooks/record · POST /v1/matrix/playbooks/record/bulk
GET /v1/playbook · GET /v1/playbook/history · POST /v1/playbook/why · POST /v1/playbook/choose
POST /v1/playbook/distrust · POST /v1/playbook/trust · POST /v1/playbook/retire · POST /v1/playbook/restore
POST /v1/playbook/rollback · GET /v1/playbook/audit · GET /v1/playbook/entries · POST /v1/playbook/entries
GET /v1/playbook/entries/{entry_id} · PATCH /v1/playbook/entries/{entry_id}
DELETE /v1/playbook/entries/{entry_id} · POST /v1/playbook/entries/merge
POST /v1/playbook/entries/{entry_id}/vote
GET /health · GET /metrics · GET /openapi.json · GET /docs · GET /v1/system/errors
POST /v1/sql · DELETE /v1/sql/{query_id} · POST /v1/ingest/file
GET /v1/catalog/datasets · GET /v1/catalog/datasets/{name} · DELETE /v1/catalog/datasets/{name}
PATCH /v1/catalog/datasets/{name}/metadata · GET /v1/catalog/datasets/{name}/history
POST /v1/catalog/datasets/{name}/rollback · POST /v1/catalog/datasets/{name}/rows
POST /v1/catalog/datasets/{name}/schema · POST /v1/catalog/datasets/{name}/rename
POST /v1/catalog/datasets/{name}/compact · POST /v1/catalog/datasets/{name}/resync
POST /v1/catalog/rebuild
POST /v1/query/cache/pin · POST /v1/query/cache/evict · GET /v1/query/cache/stats
POST /v1/embed · GET /v1/embed/stats · POST /v1/embeddings · GET /v1/models
POST /v1/search · POST /v1/hybrid · POST /v1/rag
POST /v1/vectors/index · GET /v1/vectors/indexes
GET /v1/vectors/indexes/{name} · DELETE /v1/vectors/indexes/{name}
POST /v1/vectors/indexes/{name}/search · POST /v1/vectors/indexes/{name}/refresh
POST /v1/vectors/indexes/{name}/trial · GET /v1/vectors/indexes/{name}/trials
GET /v1/vectors/indexes/{name}/best · POST /v1/vectors/indexes/{name}/promote
POST /v1/vectors/indexes/{name}/rollback · POST /v1/vectors/indexes/{name}/autotune
GET /v1/jobs · GET /v1/jobs/{job_id}
POST /v1/pathway/add · POST /v1/pathway/update · POST /v1/pathway/revise · POST /v1/pathway/retire
POST /v1/pathway/replay · GET /v1/pathway/get/{uid} · GET /v1/pathway/history/{uid}
POST /v1/pathway/search · POST /v1/pathway/hot_swap · GET /v1/pathway/stats
GET /v1/pathway/bug_fingerprints
GET /iceberg/v1/config · GET /iceberg/v1/namespaces · POST /iceberg/v1/namespaces
GET /iceberg/v1/namespaces/{namespace} · HEAD /iceberg/v1/namespaces/{namespace}
DELETE /iceberg/v1/namespaces/{namespace} · POST /iceberg/v1/namespaces/{namespace}/properties
GET /iceberg/v1/namespaces/{namespace}/tables · POST /iceberg/v1/namespaces/{namespace}/tables
POST /iceberg/v1/namespaces/{namespace}/register
GET /iceberg/v1/namespaces/{namespace}/tables/{table}
HEAD /iceberg/v1/namespaces/{namespace}/tables/{table}
POST /iceberg/v1/namespaces/{namespace}/tables/{table}
DELETE /iceberg/v1/namespaces/{namespace}/tables/{table}
POST /iceberg/v1/namespaces/{namespace}/tables/{table}/metrics
POST /iceberg/v1/tables/rename · POST /iceberg/v1/transactions/commit
"""


def test_health_names_every_service_and_the_version(served: Served) -> None:
    body = served.client.get("/health").json()
    answers.Health.model_validate(body)
    assert body["status"] == "ok"
    assert set(body["services"]) == {"catalog", "writer", "query", "journal", "storage"}
    assert set(body["services"].values()) == {"ok"}


def test_a_lake_that_cannot_write_is_down(tmp_path: Path) -> None:
    with serving(tmp_path / "lake") as own:
        shutil.rmtree(own.lake.root / "cache" / "staging")
        answer = own.client.get("/health")
        assert answer.status_code == 503
        assert (answer.json()["status"], answer.json()["services"]["storage"]) == ("down", "down")


def test_metrics_parse_and_their_labels_have_an_end(served: Served) -> None:
    served.client.get("/v1/catalog/datasets/never-mind-4711")
    served.client.request("BREW", "/v1/sql")
    served.sql("SELECT 1")
    text = served.client.get("/metrics").text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert {
        *(
            "lakehouse_http_requests",
            "lakehouse_http_seconds",
            "lakehouse_query_seconds",
            "lakehouse_workers",
        ),
        *("lakehouse_ingest_rows", "lakehouse_cache_bytes", "lakehouse_journal_segments"),
        *("lakehouse_small_files", "lakehouse_build_info", "lakehouse_search_seconds"),
    } <= set(families)
    assert "4711" not in text
    assert "BREW" not in text
    routed = {s.labels["route"] for s in families["lakehouse_http_requests"].samples}
    assert {"/v1/sql", "/v1/catalog/datasets/{name}"} <= routed


def test_two_servers_in_one_process_count_apart(served: Served) -> None:
    text = served.client.get("/metrics").text
    assert text.count("# TYPE lakehouse_http_requests_total counter") == 1


def test_failures_are_kept_and_the_latest_come_first(served: Served) -> None:
    first = problem(served.sql("SELECT nope1 FROM people"), status=400, kind="Invalid")
    second = problem(served.client.get("/v1/catalog/datasets/nope2"), status=404, kind="NotFound")
    body = served.client.get("/v1/system/errors", params={"limit": 2}).json()
    answers.Errors.model_validate(body)
    assert [e["error_id"] for e in body["errors"]] == [second["error_id"], first["error_id"]]
    assert body["errors"][0]["where"] == "GET /v1/catalog/datasets/{name}"
    assert body["errors"][0]["request_id"]


def test_foolish_limits_of_errors_are_refused(served: Served) -> None:
    for limit in ("0", "-1", "many", "1001"):
        answer = served.client.get("/v1/system/errors", params={"limit": limit})
        problem(answer, status=422, kind="Invalid")


def test_a_table_is_kept_hot_and_let_go(served: Served) -> None:
    served.table("hot", "id\n1\n2\n")
    copy = served.client.post("/v1/query/cache/pin", json={"table": "hot"})
    answers.Copy.model_validate(copy.json())
    assert served.sql("SELECT sum(id) FROM hot").json()["rows"] == [[3]]
    stats = served.client.get("/v1/query/cache/stats").json()
    answers.CacheStats.model_validate(stats)
    assert "lake.hot" in stats["pinned"]
    assert stats["hits"] >= 1
    evicted = served.client.post("/v1/query/cache/evict", json={"table": "hot"}).json()
    assert evicted == {"table": "hot", "evicted": True}
    again = served.client.post("/v1/query/cache/evict", json={"table": "hot"})
    assert again.json()["evicted"] is False


def test_the_document_lists_every_route_of_the_interface(served: Served) -> None:
    paths = served.client.get("/openapi.json").json()["paths"]
    listed = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert listed == set(re.split(r" · |\n", EXPECTED.strip()))


def test_the_document_is_whole_and_operations_have_names_of_their_own() -> None:
    found = document(routes())
    text = str(found)
    known = found["components"]["schemas"]  # type: ignore[index]
    wanted = set(re.findall(r"#/components/schemas/(\w+)", text))
    ids = re.findall(r"'operationId': '([^']+)'", text)
    assert found["openapi"] == "3.1.0"
    assert wanted <= set(known)
    assert len(ids) == len(set(ids)) > 30


class Seen(HTMLParser):
    """What a page asks a browser to do."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: set[str] = set()
        self.inline: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links |= {str(v) for n, v in attrs if n in {"href", "src"}}
        self.inline |= {n for n, _ in attrs if n == "style" or n.startswith("on")}


def test_the_page_needs_no_script_and_nothing_from_elsewhere(served: Served) -> None:
    answer = served.client.get("/docs")
    seen = Seen()
    seen.feed(answer.text)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert not seen.tags & {"script", "img", "iframe", "link", "form"}
    assert not seen.inline
    assert all(link.startswith("#") or link == "/openapi.json" for link in seen.links)
    for line in re.split(r" · |\n", EXPECTED.strip()):
        assert line.partition(" ")[2] in answer.text


def test_what_a_document_says_cannot_become_markup() -> None:
    nasty = "<script>alert(1)</script>"
    operation = {"summary": nasty, "description": nasty, "tags": [nasty], "parameters": [{"name": nasty}]}
    told = {"info": {"title": nasty}, "paths": {f"/{nasty}": {"get": operation}}}
    assert "<script" not in pages.page(told)


def test_an_empty_document_makes_a_page() -> None:
    assert "</html>" in pages.page({"paths": {"/a": {"get": {"responses": 7}}}, "components": []})
