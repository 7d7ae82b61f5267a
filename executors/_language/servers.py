# SPDX-License-Identifier: GPL-3.0-or-later
"""Which language server answers at an address, and what it lists: known by what only it answers.

    Ollama         GET /api/version, /api/tags, /api/ps          (https://docs.ollama.com/api)
    LM Studio      GET /api/v0/models                            (https://lmstudio.ai/docs/developer/rest)
    llama.cpp      GET /props, /health, POST /tokenize           (its tools/server/README.md)
    LiteLLM proxy  GET /openapi.json, /model/info, /health/liveliness
    another one    GET /openapi.json, where it lists chat completions (vLLM, TabbyAPI)

All read 2026-11-25.  ``GET /v1/models`` alone is no sign: servers of speech answer it too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ...core.errors import BadAnswer, ServiceRefused, Unauthorised
from ...core.executor import Health
from ...core.patience import Operation
from ...core.secrets import token_remedy
from .._http import Answer, Ask, Http
from .listing import Listed, entries, from_name, number, text

__all__ = ["CHAT", "Server", "counter", "feel", "look"]

CHAT = "/v1/chat/completions"
OLLAMA, LM_STUDIO, LLAMA_CPP, LITELLM, OPENAI = (
    "Ollama", "LM Studio", "llama.cpp", "LiteLLM proxy", "OpenAI-compatible server",
)  # fmt: skip
#: Names of models that a health note may hold.
_MOST_LOADED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What answers: its ``kind``, its version as it tells it, its models in its own order."""

    kind: str
    version: str = ""
    models: tuple[Listed, ...] = ()


def look(http: Http) -> Server | None:
    """What answers, if it writes; errors of ``Http`` may be raised."""
    for ask in (_ollama, _lm_studio, _llama_cpp, _described):
        server = ask(http)
        if server is not None:
            return server
    return None


def _ollama(http: Http) -> Server | None:
    version = _json(http, "/api/version")
    if not isinstance(version, dict) or not text(version.get("version")):
        return None
    tags = _json(http, "/api/tags")
    if not isinstance(tags, dict) or not isinstance(tags.get("models"), list):
        return None
    windows = _ollama_loaded(http)
    models = []
    for each in entries(tags, "models"):
        id, details = text(each.get("name")), each.get("details")
        details = details if isinstance(details, dict) else {}
        family = text(details.get("family")).lower()
        if not id:
            continue
        size = from_name(text(details.get("parameter_size")) or "-").billions
        bits = from_name(text(details.get("quantization_level")).lower() or "-").bits
        model = from_name(id, billions=size, bits=bits, window=windows.get(id, 0))
        chats = model.chats and "bert" not in family
        models.append(replace(model, chats=chats, loaded=id in windows))
    return Server(kind=OLLAMA, version=text(version["version"]), models=tuple(models))


def _ollama_loaded(http: Http) -> dict[str, int]:
    """Models in memory, each with the window it was loaded with (0: an older Ollama)."""
    ps = _json(http, "/api/ps")
    return {
        id: number(each.get("context_length"))
        for each in entries(ps, "models")
        if (id := text(each.get("name")))
    }


def _lm_studio(http: Http) -> Server | None:
    listed = _json(http, "/api/v0/models")
    models = []
    for each in entries(listed, "data"):
        id, kind = text(each.get("id")), each.get("type")
        if not id or not isinstance(kind, str):
            continue
        loaded = each.get("state") == "loaded"
        model = from_name(
            id,
            bits=from_name(text(each.get("quantization")).lower() or "-").bits,
            window=number(each.get("loaded_context_length" if loaded else "max_context_length")),
            loaded=loaded,
        )
        models.append(replace(model, chats=model.chats and kind in ("llm", "vlm")))
    return Server(kind=LM_STUDIO, models=tuple(models)) if models else None


def _llama_cpp(http: Http) -> Server | None:
    props = _json(http, "/props")
    settings = props.get("default_generation_settings") if isinstance(props, dict) else None
    if not isinstance(props, dict) or not isinstance(settings, dict):
        return None
    window = number(settings.get("n_ctx"))
    found = _openai_models(_json(http, "/v1/models"))
    models = tuple(replace(each, window=window or each.window, loaded=True) for each in found)
    return Server(kind=LLAMA_CPP, version=text(props.get("build_info")), models=models)


def _described(http: Http) -> Server | None:
    """A server that publishes which questions it takes: the LiteLLM proxy, vLLM and others."""
    described = _json(http, "/openapi.json")
    about = described.get("info") if isinstance(described, dict) else None
    paths = described.get("paths") if isinstance(described, dict) else None
    if not isinstance(about, dict) or not isinstance(paths, dict) or CHAT not in paths:
        return None
    version = text(about.get("version"))
    answer = _page(http, "/v1/models")
    listed = _openai_models(_read(answer))
    if "litellm" in text(about.get("title")).lower():
        if answer is None:
            raise _keyless(http)
        told = _proxy_models(_json(http, "/model/info"))
        models = tuple(told.get(each.id, each) for each in listed)
        return Server(kind=LITELLM, version=version, models=models)
    return Server(kind=text(about.get("title")) or OPENAI, version=version, models=listed)


def _keyless(http: Http) -> Unauthorised:
    """A LiteLLM proxy without a database breaks (500, 400) over a key that is none of its own."""
    return Unauthorised(
        f"{http.who} is a LiteLLM proxy that lists its models for nobody without its key.",
        remedy=f"It wants its master key. {token_remedy(http.address)}",
    )


def _openai_models(listed: Any) -> tuple[Listed, ...]:
    models = []
    for each in entries(listed, "data"):
        id, meta = text(each.get("id")), each.get("meta")
        meta = meta if isinstance(meta, dict) else {}
        mode = each.get("mode")
        if not id:
            continue
        model = from_name(
            id,
            window=number(each.get("max_model_len")) or number(meta.get("n_ctx_train")),
            billions=round(number(meta.get("n_params"), 1e14) / 1e9, 1),
        )
        chats = model.chats and (mode is None or mode in ("chat", "completion", "responses"))
        models.append(replace(model, chats=chats))
    return tuple(models)


def _proxy_models(told: Any) -> dict[str, Listed]:
    """What a proxy tells of the models behind it; several behind one name: the narrowest window."""
    models: dict[str, Listed] = {}
    for each in entries(told, "data"):
        id, info = text(each.get("model_name")), each.get("model_info")
        if not id or not isinstance(info, dict):
            continue
        mode, window = info.get("mode"), number(info.get("max_input_tokens"))
        known = models.get(id)
        if known is not None and known.window:
            window = min(window or known.window, known.window)
        model = from_name(id, window=window)
        chats = model.chats and (mode is None or mode in ("chat", "completion", "responses"))
        models[id] = replace(model, chats=chats)
    return models


# --- how it is ------------------------------------------------------------------------------


def feel(http: Http, kind: str) -> Health:
    """How a server of ``kind`` is: one light question.  Errors of ``Http`` may be raised."""
    if kind == OLLAMA:
        return Health(loaded=frozenset(sorted(_ollama_loaded(http))[:_MOST_LOADED]))
    if kind == LM_STUDIO:
        found = _lm_studio(http)
        loaded = [each.id for each in found.models if each.loaded] if found else []
        return Health(loaded=frozenset(loaded[:_MOST_LOADED]))
    if kind == LLAMA_CPP:
        return Health(note=_llama_cpp_state(http))
    path = "/health/liveliness" if kind == LITELLM else "/v1/models"
    _asked(http, path, accept=(200,))
    return Health()


def _llama_cpp_state(http: Http) -> str:
    status = _asked(http, "/health", accept=(200, 503)).status
    return "" if status == 200 else "it is loading its model"


def counter(http: Http, kind: str, cancel: Any) -> Callable[[str], int] | None:
    """How the server itself counts tokens, where it does: llama.cpp alone."""
    if kind != LLAMA_CPP:
        return None

    def count(words: str) -> int:
        told = http.post_json(
            "/tokenize", {"content": words}, repeatable=True, cancel=cancel,
            operation=Operation.SUBMIT,
        )  # fmt: skip
        tokens = told.get("tokens") if isinstance(told, dict) else None
        if not isinstance(tokens, list):
            raise BadAnswer(
                f"{http.who} did not say how many tokens a text is.",
                remedy="Check which version of llama.cpp runs there.",
            )
        return len(tokens)

    return count


def _asked(http: Http, path: str, accept: tuple[int, ...]) -> Answer:
    return http.ask(Ask(method="GET", path=path, operation=Operation.HEALTH, accept=accept))


def _json(http: Http, path: str) -> Any:
    """What is at ``path``; None where there is no such page, or no JSON."""
    return _read(_page(http, path))


def _page(http: Http, path: str) -> Answer | None:
    """What the server answers at ``path``; None where it refuses to."""
    try:
        answer = _asked(http, path, accept=(200, 400, 404, 405))
    except Unauthorised:
        raise
    except (BadAnswer, ServiceRefused):
        return None
    return answer if answer.status == 200 else None


def _read(answer: Answer | None) -> Any:
    """The JSON of ``answer``; None where there is no answer, or it holds none."""
    try:
        return answer.json() if answer else None
    except BadAnswer:
        return None
