# SPDX-License-Identifier: GPL-3.0-or-later
"""Who makes a step and why, in words that hold before, while and after it is made.

The one idea: what a plan chose and what a sidecar remembers read the same.  A reason is one
sentence of clauses: what was chosen, then who was passed over.  How far a step is, and what it
waits for, is ``outlook``'s.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .step import Placed

__all__ = ["Making", "alike", "making_of", "reason_words", "remembered"]

_BETWEEN, _PASSED_OVER = "; ", "not "


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """Who makes one kind of step, with what, and why.

    ``chosen`` is why it is done so; ``passed_over`` who was not taken and why, a clause each.
    ``told`` says that it is worth a line where there is little room: a service does it, or it is
    stood in for; what is built in and enough goes without saying.
    """

    kind: str
    service: str  #: as people call it
    address: str = ""
    workflow: str = ""
    precision: str = ""
    chosen: str = ""
    passed_over: tuple[str, ...] = ()
    told: bool = False
    took_s: float = 0.0  #: seconds; 0 while it is not made

    @property
    def by(self) -> str:
        """ "ComfyUI, wan22_i2v, fp8"."""
        return ", ".join(filter(None, (self.service, self.workflow, self.precision)))


def making_of(placed: Placed) -> Making:
    """What the plan chose for a step."""
    service, option = placed.service, placed.option
    chosen, passed_over = _clauses(placed.reason)
    return Making(
        kind=str(placed.step.kind),
        service=service.name or str(service.id),
        address=service.address,
        workflow=option.workflow,
        precision=option.precision,
        chosen=chosen,
        passed_over=passed_over,
        told=bool(service.address) or not option.fidelity.enough,
    )


def remembered(record: Mapping[str, Any]) -> Making:
    """What a sidecar says of who made it; what is missing or no text there is empty here."""
    by = record.get("by")
    by = by if isinstance(by, Mapping) else {}
    chosen, passed_over = _clauses(_text(by, "reason"))
    return Making(
        kind=_text(record, "kind"),
        service=_text(by, "service"),
        workflow=_text(by, "workflow"),
        precision=_text(by, "precision"),
        chosen=chosen,
        passed_over=passed_over,
        took_s=_seconds(record.get("seconds")),
    )


def alike(makings: Iterable[Making]) -> tuple[tuple[Making, int], ...]:
    """Those that are the same once each, with how many there are, in the order of the first."""
    return tuple(Counter(makings).items())


def reason_words(chosen: str, passed_over: Iterable[tuple[str, str]]) -> str:
    """The sentence for why something is done so, and not by whom, and why not by them."""
    by_reason: dict[str, dict[str, None]] = {}
    for who, why in passed_over:
        by_reason.setdefault(why, {})[who] = None
    clauses = [f"{_PASSED_OVER}{', '.join(who)}: {why}" for why, who in by_reason.items()]
    return _BETWEEN.join([chosen, *clauses])


def _clauses(reason: str) -> tuple[str, tuple[str, ...]]:
    """What was chosen, and who was passed over."""
    clauses = reason.split(_BETWEEN)
    passed_over = tuple(each for each in clauses if each.startswith(_PASSED_OVER))
    return _BETWEEN.join(each for each in clauses if each not in passed_over), passed_over


def _seconds(value: Any) -> float:
    sensible = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if sensible and 0 <= value < math.inf else 0.0


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""
