"""[acts] Models of Anthropic: /v1/messages.

Source: docs.claude.com/en/api/messages, /en/api/errors and /en/docs/build-with-claude/streaming.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Final

from lakehouse.base.errors import Refused
from lakehouse.llm import wire
from lakehouse.llm.chat import Reply, Turn
from lakehouse.llm.habits import Habits
from lakehouse.llm.http import Endpoint, Provider, Server, Timing

URL: Final = "https://api.anthropic.com"
CHAT_MODEL: Final = "claude-haiku-4-5"
VERSION: Final = "2023-06-01"
PROVIDER: Final = Provider(
    name="anthropic",
    down_hint="check the network, and status.claude.com",
    model_hint="set the model to one that it lists at /v1/models, not {model}",
)
CUT: Final = ("max_tokens", "model_context_window_exceeded")


class AnthropicChat:
    """A chat model behind /v1/messages."""

    def __init__(self, server: Server, model: str = CHAT_MODEL, *, timing: Timing | None = None) -> None:
        headers = {"x-api-key": server.key, "anthropic-version": VERSION}
        self._endpoint = Endpoint(server, PROVIDER, headers=headers, timing=timing)
        self._model = model
        # From Claude Opus 4.7 on, models refuse a temperature.
        self._habits = Habits(drops={"temperature"})

    @property
    def model(self) -> str:
        """The model that answers."""
        return self._model

    def reply(self, turns: Sequence[Turn], *, max_tokens: int = 1024, temperature: float = 0.0) -> Reply:
        """The whole answer; raises as the seam says."""
        body = self._body(turns, max_tokens=max_tokens, temperature=temperature)
        answer = self._habits.ask(body, lambda fitted: self._endpoint.post("/v1/messages", fitted))
        blocks = wire.dig(answer, "content")
        if not isinstance(blocks, list):
            raise self._endpoint.unclear()
        reason = wire.text_at(answer, "stop_reason")
        self._refuse(reason)
        return Reply(
            # Blocks of other types hold thoughts, which are not part of the answer.
            text="".join(wire.text_at(b, "text") for b in blocks if wire.text_at(b, "type") == "text"),
            model=wire.text_at(answer, "model") or self._model,
            tokens_in=wire.number_at(answer, "usage", "input_tokens"),
            tokens_out=wire.number_at(answer, "usage", "output_tokens"),
            is_cut=reason in CUT,
        )

    def stream(
        self, turns: Sequence[Turn], *, max_tokens: int = 1024, temperature: float = 0.0
    ) -> Iterator[str]:
        """The answer in pieces as they come."""
        body = self._body(turns, max_tokens=max_tokens, temperature=temperature) | {"stream": True}
        with ExitStack() as stack:
            lines = self._habits.ask(
                body, lambda fitted: stack.enter_context(self._endpoint.lines("/v1/messages", fitted))
            )
            for data in wire.events(lines):
                event = wire.decode(data)
                match wire.text_at(event, "type"):
                    case "content_block_delta":
                        if text := wire.text_at(event, "delta", "text"):
                            yield text
                    case "message_delta":
                        self._refuse(wire.text_at(event, "delta", "stop_reason"))
                    case "message_stop":
                        return
                    case "error" | "":
                        raise self._endpoint.broke_off()
            raise self._endpoint.broke_off()

    def close(self) -> None:
        """Give connections back."""
        self._endpoint.close()

    def _body(self, turns: Sequence[Turn], *, max_tokens: int, temperature: float) -> dict[str, object]:
        wire.refuse_turns(turns, max_tokens=max_tokens, temperature=temperature)
        system = "\n\n".join(turn.text for turn in turns if turn.role == "system")
        messages = [{"role": turn.role, "content": turn.text} for turn in turns if turn.role != "system"]
        body: dict[str, object] = {"model": self._model, "messages": messages, "max_tokens": max_tokens}
        body["temperature"] = min(temperature, 1.0)  # its scale ends there
        return body | ({"system": system} if system else {})

    def _refuse(self, reason: str) -> None:
        if reason == "refusal":
            raise Refused(
                f"{self._model} refuses to answer", hint="ask in other words", provider=PROVIDER.name
            )
