# SPDX-License-Identifier: GPL-3.0-or-later
"""What a language model is asked for, and which class of models is at home in it: a table.

A class is known by words in a model's name, and earlier words are the more wanted ones.  What the
models are told is not here: whoever asks says it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ...core.errors import InputError

__all__ = ["TASKS", "Task", "task_named"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """``liked`` are words of suitable models' names, best first; any model may still serve.

    ``temperature`` is how freely it may write, ``answer_tokens`` the longest answer, and
    ``why`` says what the liked models are good at, for the reason of a choice.
    """

    name: str
    liked: tuple[str, ...]
    why: str
    temperature: float
    answer_tokens: int


#: Models tuned on stories: GOAT-70B-Storytelling and its like.
_TELLERS = ("goat", "storytelling", "storyteller", "story", "writer", "fiction", "narrat")
#: Models tuned to follow instructions to the letter, which structure needs: Llama class first.
_EXACT = ("llama", "qwen", "mistral", "gemma", "phi", "command", "granite", "gpt-oss")

TASKS: Mapping[str, Task] = MappingProxyType(
    {
        task.name: task
        for task in (
            Task(
                name="story", liked=_TELLERS, why="telling stories",
                temperature=0.8, answer_tokens=4096,
            ),
            Task(
                name="dialogue", liked=_TELLERS, why="telling stories",
                temperature=0.8, answer_tokens=2048,
            ),
            Task(
                name="structure", liked=_EXACT, why="keeping to a form",
                temperature=0.0, answer_tokens=4096,
            ),
            Task(
                name="revision", liked=_EXACT, why="keeping to a form",
                temperature=0.3, answer_tokens=4096,
            ),
            Task(
                name="description", liked=_EXACT, why="keeping to a form",
                temperature=0.4, answer_tokens=1024,
            ),
            Task(
                name="critique", liked=_EXACT, why="keeping to a form",
                temperature=0.2, answer_tokens=2048,
            ),
        )
    }
)  # fmt: skip


def task_named(name: str) -> Task:
    """The task called ``name``.

    Raises:
        InputError: there is none.
    """
    task = TASKS.get(name)
    if task is None:
        raise InputError(
            f"Language models are not asked for '{name}'.",
            remedy=f"Name one of these tasks: {', '.join(TASKS)}.",
        )
    return task


def word_in(word: str, name: str) -> bool:
    """Whether ``word`` begins a part of a model's name: "llama" is in "meta-llama-3", not in "ollama"."""
    return re.search(rf"(?:^|[^a-z]){re.escape(word)}", name.lower()) is not None
