"""[pure] What a model was seen to refuse in requests, so that the next one leaves it out."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import TypeVar

from lakehouse.base.errors import Invalid

T = TypeVar("T")
NONE: Mapping[str, str] = MappingProxyType({})


class Habits:
    """Fits requests to a model: a refused field is left out, or renamed, in this request and all later ones.

    Only fields that do not change what an answer means may be named here. Safe between threads: at worst
    two learn the same.
    """

    def __init__(self, *, drops: Collection[str], renames: Mapping[str, str] = NONE) -> None:
        self._drops = frozenset(drops)
        self._renames = dict(renames)
        self._refused: frozenset[str] = frozenset()

    def ask(self, body: Mapping[str, object], send: Callable[[dict[str, object]], T]) -> T:
        """What `send` answers to the fitted `body`; sent again for each field that turns out to be refused.

        Raises:
            Invalid: it is refused for another reason.
        """
        while True:
            refused = self._refused
            try:
                return send(self._fitted(body, refused))
            except Invalid as error:
                learnt = self._named(error) & body.keys() - refused
                if not learnt:
                    raise
                self._refused |= learnt

    def _fitted(self, body: Mapping[str, object], refused: frozenset[str]) -> dict[str, object]:
        left_out = self._drops & refused
        renamed = {old: new for old, new in self._renames.items() if old in refused}
        return {renamed.get(name, name): value for name, value in body.items() if name not in left_out}

    def _named(self, error: Invalid) -> frozenset[str]:
        if error.context.get("is_too_long"):
            return frozenset()  # such messages name max_tokens as well, and mean the texts
        fields = error.context.get("fields")
        return fields & (self._drops | self._renames.keys()) if isinstance(fields, frozenset) else frozenset()
