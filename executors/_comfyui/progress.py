# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a prompt is, from what its nodes say: each node counts by what it is expected to cost.

Never falls: messages may be doubled, late or out of order, and a node may begin anew.  Pure
but for what it has seen; what is sent on and how often is in ``follow``.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...core.workflow import Prompt
from .wire import Cached, Executed, Executing, Message, States, Ticked

__all__ = ["Progress", "expected_costs"]

#: What a node is expected to cost beside others, by words of its class: seconds on a card
#: with the default steps, roughly; only the proportions matter.
_COSTS: Mapping[str, float] = {
    "sampler": 30.0, "train": 60.0, "upscale": 8.0, "interpolat": 8.0, "vaedecode": 4.0,
    "vaeencode": 2.0, "loader": 3.0, "checkpoint": 3.0, "encode": 1.0, "savevideo": 1.5,
    "createvideo": 1.0,
}  # fmt: skip
#: Samplers' parts (their names end so) cost nothing; the one that samples does.
_PARTS = ("select", "scheduler", "sigmas", "guider", "noise")
_LEAST = 0.1


def expected_costs(prompt: Prompt) -> dict[str, float]:
    """What each node is expected to cost; a sampler's grows with its steps."""
    return {id: _cost(node) for id, node in prompt.items()}


def _cost(node: Mapping[str, object]) -> float:
    name = str(node["class_type"]).lower()
    if name.endswith(_PARTS):
        return _LEAST
    found = next((cost for word, cost in _COSTS.items() if word in name), _LEAST)
    inputs = node.get("inputs")
    steps = inputs.get("steps") if isinstance(inputs, Mapping) else None
    if found >= _COSTS["sampler"] and type(steps) is int and 0 < steps < 10_000:
        return found * steps / 20
    return found


class Progress:
    """One prompt's progress.  ``fraction`` is 0–1 and never falls; ``note`` says what goes on."""

    def __init__(self, prompt: Prompt) -> None:
        self.fraction = 0.0
        self.note = ""
        self._costs = expected_costs(prompt)
        self._titles = {id: _title(node) for id, node in prompt.items()}
        self._all = sum(self._costs.values()) or 1.0
        self._done: dict[str, float] = dict.fromkeys(prompt, 0.0)
        self._running = ""

    @property
    def running(self) -> tuple[str, float]:
        """The node that runs, "" while none does, and how much of it is done, 0–1."""
        return self._running, self._done.get(self._running, 0.0)

    def see(self, message: Message) -> bool:
        """Take a message of this prompt in; whether anything moved."""
        before = (self.fraction, self.note)
        if isinstance(message, Cached):
            for id in message.nodes:
                self._reach(id, 1.0)
        elif isinstance(message, Executing) and message.node:
            self._run(message.node)
        elif isinstance(message, Executed):
            self._reach(message.node, 1.0)
        elif isinstance(message, Ticked):
            self._run(message.node, f"{message.value:.0f} of {message.most:.0f}")
            self._reach(message.node, _share(message.value, message.most))
        elif isinstance(message, States):
            for id, node in message.nodes.items():
                done = node.state == "finished"
                self._reach(id, 1.0 if done else _share(node.value, node.most))
        self.fraction = max(self.fraction, self._sum())
        return before != (self.fraction, self.note)

    def _sum(self) -> float:
        done = sum(self._costs[id] * share for id, share in self._done.items())
        return min(1.0, done / self._all)

    def _reach(self, id: str, share: float) -> None:
        id = self._known(id)
        if id:
            self._done[id] = max(self._done[id], share)

    def _run(self, id: str, detail: str = "") -> None:
        """A node runs: the one that ran before it is done."""
        id = self._known(id)
        if not id:
            return
        if self._running and self._running != id:
            self._reach(self._running, 1.0)
        self._running = id
        title = self._titles[id]
        self.note = f"{title}, {detail}" if detail and not detail.endswith(" of 1") else title

    def _known(self, id: str) -> str:
        """The node of ours that a message speaks of; nodes made while running belong to theirs."""
        while id and id not in self._costs:
            id = id.rpartition(".")[0]
        return id


def _title(node: Mapping[str, object]) -> str:
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, Mapping) else None
    return str(title or node["class_type"])[:80]


def _share(value: float, most: float) -> float:
    return min(1.0, max(0.0, value / most)) if most > 0 else 0.0
