"""[acts] A store in a bucket: S3 and what speaks like it, Google Cloud Storage, Azure."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    GenericError,
    NotFoundError,
    NotSupportedError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import S3Store, from_url

from lakehouse.base.errors import Invalid, LakehouseError, NotFound, Refused, Unavailable
from lakehouse.store.keys import check_key, check_range, is_key
from lakehouse.store.objects import ObjectInfo

if TYPE_CHECKING:  # these names exist for type checkers only
    from obstore.store import ClientConfig, ObjectStore, RetryConfig, S3Config

SCHEMES: Final = ("s3", "gs", "az", "abfs", "abfss")

WHOLE_INSTEAD: Final = "non-partial response"
"""What is said of servers that answer a range with status 200, as gofakes3 (in rclone) did until 2026.

Source: github.com/johannesboyne/gofakes3/pull/121.
"""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteParams:
    """Where a bucket is and how to reach it. Secrets never appear in its repr."""

    url: str
    """`s3://bucket/folder`, `gs://…` or `az://…`; the last two find their credentials in the environment."""

    endpoint: str = ""
    """Address of an S3 server that is not Amazon's, such as http://127.0.0.1:9000."""

    region: str = "us-east-1"
    access_key: str = field(default="", repr=False)
    """Empty: credentials come from the environment or the machine's role."""

    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    timeout_s: float = 30.0
    """For one request."""

    retry_s: float = 20.0
    """How long a request that fails by the server's fault is repeated."""

    retries: int = 4


class RemoteStore:
    """An ObjectStore in a bucket. Nothing is asked of the server until the first call."""

    def __init__(self, params: RemoteParams) -> None:
        address = urlsplit(params.url)
        if address.scheme not in SCHEMES or not address.netloc:
            raise Invalid(
                f"a bucket's address starts with one of {', '.join(SCHEMES)}", hint="use s3://bucket/folder"
            )
        folder = address.path.strip("/")
        self._above = f"{check_key(folder)}/" if folder else ""
        self._base = f"{address.scheme}://{address.netloc}"
        self._bucket = _open(params, address.scheme, address.netloc)

    def put(self, key: str, data: bytes) -> None:
        """Store `data`, replacing what was there in one step; the bucket makes it durable."""
        path = self._path(key)
        self._ask(key, lambda: obstore.put(self._bucket, path, data))

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Store `data` unless the key is taken; True if this call created the object.

        Looks first, then puts on the condition that the key is still free. Servers that ignore the
        condition (If-None-Match), as many do, leave a gap of one round trip between the two in which
        another writer is overwritten. So nothing may rely on this call to decide a race between
        machines; the catalog does that.
        """
        if self.head(key):
            return False
        path = self._path(key)
        try:
            obstore.put(self._bucket, path, data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        except NotSupportedError:
            self.put(key, data)
        except BaseError as error:
            raise self._error(error, key) from error
        return True

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """The object's bytes from `start`, at most `length` of them; empty past the end."""
        check_range(start, length)
        path = self._path(key)
        if start == 0 and length is None:
            return self._ask(key, lambda: bytes(obstore.get(self._bucket, path).bytes()))
        # Servers answer a range past the end with errors of many kinds, so the range is cut here.
        found = self.head(key)
        if found is None:
            raise _not_found(key)
        end = found.size if length is None else min(found.size, start + length)
        if start >= end:
            return b""
        try:
            return bytes(obstore.get_range(self._bucket, path, start=start, end=end))
        except GenericError as error:
            if WHOLE_INSTEAD not in str(error):
                raise self._error(error, key) from error
            return self.get(key)[start:end]
        except (BaseError, FileNotFoundError) as error:
            raise self._error(error, key) from error

    def head(self, key: str) -> ObjectInfo | None:
        """Size and age, or None if there is no such object."""
        path = self._path(key)
        try:
            found = self._ask(key, lambda: obstore.head(self._bucket, path))
        except NotFound:
            return None
        return ObjectInfo(key=key, size=found["size"], modified_ms=_ms(found["last_modified"]))

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object whose key starts with `prefix`, in order of keys.

        Cost: a request per 1,000 objects of the folder above the prefix, all held in memory, since
        not every server sorts.
        """
        above = prefix.rpartition("/")[0]
        if above and not is_key(above):
            return iter(())
        folder = f"{self._above}{above}".rstrip("/")
        listed = self._ask(prefix, lambda: obstore.list(self._bucket, prefix=folder or None).collect())
        cut = len(self._above)
        found = [
            ObjectInfo(key=o["path"][cut:], size=o["size"], modified_ms=_ms(o["last_modified"]))
            for o in listed
            if o["path"].startswith(self._above + prefix)
        ]
        return iter(sorted(found, key=lambda info: info.key))

    def delete(self, key: str) -> bool:
        """Make sure the object is gone; True if it was there just before."""
        path = self._path(key)
        if self.head(key) is None:
            return False
        try:
            self._ask(key, lambda: obstore.delete(self._bucket, path))
        except NotFound:
            return False
        return True

    def url(self, key: str) -> str:
        """The address by which engines read the object: `s3://bucket/folder/key`."""
        return f"{self._base}/{self._path(key)}"

    def _path(self, key: str) -> str:
        return self._above + check_key(key)

    def _ask(self, key: str, call: Callable[[], T]) -> T:
        try:
            return call()
        except (BaseError, FileNotFoundError) as error:
            raise self._error(error, key) from error

    def _error(self, error: Exception, key: str) -> LakehouseError:
        # The server's own words stay out of the message: they may repeat headers of the request.
        match error:
            case NotFoundError() | FileNotFoundError():
                return _not_found(key)
            case PermissionDeniedError() | UnauthenticatedError():
                hint = "check the access key, the secret key and the bucket's policy"
                return Refused(f"{self._base} does not let this user in", hint=hint, key=key)
            case _:
                hint = "check the endpoint, the bucket's name and the network"
                return Unavailable(f"{self._base} did not answer as it should", hint=hint, key=key)


def _open(params: RemoteParams, scheme: str, bucket: str) -> "ObjectStore":
    client: ClientConfig = {
        "timeout": dt.timedelta(seconds=params.timeout_s),
        "allow_http": params.endpoint.startswith("http://"),
    }
    retry: RetryConfig = {
        "max_retries": params.retries,
        "retry_timeout": dt.timedelta(seconds=params.retry_s),
    }
    if scheme != "s3":
        return from_url(f"{scheme}://{bucket}", client_options=client, retry_config=retry)
    config: S3Config = {"region": params.region, "virtual_hosted_style_request": not params.endpoint}
    if params.endpoint:
        config["endpoint"] = params.endpoint
    if params.access_key:
        config["access_key_id"] = params.access_key
        config["secret_access_key"] = params.secret_key
    if params.session_token:
        config["session_token"] = params.session_token
    return S3Store(bucket, config=config, client_options=client, retry_config=retry)


def _not_found(key: str) -> NotFound:
    return NotFound(f"there is no object {key!r}", hint="list the store to see what is there", key=key)


def _ms(moment: dt.datetime) -> int:
    return int(moment.timestamp() * 1000)
