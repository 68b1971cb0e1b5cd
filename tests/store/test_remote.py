"""A bucket on a real S3 server does what every store does."""

import dataclasses
from uuid import uuid4

import pytest

from lakehouse.store.remote import RemoteParams, RemoteStore
from tests.suites.object_store import ObjectStoreSuite


class TestRemoteStore(ObjectStoreSuite):
    """The suite, over HTTP."""

    @pytest.fixture
    def store(self, s3: RemoteParams) -> RemoteStore:
        return RemoteStore(dataclasses.replace(s3, url=f"s3://bucket/{uuid4().hex}"))
