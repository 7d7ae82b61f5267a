# SPDX-License-Identifier: GPL-3.0-or-later
"""LiteLLM's way to one server, watched: what really went over it decides how an asking ended.

The library's errors change from release to release, and it retries, redirects and looks things
up by itself unless it is kept from all of it.  Runs in the helper's environment.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["Refused", "Wire", "library"]

#: How servers say that a conversation is too long for the window.
_TOO_LONG = re.compile(
    r"context[ _-]?(?:length|size|window)|maximum context|exceed_context|too many tokens|n_ctx",
    re.IGNORECASE,
)


class Refused(Exception):
    """How an asking ended that gave no answer; ``told`` is what the executor gets."""

    def __init__(self, outcome: str, **told: Any) -> None:
        super().__init__(outcome)
        self.told = {"outcome": outcome, **told}


def library() -> Any:
    """LiteLLM, told to keep to itself before it is loaded."""
    for name in tuple(os.environ):
        # What a person uses elsewhere: keys, organisations, other servers, callbacks.
        if name.startswith(("OPENAI_", "LITELLM_", "AZURE_", "ANTHROPIC_", "HF_")):
            del os.environ[name]
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["HF_HUB_OFFLINE"] = "1"
    import litellm

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    # Counting the tokens of a "llama-3" it would fetch a tokenizer from huggingface.co, and wait
    # two minutes for it where there is no way there.
    litellm.disable_hf_tokenizer_download = True
    litellm.drop_params = False
    litellm.num_retries = 0
    return litellm


class Wire:
    """The way to one server: its own client, which follows no redirect and knows no proxy.

    What really went over it is kept here: LiteLLM's errors change from release to release.
    """

    #: Bytes taken in of one answer; of a refusal.
    most_bytes, most_refusal = 64 * 2**20, 64 * 2**10

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        import httpx2
        import openai

        self.base = f"{arguments['base'].rstrip('/')}/v1"
        headers = {str(name): str(value) for name, value in arguments["headers"].items()}
        bearer = headers.pop("Authorization", "")
        # The client wants a key; a server that wants none does not look at it.
        self.key = bearer.removeprefix("Bearer ") if bearer.startswith("Bearer ") else "none"
        if bearer and self.key == "none":
            headers["Authorization"] = bearer
        self.status, self.wait, self.tail, self.body = 0, "", b"", b""
        self.too_much = False
        silence, connect = float(arguments["silence_s"]), float(arguments["connect_s"])
        self.patience = httpx2.Timeout(silence, connect=connect)
        self.client = openai.OpenAI(
            api_key=self.key,
            base_url=self.base,
            organization="",
            project="",
            default_headers=headers,
            max_retries=0,
            http_client=httpx2.Client(
                transport=_transport(self),
                timeout=self.patience,
                follow_redirects=False,
                trust_env=False,
            ),
        )

    @property
    def whole(self) -> bool:
        """Whether the stream came to its end: OpenAI's mark, or a reason why it ended."""
        return b"[DONE]" in self.tail or re.search(rb'"finish_reason":\s*"', self.tail) is not None

    def refused(self, error: Exception) -> Refused:
        """What an exception of LiteLLM's means."""
        names = " ".join(type(each).__name__ for each in _chain(error))
        said = self.body.decode("utf-8", "replace")
        if self.too_much:
            return Refused("endless", letters=self.most_bytes)
        if self.status >= 400:
            long = self.status in (400, 413, 422, 500) and _TOO_LONG.search(said)
            outcome = "too_long" if long else "refused"
            return Refused(outcome, status=self.status, said=said, wait=self.wait)
        if 300 <= self.status < 400:
            return Refused("bad", said="it wanted to lead us elsewhere")
        if "Timeout" in names and "ConnectTimeout" not in names:
            return Refused("silent")
        if re.search(
            "RemoteProtocol|ReadError|WriteError|MidStream|ConnectError|Connection", names
        ):
            why = "the answer broke off in the middle" if self.status else "it does not answer"
            return Refused("lost", said=why, sent="ConnectError" not in names)
        if _TOO_LONG.search(self.tail.decode("utf-8", "replace")):
            return Refused("too_long", status=self.status, said="")
        return Refused("bad", said=f"{type(error).__name__}")


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _transport(wire: Wire) -> Any:
    """A way over the network that notes what comes back, and takes only so much of it."""
    import httpx2

    class Body(httpx2.SyncByteStream):  # type: ignore[misc]  # untyped here: another environment
        def __init__(self, stream: Any) -> None:
            self._stream = stream

        def __iter__(self) -> Any:
            taken = 0
            for piece in self._stream:
                taken += len(piece)
                if taken > wire.most_bytes or (wire.status != 200 and taken > wire.most_refusal):
                    wire.too_much = wire.status == 200
                    return
                wire.tail = (wire.tail + piece)[-4096:]
                if wire.status != 200:
                    wire.body += piece
                yield piece

        def close(self) -> None:
            self._stream.close()

    class Noted(httpx2.HTTPTransport):  # type: ignore[misc]  # as above
        def handle_request(self, request: Any) -> Any:
            response = super().handle_request(request)
            wire.status = response.status_code
            wire.wait = response.headers.get("Retry-After", "")
            response.stream = Body(response.stream)
            return response

    return Noted(verify=os.environ.get("REQUESTS_CA_BUNDLE") or True, retries=0)
