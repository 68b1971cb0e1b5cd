"""[acts] Multipart bodies as they arrive: one file straight to disk, a few short fields in memory."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import anyio
import anyio.to_thread
from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException

from lakehouse.base.errors import Invalid

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

WRITE_BYTES: Final = 1 << 20
FIELD_BYTES: Final = 64 << 10
HEADER_BYTES: Final = 8 << 10
NAME_BYTES: Final = 180
HINT: Final = "send multipart/form-data with a part named file, as curl -F file=@people.csv does"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What a multipart body held."""

    file: Path
    name: str
    """As the client called the file, without folders."""

    fields: dict[str, str]


@dataclass(slots=True)
class _Part:
    name: str = ""
    filename: str | None = None
    headers: dict[bytes, bytes] = field(default_factory=dict)
    value: bytearray = field(default_factory=bytearray)


async def receive(request: Request, folder: Path, *, stall_s: float) -> Upload:
    """Write the file of a multipart body into `folder`, and return it with the fields.

    Args:
        stall_s: longest wait for the next bytes.

    Raises:
        HTTPException: 408, they did not come.
        Invalid: not multipart, broken off, two files or none, or a field that is too long.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise Invalid("the body is not multipart/form-data", hint=HINT)
    receiver = _Receiver(folder)
    try:
        parser = MultipartParser(options[b"boundary"], receiver.callbacks())
        async for chunk in _prompt(request.stream(), stall_s):
            parser.write(chunk)
            if len(receiver.waiting) >= WRITE_BYTES:
                await anyio.to_thread.run_sync(receiver.flush)
        parser.finalize()
        await anyio.to_thread.run_sync(receiver.flush)
    except MultipartParseError as error:
        raise Invalid("the multipart body is broken", hint=HINT) from error
    finally:
        receiver.close()
    return receiver.upload()


async def _prompt(chunks: AsyncIterator[bytes], stall_s: float) -> AsyncIterator[bytes]:
    """The same chunks, for as long as each comes in time."""
    while True:
        try:
            with anyio.fail_after(stall_s):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            # The rest may still come, and must not be taken for another request.
            raise HTTPException(408, headers={"Connection": "close"}) from error
        yield chunk


class _Receiver:
    """Takes the parser's callbacks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._part = _Part()
        self._header = self._value = b""
        self._fields: dict[str, str] = {}
        self._file: IO[bytes] | None = None
        self._path: Path | None = None
        self._name = ""
        self._ended = False
        self.waiting = bytearray()

    def callbacks(self) -> "MultipartCallbacks":
        """By the parser's names."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def flush(self) -> None:
        """Write what waits; called in a thread."""
        if self._file and self.waiting:
            self._file.write(self.waiting)
            self.waiting.clear()

    def close(self) -> None:
        """Let go of the file."""
        if self._file:
            self._file.close()

    def upload(self) -> Upload:
        """What was received."""
        if not self._ended:
            raise Invalid("the multipart body breaks off", hint=HINT)
        if self._path is None:
            raise Invalid("there is no part named file", hint=HINT)
        return Upload(file=self._path, name=self._name, fields=self._fields)

    def _begin(self) -> None:
        self._part = _Part()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header = _bounded(self._header + data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value = _bounded(self._value + data[start:end])

    def _header_end(self) -> None:
        self._part.headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._part.headers.get(b"content-disposition", b""))
        self._part.name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            return
        if self._part.name != "file" or self._path:
            raise Invalid("one file at a time, in a part named file", hint=HINT)
        self._part.filename = options[b"filename"].decode("utf-8", "replace")
        self._name = plain_name(self._part.filename)
        self._path = self._folder / self._name
        self._file = self._path.open("xb")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.filename is not None:
            self.waiting += data[start:end]
            return
        self._part.value += data[start:end]
        if len(self._part.value) > FIELD_BYTES or len(self._fields) > 20:
            raise Invalid("a field is too long, or there are too many", hint=HINT)

    def _end(self) -> None:
        if self._part.filename is None:
            self._fields[self._part.name] = self._part.value.decode("utf-8", "replace")

    def _finish(self) -> None:
        self._ended = True


def plain_name(given: str) -> str:
    """The last part of a client's path, as a name that is safe in a folder of ours.

    Raises:
        Invalid: nothing is left of it.
    """
    last = re.split(r"[/\\]", given)[-1]
    clean = re.sub(r"[\x00-\x1f\x7f]", "", last).strip().lstrip(".")
    cut = clean.encode()[-NAME_BYTES:].decode("utf-8", "ignore")
    if not cut:
        raise Invalid("the file has no name", hint=HINT)
    return cut


def _bounded(data: bytes) -> bytes:
    if len(data) > HEADER_BYTES:
        raise Invalid("a part's header is too long", hint=HINT)
    return data
