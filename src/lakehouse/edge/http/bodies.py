"""[pure] What requests say: the JSON bodies, member by member; unknown members are refused."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Names = Annotated[list[str], Field(max_length=1000)]
Moment = int | str


class Body(BaseModel):
    """A request body."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sql(Body):
    """One SELECT."""

    sql: Annotated[
        str, Field(max_length=256 << 10, examples=["SELECT city, count(*) n FROM people GROUP BY 1"])
    ]
    params: Annotated[
        list[JsonValue] | dict[str, JsonValue] | None,
        Field(description="Values for ? and $1 in order, or for $name by name."),
    ] = None
    at: Annotated[
        Moment | None,
        Field(description="A snapshot id, an ISO 8601 time or a tag; by default the newest state."),
    ] = None
    limit: Annotated[int | None, Field(ge=0, le=2**31, description="Most rows to return.")] = None


class Rollback(Body):
    """Where to go back to."""

    to: Annotated[Moment, Field(description="A snapshot id, an ISO 8601 time or a tag.")]


class Where(Body):
    """Rows by a condition."""

    where: Annotated[str, Field(max_length=256 << 10, examples=["id = 7"])]


class Rows(Body):
    """Changes to single rows; deletions come first."""

    upsert: Annotated[list[dict[str, JsonValue]], Field(description="Rows to insert or change.")] = []
    delete: Annotated[
        list[dict[str, JsonValue]] | Where, Field(description="Keys of rows, or a condition.")
    ] = []
    key: Annotated[str | Names, Field(description="Columns that identify a row.")] = []


class Metadata(Body):
    """Parts of a table's card to change."""

    model_config = ConfigDict(extra="allow", frozen=True)

    description: str | None = None
    owner: str | None = None
    sensitivity: Annotated[
        str | None, Field(examples=["public", "internal", "confidential", "restricted"])
    ] = None
    freshness: str | None = None
    tags: list[str] | None = None
    lineage: dict[str, str] | None = None


class Rename(Body):
    """Another name."""

    to: str


class Schema(Body):
    """Changes to columns, in one commit."""

    add: Annotated[dict[str, str], Field(description="New columns: name to type.")] = {}
    rename: Annotated[dict[str, str], Field(description="Old name to new name.")] = {}
    widen: Annotated[dict[str, str], Field(description="Column to wider type.")] = {}
    drop: Annotated[list[str], Field(description="Columns to hide.")] = []


class Table(Body):
    """One table."""

    table: str
