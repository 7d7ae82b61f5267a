# SPDX-License-Identifier: GPL-3.0-or-later
"""How does a text become a film, and a film a text again?

Reading order: ``script`` (the value) → ``read`` → ``breakdown`` → ``to_graph``; back by
``from_graph``; a new draft by ``compare``.
"""

from __future__ import annotations

from .breakdown import break_down
from .film import Breakdown, Settings
from .read import read
from .script import Element, Kind, Screenplay, Span
from .write import Edit, rewrite, write

__all__ = [
    "Breakdown",
    "Edit",
    "Element",
    "Kind",
    "Screenplay",
    "Settings",
    "Span",
    "break_down",
    "read",
    "rewrite",
    "write",
]
