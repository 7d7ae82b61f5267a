# SPDX-License-Identifier: GPL-3.0-or-later
"""How does a text become a film, and a film a text again?

Reading order: ``script`` (the value) → ``read`` → ``breakdown`` → ``to_graph``; back by
``from_graph``; a new draft by ``compare``.
"""

from __future__ import annotations

from .breakdown import break_down
from .changes import Change, accept
from .compare import compare, settings_of
from .film import Breakdown, Settings
from .from_graph import to_fountain
from .read import read
from .script import Element, Kind, Screenplay, Span
from .to_graph import to_graph
from .write import Edit, rewrite, write

__all__ = [
    "Breakdown",
    "Change",
    "Edit",
    "Element",
    "Kind",
    "Screenplay",
    "Settings",
    "Span",
    "accept",
    "break_down",
    "compare",
    "read",
    "rewrite",
    "settings_of",
    "to_fountain",
    "to_graph",
    "write",
]
