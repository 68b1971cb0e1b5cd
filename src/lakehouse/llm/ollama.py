"""[acts] Models of an Ollama server: /api/embed and /api/chat.

Source: docs.ollama.com/api, and docs/api.md of github.com/ollama/ollama.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from lakehouse.llm import wire
from lakehouse.llm.chat import Reply, Turn
from lakehouse.llm.http import Endpoint, Provider, Server, Timing
from lakehouse.llm.remote import Batch, Prefixes, RemoteEmbedder

URL: Final = "http://127.0.0.1:11434"
EMBEDDING_MODEL: Final = "nomic-embed-text"
CHAT_MODEL: Final = "llama3.2"
PROVIDER: Final = Provider(
    name="ollama", down_hint="start it with `ollama serve`", model_hint="ollama pull {model}"
)

BATCH: Final = Batch(texts=64, tokens=32_000)
"""Ollama embeds a request's texts one after another, so larger batches only lose more when one fails."""

LEAST_CONTEXT: Final = 4096
"""What Ollama gives a model at least; a longer conversation asks for more, in powers of two, because every
change of the size loads the model anew. Left alone, Ollama drops the beginning of what does not fit."""

NUM_CTX: Final = re.compile(r"^num_ctx\s+(\d+)\s*$", re.MULTILINE)

DEFAULT_TOKENS: Final = 512
"""Of a text, where the server says nothing: the context of most small embedding models."""


def embedder(
    server: Server,
    model: str = EMBEDDING_MODEL,
    *,
    prefixes: Prefixes | None = None,
    timing: Timing | None = None,
) -> RemoteEmbedder:
    """The embedder `model`; `prefixes` None: those that its makers name."""
    return RemoteEmbedder(_Embeddings(server, model, timing=timing), prefixes=prefixes, batch=BATCH)


class OllamaChat:
    """A chat model of an Ollama server."""

    def __init__(self, server: Server, model: str = CHAT_MODEL, *, timing: Timing | None = None) -> None:
        self._endpoint = _endpoint(server, timing)
        self._model = model

    @property
    def model(self) -> str:
        """The model that answers."""
        return self._model

    def reply(self, turns: Sequence[Turn], *, max_tokens: int = 1024, temperature: float = 0.0) -> Reply:
        """The whole answer; raises as the seam says."""
        body = self._body(turns, max_tokens=max_tokens, temperature=temperature)
        answer = self._endpoint.post("/api/chat", {**body, "stream": False})
        if not isinstance(wire.dig(answer, "message", "content"), str):
            raise self._endpoint.unclear()
        return Reply(
            text=wire.text_at(answer, "message", "content"),
            model=wire.text_at(answer, "model") or self._model,
            tokens_in=wire.number_at(answer, "prompt_eval_count"),
            tokens_out=wire.number_at(answer, "eval_count"),
            is_cut=wire.text_at(answer, "done_reason") == "length",
        )

    def stream(
        self, turns: Sequence[Turn], *, max_tokens: int = 1024, temperature: float = 0.0
    ) -> Iterator[str]:
        """The answer in pieces as they come."""
        body = self._body(turns, max_tokens=max_tokens, temperature=temperature)
        with self._endpoint.lines("/api/chat", {**body, "stream": True}) as lines:
            for line in lines:
                piece = wire.decode(line)
                if wire.dig(piece, "done") not in {True, False}:  # an error, or no JSON
                    raise self._endpoint.broke_off()
                if text := wire.text_at(piece, "message", "content"):
                    yield text
                if wire.dig(piece, "done") is True:
                    return
            raise self._endpoint.broke_off()

    def close(self) -> None:
        """Give connections back."""
        self._endpoint.close()

    def _body(self, turns: Sequence[Turn], *, max_tokens: int, temperature: float) -> dict[str, object]:
        wire.refuse_turns(turns, max_tokens=max_tokens, temperature=temperature)
        options: dict[str, object] = {"temperature": temperature, "num_predict": max_tokens}
        # A third of the bytes, not a quarter: too large costs memory, too small costs the question.
        needed = sum(len(turn.text.encode("utf-8", "replace")) // 3 + 16 for turn in turns) + max_tokens
        if needed > LEAST_CONTEXT:
            options["num_ctx"] = 1 << (needed - 1).bit_length()
        messages = [{"role": turn.role, "content": turn.text} for turn in turns]
        return {"model": self._model, "messages": messages, "options": options}


class _Embeddings:
    provider = PROVIDER.name

    def __init__(self, server: Server, model: str, *, timing: Timing | None) -> None:
        self._endpoint = _endpoint(server, timing)
        self.name = model

    def describe(self) -> tuple[str, int]:
        shown = self._endpoint.post("/api/show", {"model": self.name})
        facts = wire.dig(shown, "model_info")
        known = facts.items() if isinstance(facts, dict) else ()
        limits = [value for key, value in known if key.endswith(".context_length") and isinstance(value, int)]
        # A Modelfile may set another context; the model cannot use more than it was trained for.
        limits += [int(n) for n in NUM_CTX.findall(wire.text_at(shown, "parameters"))]
        listed = wire.dig(self._endpoint.get("/api/tags"), "models")
        names = {self.name, f"{self.name}:latest"}
        digests = (
            wire.text_at(tag, "digest")
            for tag in (listed if isinstance(listed, list) else [])
            if {wire.text_at(tag, "name"), wire.text_at(tag, "model")} & names
        )
        return next(digests, "").removeprefix("sha256:")[:12], min(limits, default=DEFAULT_TOKENS)

    def rows(self, texts: Sequence[str]) -> object:
        body = {"model": self.name, "input": list(texts), "truncate": True}
        return wire.dig(self._endpoint.post("/api/embed", body), "embeddings")

    def close(self) -> None:
        self._endpoint.close()


def _endpoint(server: Server, timing: Timing | None) -> Endpoint:
    # Ollama itself asks for no key; its cloud and the proxies in front of it do.
    headers = {"authorization": f"Bearer {server.key}"} if server.key else {}
    return Endpoint(server, PROVIDER, headers=headers, timing=timing)
