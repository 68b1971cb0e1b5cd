"""What the children of these tests run: DuckDB wide open, so that only the kernel is left to say no."""

from collections.abc import Iterator, Mapping

import duckdb

from lakehouse.base.child import Handler, Message


def wide_open(setup: Mapping[str, object]) -> Handler:
    """Runs any SQL with every setting at its most permissive."""
    con = duckdb.connect()

    def handle(message: Message) -> Iterator[Message]:
        try:
            yield Message({"rows": len(con.execute(message.payload[0].decode()).fetchall())})
        except duckdb.Error as error:
            yield Message({"error_name": type(error).__name__, "text": str(error)})

    return handle
