"""[acts] Any database that SQLAlchemy knows, as a `Database`; imported only when settings name one."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from lakehouse.base.database import Row, Transaction, Values, unreachable
from lakehouse.base.errors import Conflict, Invalid, Unavailable


class SqlAlchemyDatabase:
    """The database at an SQLAlchemy URL."""

    def __init__(self, url: str) -> None:
        try:
            self._engine = create_engine(url)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            hint = "install its driver, or correct storage.catalog"
            raise Unavailable("the catalog's database driver is not installed", hint=hint) from error
        except ArgumentError:
            # The address may hold a password, so neither it nor the parser's words are shown.
            hint = "correct storage.catalog, such as postgresql+psycopg://user@host/lake"
            raise Invalid("the catalog's address is not a database URL", hint=hint) from None

    def read(self, sql: str, values: Values) -> list[Row]:
        """All rows of one SELECT."""
        try:
            with self._engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(sql), dict(values))]
        except SQLAlchemyError as error:
            raise unreachable(error) from error

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Statements that happen together, or not at all."""
        try:
            with self._engine.begin() as connection:
                yield lambda sql, values: connection.execute(text(sql), dict(values)).rowcount
        except IntegrityError as error:
            raise Conflict("a row with this key is there already", hint="choose another name") from error
        except SQLAlchemyError as error:
            raise unreachable(error) from error

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()
