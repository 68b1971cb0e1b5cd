"""[pure] Every error the system raises on purpose, and the one body in which doors show it.

LakehouseError
├── Invalid       the input cannot be right as given
├── NotFound      no such thing (at that version)
├── Conflict      someone committed first; read again, then retry
├── Refused       a policy said no; the message is safe to show
├── Unavailable   a dependency did not answer; a retry may help
└── Corrupt       stored bytes contradict their own hash or manifest
"""

from typing import ClassVar


class LakehouseError(Exception):
    """Root of the tree: a message a person can read, a hint that fixes it, context for the log."""

    retry: ClassVar[bool] = False
    """May the same call succeed later, unchanged?"""

    status: ClassVar[int] = 500
    """The HTTP status that doors answer with."""

    def __init__(self, message: str, *, hint: str = "", **context: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        """One command, setting or change that fixes it; empty only where nothing can be done."""
        self.context = context
        """What a log line needs: key, table, snapshot. Never row values, never secrets."""

    @property
    def kind(self) -> str:
        """The name of the branch of the tree, one of six, as clients see it."""
        return next(k.__name__ for k in type(self).__mro__ if LakehouseError in k.__bases__)


class Invalid(LakehouseError):
    """The input cannot be right as given."""

    status = 400


class NotFound(LakehouseError):
    """No such thing, at that version."""

    status = 404


class Conflict(LakehouseError):
    """Someone committed first; read again, then retry."""

    retry = True
    status = 409


class Refused(LakehouseError):
    """A policy said no; the message is safe to show."""

    status = 403


class Unavailable(LakehouseError):
    """A dependency did not answer, or a limit was reached; a retry may help."""

    retry = True
    status = 503


class Corrupt(LakehouseError):
    """Stored bytes contradict their own hash or manifest."""

    status = 500


def problem(error: LakehouseError, *, error_id: str) -> dict[str, object]:
    """The RFC 9457 body of an error: what happened, why, and the one thing that fixes it.

    Source: RFC 9457 section 3; the extra members are fixed in our interface contract.
    """
    return {
        "type": f"urn:lakehouse:error:{error.kind.lower()}",
        "title": TITLES[error.kind],
        "status": error.status,
        "detail": error.message,
        "kind": error.kind,
        "hint": error.hint,
        "error_id": error_id,
        "retry": error.retry,
    }


TITLES = {
    "Invalid": "The input cannot be right as given",
    "NotFound": "There is no such thing",
    "Conflict": "Someone else committed first",
    "Refused": "Not allowed",
    "Unavailable": "Not available right now",
    "Corrupt": "Stored data is damaged",
}
