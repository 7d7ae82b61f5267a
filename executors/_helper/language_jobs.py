# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a language model through LiteLLM; runs in the helper's environment, which has the library.

One question, one answer, streamed.  Where a form (a JSON schema) is asked for, the answer is taken
out of what surrounds it, checked, and asked for once more with what was wrong.  Nothing is retried
here, nothing leads to another server, and nothing but the server is asked: not for prices, not
for tokenizers, not for a cloud that would do it too.  What was heard on the way is ``_wire``'s.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .language_wire import Refused, Wire, library

#: Says how many letters were written so far, and what is being done.
Say = Callable[[float, str], None]

#: Letters of a token at most, so many are taken of an answer of so many tokens.
_LETTERS_PER_TOKEN = 16
#: Letters of a spoiled answer that are shown to the model again.
_SHOWN = 8000
#: Statuses of a server that may not know ``response_format``.
_UNWILLING = frozenset({400, 404, 415, 422, 500, 501})


class Malformed(Exception):
    """An answer that has not the form; the text says why, to the model and to people."""


@dataclass
class Written:
    """What a model wrote, and what it said of it: tokens are 0 where it did not."""

    text: str = ""
    ended: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    thought: int = field(default=0)  #: letters that it kept to itself


def chat(arguments: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """``{"outcome": "answer", "text", "value", ...}``, or how it ended without one.

    Arguments: ``base`` (of the server, without ``/v1``), ``model``, ``messages``, ``schema`` (or
    None), ``temperature``, ``seed``, ``most_tokens``, ``headers`` that let us in, and seconds:
    ``silence_s`` between two words, ``whole_s`` for all, ``connect_s``.

    Other outcomes: ``refused`` (``status``, ``said``, ``wait``), ``too_long`` (for the window),
    ``lost`` (``said``, ``sent``), ``silent``, ``slow``, ``endless``, ``malformed`` (``why``,
    ``text``), ``bad`` (``said``).
    """
    try:
        schema = arguments["schema"]
        if schema is None:
            return _answer(_write(arguments, arguments["messages"], False, say), None, False)
        return _in_form(arguments, schema, say)
    except Refused as refused:
        return refused.told


def _in_form(arguments: Mapping[str, Any], schema: Mapping[str, Any], say: Say) -> dict[str, Any]:
    messages = instructed(arguments["messages"], schema)
    constrained = True
    try:
        first = _write(arguments, messages, True, say)
    except Refused as refused:
        if refused.told.get("status") not in _UNWILLING or refused.told["outcome"] != "refused":
            raise
        constrained = False
        first = _write(arguments, messages, False, say)
    try:
        return _answer(first, checked(first, schema), False)
    except Malformed as wrong:
        again = corrected(messages, first.text, str(wrong))
    second = _write(arguments, again, constrained, say)
    try:
        return _answer(second, checked(second, schema), True)
    except Malformed as wrong:
        return {"outcome": "malformed", "why": str(wrong)[:1000], "text": second.text[:_SHOWN]}


def _answer(written: Written, value: Any, repaired: bool) -> dict[str, Any]:
    return {
        "outcome": "answer",
        "text": written.text if value is not None else without_thoughts(written.text),
        "value": value,
        "cut": written.ended == "length",
        "repaired": repaired,
        "tokens_in": written.tokens_in,
        "tokens_out": written.tokens_out,
    }


# --- the form -------------------------------------------------------------------------------


def instructed(
    messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]
) -> list[dict[str, str]]:
    """The conversation with the form told in its rules: not every server forces it."""
    told = (
        "Answer with one JSON value and nothing else. It must follow this JSON schema:\n"
        + json.dumps(schema, ensure_ascii=False)
    )
    plain = [dict(message) for message in messages]
    if plain and plain[0]["role"] == "system":
        plain[0]["content"] = f"{plain[0]['content']}\n\n{told}"
        return plain
    return [{"role": "system", "content": told}, *plain]


def corrected(messages: Sequence[Mapping[str, str]], text: str, wrong: str) -> list[dict[str, str]]:
    """What is asked after a spoiled answer: rules and question, without what went before them."""
    rules = [dict(message) for message in messages if message["role"] == "system"]
    asked = [dict(message) for message in messages if message["role"] == "user"][-1:]
    return [
        *rules,
        *asked,
        {"role": "assistant", "content": text[:_SHOWN] or "(nothing)"},
        {"role": "user", "content": f"That cannot be used: {wrong} Give the JSON value alone."},
    ]


def checked(written: Written, schema: Mapping[str, Any]) -> Any:
    """The JSON value of an answer.

    Raises:
        Malformed: there is none, or it does not follow ``schema``.
    """
    import jsonschema

    value = json_in(written.text)
    if value is None:
        if written.ended == "length":
            raise Malformed("The answer was cut off because it was too long: be shorter.")
        raise Malformed("There is no JSON value in the answer.")
    try:
        found = jsonschema.Draft202012Validator(schema).iter_errors(value)
        wrong = min(
            found, key=lambda error: (len(error.absolute_path), error.message), default=None
        )
    except RecursionError:
        raise Malformed("The JSON value is nested too deeply.") from None
    if wrong is not None:
        place = "/".join(str(part) for part in wrong.absolute_path) or "the whole value"
        raise Malformed(f"At {place[:200]}: {wrong.message[:400]}.")
    return value


def without_thoughts(text: str) -> str:
    """An answer without what a reasoning model thought aloud before it."""
    rest = re.sub(r"<(think|thinking|reasoning)>.*?</\1>", "", text, flags=re.DOTALL)
    # Some templates open the thought themselves, so that only its end is in the answer.
    return re.split(r"</(?:think|thinking|reasoning)>", rest)[-1].strip()


def json_in(text: str) -> Any:
    """The JSON object or list in an answer, whatever stands around it; None where there is none.

    The longest one that can be read is it: a small example in the prose is not.
    """
    said = without_thoughts(text)
    blocks = re.findall(r"```[a-zA-Z0-9]*\s*\n(.*?)```", said, flags=re.DOTALL)
    for candidate in (said, *sorted(blocks, key=len, reverse=True)):
        value = _read(candidate)
        if value is not None:
            return value
    return _longest(said)


def _read(text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


#: Places in an answer where a value may begin that are tried.
_TRIES = 200


def _longest(text: str) -> Any:
    decoder = json.JSONDecoder(parse_constant=_no_number)
    best, length, at = None, 0, 0
    for _ in range(_TRIES):
        found = re.compile(r"[{\[]").search(text, at)
        if found is None:
            break
        try:
            value, end = decoder.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            at = found.start() + 1
            continue
        if end - found.start() > length:
            best, length = value, end - found.start()
        at = end
    return best


# --- the question ---------------------------------------------------------------------------


def _write(
    arguments: Mapping[str, Any],
    messages: Sequence[Mapping[str, str]],
    constrained: bool,
    say: Say,
) -> Written:
    """One question put to the model.

    Raises:
        Refused: it gave no whole answer.
    """
    litellm = library()
    wire = Wire(arguments)
    try:
        stream = litellm.completion(
            model=arguments["model"],
            # "openai" would know better than the question by a model's name: gpt-5 and the like.
            custom_llm_provider="custom_openai",
            api_base=wire.base,
            api_key=wire.key,
            client=wire.client,
            messages=[dict(message) for message in messages],
            stream=True,
            stream_options={"include_usage": True},
            max_retries=0,
            num_retries=0,
            timeout=wire.patience,
            **_asked(arguments, constrained),
        )
        return _heard(stream, arguments, wire, say)
    except Refused:
        raise
    except Exception as error:  # LiteLLM has dozens; what counts is what went over the wire
        raise wire.refused(error) from error
    finally:
        wire.client.close()


def _asked(arguments: Mapping[str, Any], constrained: bool) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "temperature": float(arguments["temperature"]),
        "seed": int(arguments["seed"]),
        "max_tokens": int(arguments["most_tokens"]),
    }
    if constrained:
        form = {"name": "answer", "schema": dict(arguments["schema"])}
        asked["response_format"] = {"type": "json_schema", "json_schema": form}
    return asked


def _heard(stream: Any, arguments: Mapping[str, Any], wire: Any, say: Say) -> Written:
    written, most = Written(), int(arguments["most_tokens"]) * _LETTERS_PER_TOKEN
    parts: list[str] = []
    heard, ends = 0, time.monotonic() + float(arguments["whole_s"])
    for chunk in stream:
        usage = getattr(chunk, "usage", None)
        if usage is not None:
            written.tokens_in = int(getattr(usage, "prompt_tokens", 0) or 0)
            written.tokens_out = int(getattr(usage, "completion_tokens", 0) or 0)
        if chunk.choices:
            first = chunk.choices[0]
            part = first.delta.content or ""
            aside = getattr(first.delta, "reasoning_content", None) or ""
            parts.append(part)
            written.thought += len(aside)
            heard += len(part) + len(aside)
            written.ended = first.finish_reason or written.ended
            say(float(heard), "thinking" if written.thought and not any(parts) else "")
        if heard > most:
            raise Refused("endless", letters=heard)
        if time.monotonic() > ends:
            raise Refused("slow", letters=heard)
    written.text = "".join(parts)
    if not wire.whole:
        raise Refused("lost", said="the answer broke off in the middle", sent=True)
    return written


#: What the helper process finds here: jobs by name.
JOBS = {"chat": chat}
