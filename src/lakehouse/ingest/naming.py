"""[pure] From file names to table names, and from first bytes to formats."""

import re
from typing import Final, Literal

from lakehouse.ingest.shape import Format

_TEXTS = ("csv", "tsv", "tab", "psv", "txt", "dat")
SUFFIXES: Final = frozenset(
    (*_TEXTS, "json", "jsonl", "ndjson", "geojson", "parquet", "pq", "arrow", "feather", "ipc")
)
COMPRESSIONS: Final = frozenset(("gz", "gzip", "zst", "zstd"))
MAX_NAME: Final = 200


def table_name(file_name: str) -> str:
    """The table a file is loaded into when none is named: `Sales 2024.csv.gz` gives `sales_2024`."""
    parts = file_name.rsplit("/", 1)[-1].split(".")
    for suffixes in (COMPRESSIONS, SUFFIXES):
        if len(parts) > 1 and parts[-1].lower() in suffixes:
            parts.pop()
    name = re.sub(r"\W+", "_", "_".join(parts).casefold()).strip("_")[:MAX_NAME]
    return f"t_{name}" if name[:1].isdigit() else name or "stdin"


def format_of(head: bytes, *, file_name: str = "") -> Format | Literal["json?"]:
    """The format of a plain file, by its first bytes; by its name only where the bytes leave it open.

    `json?` is JSON of which `jsontext.layout_of` tells the layout.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"ARROW1"):
        return "arrow-file"
    if head[:4] == b"\xff\xff\xff\xff" and len(head) >= 8:
        return "arrow-stream"
    suffix = file_name.lower().removesuffix(".gz").removesuffix(".zst").rsplit(".", 1)[-1]
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")[:64]
    if re.match(rb'\{\s*(?:"|\}|$)|\[\s*(?:[\[{"\]0-9tfn-]|$)', start):
        return "delimited" if suffix in ("csv", "tsv", "tab", "psv") else "json?"
    return "json?" if suffix in ("json", "jsonl", "ndjson", "geojson") else "delimited"
