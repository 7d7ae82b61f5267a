# SPDX-License-Identifier: GPL-3.0-or-later
"""A remark on a film: something is not made as a node asks for it, though nothing failed."""

from __future__ import annotations

from dataclasses import dataclass

from .step import NodeId

__all__ = ["Note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is so (present tense), at which node, and what would change it (imperative)."""

    where: NodeId
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"
