# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of a server's models does a task, and why.

The same list and task give the same choice, whatever the order of the list.  A person's own
choice wins; a model that only embeds or draws is never chosen.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ...core.errors import InputError, StepFailed
from .listing import Listed
from .tasks import Task, word_in

__all__ = ["Choice", "choose"]

#: Below this many bits of a weight models lose their thread: twice as many parameters do not help.
_FEWEST_BITS = 3.0
#: Names that an error lists.
_NAMED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A model and the reason, a part of a sentence: "the largest of 3 Llama models"."""

    model: Listed
    reason: str


def choose(
    listed: Collection[Listed], task: Task, wanted: str = "", least_window: int = 0
) -> Choice:
    """The model for ``task``: ``wanted`` where a person named one, else the most suitable.

    What counts, in this order: that the window holds ``least_window`` tokens, the class of models
    that the task likes, being made to follow instructions, the parameters, the bits of a
    weight, the window, being loaded already, the name.

    Raises:
        InputError: the one wanted is not there, or cannot write.
        StepFailed: no model there can write.
    """
    if wanted:
        return _named(listed, wanted)
    able = [model for model in listed if model.chats]
    if not able:
        raise StepFailed(
            "The server has no model that writes.",
            remedy="Load or download one there, an instruction-tuned Llama for example.",
        )
    best = max(able, key=lambda model: _rank(model, task, least_window))
    return Choice(model=best, reason=_reason(best, able, task))


def _named(listed: Collection[Listed], wanted: str) -> Choice:
    exact = [model for model in listed if model.id == wanted]
    near = [model for model in listed if _same(model.id, wanted)]
    model = min(exact or near, key=lambda each: each.id, default=None)
    if model is None:
        names = sorted(each.id for each in listed if each.chats)
        shown = ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
        raise InputError(
            f"The server has no model '{wanted}'.",
            remedy=f"Name one that it has: {shown or 'it lists none that writes'}.",
        )
    if not model.chats:
        raise InputError(
            f"The model '{model.id}' does not write.", remedy="Name one that answers in words."
        )
    return Choice(model=model, reason="you chose it")


def _same(id: str, wanted: str) -> bool:
    """Names apart from case and the tag that Ollama puts on where nobody gave one."""
    return id.lower().removesuffix(":latest") == wanted.lower().removesuffix(":latest")


def _liking(model: Listed, task: Task) -> int:
    """How much a task likes a model; 0 where it does not name its class."""
    places = [at for at, word in enumerate(task.liked) if word_in(word, model.id)]
    return len(task.liked) - min(places) if places else 0


def _rank(model: Listed, task: Task, least_window: int) -> tuple[object, ...]:
    return (
        not model.window or model.window >= least_window,
        _liking(model, task),
        model.tuned,
        not model.bits or model.bits >= _FEWEST_BITS,
        model.billions,
        model.bits,
        model.window,
        model.loaded,
        # Of equals the first by name: max takes the largest.
        tuple(-ord(letter) for letter in model.id),
    )


def _reason(best: Listed, able: Collection[Listed], task: Task) -> str:
    if len(able) == 1:
        return "the only model there that writes"
    rest = f"of {len(able)} models there"
    size = f", {best.billions:g} billion parameters" if best.billions else ""
    if _liking(best, task):
        return f"its kind is good at {task.why}{size}, {rest}"
    if best.billions:
        return f"no model there is known for {task.why}; this one suits best{size}, {rest}"
    return f"no model there is known for {task.why}; this one suits best, {rest}"
