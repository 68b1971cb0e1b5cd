"""[acts] The writer's child: runs our row statements through DuckDB's Iceberg writer, in a jail.

Its requests: `{sql: [...]}` runs the statements in one transaction and answers `{rows}`, the number of rows
that the last one changed.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from lakehouse.base import bucket
from lakehouse.base.child import Handler, Message
from lakehouse.base.duck import connect, quote_text
from lakehouse.base.errors import Conflict, Invalid, LakehouseError, Unavailable
from lakehouse.table.rows import CATALOG, NO_FIT, NO_KEY


def serve(setup: Mapping[str, object]) -> Handler:
    """Attach the catalog at `setup["url"]` and return what answers requests."""
    connection = connect(
        threads=int(str(setup["threads"])),
        memory_bytes=int(str(setup["memory_bytes"])),
        temp=Path(str(setup["temp"])),
        extensions=("avro", "iceberg", "httpfs"),
        bucket=bucket.from_json(setup.get("bucket")),
    )
    connection.execute(f"CREATE SECRET door (TYPE iceberg, TOKEN {quote_text(str(setup['token']))})")
    connection.execute(
        f"ATTACH 'lake' AS {CATALOG} (TYPE iceberg, ENDPOINT {quote_text(str(setup['url']))}, SECRET door, "
        "ACCESS_DELEGATION_MODE 'none')"
    )

    def handle(request: Message) -> Iterator[Message]:
        statements = request.header["sql"]
        if not isinstance(statements, list):
            raise Invalid("a request holds a list of statements", hint="this is a defect; please report it")
        yield Message(_run(connection, [str(s) for s in statements]))

    return handle


def _run(connection: duckdb.DuckDBPyConnection, statements: list[str]) -> dict[str, object]:
    connection.execute("BEGIN")
    try:
        for statement in statements:
            cursor = connection.execute(statement)
        rows = cursor.fetchall()
        connection.execute("COMMIT")
    except duckdb.Error as error:
        _roll_back(connection)
        raise translated(error) from None
    return {"rows": int(rows[0][0]) if rows else 0}


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.execute("ROLLBACK")
    except duckdb.TransactionException:
        return  # the failed commit already ended the transaction


def translated(error: duckdb.Error) -> LakehouseError:
    """One of our six kinds for an error of DuckDB's; the text never quotes a row."""
    text = str(error)
    if "Conflict_409" in text or "CommitFailedException" in text:
        return Conflict("someone committed to the table first", hint="read it again and retry")
    if isinstance(error, duckdb.InvalidInputException) and NO_KEY in text:
        return Invalid(NO_KEY, hint="give every row a value in each key column")
    is_misfit = isinstance(error, duckdb.InvalidInputException) and NO_FIT in text
    if is_misfit or isinstance(error, (duckdb.ConversionException, duckdb.OutOfRangeException)):
        return Invalid("a value does not fit its column's type", hint="check the types with lakehouse show")
    if isinstance(error, (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException)):
        return Invalid(
            f"the statement does not fit the table: {text.splitlines()[0][:200]}", hint="lakehouse show TABLE"
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return Unavailable(
            "the change does not fit the writer's memory",
            hint="write in smaller parts, or raise writer.memory_bytes",
        )
    if "No space left" in text:
        return Unavailable("the disk is full", hint="free some space, then try again; nothing was changed")
    return Unavailable(f"the writer failed: {type(error).__name__}", hint="try again; lakehouse doctor")
