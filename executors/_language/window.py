# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a conversation fits into a model's window.

What was said first as the rules (*system*) and what is asked now stay; of the turns between, the
oldest go first, a question together with its answer.  Nothing is cut in the middle.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ...core.errors import InputError

__all__ = ["FALLBACK_WINDOW", "Message", "Trimmed", "estimated", "trimmed"]

#: ``{"role", "content"}``, as OpenAI spells a turn.
Message = Mapping[str, str]
#: Letters of a token: about 4 in English (https://platform.openai.com/tokenizer, read 2026-11-25);
#: 3 leaves room for other languages in the Latin script.  Other scripts: a token a letter.
_LETTERS_PER_TOKEN = 3.0
#: Tokens that a turn costs beside its words, in the templates of chat models.
_PER_TURN = 6
#: Tokens, where nobody says how many a model takes: what Ollama gives one unless told otherwise
#: (https://docs.ollama.com/context-length, read 2026-11-25).
FALLBACK_WINDOW = 4096

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed:
    """The turns that stay, in order; how many went, and tokens that the rest is counted at."""

    messages: tuple[Message, ...]
    dropped: int
    tokens: int


def estimated(words: str) -> int:
    """About how many tokens a text is, rather too many than too few."""
    latin = sum(1 for letter in words if letter < "\u0250")
    return math.ceil(latin / _LETTERS_PER_TOKEN) + len(words) - latin


def trimmed(messages: Sequence[Message], room: int, count: Count = estimated) -> Trimmed:
    """The conversation within ``room`` tokens.

    Raises:
        InputError: the rules and what is asked now do not fit by themselves.
    """
    costs = [count(message["content"]) + _PER_TURN for message in messages]
    asked = max((at for at, each in enumerate(messages) if each["role"] == "user"), default=0)
    kept = [at for at, each in enumerate(messages) if each["role"] == "system" or at >= asked]
    spent = sum(costs[at] for at in kept)
    if spent > room:
        raise InputError(
            f"The question is about {spent} tokens long; the model takes {max(room, 0)} beside its"
            " answer.",
            remedy="Ask about less at once (a scene), or use a model with a larger window.",
        )
    for pair in reversed(_pairs(messages, asked)):
        spent += sum(costs[at] for at in pair)
        if spent > room:
            spent -= sum(costs[at] for at in pair)
            break
        kept += pair
    kept.sort()
    return Trimmed(
        messages=tuple(messages[at] for at in kept),
        dropped=len(messages) - len(kept),
        tokens=spent,
    )


def _pairs(messages: Sequence[Message], asked: int) -> list[list[int]]:
    """Turns before what is asked now, each question with all that answers it."""
    pairs: list[list[int]] = []
    for at in range(asked):
        role = messages[at]["role"]
        if role == "system":
            continue
        if role == "user" or not pairs:
            pairs.append([])
        pairs[-1].append(at)
    return pairs
