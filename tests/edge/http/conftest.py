"""One server for each test process: tests make tables of their own in its lake."""

from collections.abc import Iterator

import pytest

from tests.edge.http.serving import PEOPLE, Served, serving


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("lake")) as found:
        found.table("people", PEOPLE)
        yield found


@pytest.fixture(autouse=True)
def _the_server_is_alive_after_every_test(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "served" in request.fixturenames:
        assert request.getfixturevalue("served").client.get("/health").status_code == 200
