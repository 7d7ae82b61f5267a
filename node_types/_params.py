# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters that several node types have: the same words mean the same thing everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..core.node_type import Param
from ..core.step import Kind

__all__ = ["DUCK_DOC", "SOURCE", "duck", "gain", "name", "recording", "seconds", "unless_own"]

DUCK_DOC = "Step back while somebody speaks."

#: Where in the screenplay a node's words stand; written and read by the screenplay room alone.
SOURCE = Param(
    name="source", kind="text", default="", affects=False, doc="Where in the script it stands."
)


def seconds(name: str, doc: str, *, label: str = "", default: float = 0.0, maximum: float) -> Param:
    """A length or a moment, in seconds from 0 to ``maximum``."""
    return Param(
        name=name,
        kind="float",
        default=default,
        minimum=0,
        maximum=maximum,
        unit="seconds",
        label=label,
        doc=doc,
    )


def gain(doc: str, *, name: str = "gain", default: float = 0.0, minimum: float = -60) -> Param:
    """A loudness in decibels, up to +20."""
    return Param(
        name=name, kind="float", default=default, minimum=minimum, maximum=20, unit="dB", doc=doc
    )


def duck(*, default: bool) -> Param:
    """Whether a sound steps back under dialogue."""
    return Param(
        name="duck", kind="bool", default=default, label="Duck under dialogue", doc=DUCK_DOC
    )


def recording(doc: str) -> Param:
    """A sound file of the user's own."""
    return Param(name="recording", kind="path", default="", doc=doc)


def name(doc: str) -> Param:
    """What people call a node; it changes no result."""
    return Param(name="name", kind="text", default="", doc=doc, affects=False)


def unless_own(own: str, kind: Kind) -> Callable[[Mapping[str, Any]], tuple[Kind, ...]]:
    """What a node needs that makes ``kind``: nothing where its parameter ``own`` names a file."""

    def needs(params: Mapping[str, Any]) -> tuple[Kind, ...]:
        return () if params[own] else (kind,)

    return needs
