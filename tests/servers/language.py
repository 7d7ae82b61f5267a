"""A scripted language server: chat completions as OpenAI streams them, in the guise of several.

``guise`` is who it pretends to be: "ollama", "llama.cpp", "lm_studio", "litellm" or "vllm".
``answers`` are what it says, one for each time it is asked; the last one stays.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .misbehaving import Line, Manner, Misbehaving, Request, answer, says

MODELS = ("llama-3.1-8b-instruct", "goat-70b-storytelling", "nomic-embed-text")
CHAT = "/v1/chat/completions"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunked(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def event(text: str = "", ended: str | None = None, **delta: str) -> bytes:
    """One event of a stream."""
    choice = {"index": 0, "delta": {"content": text, **delta}, "finish_reason": ended}
    value = {
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [choice],
    }  # fmt: skip
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def usage(read: int, wrote: int) -> bytes:
    value = {
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [],
        "usage": {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote},
    }  # fmt: skip
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def writes(text: str, ended: str = "stop", thought: str = "") -> Manner:
    """A whole answer, a few letters at a time."""

    def manner(request: Request, line: Line) -> None:
        del request
        parts = [text[at : at + 5] for at in range(0, len(text), 5)]
        events = [event("", reasoning_content=thought)] if thought else []
        events += [event(part) for part in parts]
        events += [event("", ended), usage(20, len(parts)), b"data: [DONE]\n\n"]
        line.send(HEAD + b"".join(chunked(each) for each in events) + chunked(b""))

    return manner


def breaks_off(text: str, *, politely: bool = False) -> Manner:
    """The start of an answer; then it hangs up, or ends the stream as if that were all."""

    def manner(request: Request, line: Line) -> None:
        del request
        line.send(HEAD + chunked(event(text)))
        if politely:
            line.send(chunked(b""))
        line.keep = False

    return manner


def falls_silent(text: str) -> Manner:
    """The start of an answer, and then nothing while the connection stays."""

    def manner(request: Request, line: Line) -> None:
        del request
        line.send(HEAD + chunked(event(text)))
        line.over.wait()
        line.keep = False

    return manner


def never_ends(request: Request, line: Line) -> None:
    """Words without an end."""
    del request
    line.send(HEAD)
    while not line.over.is_set() and line.send(chunked(event("and then " * 100))):
        pass
    line.keep = False


def too_long(request: Request, line: Line) -> None:
    """As llama.cpp says that a conversation does not fit."""
    message = "the request exceeds the available context size, try increasing it"
    error = {"code": 400, "message": message, "type": "exceed_context_size_error"}
    says({"error": error}, 400)(request, line)


class LanguageServer(Misbehaving):
    """Answers every question with the next of ``answers``; ``said`` is what it was asked."""

    def __init__(
        self,
        *answers: Manner | str,
        guise: str = "litellm",
        models: Sequence[str] = MODELS,
        window: int = 8192,
    ) -> None:
        super().__init__()
        self.said: list[dict[str, Any]] = []
        self.models = tuple(models)
        self.window = window
        self.script(*(answers or ("Once upon a time.",)))
        self.on("*", says({"error": "not found"}, 404))
        getattr(self, f"as_{guise.replace('.', '_')}")()

    def script(self, *answers: Manner | str) -> None:
        """What it answers from now on."""
        self.on(CHAT, *(self._noted(writes(a) if isinstance(a, str) else a) for a in answers))

    def _noted(self, manner: Manner) -> Manner:
        def noted(request: Request, line: Line) -> None:
            self.said.append(json.loads(request.body))
            manner(request, line)

        return noted

    def _lists(self, **more: Any) -> None:
        data = [{"id": id, "object": "model", "owned_by": "it", **more} for id in self.models]
        self.on("/v1/models", says({"object": "list", "data": data}))

    def as_ollama(self) -> None:
        details = {"family": "llama", "parameter_size": "8.0B", "quantization_level": "Q4_K_M"}
        self.on("/api/version", says({"version": "0.12.3"}))
        tags = [{"name": id, "size": 1, "details": details} for id in self.models]
        self.on("/api/tags", says({"models": tags}))
        loaded = [{"name": self.models[0], "context_length": self.window}] if self.models else []
        self.on("/api/ps", says({"models": loaded}))
        self._lists()

    def as_llama_cpp(self) -> None:
        props = {"default_generation_settings": {"n_ctx": self.window}, "build_info": "b6900"}
        self.on("/props", says(props))
        self.on("/health", says({"status": "ok"}))
        self.on("/tokenize", self._tokens)
        self._lists(meta={"n_ctx_train": 131072, "n_params": 8_030_261_312})

    def _tokens(self, request: Request, line: Line) -> None:
        words = json.loads(request.body)["content"].split()
        says({"tokens": list(range(len(words)))})(request, line)

    def as_lm_studio(self) -> None:
        data = [
            {
                "id": id, "object": "model", "quantization": "Q4_K_M", "state": "loaded",
                "type": "embeddings" if "embed" in id else "llm",
                "max_context_length": 131072, "loaded_context_length": self.window,
            }
            for id in self.models
        ]  # fmt: skip
        self.on("/api/v0/models", says({"object": "list", "data": data}))
        self._lists()

    def as_litellm(self) -> None:
        self._described("LiteLLM API", "1.80.0")
        told = [
            {"model_name": id, "model_info": {"mode": "chat", "max_input_tokens": self.window}}
            for id in self.models
        ]
        self.on("/model/info", says({"data": told}))
        self.on("/health/liveliness", answer(b'"I\'m alive!"'))
        self._lists()

    def as_vllm(self) -> None:
        self._described("FastAPI", "0.11.0")
        self._lists(max_model_len=self.window)

    def _described(self, title: str, version: str) -> None:
        about = {"title": title, "version": version}
        self.on("/openapi.json", says({"info": about, "paths": {CHAT: {}, "/v1/models": {}}}))
