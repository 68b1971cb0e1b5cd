"""[acts] Models of OpenAI and of the many servers that speak its protocol: vLLM, llama.cpp, LM Studio, TEI.

The servers differ in what they take, and newer models of OpenAI refuse what older ones need. So the request
starts in the words that most know, and a field that is refused is left out, or said otherwise, from then on.

Source: platform.openai.com/docs/api-reference, "Embeddings" and "Chat".
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Final

from lakehouse.base.errors import Refused
from lakehouse.llm import wire
from lakehouse.llm.chat import Reply, Turn
from lakehouse.llm.habits import Habits
from lakehouse.llm.http import Endpoint, Provider, Server, Timing
from lakehouse.llm.remote import Batch, Prefixes, RemoteEmbedder

URL: Final = "https://api.openai.com/v1"
EMBEDDING_MODEL: Final = "text-embedding-3-small"
CHAT_MODEL: Final = "gpt-4.1-mini"
PROVIDER: Final = Provider(
    name="openai",
    down_hint="check that its url ends where /chat/completions begins, such as http://127.0.0.1:8000/v1",
    model_hint="set the model to one that it lists at /models, not {model}",
)

BATCH: Final = Batch(texts=256, tokens=100_000)
"""OpenAI takes 2,048 texts and 300,000 tokens, other servers much less: TEI 32 texts unless told otherwise,
which it says with 413, and we halve."""

MAX_TOKENS: Final = 8191
"""Of a text, for OpenAI's own embedding models."""


def embedder(
    server: Server,
    model: str = EMBEDDING_MODEL,
    *,
    weights: str = "1",
    max_tokens: int = MAX_TOKENS,
    prefixes: Prefixes | None = None,
    timing: Timing | None = None,
) -> RemoteEmbedder:
    """The embedder `model`.

    The protocol does not say which weights answer to a name: whoever replaces them on a server of their own
    names the new ones in `weights`, so that old vectors are not compared with new ones.
    """
    source = _Embeddings(server, model, described=(weights, max_tokens), timing=timing)
    return RemoteEmbedder(source, prefixes=prefixes, batch=BATCH)


class OpenAIChat:
    """A chat model behind /chat/completions."""

    def __init__(self, server: Server, model: str = CHAT_MODEL, *, timing: Timing | None = None) -> None:
        self._endpoint = _endpoint(server, timing)
        self._model = model
        self._habits = Habits(drops={"temperature"}, renames={"max_tokens": "max_completion_tokens"})

    @property
    def model(self) -> str:
        """The model that answers."""
        return self._model

    def reply(self, turns: Sequence[Turn], *, max_tokens: int = 1024, temperature: float = 0.0) -> Reply:
        """The whole answer; raises as the seam says."""
        body = self._body(turns, max_tokens=max_tokens, temperature=temperature)
        answer = self._habits.ask(body, lambda fitted: self._endpoint.post("/chat/completions", fitted))
        choice = wire.dig(answer, "choices", 0)
        self._refuse(choice, "message")
        if not isinstance(wire.dig(choice, "message", "content"), str):
            raise self._endpoint.unclear()
        return Reply(
            text=wire.text_at(choice, "message", "content"),
            model=wire.text_at(answer, "model") or self._model,
            tokens_in=wire.number_at(answer, "usage", "prompt_tokens"),
            tokens_out=wire.number_at(answer, "usage", "completion_tokens"),
            is_cut=wire.text_at(choice, "finish_reason") == "length",
        )

    def stream(
        self, turns: Sequence[Turn], *, max_tokens: int = 1024, temperature: float = 0.0
    ) -> Iterator[str]:
        """The answer in pieces as they come."""
        body = self._body(turns, max_tokens=max_tokens, temperature=temperature) | {"stream": True}
        with ExitStack() as stack:
            lines = self._habits.ask(
                body, lambda fitted: stack.enter_context(self._endpoint.lines("/chat/completions", fitted))
            )
            for data in wire.events(lines):
                event = wire.decode(data)
                choice = wire.dig(event, "choices", 0)
                if data != b"[DONE]" and (event is None or wire.dig(event, "error")):
                    raise self._endpoint.broke_off()
                self._refuse(choice, "delta")
                if text := wire.text_at(choice, "delta", "content"):
                    yield text
                # Not every server sends [DONE] after the reason.
                if data == b"[DONE]" or wire.text_at(choice, "finish_reason"):
                    return
            raise self._endpoint.broke_off()

    def close(self) -> None:
        """Give connections back."""
        self._endpoint.close()

    def _body(self, turns: Sequence[Turn], *, max_tokens: int, temperature: float) -> dict[str, object]:
        wire.refuse_turns(turns, max_tokens=max_tokens, temperature=temperature)
        messages = [{"role": turn.role, "content": turn.text} for turn in turns]
        fields = {"max_tokens": max_tokens, "temperature": temperature}
        return {"model": self._model, "messages": messages, **fields}

    def _refuse(self, choice: object, part: str) -> None:
        if wire.text_at(choice, part, "refusal") or wire.text_at(choice, "finish_reason") == "content_filter":
            raise Refused(
                f"{self._model} refuses to answer", hint="ask in other words", provider=PROVIDER.name
            )


class _Embeddings:
    provider = PROVIDER.name

    def __init__(
        self, server: Server, model: str, *, described: tuple[str, int], timing: Timing | None
    ) -> None:
        self._endpoint = _endpoint(server, timing)
        self._described = described
        self._habits = Habits(drops={"encoding_format"})
        self.name = model

    def describe(self) -> tuple[str, int]:
        return self._described

    def rows(self, texts: Sequence[str]) -> object:
        # A third of the bytes of numbers written out; servers that know lists only send lists.
        body = {"model": self.name, "input": list(texts), "encoding_format": "base64"}
        answer = self._habits.ask(body, lambda fitted: self._endpoint.post("/embeddings", fitted))
        found = wire.dig(answer, "data")
        listed = found if isinstance(found, list) else []
        rows = {wire.number_at(row, "index"): wire.dig(row, "embedding") for row in listed}
        return [rows[i] for i in range(len(listed)) if i in rows]

    def close(self) -> None:
        self._endpoint.close()


def _endpoint(server: Server, timing: Timing | None) -> Endpoint:
    # Servers of one's own often ask for no key.
    headers = {"authorization": f"Bearer {server.key}"} if server.key else {}
    return Endpoint(server, PROVIDER, headers=headers, timing=timing)
