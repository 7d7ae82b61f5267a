# SPDX-License-Identifier: GPL-3.0-or-later
"""A model as a server lists it, with what can be learned of it: all of it claims, none believed far.

Servers tell different things; a name tells the rest ("llama-3.1-70b-instruct-q4_K_M").  What is not
known is 0 or "", never guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Listed", "entries", "from_name", "number", "text"]

#: Models of one server that are looked at; letters of a name that are.
_MOST, _LONGEST = 500, 200
#: Tokens: larger claims of a context window are taken for none.
_LARGEST_WINDOW = 16 * 2**20
_EMBEDDINGS = ("embed", "bge", "e5", "gte", "minilm", "rerank", "colbert")
_OTHERS = ("whisper", "tts", "kokoro", "dall-e", "stable-diffusion", "flux", "clip", "moderation")
_INSTRUCT = ("instruct", "chat", "-it", "assistant", "hermes", "tulu", "gpt", "storytelling")
_BASE = ("base", "pretrain", "-pt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """``chats`` is False for what only embeds, draws, sees or speaks.

    ``billions`` of parameters and ``bits`` of a weight are 0 where unknown, as is ``window``, the
    tokens of question and answer together.  ``tuned`` is 1 for a model made to follow
    instructions, -1 for one that only continues text, 0 where nothing says.
    """

    id: str
    chats: bool = True
    billions: float = 0.0
    bits: float = 0.0
    window: int = 0
    tuned: int = 0
    loaded: bool = False


def from_name(id: str, **known: Any) -> Listed:
    """What the name says; ``known`` is what the server said, and comes first."""
    name = id.lower()
    said = {key: value for key, value in known.items() if value or key == "chats"}
    return Listed(
        **{
            "id": id,
            "chats": not any(word in name for word in (*_EMBEDDINGS, *_OTHERS)),
            "billions": billions_in(name),
            "bits": bits_in(name),
            "tuned": _tuned(name),
            **said,
        }
    )


def billions_in(name: str) -> float:
    """Billions of parameters as written in "70b", "1.5B", "8x7b" (56) or "270m"; 0 where not."""
    found = re.search(
        r"(?<![a-z0-9.])(?:(\d{1,2})x)?(\d{1,4}(?:\.\d{1,3})?)([bm])(?![a-z0-9])", name.lower()
    )
    if found is None:
        return 0.0
    times, amount = int(found[1] or 1), float(found[2])
    return round(times * amount * (0.001 if found[3] == "m" else 1.0), 4)


def bits_in(name: str) -> float:
    """Bits of a weight as written in "q4_K_M", "IQ3_XS", "int8", "fp16" or "awq" (4); 0 where not."""
    found = re.search(r"(?:^|[^a-z])i?q(\d)(?:[^0-9]|$)", name) or re.search(
        r"(?:fp|bf|int|f)-?(\d{1,2})(?:[^0-9]|$)|(\d)[-_]?bit", name
    )
    if found is not None:
        return float(next(group for group in found.groups() if group))
    return 4.0 if any(word in name for word in ("awq", "gptq")) else 0.0


def _tuned(name: str) -> int:
    if any(word in name for word in _INSTRUCT):
        return 1
    parts = re.split(r"[-_:/.]", name)
    return -1 if any(word.strip("-") in parts for word in _BASE) else 0


# --- reading what servers say ---------------------------------------------------------------


def entries(value: Any, key: str) -> Iterable[Mapping[str, Any]]:
    """The objects of the list under ``key``; none where there is no such list."""
    found = value.get(key) if isinstance(value, dict) else None
    return [each for each in (found if isinstance(found, list) else ())[:_MOST] if _sound(each)]


def _sound(each: Any) -> bool:
    return isinstance(each, dict)


def text(value: Any) -> str:
    """A name that can be shown and sent, or ""."""
    sound = isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable()
    return value if sound else ""


def number(value: Any, most: float = _LARGEST_WINDOW) -> int:
    """A whole number from 1 to ``most``, or 0."""
    sound = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return int(value) if sound and 1 <= value <= most else 0
