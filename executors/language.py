# SPDX-License-Identifier: GPL-3.0-or-later
"""Language models on any server that speaks OpenAI's chat completions, asked through LiteLLM.

Ollama, llama.cpp, LM Studio, a LiteLLM proxy, vLLM: each is known by what only it answers, and
the model is picked from what it lists (``_language``).  The asking itself happens in the helper
process that holds the library; finding, health and listing need no library at all.  No server
is asked that was not found or named: there is no cloud to fall back on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..core.errors import InputError, ServiceLost
from ..core.executor import Health, Setup, Want
from ..core.patience import Operation, Patience
from ..core.step import TEXT, Option, Step
from ._helper import Helper
from ._http import Ask, Http
from ._language import Choice, Listed, Message, choose, estimated, task_named, trimmed
from ._language.ending import TooLong, answered
from ._language.servers import Server, counter, feel, look
from ._language.window import FALLBACK_WINDOW, Count, Trimmed
from ._service import Errand, Found, Made, Served

__all__ = ["EXECUTOR", "Language"]

#: How many times the silence that is borne a whole answer may take.
_WHOLE = 20
#: Seconds an answer takes: a first guess, for 500 tokens at 25 a second.
_SECONDS = 20.0
#: The share of a window that an answer gets at most.
_ANSWER_SHARE = 0.5
#: Seconds that a helper process may take to load its library, on a machine that is busy.
_IMPORT_S = 60.0
#: How often a conversation is cut shorter because the server finds it too long, and to what.
_SHORTER, _SHORTER_BY = 2, 0.6


class Language(Served):
    """Writes: stories, structure, dialogue, criticism."""

    name = "language"
    title = "The language server"
    usual = ("127.0.0.1:4000", "127.0.0.1:11434", "127.0.0.1:8080", "127.0.0.1:1234")

    def __init__(self, setup: Setup, patience: Patience | None = None) -> None:
        super().__init__(setup, patience)
        self._helper = Helper()

    def recognise(self, http: Http) -> Found | None:
        """A server that answers as one of those that are known, with the models that write."""
        server = look(http)
        if server is None:
            return None
        able = tuple(model.id for model in server.models if model.chats)
        return Found(
            name=server.kind,
            version=server.version,
            kinds=frozenset({TEXT}) if able else frozenset(),
            models=able,
            facts={"server": server},
        )

    def feel(self, http: Http) -> Health:
        """What it has loaded, where it says."""
        found = self._found.get(http.address.base)
        return feel(http, found.facts["server"].kind if found else "")

    def offer(self, want: Want) -> tuple[Option, ...]:
        """One way to write."""
        if want.kind != TEXT:
            return ()
        return (Option(executor=self.name, workflow="chat", seconds=_SECONDS),)

    def unwilling(self, step: Step, found: Found) -> str | None:
        """A model that it has not."""
        try:
            _chosen(found.facts["server"].models, step.inputs)
        except InputError as error:
            return f"{error.what[0].lower()}{error.what[1:].rstrip('.')}"
        return None

    def produce(self, errand: Errand, option: Option, found: Found) -> Made:
        """Ask, and keep the answer as ``{"text", "value"}``."""
        del option
        # Models come and go while a server runs: what it lists now counts.
        server = look(errand.http) or found.facts["server"]
        choice = _chosen(server.models, errand.inputs)
        errand.accepted()
        errand.progress(0.0, f"{choice.model.id} is reading")
        count = counter(errand.http, server.kind, errand.cancel) or estimated
        answer, kept = self._fitting(errand, choice, count)
        path = errand.ticket.folder / "answer.json"
        told = {"text": answer["text"], "value": answer["value"]}
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
        facts = {
            "model": choice.model.id,
            "why": choice.reason,
            "left_out": kept.dropped,
            "counted": "by the server" if count is not estimated else "estimated",
            **{name: answer[name] for name in ("cut", "repaired", "tokens_in", "tokens_out")},
        }
        return Made(path=path, recipe=_recipe(server, choice, errand.inputs), facts=facts)

    def close(self) -> None:
        """End helper processes and connections."""
        self._helper.close()
        super().close()

    def _fitting(
        self, errand: Errand, choice: Choice, count: Count
    ) -> tuple[Mapping[str, Any], Trimmed]:
        """The answer to as much of the conversation as the model takes."""
        room, most = _room(choice.model, errand.inputs)
        for shorter in range(_SHORTER + 1):
            kept = trimmed(errand.inputs["messages"], room, count)
            try:
                return self._asked(errand, choice, kept.messages, most), kept
            except TooLong as error:
                if shorter == _SHORTER or len(kept.messages) < 3:
                    raise error.told from error
                room = int(kept.tokens * _SHORTER_BY)
        raise AssertionError("the last turn of the loop returns or raises")

    def _asked(
        self, errand: Errand, choice: Choice, messages: Sequence[Message], most: int
    ) -> Mapping[str, Any]:
        """One question, asked again where that may help.

        Raises:
            TooLong: the server finds the conversation too long.
        """
        patience, inputs = errand.http.patience, errand.inputs
        silence = patience.of(Operation.LANGUAGE)
        question = {
            "base": errand.http.address.base,
            "model": choice.model.id,
            "messages": [dict(message) for message in messages],
            "schema": inputs.get("schema"),
            "temperature": _temperature(inputs),
            "seed": int(inputs.get("seed", 1)),
            "most_tokens": most,
            "headers": dict(self._secrets.headers(errand.http.address)),
            "silence_s": silence,
            "whole_s": silence * _WHOLE,
            "connect_s": patience.connect,
        }

        def once() -> Mapping[str, Any] | ServiceLost:
            told = self._helper.do(
                "language.chat", question, heard, errand.cancel, stall_s=2 * silence + _IMPORT_S
            )
            try:
                return answered(told, errand.http, choice.model.id, silence)
            except ServiceLost as error:
                if error.silent:  # waited for long enough already
                    return error
                raise

        heard = _progress(errand, most)
        # Nothing changes on the server by being asked, so a question may be put again.
        ask = Ask(
            method="POST", path="", operation=Operation.LANGUAGE, repeatable=True,
            cancel=errand.cancel,
        )  # fmt: skip
        ended = errand.http.patiently(ask, once)
        if isinstance(ended, ServiceLost):
            raise ended
        return ended


#: What the discovery looks for.
EXECUTOR = Language


def _chosen(models: Sequence[Listed], inputs: Mapping[str, Any]) -> Choice:
    task = task_named(inputs["task"])
    newest = [each["content"] for each in inputs["messages"] if each["role"] == "system"]
    newest += [each["content"] for each in inputs["messages"] if each["role"] == "user"][-1:]
    least = sum(estimated(words) for words in newest) + task.answer_tokens // 2
    return choose(models, task, str(inputs.get("model", "")), least)


def _room(model: Listed, inputs: Mapping[str, Any]) -> tuple[int, int]:
    """Tokens for the conversation, and for the answer."""
    window = model.window or FALLBACK_WINDOW
    answer = min(task_named(inputs["task"]).answer_tokens, int(window * _ANSWER_SHARE))
    told = inputs.get("schema")
    form = estimated(json.dumps(told)) + 50 if told is not None else 0
    return window - answer - form, answer


def _temperature(inputs: Mapping[str, Any]) -> float:
    return float(inputs.get("temperature", task_named(inputs["task"]).temperature))


def _progress(errand: Errand, most: int) -> Callable[[float, str], None]:
    """Tells how far an answer is; where it will end nobody knows, so the bar slows down."""

    def heard(letters: float, note: str) -> None:
        words = round(letters / 6)
        errand.progress(letters / (letters + most), note or f"about {words} words written")

    return heard


def _recipe(server: Server, choice: Choice, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "service": server.kind,
        "service_version": server.version,
        "model": choice.model.id,
        "task": inputs["task"],
        "seed": int(inputs.get("seed", 1)),
        "temperature": _temperature(inputs),
    }
