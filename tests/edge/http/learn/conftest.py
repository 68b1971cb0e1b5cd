"""One server for each test process, with an index of people whose rows tests only read."""

from collections.abc import Iterator

import pytest

from lakehouse.llm.fake import FakeEmbedder
from tests.edge.http.search.asked import built, searching
from tests.edge.http.serving import Served


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with searching(tmp_path_factory.mktemp("lake"), embedder=FakeEmbedder()) as found:
        built(found, "resumes")
        yield found
