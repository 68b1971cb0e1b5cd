"""[pure] What every embedder asks of the texts it is given."""

from collections.abc import Sequence

from lakehouse.base.errors import Invalid


def refuse_blank(texts: Sequence[str]) -> None:
    """Return if every text has something to embed.

    Raises:
        Invalid: a text is empty or blank; context `position`: the first such one.
    """
    if isinstance(texts, str):
        # A text is a sequence of texts too: without this, each letter would get a vector.
        raise Invalid("texts come as a list, not as one text", hint="embed([text])")
    for position, text in enumerate(texts):
        if not text or text.isspace():
            raise Invalid(
                f"text {position} is blank and has no vector",
                hint="leave blank texts out",
                position=position,
            )
