"""A model server on loopback for tests: it speaks the protocols of Ollama, OpenAI and Anthropic.

Chats are answered by `script`, a token being a word; embeddings are bags of words with the prefixes taken
off, cut at `context` words. What it is told to `fail` with comes first, one request each.
"""

import base64
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from lakehouse.llm.chat import Turn
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.llm.scripted import tokens
from tests.suites.chat import FAILING, script

CONTEXT = 256
PREFIXES = ("search_document: ", "search_query: ")
Body = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Canned:
    """An answer that a request gets in place of its own."""

    status: int = 200
    body: object = b""
    """Bytes as they are; anything else as JSON."""
    headers: dict[str, str] = field(default_factory=dict)
    drops: bool = False
    """Cuts the connection after the body, which was announced as longer."""
    hangs: bool = False
    """Sends nothing until the server ends."""
    drips: bool = False
    """Sends a byte each 20 ms and never ends."""


@dataclass(frozen=True)
class Seen:
    """A request that came."""

    path: str
    headers: dict[str, str]
    body: Body


class Provider:
    """The server; a context manager."""

    def __init__(self) -> None:
        self.script: Callable[[Sequence[Turn]], str] = script
        self.seen: list[Seen] = []
        self.canned: deque[Canned] = deque()
        self.models = {"nomic-embed-text": "a" * 64, "embedder": "b" * 64, "chatter": "c" * 64}
        self.dimension = 64
        self.truncates = True
        self.sends_base64 = True
        self.refuses: set[str] = set()
        """Fields that the model does not take."""
        self.extra: Callable[[Body], Body] = lambda answer: answer
        """Changes an answer that is not streamed."""
        self.breaks_after: int | None = None
        """Pieces of a stream after which the connection ends."""
        self.mid_stream: bytes | None = None
        """Sent in place of the second piece of a stream."""
        self.over = threading.Event()
        handler = type("Handler", (_Handler,), {"provider": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail(self, *canned: Canned) -> None:
        self.canned.extend(canned)

    def bodies(self, path: str) -> list[Body]:
        return [seen.body for seen in self.seen if seen.path == path]

    def __enter__(self) -> "Provider":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    provider: Provider
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for the client's acknowledgement

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        self._answer(json.loads(raw.decode("utf-8")))

    def _answer(self, body: Body) -> None:
        self.provider.seen.append(Seen(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        if self.provider.canned:
            self._send_canned(self.provider.canned.popleft())
            return
        routes: dict[str, Callable[[Body], None]] = {
            "/api/show": self._show,
            "/api/tags": self._tags,
            "/api/embed": self._ollama_embed,
            "/api/chat": self._ollama_chat,
            "/v1/embeddings": self._openai_embed,
            "/v1/chat/completions": self._openai_chat,
            "/v1/messages": self._anthropic,
        }
        route = routes.get(self.path)
        if route is None:
            self._send(404, b"404 page not found")
            return
        refused = self.provider.refuses & body.keys()
        if refused:
            name = min(refused)
            message = f"Unsupported parameter: '{name}' is not supported with this model."
            self._send(400, {"type": "error", "error": {"type": "invalid_request_error", "message": message}})
            return
        route(body)

    def _send_canned(self, canned: Canned) -> None:
        if canned.hangs:
            self.provider.over.wait(30)
            self.close_connection = True
        elif canned.drips:
            self._start(200, {"content-type": "application/json", "content-length": "100000"})
            try:
                while not self.provider.over.wait(0.02):
                    self.wfile.write(b" ")
            except OSError:
                pass  # the client has gone, as it should
            self.close_connection = True
        elif canned.drops:
            self._start(canned.status, {**canned.headers, "content-length": "100000"})
            self.wfile.write(_raw(canned.body))
            self.close_connection = True
        else:
            self._send(canned.status, canned.body, canned.headers)

    def _start(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        raw = _raw(self.provider.extra(body) if status == 200 and isinstance(body, dict) else body)
        self._start(status, {"content-length": str(len(raw)), **(headers or {})})
        self.wfile.write(raw)

    def _stream(self, kind: str, pieces: Iterator[bytes]) -> None:
        self._start(200, {"content-type": kind, "transfer-encoding": "chunked"})
        try:
            for n, piece in enumerate(pieces):
                if n == self.provider.breaks_after:
                    self.close_connection = True
                    return
                sent = self.provider.mid_stream if n == 1 and self.provider.mid_stream is not None else piece
                # In two halves, since the network cuts where it likes.
                for part in filter(None, (sent[: len(sent) // 2], sent[len(sent) // 2 :])):
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True  # the reader has had enough

    def _knows(self, body: Body) -> bool:
        model = str(body["model"])
        if model.removesuffix(":latest") in self.provider.models:
            return True
        message = f"model '{model}' not found"
        if self.path.startswith("/api/"):
            self._send(404, {"error": message})
        else:
            self._send(404, {"type": "error", "error": {"type": "not_found_error", "message": message}})
        return False

    def _chat(self, turns: Sequence[Turn], most: int) -> tuple[list[str], bool, int] | None:
        if turns[-1].text == FAILING:
            self._send(500, {"error": {"type": "api_error", "message": f"failed on: {turns[-1].text}"}})
            return None
        said = tokens(self.provider.script(turns))
        return said[:most], len(said) > most, sum(len(tokens(turn.text)) for turn in turns)

    # Ollama

    def _show(self, body: Body) -> None:
        if self._knows(body):
            info = {"general.architecture": "nomic-bert", "nomic-bert.context_length": CONTEXT}
            self._send(200, {"model_info": info, "parameters": "num_ctx                        8192"})

    def _tags(self, body: Body) -> None:
        models = [
            {"name": f"{n}:latest", "model": f"{n}:latest", "digest": d}
            for n, d in self.provider.models.items()
        ]
        self._send(200, {"models": models})

    def _ollama_embed(self, body: Body) -> None:
        if self._knows(body):
            rows = self._rows(body)
            if rows is not None:
                self._send(200, {"model": body["model"], "embeddings": rows, "prompt_eval_count": 3})

    def _ollama_chat(self, body: Body) -> None:
        options = body["options"]
        assert isinstance(options, dict)
        chat = self._knows(body) and self._chat(_turns(body), options["num_predict"])
        if not chat:
            return
        said, cut, asked = chat
        model = body["model"]
        counts = {"prompt_eval_count": asked, "eval_count": len(said)}
        last = {"model": model, "done": True, "done_reason": "length" if cut else "stop", **counts}
        if not body["stream"]:
            self._send(200, {**last, "message": {"role": "assistant", "content": "".join(said)}})
            return
        pieces = [{"model": model, "message": {"content": word}, "done": False} for word in said]
        pieces.append({**last, "message": {"content": ""}})
        self._stream("application/x-ndjson", (_raw(piece) + b"\n" for piece in pieces))

    # OpenAI

    def _openai_embed(self, body: Body) -> None:
        rows = self._rows(body) if self._knows(body) else None
        if rows is None:
            return
        packed: list[object] = list(rows)
        if body.get("encoding_format") == "base64" and self.provider.sends_base64:
            packed = [base64.b64encode(np.array(row, "<f4").tobytes()).decode() for row in rows]
        data = [{"object": "embedding", "index": i, "embedding": row} for i, row in enumerate(packed)]
        self._send(200, {"object": "list", "data": data[::-1], "model": body["model"]})

    def _openai_chat(self, body: Body) -> None:
        most = body.get("max_tokens") or body.get("max_completion_tokens")
        assert isinstance(most, int)
        chat = self._knows(body) and self._chat(_turns(body), most)
        if not chat:
            return
        said, cut, asked = chat
        reason = "length" if cut else "stop"
        if not body.get("stream"):
            choice = {"index": 0, "message": {"content": "".join(said)}, "finish_reason": reason}
            usage = {"prompt_tokens": asked, "completion_tokens": len(said)}
            self._send(200, {"model": body["model"], "choices": [choice], "usage": usage})
            return
        deltas: list[Body] = [{"delta": {"role": "assistant", "content": ""}, "finish_reason": None}]
        deltas += [{"delta": {"content": word}, "finish_reason": None} for word in said]
        deltas += [{"delta": {}, "finish_reason": reason}]
        chunks = [b": keep-alive\n\n", *(b"data: " + _raw({"choices": [d]}) + b"\n\n" for d in deltas)]
        self._stream("text/event-stream", iter([*chunks, b"data: [DONE]\n\n"]))

    # Anthropic

    def _anthropic(self, body: Body) -> None:
        if not self.headers["x-api-key"] or not self.headers["anthropic-version"]:
            self._send(401, {"type": "error", "error": {"type": "authentication_error", "message": "no"}})
            return
        system = body.get("system")
        turns = ([Turn(role="system", text=str(system))] if system else []) + _turns(body)
        most = body["max_tokens"]
        assert isinstance(most, int)
        chat = self._knows(body) and self._chat(turns, most)
        if not chat:
            return
        said, cut, asked = chat
        reason = "max_tokens" if cut else "end_turn"
        if not body.get("stream"):
            content = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "".join(said)}]
            usage = {"input_tokens": asked, "output_tokens": len(said)}
            self._send(
                200, {"model": body["model"], "content": content, "stop_reason": reason, "usage": usage}
            )
            return
        events: list[Body] = [{"type": "message_start", "message": {"content": []}}, {"type": "ping"}]
        events += [{"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}]
        events += [
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}
            for word in said
        ]
        events += [{"type": "content_block_stop", "index": 0}]
        events += [{"type": "message_delta", "delta": {"stop_reason": reason}}, {"type": "message_stop"}]
        named = (f"event: {e['type']}\r\ndata: ".encode() + _raw(e) + b"\r\n\r\n" for e in events)
        self._stream("text/event-stream", named)

    def _rows(self, body: Body) -> list[list[float]] | None:
        texts = body["input"]
        assert isinstance(texts, list)
        bare = [_bare(text) for text in texts]
        if not self.provider.truncates and any(len(text.split()) > CONTEXT for text in bare):
            self._send(400, {"error": "the input length exceeds the context length"})
            return None
        inner = FakeEmbedder(dimension=self.provider.dimension, max_tokens=CONTEXT)
        # Not of unit length, as not every server sends them so.
        return [[3 * x for x in row] for row in inner.embed(bare).tolist()]


def _bare(text: str) -> str:
    for prefix in PREFIXES:
        text = text.removeprefix(prefix)
    return text


def _raw(body: object) -> bytes:
    # As Python's servers write it: U+2028 and its like stand as they are.
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


def _turns(body: Body) -> list[Turn]:
    messages = body["messages"]
    assert isinstance(messages, list)
    return [Turn(role=m["role"], text=m["content"]) for m in messages]
